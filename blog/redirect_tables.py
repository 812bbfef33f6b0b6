"""Redirects and rules as a CSV file: read, judged line by line without changing anything, then taken over in one go."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts import audit
from accounts.models import User
from blog import redirect_desk, redirect_linter, redirect_rules
from blog.addresses import match_of, normalise_old_address
from blog.models import Category, Post, Redirect, RedirectRule
from blog.redirect_linter import Finding, Table
from blog.redirect_rules import MOST_RULES, own
from core import cache
from core.refusals import Refusal

MOST_BYTES = 5_000_000
MOST_LINES = 20_000
# The headings of our own files, and what others call the same.
HEADINGS = {
    "kind": {"kind"},
    "old": {"old address", "old_path", "old", "source", "source url", "from", "pattern"},
    "new": {"new address", "new_path", "new", "target", "target url", "destination", "to"},
    "type": {"type", "status", "code", "http code"},
    "priority": {"priority"},
    "query": {"query string", "query"},
    "force": {"in force", "active", "enabled"},
    "note": {"note"},
}
_FORMULA = tuple("=+-@\t\r＝＋－＠")


@dataclass
class Line:
    """One line of a file and what would become of it: "create", "update", "skip" or "error", and why."""

    number: int
    old: str
    new: str
    verdict: str = "error"
    sentence: str = ""
    row: Redirect | RedirectRule | None = None
    findings: list[Finding] = field(default_factory=list)


@dataclass
class Plan:
    lines: list[Line]

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.verdict for line in self.lines)

    @property
    def work(self) -> list[Line]:
        return [line for line in self.lines if line.verdict in {"create", "update"}]


# --- reading ----------------------------------------------------------------------------------------------------------
def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines of a file with their numbers, by our names of the columns. Raises Refusal."""
    if len(content) > MOST_BYTES:
        raise Refusal("The file is larger than 5 MB; make several of it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("The file is not UTF-8; save it as “CSV UTF-8”.") from None
    first = text.split("\n", 1)[0]
    divided = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\0", "\ufffd"), newline=""), delimiter=divided)
    try:
        names = [_name(heading) for heading in next(reader, [])]
        if not {"old", "new"} <= set(names):
            raise Refusal("The first line names the columns; at least “Old address” and “New address” are needed.")
        found: list[tuple[int, dict[str, str]]] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(found) >= MOST_LINES:
                raise Refusal(f"The file has more than {MOST_LINES:,} lines; make several of it.")
            found.append((reader.line_num, {n: _bare(c) for n, c in zip(names, cells, strict=False) if n}))
    except csv.Error as error:
        raise Refusal(f"The file cannot be read as CSV: {error}.") from None
    return found


def _name(heading: str) -> str:
    bare = heading.strip().casefold()
    return next((name for name, spellings in HEADINGS.items() if bare in spellings), "")


def _bare(cell: str) -> str:
    """A cell without the mark our files put before what a spreadsheet would calculate."""
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip(" ").startswith(_FORMULA) else cell


# --- judging ----------------------------------------------------------------------------------------------------------
class _Judging:
    """Goes through the lines against everything there is, each as if those before it were saved."""

    def __init__(self, *, empty: bool = False) -> None:
        self.exact = {} if empty else {row.old_path: row for row in redirect_desk.rows()}
        self.rules = {} if empty else {row.pattern: row for row in RedirectRule.objects.all()}
        self.targets: dict[str, Post | Category | None] = {}
        self.seen: dict[tuple[str, str], int] = {}

    def line(self, number: int, cells: dict[str, str]) -> Line:
        line = Line(number, cells.get("old", ""), cells.get("new", ""))
        kind = cells.get("kind", "").casefold() or "exact"
        try:
            if kind not in {"exact", "rule"}:
                raise Refusal("The kind is “exact” or “rule”.")
            if not line.old:
                raise Refusal("There is no old address.")
            type = _number(cells.get("type") or "301", "type", {301, 302, 307, 308, 410})
            name = line.old if kind == "rule" else normalise_old_address(line.old)
            if before := self.seen.get((kind, name)):
                raise Refusal(f"Line {before} is about the same address.")
            self.seen[kind, name] = number
            judge = self.rule if kind == "rule" else self.redirect
            judge(line, cells, type)
        except Refusal as refusal:
            line.verdict, line.sentence, line.row = "error", refusal.sentence, None
        return line

    def redirect(self, line: Line, cells: dict[str, str], type: int) -> None:
        check_old(line.old)
        old = normalise_old_address(line.old)
        if type == 410 and line.new:
            raise Refusal("410 leads nowhere; leave the new address empty.")
        if type != 410:
            check_new(line.new)
        post, category = self.target(line.new) if type != 410 else (None, None)
        new = "" if post or category else line.new
        held = self.exact.get(old)
        if held and (held.post_id, held.category_id, held.new_path, held.type) == (
            post.pk if post else None,
            category.pk if category else None,
            new,
            type,
        ):
            line.verdict, line.sentence = "skip", "It stands there already."
            return
        row = Redirect(pk=held.pk if held else None, old_path=old, origin=Redirect.Origin.IMPORT)
        row.post, row.category, row.new_path, row.type = post, category, new, type
        if held:
            row.hits, row.last_hit_at, row.created_at = held.hits, held.last_hit_at, held.created_at
            line.sentence = f"It leads to {held.target or 'nothing: gone'} now."
        row.clean_fields(exclude=["post", "category"])
        if old == normalise_old_address(new or "/-/"):
            raise Refusal("It would lead to itself.")
        self.exact[old] = line.row = row
        line.verdict = "update" if held else "create"

    def rule(self, line: Line, cells: dict[str, str], type: int) -> None:
        held = self.rules.get(line.old)
        priority = _number(cells.get("priority") or "100", "priority")
        query = cells.get("query", "").casefold() or "drop"
        labels = {label.casefold(): value for value, label in RedirectRule.Query.choices}
        query = labels.get(query, query)
        if query not in RedirectRule.Query.values:
            raise Refusal("The query string is “drop”, “keep” or “match”.")
        active = cells.get("force", "yes").casefold() not in {"no", "false", "0", "off"}
        row = RedirectRule(
            pk=held.pk if held else None,
            pattern=line.old,
            target=line.new,
            type=type,
            priority=priority,
            query=query,
            is_active=active,
            note=cells.get("note", "")[:300],
            origin="import",
        )
        redirect_rules.ready(row)
        names = ("target", "type", "priority", "query", "is_active", "note")
        if held and all(getattr(held, name) == getattr(row, name) for name in names):
            line.verdict, line.sentence = "skip", "It stands there already."
            return
        if held:
            row.hits, row.last_hit_at, row.created_at = held.hits, held.last_hit_at, held.created_at
        self.rules[line.old] = line.row = row
        line.verdict = "update" if held else "create"

    def target(self, new: str) -> tuple[Post | None, Category | None]:
        """The post or category an address belongs to, so that the redirect follows it wherever it goes."""
        found = self.targets.get(new)
        return (found if isinstance(found, Post) else None), (found if isinstance(found, Category) else None)

    def look_up_targets(self, addresses: Sequence[str]) -> None:
        """All of them in two queries."""
        slugs: dict[str, list[str]] = {}
        paths: dict[str, list[str]] = {}
        for address in set(addresses):
            here = own(address) if address.startswith(("/", "https://", "http://")) else None
            if here is None or here[1] or "#" in address:
                continue
            match = match_of(here[0])
            if match is None:
                continue
            if match.url_name in {"post", "page"}:
                slugs.setdefault(str(match.kwargs["slug"]), []).append(address)
            elif match.url_name == "category":
                paths.setdefault(str(match.kwargs["path"]), []).append(address)
        for start in range(0, len(slugs), 500):
            for post in Post.objects.filter(slug__in=list(slugs)[start : start + 500]).only(
                "slug", "kind", "title", "status", "trashed_at"
            ):
                for address in slugs[post.slug]:
                    if own(address) == own(post.get_absolute_url()):
                        self.targets[address] = post
        for start in range(0, len(paths), 500):
            for category in Category.objects.filter(path__in=list(paths)[start : start + 500]):
                self.targets.update(dict.fromkeys(paths[category.path], category))

    def table(self) -> Table:
        """Everything as it would be; what is not saved yet has numbers of its own, below nought."""
        for number, row in enumerate((*self.exact.values(), *self.rules.values()), start=1):
            row.pk = row.pk or -number
        active = sorted(
            (r for r in self.rules.values() if r.is_active), key=lambda r: (r.priority, r.pk < 0, abs(r.pk))
        )
        if len(active) > MOST_RULES:
            raise Refusal(f"At most {MOST_RULES} rules are in force at once; this would make {len(active)}.")
        return Table.whole(self.exact.values(), redirect_rules.rules_of(active))


def holder_of(address: str) -> tuple[Post | None, Category | None]:
    """The post or category that lives at an address."""
    judging = _Judging(empty=True)
    judging.look_up_targets([address])
    return judging.target(address)


def check_old(old: str) -> None:
    if not old.startswith("/") or old.startswith("//"):
        raise Refusal("The old address is a path on this site and starts with one slash.")
    if len(old) > 700:
        raise Refusal("The old address is longer than 700 characters.")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in old):
        raise Refusal("The old address has control characters in it; write it without.")
    if normalise_old_address(old).startswith((*redirect_linter.NEVER_ASKS, "/accounts/")) or old == "/":
        raise Refusal("This address belongs to the site itself and never asks for redirects.")


