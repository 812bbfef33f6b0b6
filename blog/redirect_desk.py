"""The redirect desk: saving redirects and rules so that nobody is sent in circles, checking them all, and saying what
an address would do.

Circles are looked for in the transaction that saves, under one lock, so that two people cannot make one together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse

from accounts import audit
from accounts.models import User
from blog import links, menus, redirect_rules, redirects
from blog.addresses import normalise_old_address
from blog.models import Post, Redirect, RedirectRule
from blog.querysets import HEAVY
from blog.redirect_linter import (
    MOST_HOPS,
    MOST_QUERIES,
    NEVER_ASKS,
    Finding,
    Level,
    Table,
    judge,
    judge_redirect,
    judge_rule,
    key_of,
    loop_of,
    loops_of,
    loops_through,
    newly_in_circles,
    own_targets,
    spelt,
    starts_of,
)
from blog.redirect_rules import MOST_RULES, Rule, own
from core.refusals import Refusal

MOST_CHECKED = 20_000
PERMANENT = (Redirect.Type.MOVED, Redirect.Type.PERMANENT)
# Pages a rule is tried against, the newest first: enough to see what it would never get.
_PAGES = 300


# --- tables -----------------------------------------------------------------------------------------------------------
def rows() -> Any:
    """All redirects with what they lead to, without texts."""
    heavy = [f"post__{name}" for name in HEAVY]
    return Redirect.objects.select_related("post", "category").defer(*heavy).order_by("old_path")


def stored(instead: Redirect | None = None, rules: Sequence[Rule] | None = None) -> Table:
    """What the database holds, asked for as it is needed, with `instead` as if it were saved already."""
    known: dict[str, Redirect | None] = {}

    def lookup(wanted: Sequence[str]) -> dict[str, Redirect]:
        if new := [one for one in wanted if one not in known]:
            found = {row.old_path: row for row in rows().filter(old_path__in=new)}
            known.update({one: found.get(one) for one in new})
        held = {one: known[one] for one in wanted}
        if instead is not None:
            held = {one: None if row and row.pk == instead.pk else row for one, row in held.items()}
            held |= {one: instead for one in wanted if one == instead.old_path}
        return {one: row for one, row in held.items() if row is not None}

    return Table(lookup, redirect_rules.in_force() if rules is None else rules)


def rules_with(row: RedirectRule | None = None) -> list[Rule]:
    """The rules in force as the database has them, with `row` as if it were saved already."""
    kept = [each for each in RedirectRule.objects.filter(is_active=True) if row is None or each.pk != row.pk]
    if row is not None and row.is_active:
        kept.append(row)
    kept.sort(key=lambda each: (each.priority, each.pk or float("inf")))
    return redirect_rules.rules_of(kept)


def live_among(paths: Iterable[str], at: datetime) -> set[str]:
    """Those at which readers find something."""
    wanted, live = sorted(set(paths)), set[str]()
    for start in range(0, len(wanted), 500):
        live |= links.live_among(wanted[start : start + 500], at)
    return live


def pages() -> list[str]:
    """Addresses of pages that live now: what every menu offers and the newest posts."""
    offered = menus.menus()
    entries = (*offered.categories, *offered.topics, *offered.pages, *offered.series)
    posts = Post.objects.published().articles().order_by("-published_at").only("slug", "kind")[:_PAGES]
    return ["/", *(entry.url for entry in entries[:_PAGES]), *(post.get_absolute_url() for post in posts)]


# --- saving -----------------------------------------------------------------------------------------------------------
def check_addresses(row: Redirect) -> None:
    """Refuse what belongs to the site itself, and what a browser would read as another place. Raises Refusal."""
    if row.old_path == "/" or normalise_old_address(row.old_path or "/-/").startswith((*NEVER_ASKS, "/accounts/")):
        raise Refusal("This address belongs to the site itself and never asks for redirects.", field="old_path")
    address = row.new_path
    if any(character.isspace() or ord(character) < 32 for character in address) or "\\" in address:
        raise Refusal("The new address has spaces or backslashes in it; write it without.", field="new_path")
    if address and not address.startswith("/"):
        try:
            parts = urlsplit(address)
        except ValueError:
            raise Refusal("This is no web address; look at its brackets.", field="new_path") from None
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise Refusal("Start with a slash for this site, or with https:// for another.", field="new_path")


def save_redirect(row: Redirect, *, at: datetime) -> list[str]:
    """Save an exact redirect with no circle and no detour in it; returns what else was done, as sentences.

    Raises Refusal. What led to its old address by an exact redirect for good leads straight on from now on.
    """
    done = []
    with redirect_rules.locked():
        row.old_path = normalise_old_address(row.old_path)
        table = stored(row)
        if trail := loops_through(table, row) or _left_behind(table, row):
            raise Refusal(trail.sentence, field="new_path")
        before = row.target
        if straighten(row, table, at):
            done.append(f"{before} only led on to {row.target}, so it leads there at once.")
        row.save()
        moved = _straighten_others(row, at)
        if moved == 1:
            done.append("Another redirect led here and now leads straight on.")
        elif moved:
            done.append(f"{moved} other redirects led here and now lead straight on.")
    return done


def _left_behind(table: Table, row: Redirect) -> Finding | None:
    """The circle that what lies behind its former address would make, which it has answered so far."""
    former = Redirect.objects.filter(pk=row.pk).values_list("old_path", flat=True).first() if row.pk else None
    if former is None or former == row.old_path:
        return None
    trail = newly_in_circles(stored(), table, [former])
    return loop_of(key_of(row), row.old_path, trail) if trail else None


def straighten(row: Redirect, table: Table, at: datetime) -> bool:
    """Lead past addresses that only lead on for good; whether anything changed. Not saved."""
    changed = False
    for _ in range(MOST_HOPS):
        here = own(row.new_path) if row.new_path else None
        if here is None or here[0] in live_among([here[0]], at):
            break
        answer = table.step(*here)
        if answer is None or not answer.redirect_id or answer.status not in PERMANENT:
            break
        next_row = next(each for each in table.held(*here) if each.pk == answer.redirect_id)
        if next_row.target != answer.location:  # the feed of a list, the size of a picture
            break
        row.post, row.category, row.new_path = next_row.post, next_row.category, next_row.new_path
        changed = True
    return changed


def _straighten_others(row: Redirect, at: datetime) -> int:
    """Lead what led here straight on; not where a page lives, nor past one for now or one that counts for nobody."""
    counts = row.type in PERMANENT and (row.post is None or row.post.is_public)
    if not counts or row.old_path in live_among([row.old_path], at):
        return 0
    spellings = {row.old_path, row.old_path.rstrip("/") or "/"}
    others = Redirect.objects.filter(new_path__in=spellings, type__in=PERMANENT).exclude(pk=row.pk)
    if row.new_path:
        others = others.exclude(old_path=normalise_old_address(row.new_path))
    return others.update(post=row.post, category=row.category, new_path=row.new_path)


def save_rule(row: RedirectRule) -> None:
    """Save a rule that can be used and closes no circle. Raises Refusal."""
    with redirect_rules.locked():
        rule, rules = redirect_rules.ready(row), rules_with(row)
        table = stored(rules=rules)
        if row.is_active:
            if len(rules) > MOST_RULES:
                raise Refusal(f"At most {MOST_RULES} rules are in force at once; take another out of force first.")
            if rule.query == RedirectRule.Query.KEEP:
                with_query = rows().filter(old_path__contains="?")[:MOST_QUERIES]
                table.exact = {each.old_path: each for each in with_query}
            if loop := loops_of(table, rule):
                raise Refusal(loop.sentence, field="target")
        former = RedirectRule.objects.filter(pk=row.pk, is_active=True) if row.pk else ()
        # What it matched is answered by others from now on.
        starts = [start for each in redirect_rules.rules_of(former) for start in starts_of(each)[0]]
        if starts and (trail := newly_in_circles(stored(rules=rules_with()), table, starts)):
            raise Refusal(loop_of(key_of(row), row.pattern, trail).sentence, field="pattern")
        row.save()


def flatten(redirect_id: int, *, by: User, at: datetime) -> Redirect | None:
    """Let a redirect lead straight to the end of its chain; None when there is none any more."""
    with redirect_rules.locked():
        row = rows().filter(pk=redirect_id).first()
        before = row.target if row else ""
        if row is None or not row.new_path or not straighten(row, stored(), at):
            return None
        audit.record(by, "changed", row, changes={"new address": (before, row.target)}, at=at)
        row.save()
        return row


# --- checking ---------------------------------------------------------------------------------------------------------
def findings_of(thing: Redirect | RedirectRule, *, at: datetime) -> list[Finding]:
    """What is worth knowing about one that is saved."""
    if isinstance(thing, Redirect):
        table = stored()
        table.exact = {thing.old_path: thing}
        alone = Table(table.lookup, (), table.exact)
        return list(judge_redirect(table, thing, live_among(own_targets(alone), at)))
    rules = rules_with()
    rule = next((each for each in rules if each.pk == thing.pk), None)
    if rule is None:
        return []
    table = stored(rules=rules)
    alone = Table(table.lookup, [rule])
    return list(judge_rule(table, rule, live_among(own_targets(alone), at), pages()))


def check_all(*, at: datetime) -> tuple[list[Finding], int]:
    """Every finding, the worst first, and of how many redirects and rules."""
    rules = rules_with()
    table = Table.whole(rows()[:MOST_CHECKED], rules)
    found = judge(table, live_among(own_targets(table), at), pages())
    for row in RedirectRule.objects.filter(is_active=True):
        try:
            redirect_rules.ready(row)
        except Refusal as refusal:
            found.insert(0, refused(row, refusal))
    return found, len(table.exact) + len(rules)


def refused(row: RedirectRule, refusal: Refusal) -> Finding:
    sentence = f"It cannot be used: {refusal.sentence}"
    return Finding("refused", Level.ERROR, key_of(row), row.pattern, sentence, "Write it anew, or delete it.")


# --- saying what an address would do ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One thing that happens to a browser: at an address, by a redirect or rule (its key), with a status."""

    address: str
    sentence: str
    status: int | None
    about: str = ""

    @property
    def url(self) -> str:
        """The form of what sent them on."""
        kind, _, pk = self.about.partition(":")
        return reverse(f"admin:blog_{'redirectrule' if kind == 'rule' else kind}_change", args=[pk]) if pk else ""


