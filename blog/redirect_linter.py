"""What is wrong with redirects and rules, found before readers find it.

Everything here looks at a `Table` and asks no database. Whoever reads a finding learns what it is about, what happens,
what to do, and whether it is certain or drawn from examples of what a pattern matches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from blog import patterns, redirect_rules, redirects
from blog.addresses import normalise_path
from blog.models import Redirect, RedirectRule
from blog.redirect_rules import Rule, own
from core.refusals import Refusal

MOST_HOPS = 10
SAMPLES = 24
# Query strings with which the examples of a rule that hands them on are tried.
MOST_QUERIES = 20
# Addresses nobody made up on purpose: what matches them all matches nearly everything.
_ANYTHING = ("/q7x/", "/q7x/w9z/", "/q7x.html", "/2019/05/q7x-w9z/")
# Nothing there ever asks for redirects.
NEVER_ASKS = ("/admin/", "/api/", "/static/", "/media/")


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True)
class Finding:
    """One thing to know. `about` is the key of what it is about (see `key_of`), `name` what people know that by."""

    kind: str
    level: Level
    about: str
    name: str
    sentence: str
    fix: str
    certain: bool = True


@dataclass
class Table:
    """Redirects and rules to look at: `lookup` finds redirects by old addresses, `rules` are in the order of trying."""

    lookup: Callable[[Sequence[str]], Mapping[str, Redirect]]
    rules: Sequence[Rule] = ()
    exact: Mapping[str, Redirect] = field(default_factory=dict)
    # What is known of addresses already; kept by tables that do not change.
    steps: dict[tuple[str, str], redirects.Answer | None] | None = None

    @classmethod
    def whole(cls, rows: Iterable[Redirect], rules: Sequence[Rule]) -> Table:
        """A table held in memory."""
        exact = {row.old_path: row for row in rows}
        return cls(lambda wanted: exact, rules, exact, {})

    def step(self, path: str, query: str) -> redirects.Answer | None:
        """What an address answers, as readers would be answered."""
        if self.steps is None:
            return redirects.in_every_edition(self._step, path, query)
        if (path, query) not in self.steps:
            self.steps[path, query] = redirects.in_every_edition(self._step, path, query)
        return self.steps[path, query]

    def _step(self, path: str, query: str) -> redirects.Answer | None:
        rows = self.lookup(redirects.candidates(path, query))
        return redirects.choose(path, query, rows, lambda: self.rules)

    def held(self, path: str, query: str) -> Sequence[Redirect]:
        """The redirects an address could be answered by."""
        wanted = redirects.candidates(path, query)
        if inner := redirects.in_main_language(path):
            wanted += redirects.candidates(inner, query)
        found = self.lookup(wanted)
        return [found[one] for one in wanted if one in found]


def key_of(thing: Redirect | Rule | RedirectRule | redirects.Answer) -> str:
    """ "redirect:7" or "rule:3"."""
    match thing:
        case redirects.Answer():
            return (
                f"rule:{thing.rule_id}" if thing.rule_id else f"redirect:{thing.redirect_id or redirect_rules.UNSAVED}"
            )
        case Redirect():
            return f"redirect:{thing.pk or redirect_rules.UNSAVED}"
    return f"rule:{thing.pk or redirect_rules.UNSAVED}"


# --- following --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Trail:
    """The way of a browser: every address it comes to, who sent it on, and how it ends.

    `end`: "arrives" where nothing sends it on, "elsewhere" on another site, "gone" with 410, "loop" where it has been
    before, "endless" where it is sent on and on.
    """

    stops: tuple[str, ...]
    sent_by: tuple[str, ...]
    end: str

    @property
    def last(self) -> str:
        return self.stops[-1]

    @property
    def is_loop(self) -> bool:
        return self.end in {"loop", "endless"}

    def in_words(self) -> str:
        shown = self.stops if len(self.stops) <= 5 else (*self.stops[:4], "…")
        return " → ".join(shown)


def follow(table: Table, address: str, live: Collection[str] = ()) -> Trail:
    """Where an address of this site ends up; at one of `live` nothing is asked."""
    here = own(address)
    stops, sent_by = [spelt(*here) if here else address], list[str]()
    while here is not None:
        if here[0] in live or here[0].startswith(NEVER_ASKS):
            return Trail(tuple(stops), tuple(sent_by), "arrives")
        answer = table.step(*here)
        if answer is None:
            return Trail(tuple(stops), tuple(sent_by), "arrives")
        sent_by.append(key_of(answer))
        if answer.status == 410:
            return Trail(tuple(stops), tuple(sent_by), "gone")
        here = own(answer.location)
        stop = spelt(*here) if here else answer.location
        seen = stop in stops
        stops.append(stop)
        if seen:
            return Trail(tuple(stops), tuple(sent_by), "loop")
        if len(stops) > MOST_HOPS:
            return Trail(tuple(stops), tuple(sent_by), "endless")
    return Trail(tuple(stops), tuple(sent_by), "elsewhere")


def spelt(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def starts_of(rule: Rule) -> tuple[list[str], bool]:
    """Addresses a rule matches, each as it would be asked for, and whether they are all there are."""
    node = patterns.read(rule.pattern)
    if node is None:
        return [], False
    every = patterns.strings(node)
    drawn = every if every is not None else patterns.samples(node, count=SAMPLES)
    found = []
    for each in drawn:
        path, _, query = each.partition("?")
        path = normalise_path(path) if path.startswith("/") else ""
        if path and rule.found(path, query):
            found.append(spelt(path, query if rule.query == RedirectRule.Query.MATCH else ""))
    return list(dict.fromkeys(found)), every is not None


# --- loops ------------------------------------------------------------------------------------------------------------
def loops_through(table: Table, row: Redirect) -> Finding | None:
    """The circle an exact redirect closes, if it does: any new one leads through its own address."""
    trail = follow(table, row.old_path)
    return loop_of(key_of(row), row.old_path, trail) if trail.is_loop else None


def loop_from(table: Table, row: Redirect) -> Finding | None:
    """The circle an exact redirect closes or leads into; none for one that does not count."""
    if row.post and not row.post.is_public:
        return None
    about, name, trail = key_of(row), row.old_path, follow(table, row.old_path)
    if not trail.is_loop:
        return None
    if about in trail.sent_by[trail.stops.index(trail.last) if trail.end == "loop" else 0 :]:
        return loop_of(about, name, trail)
    return Finding("loop", Level.ERROR, about, name, f"It leads into a circle: {trail.in_words()}.", "Lead elsewhere.")


def loops_of(table: Table, rule: Rule, starts: Iterable[str] | None = None) -> Finding | None:
    """A circle or an endless way for one of the addresses a rule matches, if one of the examples shows it."""
    for start in _as_asked(table, rule, starts_of(rule)[0] if starts is None else starts):
        trail = follow(table, start)
        if trail.is_loop and key_of(rule) in trail.sent_by:
            return loop_of(key_of(rule), rule.pattern, trail)
    return None


def _as_asked(table: Table, rule: Rule, starts: Iterable[str]) -> list[str]:
    """The addresses, and where the rule hands on what stands behind them, with a few that others answer to."""
    starts = list(starts)
    if rule.query != RedirectRule.Query.KEEP:
        return starts
    asked = {old.partition("?")[2] for old in table.exact}
    for other in table.rules:
        if other.query == RedirectRule.Query.MATCH:
            asked.update(start.partition("?")[2] for start in starts_of(other)[0])
    few = sorted(asked - {""})[:MOST_QUERIES]
    return [*starts, *(f"{start}?{query}" for query in few for start in starts if "?" not in start)]


def newly_in_circles(before: Table, after: Table, starts: Iterable[str]) -> Trail | None:
    """The way of the first address that is sent in circles and was not before: something kept a circle closed to it."""
    for start in starts:
        trail = follow(after, start)
        if trail.is_loop and not follow(before, start).is_loop:
            return trail
    return None


def loop_of(about: str, name: str, trail: Trail) -> Finding:
    what = "in circles" if trail.end == "loop" else "on without end"
    return Finding(
        "loop",
        Level.ERROR,
        about,
        name,
        f"Readers would be sent {what}: {trail.in_words()}.",
        "Let one of them lead to a page that exists, or delete it.",
    )


# --- one at a time ----------------------------------------------------------------------------------------------------
def judge_redirect(table: Table, row: Redirect, live: Collection[str]) -> Iterator[Finding]:
    """Everything about one exact redirect; `live` are those of the addresses in question where readers find something.

    Own addresses of redirects to posts and categories count as live without being named.
    """
    about, name = key_of(row), row.old_path
    if name.startswith(NEVER_ASKS):
        yield Finding("live", Level.WARNING, about, name, "This address never asks for redirects.", "Delete it.")
        return
    if name in live:
        yield Finding(
            "live",
            Level.WARNING,
            about,
            name,
            "A page lives at this address, so nobody is ever sent on.",
            "Delete the redirect, or give the page another address.",
        )
    if row.post and not row.post.is_public:
        yield Finding(
            "dead",
            Level.WARNING,
            about,
            name,
            f"It leads to “{row.post}”, which readers cannot see; they are told there is no such page.",
            "Publish the post, or lead elsewhere.",
        )
        return
    if loop := loop_from(table, row):
        yield loop
        return
    if row.type == Redirect.Type.GONE or row.post or row.category:
        return
    yield from _end_of(table, about, name, row.new_path, live)


def _end_of(table: Table, about: str, name: str, target: str, live: Collection[str]) -> Iterator[Finding]:
    """What becomes of readers who are sent to `target`."""
    if own(target) is None:
        return
    trail = follow(table, target, live)
    if trail.sent_by and not trail.is_loop:
        ends = "an address that is gone for good" if trail.end == "gone" else trail.last
        yield Finding(
            "chain",
            Level.ADVICE,
            about,
            name,
            f"Readers are sent on {len(trail.sent_by) + (trail.end != 'gone')} times: "
            f"{name} → {trail.in_words()}{' → gone' if trail.end == 'gone' else ''}.",
            f"Lead straight to {ends}." if trail.end != "gone" else "Answer 410 at once.",
        )
    if trail.end == "gone":
        yield _dead(about, name, f"It ends at {trail.last}, which is gone for good.")
    elif trail.end == "arrives" and trail.last.partition("?")[0] not in live:
        yield _dead(about, name, f"It ends at {trail.last}, where readers find nothing.")


def _dead(about: str, name: str, sentence: str) -> Finding:
    return Finding("dead", Level.WARNING, about, name, sentence, "Lead to a page that exists, or answer 410.")


def judge_rule(table: Table, rule: Rule, live: Collection[str], pages: Sequence[str] = ()) -> Iterator[Finding]:
    """Everything about one rule in force; `pages` are addresses of pages that live now."""
    about, name = key_of(rule), rule.pattern
    yield from judge_pattern(about, rule)
    starts, every = starts_of(rule)
    if not starts:
        if patterns.read(rule.pattern) is not None:
            yield Finding(
                "never",
                Level.WARNING,
                about,
                name,
                "No example of what it matches is an address as they are compared here: decoded, with single slashes.",
                "Begin it with a slash, and write letters as themselves and not as %C3%BC.",
                certain=False,
            )
        return
    if loop := loops_of(table, rule, starts):
        yield loop
    if hider := _hidden_by(table, rule, starts):
        certain = every or _covers(hider, rule)
        how = "everything it could match" if certain else f"all {len(starts)} examples of what it matches"
        yield Finding(
            "shadowed",
            Level.WARNING,
            about,
            name,
            f"It is never reached: {described(hider)} answers {how}.",
            "Give it a lower number for its priority, or delete it.",
            certain,
        )
    matched = [page for page in pages if rule.found(page, "")]
    if matched:
        others = f" and {len(matched) - 1} more" if len(matched) > 1 else ""
        yield Finding(
            "live",
            Level.ADVICE,
            about,
            name,
            f"It also matches {matched[0]}{others}, where a page lives; nobody is sent on from there.",
            "Nothing, if that is what you want.",
        )
    if "{" not in rule.target and rule.type != 410:
        yield from _end_of(table, about, name, rule.target, live)


def judge_pattern(about: str, rule: Rule) -> Iterator[Finding]:
    """What the pattern is by itself."""
    name = rule.pattern
    explodes = patterns.explodes(name)
    if explodes is None:
        yield Finding(
            "intricate",
            Level.ADVICE,
            about,
            name,
            "The pattern is too intricate to judge. Here that costs nothing, but another server could be slow over it.",
            "Make two simpler rules of it, if other servers are to use it.",
        )
    elif explodes:
        yield Finding(
            "catastrophic",
            Level.WARNING,
            about,
            name,
            "It can match one text in very many ways. Here that costs nothing, but another server could stand still "
            "over it for minutes.",
            "Take out one of the repetitions inside each other: (a+)+ is a+.",
        )
    if all(rule.found(path, "") for path in _ANYTHING):
        yield Finding(
            "wide",
            Level.WARNING,
            about,
            name,
            "It matches nearly every address, so hardly anybody is ever told that a page does not exist.",
            "Begin it with the part the old addresses share.",
        )


def judge_text(pattern: str, target: str, type: int) -> Refusal | None:
    """Why a pattern and its address cannot be a rule at all."""
    try:
        redirect_rules.check_target(target, type, redirect_rules.compile_pattern(pattern))
    except Refusal as refusal:
        return refusal
    return None


def _hidden_by(table: Table, rule: Rule, starts: Sequence[str]) -> Redirect | Rule | None:
    """What answers every example in its place; the first of them when they are several."""
    first: Redirect | Rule | None = None
    for start in starts:
        path, _, query = start.partition("?")
        answer = table.step(path, query)
        if answer is None or key_of(answer) == key_of(rule):
            return None
        if first is None:
            if answer.rule_id:
                first = next(other for other in table.rules if other.pk == answer.rule_id)
            else:
                first = next(row for row in table.held(path, query) if row.pk == answer.redirect_id)
    return first


def described(thing: Redirect | Rule) -> str:
    return f"the redirect {thing.old_path}" if isinstance(thing, Redirect) else f"the rule {thing.pattern}"


def _covers(hider: Redirect | Rule, rule: Rule) -> bool:
    """Whether an earlier rule certainly matches all that `rule` does: the same pattern, or a beginning and anything."""
    if isinstance(hider, Redirect) or hider.query == RedirectRule.Query.MATCH:
        return False
    mine, theirs = (one.pattern.removeprefix("^").removesuffix("$") for one in (rule, hider))
    if mine == theirs:
        return True
    beginning = theirs.removesuffix("(.*)").removesuffix(".*")
    return (
        beginning != theirs and beginning == redirect_rules.prefix_of(beginning) and rule.prefix.startswith(beginning)
    )


# --- all of it --------------------------------------------------------------------------------------------------------
def own_targets(table: Table) -> set[str]:
    """Every address of this site that a check of the whole table asks about: starts, stops and ends."""
    asked: set[str] = set(table.exact)
    for row in table.exact.values():
        if row.type != Redirect.Type.GONE and not (row.post or row.category):
            asked.update(stop.partition("?")[0] for stop in follow(table, row.target).stops if own(stop))
    for rule in table.rules:
        if rule.target and "{" not in rule.target:
            asked.update(stop.partition("?")[0] for stop in follow(table, rule.target).stops if own(stop))
    return asked


def judge(table: Table, live: Collection[str], pages: Sequence[str] = ()) -> list[Finding]:
    """Everything about every redirect and rule, the worst first."""
    found = [one for row in table.exact.values() for one in judge_redirect(table, row, live)]
    found += [one for rule in table.rules for one in judge_rule(table, rule, live, pages)]
    return sorted(found, key=lambda one: (list(Level).index(one.level), one.kind, one.name))