def check_new(new: str) -> None:
    """A path of this site or a whole https address; nothing a browser would read as another place."""
    if not new:
        raise Refusal("There is no new address.")
    redirect_rules.check_target(new.replace("{", "%7B").replace("}", "%7D"), 301, None)


def _number(text: str, name: str, allowed: set[int] | None = None) -> int:
    if not text.lstrip("-").isascii() or not text.lstrip("-").isdecimal() or len(text) > 9:
        raise Refusal(f"The {name} is no number.")
    number = int(text)
    if allowed and number not in allowed:
        raise Refusal(f"The {name} is one of {', '.join(map(str, sorted(allowed)))}.")
    return number


def plan(content: bytes, *, at: datetime) -> Plan:
    """What a file would do, with every finding about its own lines. Changes nothing. Raises Refusal."""
    found, table = _judged(read(content))
    live = redirect_desk.live_among(redirect_linter.own_targets(table), at)
    rules = {rule.pattern: rule for rule in table.rules}
    for line in found.work:
        if isinstance(line.row, Redirect):
            line.findings = list(redirect_linter.judge_redirect(table, line.row, live))
        elif line.row is not None and line.row.pattern in rules:
            line.findings = list(redirect_linter.judge_rule(table, rules[line.row.pattern], live))
    return found