def explain(address: str, *, at: datetime) -> list[Step]:
    """What happens to somebody who asks for an address of this site, hop by hop. Raises Refusal for other sites."""
    address = address.strip()
    if not address:
        raise Refusal("Type an address of this site.")
    if "://" not in address and not address.startswith("/"):
        address = f"/{address}"
    here = own(address)
    if here is None or not address.startswith(("/", "http://", "https://")) or address.startswith("//"):
        raise Refusal("This address belongs to another site; type one of this site.")
    table, steps, seen = stored(), list[Step](), set[str]()
    while True:
        path, query = here
        shown = spelt(path, query)
        if shown in seen:
            return [*steps, Step(shown, "They have been here before: browsers give up and say so.", None)]
        seen.add(shown)
        if len(seen) > MOST_HOPS:
            return [*steps, Step(shown, "They are sent on again and again: browsers give up.", None)]
        if path.startswith(NEVER_ASKS):
            return [*steps, Step(shown, "This belongs to the site itself and never asks for redirects.", None)]
        numbered = path == "/" and query.startswith(links.NUMBERED)
        if not numbered and path in live_among([path], at):
            return [*steps, Step(shown, _of_live(table, path, query), 200)]
        answer = table.step(path, query)
        if answer is None:
            return [*steps, _nothing(table, path, query, numbered)]
        steps.append(Step(shown, _of_answer(table, answer, path, query), answer.status, key_of(answer)))
        if answer.status == 410:
            return steps
        following = own(answer.location)
        if following is None:
            return [*steps, Step(answer.location, "Another site, which is not asked.", None)]
        here = following


