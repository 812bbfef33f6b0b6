"""Whatever is saved or imported, in whatever order: nobody is sent in circles, and the desk says what readers get."""

import random
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from blog import redirect_desk, redirect_tables, redirects
from blog.models import Redirect, RedirectRule
from blog.redirect_rules import own
from core.refusals import Refusal

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = "abcdefg"
ADDRESSES = [f"/{name}/" for name in NAMES]
QUERIES = ["", "q=1", "r=2"]
PATTERNS = ["/a", "/(b|c)", "/(?P<one>d|e|f)", "/(a|b|c|d)", r"/(e|f)\?q=1", r"/(a|g)\?(q=1|r=2)", "/g"]
TARGETS = [*ADDRESSES, "/{1}/", "/b/?q=1", "/c/?r=2", "https://elsewhere.example/", "/blog/", "/void/"]


def walk(path: str, query: str, live: set[str]) -> list[tuple[str, int | None]]:
    """Every stop of a browser and what it is answered there, by what answers readers; None where it gives up."""
    stops: list[tuple[str, int | None]] = []
    while True:
        shown = f"{path}?{query}" if query else path
        if shown in [stop for stop, _ in stops] or len(stops) > 40:
            return [*stops, (shown, None)]
        if path in live:
            return [*stops, (shown, 200)]
        answer = redirects.find(path, query)
        stops.append((shown, answer.status if answer else 404))
        if answer is None or answer.status == 410:
            return stops
        here = own(answer.location)
        if here is None:
            return [*stops, (answer.location, None)]
        path, query = here


def some_redirect(dice: random.Random, posts) -> Redirect:
    old = dice.choice(ADDRESSES) + dice.choice(["", "", "", "?q=1"])
    held = Redirect.objects.filter(old_path=dice.choice([old, *ADDRESSES])).first()
    row = held or Redirect()
    row.old_path, row.post, row.new_path = old, None, ""
    row.type = dice.choice([301, 301, 301, 302, 307, 308, 410])
    if row.type != 410:
        row.post = dice.choice([None, None, None, *posts])
    if row.type != 410 and not row.post:
        row.new_path = dice.choice(
            [*ADDRESSES, *ADDRESSES, "/b/?q=1", "/void/", "/blog/", "https://elsewhere.example/"]
        )
    return row


def some_rule(dice: random.Random) -> RedirectRule:
    held = list(RedirectRule.objects.order_by("pk"))
    row = dice.choice(held) if held and dice.random() < 0.3 else RedirectRule()
    row.pattern, row.type = dice.choice(PATTERNS), dice.choice([301, 302, 308, 410])
    row.target = "" if row.type == 410 else dice.choice(TARGETS)
    row.query = "match" if "?q" in row.pattern or "?(q" in row.pattern else dice.choice(["drop", "keep"])
    row.priority, row.is_active = dice.choice([10, 100, 100, 200]), dice.random() < 0.9
    return row


def some_file(dice: random.Random, posts) -> bytes:
    lines = ["Kind,Old address,New address,Type,Priority,Query string,In force"]
    for _ in range(dice.randint(1, 8)):
        if dice.random() < 0.6:
            row = some_redirect(dice, posts)
            lines.append(f"exact,{row.old_path},{row.target},{row.type},,,")
        else:
            rule = some_rule(dice)
            force = "yes" if rule.is_active else "no"
            lines.append(f"rule,{rule.pattern},{rule.target},{rule.type},{rule.priority},{rule.query},{force}")
    return "\n".join(lines).encode()


@pytest.mark.parametrize("seed", range(10))
def test_no_order_of_saving_and_importing_sends_anybody_in_circles(seed, publish, write, editor):
    dice = random.Random(seed)
    posts = [publish("Tides"), publish("A page", kind="page", slug="g"), write("A draft")]
    live = {posts[0].get_absolute_url(), "/g/", "/blog/", "/"}
    done, refused, sent = 0, 0, 0
    for _ in range(14):
        what: object = None
        try:
            match dice.choice(["redirect", "rule", "file"]):
                case "redirect":
                    what = some_redirect(dice, posts)
                    what.full_clean()
                    redirect_desk.save_redirect(what, at=NOON)
                case "rule":
                    what = some_rule(dice)
                    what.full_clean()
                    redirect_desk.save_rule(what)
                case "file":
                    what = some_file(dice, posts)
                    redirect_tables.take_over(what, by=editor, at=NOON)
            done += 1
        except (Refusal, ValidationError):
            refused += 1
            continue
        for path in ADDRESSES:
            for query in QUERIES:
                stops = walk(path, query, live)
                said = [(step.address, step.status) for step in redirect_desk.explain(f"{path}?{query}", at=NOON)]
                assert said == stops, what
                assert stops[-1][1] is not None or stops[-1][0].startswith("https://"), (stops, what)
                sent += len(stops) > 1
    assert done > 4 and sent, (done, refused, sent)
