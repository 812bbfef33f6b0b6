"""Addresses readers asked for in vain: remembered for editors, without a write per request and within bounds.

They are counted in Redis, or in the memory of the process, and written by the clock in one go. A flood of made-up
addresses fills neither: at most MOST_AT_ONCE are counted between two writings, and MOST_ROWS are kept, those asked for
most and last. Of a reader nothing is kept but the address and the page that led there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from blog.addresses import normalise_path
from blog.models import IgnoredPath, MissingPath
from core.cache import Tally
from core.refusals import Refusal

MOST_AT_ONCE = 1_000
MOST_ROWS = 10_000
LONGEST = 500
KEPT_FOR = timedelta(days=90)
MOST_IGNORED = 500
MOST_STARS = 3

# What machines try on every site there is; no reader ever meant it. Editors add their own (IgnoredPath).
NEVER_LISTED = (
    *("*.php", "*.php?", "*.asp", "*.aspx", "*.jsp", "*.cgi", "*.env", "*.sql", "*.bak", "*.old", "*.swp", "*.log"),
    *("*.ini", "*.yml", "*.yaml", "*.toml", "*.sh", "*.exe", "*.dll", "*.map", "*.zip", "*.tar.gz", "*.tgz", "*.rar"),
    *("*/.*", "*..*", "*\ufffd*", "*<*", "*\\*", "*|*"),
    *("/wp-admin/*", "/wp-includes/*", "/wp-json/*", "/wp-content/plugins/*", "/wordpress/*", "/cgi-bin/*"),
    *("/phpmyadmin*", "/admin/*", "/administrator/*", "/actuator/*", "/vendor/*", "/server-status/*", "/solr/*"),
    *("/owa/*", "/autodiscover/*", "/boaform/*", "/hnap1/*", "/manager/*", "/telescope/*", "/_ignition/*", "/_next/*"),
    *("/cdn-cgi/*", "/ads.txt", "/app-ads.txt", "/sellers.json", "/apple-touch-icon*", "/browserconfig.xml"),
    # Mistyped or ended, still nearly a password.
    *("/crossdomain.xml", "*/me/feed/*", "/calendar/*"),
)

_counted = Tally("missing-paths", most=MOST_AT_ONCE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def note(path: str, referrer: str) -> None:
    """Somebody asked for `path` in vain and came from `referrer`, a whole address or nothing."""
    path = _CONTROL.sub("\ufffd", normalise_path(path))
    if len(path) > LONGEST or is_never_listed(path):
        return
    _counted.add(f"{path}\n{where_from(referrer)}")


def where_from(referrer: str) -> str:
    """The page somebody came from: its path when it is one of ours, else host and path; never its query."""
    if not referrer or len(referrer) > 2000:
        return ""
    try:
        parts = urlsplit(referrer)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    path = _CONTROL.sub("", normalise_path(parts.path))
    if parts.netloc.lower() == urlsplit(settings.SITE_URL).netloc.lower():
        return path[:LONGEST]
    return f"{_CONTROL.sub('', parts.hostname)}{path}"[:LONGEST]


# --- what is left out -------------------------------------------------------------------------------------------------
def pieces_of(patterns: Iterable[str]) -> list[list[str]]:
    """Patterns as they are compared: what stands between their stars. Case does not count."""
    return [pattern.lower().split("*") for pattern in patterns]


_never = pieces_of(NEVER_LISTED)


def is_never_listed(path: str) -> bool:
    return fits(_never, path)


def fits(patterns: Iterable[Sequence[str]], path: str) -> bool:
    """Whether one of the patterns fits a path, with or without its last slash; * stands for anything.

    Each piece is looked for once, from where the one before ended: no pattern is slow, whatever it is made of.
    """
    whole = path.lower()
    shorter = whole.rstrip("/") or "/"
    return any(_fits(pieces, whole) or _fits(pieces, shorter) for pieces in patterns)


def _fits(pieces: Sequence[str], path: str) -> bool:
    first, *others = pieces
    if not others:
        return path == first
    if not path.startswith(first):
        return False
    *middle, last = others
    at = len(first)
    for piece in middle:
        at = path.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return path.endswith(last) and at + len(last) <= len(path)


def ignore(pattern: str, *, by: User) -> int:
    """List no address that fits from now on, and take away those listed; returns how many those were."""
    pattern = pattern.strip()
    check_pattern(pattern)
    with transaction.atomic():
        if IgnoredPath.objects.count() >= MOST_IGNORED:
            raise Refusal(f"At most {MOST_IGNORED} patterns are ignored; delete one first.", field="pattern")
        row, made = IgnoredPath.objects.get_or_create(pattern=pattern)
        if made:
            audit.record(by, "added", row)
        return sweep([pattern])


def kinds_of(path: str) -> list[str]:
    """What somebody may mean who wants an address off the list: itself, its folder, its ending."""
    found = [path.replace("*", "")[:200]]
    parts = path.strip("/").split("/")
    if len(parts) > 1:
        found.append(f"/{parts[0].replace('*', '')}/*")
    if ending := re.search(r"\.[a-z0-9]{1,6}$", path, re.IGNORECASE):
        found.append(f"*{ending[0].lower()}")
    return [one for one in found if len(one) <= 200]


def check_pattern(pattern: str) -> None:
    """Refuse patterns that would hide everything or could fit nothing."""
    if not pattern.startswith(("/", "*")):
        raise Refusal("Begin with a slash or a star: /wp-login.php, *.php.", field="pattern")
    if _CONTROL.search(pattern):
        raise Refusal("The pattern has control characters in it; write it without.", field="pattern")
    if pattern.count("*") > MOST_STARS:
        raise Refusal(f"At most {MOST_STARS} stars stand in a pattern; make two of it.", field="pattern")
    if fits(pieces_of([pattern]), "/q7x/w9z/") or not pattern.strip("*/"):
        raise Refusal("This would ignore nearly every address; name more of it.", field="pattern")


def sweep(patterns: Iterable[str]) -> int:
    """Take away listed addresses that fit."""
    pieces = pieces_of(patterns)
    listed = MissingPath.objects.values_list("pk", "path")
    gone = [pk for pk, path in listed if fits(pieces, path)]
    for start in range(0, len(gone), 500):
        MissingPath.objects.filter(pk__in=gone[start : start + 500]).delete()
    return len(gone)


# --- writing ----------------------------------------------------------------------------------------------------------
def write(now: datetime) -> int:
    """Write what was counted since the last time; returns how many addresses that were."""
    counts: dict[str, int] = {}
    referrers: dict[str, str] = {}
    for key, number in _counted.drain().items():
        path, _, referrer = key.partition("\n")
        counts[path] = counts.get(path, 0) + number
        referrers[path] = referrer or referrers.get(path, "")
    if not counts:
        return 0
    ignored = pieces_of(IgnoredPath.objects.values_list("pattern", flat=True)[:MOST_IGNORED])
    wanted = [path for path in sorted(counts) if not fits(ignored, path)]
    for start in range(0, len(wanted), 500):
        _write(wanted[start : start + 500], counts, referrers, now)
    trim()
    return len(wanted)


@transaction.atomic
def _write(paths: list[str], counts: dict[str, int], referrers: dict[str, str], now: datetime) -> None:
    known = list(MissingPath.objects.select_for_update().filter(path__in=paths).order_by("pk"))
    for row in known:
        row.hits += counts[row.path]
        row.referrer = referrers[row.path] or row.referrer
        row.last_seen_at = now
    MissingPath.objects.bulk_update(known, ["hits", "referrer", "last_seen_at"], batch_size=200)
    new = [
        MissingPath(path=path, hits=counts[path], referrer=referrers[path], first_seen_at=now, last_seen_at=now)
        for path in set(paths) - {row.path for row in known}
    ]
    MissingPath.objects.bulk_create(new, batch_size=200, ignore_conflicts=True)


def trim() -> None:
    """Keep no more than MOST_ROWS: those asked for once go first, the longest unseen before the others."""
    too_many = MissingPath.objects.count() - MOST_ROWS
    while too_many > 0:
        rows = MissingPath.objects.order_by("hits", "last_seen_at", "pk").values_list("pk", flat=True)
        gone = list(rows[: min(too_many, 500)])
        MissingPath.objects.filter(pk__in=gone).delete()
        too_many -= len(gone)


def forget_old(now: datetime) -> int:
    """Forget what nobody has asked for in a long time; returns how many."""
    return MissingPath.objects.filter(last_seen_at__lt=now - KEPT_FOR).delete()[0]
