"""Redirects and rules as a CSV file: read, judged line by line without changing anything, then taken over in one go."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts import audit
from accounts.models import User
from blog import redirect_desk, redirect_linter, redirect_rules, redirects
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
        # What lines change stands in the places of these; a line that is left out gives the place back.
        self.held, self.held_rules = dict(self.exact), dict(self.rules)
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
        active = _in_order(self.rules.values())
        if len(active) > MOST_RULES:
            raise Refusal(f"At most {MOST_RULES} rules are in force at once; this would make {len(active)}.")
        return Table.whole(self.exact.values(), redirect_rules.rules_of(active))

    def before(self) -> Table:
        """Everything as it is."""
        return Table.whole(self.held.values(), redirect_rules.rules_of(_in_order(self.held_rules.values())))

    def leave_out(self, line: Line, why: str) -> None:
        """Say why a line cannot be taken over, and go on as if it were not there."""
        line.verdict, line.sentence = "error", why
        self.put_back(line.row)

    def put_back(self, row: Redirect | RedirectRule | None) -> None:
        if isinstance(row, Redirect):
            self.exact.pop(row.old_path)
            if held := self.held.get(row.old_path):
                self.exact[row.old_path] = held
        elif row is not None:
            self.rules.pop(row.pattern)
            if rule := self.held_rules.get(row.pattern):
                self.rules[row.pattern] = rule

    def straighten(self, found: Plan, table: Table, at: datetime) -> None:
        """Lead the lines of a file past old addresses that only lead on for good."""
        ends = _ends(table, at)
        for line in found.work:
            if not isinstance(line.row, Redirect) or (end := ends.get(line.row.old_path)) is None:
                continue
            before, held = line.row.new_path, self.held.get(line.row.old_path)
            _lead_as(line.row, end)
            if held and _says(held) == _says(line.row):
                self.put_back(line.row)
                line.verdict, line.sentence, line.row = "skip", "It stands there already.", None
            else:
                straight = f"{before} only leads on to {line.row.target}, so it leads there at once."
                line.sentence = f"{line.sentence} {straight}".strip()


def _says(row: Redirect) -> tuple[Any, ...]:
    return row.post_id, row.category_id, row.new_path, row.type


def _lead_as(row: Redirect, other: Redirect) -> None:
    row.post, row.category, row.new_path = other.post, other.category, other.new_path


def _ends(table: Table, at: datetime) -> dict[str, Redirect]:
    """Old address → the redirect whose target is the end of its way, of those that only lead on for good.

    Where a page lives or a redirect is for now, the way ends; circles are left as they are.
    """
    ways = {}
    for row in table.exact.values():
        target = own(row.new_path) if row.new_path else None
        if target and any(one in table.exact for one in redirects.candidates(*target)):
            ways[row.old_path] = target
    live = redirect_desk.live_among({path for path, _ in ways.values()}, at)
    by_key = {row.pk: row for row in table.exact.values()}

    def following(row: Redirect) -> Redirect | None:
        target = ways.get(row.old_path)
        answer = table.step(*target) if target and target[0] not in live else None
        if answer is None or answer.status not in redirect_desk.PERMANENT or not answer.redirect_id:
            return None
        onward = by_key[answer.redirect_id]
        # Not the feed of a list or the size of a picture, whose own ends are elsewhere.
        return onward if onward.target == answer.location else None

    ends: dict[str, Redirect | None] = {}
    for old in ways:
        way: dict[str, Redirect] = {}
        here: Redirect | None = table.exact[old]
        while here is not None and here.old_path not in ends and here.old_path not in way:
            way[here.old_path] = here
            last, here = here, following(here)
        end = last if here is None else ends.get(here.old_path)
        ends |= dict.fromkeys(way, end)
    return {
        old: end
        for old, end in ends.items()
        if end is not None and end.old_path != old and normalise_old_address(end.target) != old
    }


def _in_order(rules: Iterable[RedirectRule]) -> list[RedirectRule]:
    """Those in force as they are tried: by priority, then by age, what is not saved yet last."""
    return sorted((r for r in rules if r.is_active), key=lambda r: (r.priority, r.pk < 0, abs(r.pk)))


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
    found, table = _judged(read(content), at)
    live = redirect_desk.live_among(redirect_linter.own_targets(table), at)
    rules = {rule.pattern: rule for rule in table.rules}
    has_rules = any(isinstance(line.row, RedirectRule) for line in found.work)
    pages = redirect_desk.pages() if has_rules else []
    for line in found.work:
        if isinstance(line.row, Redirect):
            line.findings = list(redirect_linter.judge_redirect(table, line.row, live))
        elif line.row is not None and line.row.pattern in rules:
            line.findings = list(redirect_linter.judge_rule(table, rules[line.row.pattern], live, pages))
    return found


def _judged(read_lines: Sequence[tuple[int, dict[str, str]]], at: datetime) -> tuple[Plan, Table]:
    """What can be done of these lines, led straight to their ends; what is left out, circles among it; and everything
    as it would be."""
    judging = _Judging()
    judging.look_up_targets([cells.get("new", "") for _, cells in read_lines])
    lines = []
    for number, cells in read_lines:
        try:
            lines.append(judging.line(number, cells))
        except ValidationError as error:
            lines.append(Line(number, cells.get("old", ""), cells.get("new", ""), "error", " ".join(error.messages)))
    found = Plan(lines)
    judging.straighten(found, judging.table(), at)
    table = judging.table()
    # What a line that is left out would have answered, others answer, and they may make a circle of their own.
    while circles := _circles(found, table) or _opened(found, table, judging):
        for line, loop in circles:
            judging.leave_out(line, loop.sentence)
        table = judging.table()
    return found, table


def _circles(found: Plan, table: Table) -> list[tuple[Line, Finding]]:
    """The lines that send readers in circles, each with its own."""
    rules = {rule.pattern: rule for rule in table.rules}
    circles = []
    for line in found.work:
        loop = None
        if isinstance(line.row, Redirect):
            loop = redirect_linter.loop_from(table, line.row)
        elif line.row is not None and line.row.pattern in rules:
            loop = redirect_linter.loops_of(table, rules[line.row.pattern])
        if loop:
            circles.append((line, loop))
    return circles


def _opened(found: Plan, table: Table, judging: _Judging) -> list[tuple[Line, Finding]]:
    """The lines that change something so that what it answered is sent in circles by others."""
    opened, before = [], judging.before()
    for line in found.work:
        starts: Sequence[str] = ()
        if isinstance(line.row, Redirect) and line.row.old_path in judging.held:
            starts = [line.row.old_path]
        elif isinstance(line.row, RedirectRule) and (held := judging.held_rules.get(line.row.pattern)):
            former = redirect_rules.rules_of([held] if held.is_active else ())
            starts = [start for rule in former for start in redirect_linter.starts_of(rule)[0]]
        trail = redirect_linter.newly_in_circles(before, table, starts)
        if line.row and trail:
            opened.append((line, redirect_linter.loop_of(redirect_linter.key_of(line.row), line.old, trail)))
    return opened


def take_over(content: bytes, *, by: User, at: datetime) -> Plan:
    """Do what `plan` says, in one transaction; lines with errors are left out. Raises Refusal."""
    read_lines = read(content)
    with redirect_rules.locked():
        # Against what there is by now; what else is worth knowing was said before and holds nobody up.
        found, table = _judged(read_lines, at)
        wanted = [line.row for line in found.work if isinstance(line.row, Redirect)]
        rules = [line.row for line in found.work if isinstance(line.row, RedirectRule)]
        wanted += _led_here(table, wanted, at)
        _write(Redirect, wanted, ["post", "category", "new_path", "type", "origin", "updated_at"], at)
        rule_fields = ["target", "type", "priority", "query", "is_active", "note", "updated_at"]
        _write(RedirectRule, rules, rule_fields, at)
        if rules:
            cache.renew(redirect_rules.GENERATION)
        counts = found.counts
        said = f"{counts['create']} made, {counts['update']} changed, {counts['skip']} as they were, "
        audit.record(by, "imported redirects", note=f"{said}{counts['error']} lines left out", at=at)
    return found


def _led_here(table: Table, made: Sequence[Redirect], at: datetime) -> list[Redirect]:
    """The redirects for good that led to what a file makes old addresses, led straight on."""
    olds = {row.old_path for row in made}
    ends = _ends(table, at)
    changed = []
    for row in table.exact.values():
        here = own(row.new_path) if row.old_path in ends and row.old_path not in olds else None
        if here and row.type in redirect_desk.PERMANENT and olds.intersection(redirects.candidates(*here)):
            _lead_as(row, ends[row.old_path])
            changed.append(row)
    return changed


def _write(model: Any, wanted: list[Any], fields: list[str], at: datetime) -> None:
    new = [row for row in wanted if row.pk < 0]
    held = [row for row in wanted if row.pk > 0]
    for row in wanted:
        row.updated_at = at
    for row in new:
        row.pk = None
    model.objects.bulk_create(new, batch_size=500)
    model.objects.bulk_update(held, fields, batch_size=500)
