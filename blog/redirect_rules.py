"""Rules for old addresses: a pattern (RE2, so its time is linear) and where what it matches lives now.

A pattern is matched against the whole path, as `normalise_path` spells it: case counts, "/old" and "/old/" are one
address. Rules are tried after exact redirects and only where nothing is found, by priority, then by age.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit

import re2
from django.conf import settings
from django.db import connection, transaction
from django.utils.encoding import iri_to_uri

from blog.addresses import normalise_path
from blog.models import RedirectRule
from blog.patterns import options
from core import cache
from core.refusals import Refusal

GENERATION = "redirect-rules"
MOST_RULES = 500
LONGEST_PATH = 700
# Stands for the number of a rule that has none yet.
UNSAVED = -1
LONGEST_QUERY = 500
LONGEST_LOCATION = 2000
# Seconds after which a process asks the database again, whatever the cache says of changes.
_HELD_FOR = 5.0

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_HOST = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?(?=[/?#]|$)", re.IGNORECASE)
_PLAIN = re.compile(r"/[^\\.+*?()\[\]{}|^$]*")
# What RE2 says no to, and what it is called; the first that fits.
_REASONS = (
    (r"\\[1-9]|\(\?P=|\\k", "It refers back to what a group matched; patterns that run in linear time cannot do that."),
    (r"\(\?<?[=!]", "It looks ahead or behind; patterns that run in linear time cannot do that."),
    (
        r"\(\?>|[*+?}]\+",
        "It forbids going back (an atomic group or possessive quantifier); leave that out, nothing here goes back.",
    ),
    (r"\(\?\(", "It depends on whether a group matched; write two rules instead."),
)


@dataclass(frozen=True)
class Rule:
    """A rule in force, ready to be tried."""

    pk: int
    pattern: str
    target: str
    type: int
    query: str
    compiled: Any
    # Every path it matches begins so.
    prefix: str

    def found(self, path: str, query: str) -> Any:
        """How it matches a normalised path, or None. Without its last slash a path is tried first, so that no group
        ends in one."""
        if not path.startswith(self.prefix) and not (path + "/").startswith(self.prefix):
            return None
        if path == "/" and not self.pattern.removeprefix("^").startswith(r"/\?"):
            return None
        asked = f"?{query}" if query and self.query == RedirectRule.Query.MATCH else ""
        shorter = path.rstrip("/") + asked if path != "/" else ""
        return (shorter and self.compiled.fullmatch(shorter)) or self.compiled.fullmatch(path + asked)

    def location(self, path: str, query: str) -> str | None:
        """Where it sends a path: "" for gone, None when it does not match or would send nobody anywhere sensible."""
        found = self.found(path, query)
        if found is None:
            return None
        if self.type == 410:
            return ""
        by_query = query and self.query == RedirectRule.Query.MATCH
        where = fill(self.target, found, len(found.string) - (len(query) if by_query else 0))
        if query and self.query == RedirectRule.Query.KEEP and len(query) <= LONGEST_QUERY:
            bare, mark, anchor = where.partition("#")
            where = f"{bare}{'&' if '?' in bare else '?'}{query}{mark}{anchor}"
        return where if is_sound(where) else None


def fill(target: str, found: Any, query_at: int) -> str:
    """The address with its placeholders filled, each value encoded so that it stays what it stands for: part of a path
    or of a query, never the beginning of another site. What comes from a query is encoded already; a path never is."""
    cut = min((at for at in (target.find("?"), target.find("#")) if at >= 0), default=len(target))

    def value(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        group = int(name) if name.isdigit() else found.re.groupindex[name]
        text = found.group(group) or ""
        if found.start(group) >= query_at:
            text = unquote_plus(text)
        return quote(text, safe="/" if placeholder.start() < cut else "")

    filled = _PLACEHOLDER.sub(value, target)
    if not filled.startswith("/"):
        return filled
    bare = re.match(r"[^?#]*", filled)
    path = bare[0] if bare else ""
    return re.sub(r"/{2,}", "/", path) + filled[len(path) :]


def is_sound(location: str) -> bool:
    """Whether a browser reads it as it was meant: not too long, and no step upwards in its path."""
    path = urlsplit(location).path
    steps = path.lower().replace("%2e", ".").replace("\\", "/").split("/")
    return len(iri_to_uri(location)) <= LONGEST_LOCATION and not {".", ".."} & set(steps)


# --- what may be saved ------------------------------------------------------------------------------------------------
@lru_cache(maxsize=2 * MOST_RULES)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, options())


def compile_pattern(pattern: str) -> Any:
    """The pattern ready to match; refuses, in plain words, what RE2 does not take."""
    if not pattern.strip():
        raise Refusal("Write a pattern.", field="pattern")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in pattern):
        raise Refusal("The pattern has control characters in it; write it without.", field="pattern")
    if len(pattern) > 500:
        raise Refusal("The pattern is longer than 500 characters; make two rules of it.", field="pattern")
    try:
        found = _compiled(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        raise Refusal(reason(pattern, error), field="pattern") from None
    if found.fullmatch(""):
        raise Refusal("The pattern matches even nothing; begin it with a slash.", field="pattern")
    return found


def reason(pattern: str, error: Exception) -> str:
    """Why a pattern is refused."""
    for shape, sentence in _REASONS:
        if re.search(shape, pattern):
            return sentence
    said = error.args[0] if error.args else ""
    said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    what, _, where = said.partition(": ")
    words = {
        "missing )": "A bracket is opened and never closed.",
        "unexpected )": "A bracket is closed that was never opened.",
        "missing ]": "A class of characters is opened and never closed.",
        "invalid repetition size": "It repeats something more than 1,000 times in all; ask for less.",
        "pattern too large - compile failed": "It repeats too much; ask for less.",
        "no argument for repetition operator": "There is nothing before a sign that repeats.",
        "duplicate capture group name": "Two groups have one name.",
        "trailing \\": "It ends in a backslash.",
    }
    sentence = words.get(what, "This is no pattern that can be used.")
    return f"{sentence} Look at “{where}”." if where else sentence


def check_target(target: str, type: int, compiled: Any) -> None:
    """Refuse addresses that name groups the pattern does not have, or whose host could come from a reader."""
    if type == 410:
        if target:
            raise Refusal("Gone for good leads nowhere; leave the new address empty.", field="target")
        return
    if not target:
        raise Refusal("Write where it leads.", field="target")
    if len(target) > LONGEST_LOCATION:
        raise Refusal("The new address is too long.", field="target")
    if any(letter.isspace() or ord(letter) < 32 or ord(letter) == 127 for letter in target) or "\\" in target:
        raise Refusal("The new address has spaces or backslashes in it; write it without.", field="target")
    if target.startswith("//"):
        raise Refusal("This would lead to another site; write the whole https address.", field="target")
    if not target.startswith("/") and not _HOST.match(target):
        raise Refusal(
            "Start with a slash for this site, or with https:// and the whole name of another; "
            "what a reader asked for cannot be part of that name.",
            field="target",
        )
    names = _PLACEHOLDER.findall(target)
    if set("{}") & set(_PLACEHOLDER.sub("", target)):
        raise Refusal("Braces stand for groups, as in {slug} or {1}; write others as %7B and %7D.", field="target")
    if (dollar := re.search(r"\$(\d)", target)) and compiled.groups:
        raise Refusal(f"A group is named in braces here: {{{dollar[1]}}}, not ${dollar[1]}.", field="target")
    for name in names:
        known = 1 <= int(name) <= compiled.groups if name.isdecimal() else name in compiled.groupindex
        if not known:
            raise Refusal(f"The pattern has no group {{{name}}}.", field="target")


def ready(row: RedirectRule) -> Rule:
    """The rule of a row; refuses what cannot be one."""
    compiled = compile_pattern(row.pattern)
    check_target(row.target, row.type, compiled)
    return _ready(row, compiled)


def _ready(row: RedirectRule, compiled: Any) -> Rule:
    return Rule(row.pk or UNSAVED, row.pattern, row.target, row.type, row.query, compiled, prefix_of(row.pattern))


def prefix_of(pattern: str) -> str:
    """What everything it matches begins with, as far as that can be read off."""
    bare = pattern.removeprefix("^")
    if "|" in bare:
        return ""
    found = _PLAIN.match(bare)
    if found is None:
        return ""
    plain = found[0]
    return plain[:-1] if bare[len(plain) : len(plain) + 1] in set("*?{") and plain else plain


# --- asking -----------------------------------------------------------------------------------------------------------
class _Held:
    """The rules in force as this process knows them."""

    token: str | None = None
    at = -_HELD_FOR
    rules: tuple[Rule, ...] = ()


def in_force() -> Sequence[Rule]:
    """The rules in the order they are tried; one query at most, and none while nothing has changed."""
    token, now = cache.generation(GENERATION), time.monotonic()
    if token is None or token != _Held.token or now - _Held.at > _HELD_FOR:
        # The token is older than what is read: a change in between is read once more.
        _Held.rules = tuple(rules_of(RedirectRule.objects.filter(is_active=True)[:MOST_RULES]))
        _Held.token, _Held.at = token, now
    return _Held.rules


def rules_of(rows: Iterable[RedirectRule]) -> list[Rule]:
    """Those that can be used; a row that came in another way and is no pattern is left out."""
    found = []
    for row in rows:
        try:
            found.append(ready(row))
        except Refusal:
            continue
    return found


def first(rules: Iterable[Rule], path: str, query: str) -> tuple[Rule, str] | None:
    """The first rule that sends a normalised path somewhere else, and where to ("" for gone)."""
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        return None
    whole = f"{path}/"
    for rule in rules:
        # Most rules are told apart by how they begin.
        if not whole.startswith(rule.prefix) or (where := rule.location(path, query)) is None:
            continue
        here = own(where)
        by_query = rule.query == RedirectRule.Query.MATCH
        if here and here[0] == path and (not by_query or here[1] in {"", query}):
            continue
        return rule, where
    return None


def own(address: str) -> tuple[str, str] | None:
    """The normalised path and the query of an address of this site; None for those of others."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc and parts.netloc.lower() != urlsplit(settings.SITE_URL).netloc.lower():
        return None
    return normalise_path(parts.path), parts.query


# --- saving -----------------------------------------------------------------------------------------------------------
@contextmanager
def locked() -> Any:
    """A transaction in which nobody else changes redirects or rules; on SQLite every transaction is that already."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('blog_redirects'))")
        yield