def _of_live(table: Table, path: str, query: str) -> str:
    answer = table.step(path, query)
    if answer is None:
        return "A page lives here."
    return f"A page lives here, so {_named(table, answer, path, query)} is never asked."


def _of_answer(table: Table, answer: redirects.Answer, path: str, query: str) -> str:
    what = "says it is gone for good" if answer.status == 410 else f"leads to {answer.location}"
    named = _named(table, answer, path, query)
    return f"{named[0].upper()}{named[1:]} {what}."


def _named(table: Table, answer: redirects.Answer, path: str, query: str) -> str:
    if answer.rule_id:
        rule = next(each for each in table.rules if each.pk == answer.rule_id)
        return f"the rule {rule.pattern}"
    row = next(each for each in table.held(path, query) if each.pk == answer.redirect_id)
    return f"the redirect {row.old_path}"


def _nothing(table: Table, path: str, query: str, numbered: bool) -> Step:
    """Why nothing answers."""
    if numbered:
        return Step(spelt(path, query), "No redirect has this number, so this is the front page.", 200)
    hidden = [row for row in table.held(path, query) if row.post]
    why = "Nothing lives here, and no redirect or rule fits."
    if hidden:
        why = f"A redirect leads to “{hidden[0].post}”, which readers cannot see, so it does not count."
    return Step(spelt(path, query), why, 404, key_of(hidden[0]) if hidden else "")