def _judged(read_lines: Sequence[tuple[int, dict[str, str]]]) -> tuple[Plan, Table]:
    """What can be done of these lines, what is left out, circles among it; and everything as it would be."""
    judging = _Judging()
    judging.look_up_targets([cells.get("new", "") for _, cells in read_lines])
    lines = []
    for number, cells in read_lines:
        try:
            lines.append(judging.line(number, cells))
        except ValidationError as error:
            lines.append(Line(number, cells.get("old", ""), cells.get("new", ""), "error", " ".join(error.messages)))
    found, table = Plan(lines), judging.table()
    rules = {rule.pattern: rule for rule in table.rules}
    for line in found.work:
        loop = None
        if isinstance(line.row, Redirect):
            loop = redirect_linter.loop_from(table, line.row)
        elif line.row is not None and line.row.pattern in rules:
            loop = redirect_linter.loops_of(table, rules[line.row.pattern])
        if loop:
            line.verdict, line.sentence = "error", loop.sentence
    return found, table


def take_over(content: bytes, *, by: User, at: datetime) -> Plan:
    """Do what `plan` says, in one transaction; lines with errors are left out. Raises Refusal."""
    read_lines = read(content)
    with redirect_rules.locked():
        # Against what there is by now; what else is worth knowing was said before and holds nobody up.
        found, _ = _judged(read_lines)
        redirects = [line.row for line in found.work if isinstance(line.row, Redirect)]
        rules = [line.row for line in found.work if isinstance(line.row, RedirectRule)]
        _write(Redirect, redirects, ["post", "category", "new_path", "type", "origin", "updated_at"], at)
        rule_fields = ["target", "type", "priority", "query", "is_active", "note", "updated_at"]
        _write(RedirectRule, rules, rule_fields, at)
        if rules:
            cache.renew(redirect_rules.GENERATION)
        counts = found.counts
        said = f"{counts['create']} made, {counts['update']} changed, {counts['skip']} as they were, "
        audit.record(by, "imported redirects", note=f"{said}{counts['error']} lines left out", at=at)
    return found


def _write(model: Any, wanted: list[Any], fields: list[str], at: datetime) -> None:
    new = [row for row in wanted if row.pk < 0]
    held = [row for row in wanted if row.pk > 0]
    for row in wanted:
        row.updated_at = at
    for row in new:
        row.pk = None
    model.objects.bulk_create(new, batch_size=500)
    model.objects.bulk_update(held, fields, batch_size=500)
