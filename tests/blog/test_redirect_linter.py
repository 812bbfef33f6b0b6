"""The linter finds what a patient reader would find by walking every way of every map of redirects."""

import random
from collections import Counter
from datetime import UTC, datetime
from itertools import product

import pytest

from blog import patterns, redirect_desk, redirect_linter, redirect_rules
from blog.models import Redirect, RedirectRule
from blog.redirect_linter import Table

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NAMES = "abcdefgh"


def exact(old: str, new: str, pk: int, code: int = 301) -> Redirect:
    return Redirect(pk=pk, old_path=old, new_path=new if code != 410 else "", type=code)


def rule(pattern: str, target: str, pk: int = 1, **fields) -> redirect_rules.Rule:
    return redirect_rules.ready(RedirectRule(pk=pk, pattern=pattern, target=target, **fields))


def kinds(findings) -> list[str]:
    return sorted({finding.kind for finding in findings})


# --- an oracle that knows nothing of the linter -----------------------------------------------------------------------
def walk(start: str, arrows: dict[str, str | None]) -> tuple[list[str], str]:
    """Every stop from `start`, and how it ends; None is gone."""
    stops = [start]
    while stops[-1] in arrows:
        following = arrows[stops[-1]]
        if following is None:
            return stops, "gone"
        if following in stops:
            return [*stops, following], "loop"
        stops.append(following)
    return stops, "end"


def expected(start: str, arrows: dict[str, str | None], live: set[str]) -> set[str]:
    found = {"live"} if start in live else set()
    stops, end = walk(start, arrows)
    if end == "loop":
        return found | {"loop"}
    if arrows[start] is None:
        return found
    # From the first stop on, a page that lives there ends the way.
    alive = {name: to for name, to in arrows.items() if name not in live}
    rest, end = walk(stops[1], alive)
    if end == "gone" or len(rest) > 1:
        found.add("chain")
    if end == "gone" or rest[-1] not in live:
        found.add("dead")
    return found


@pytest.mark.parametrize("seed", range(40))
def test_exact_redirects_are_judged_as_by_walking_every_way(seed):
    dice = random.Random(seed)
    for _ in range(25):
        names = [f"/{name}/" for name in NAMES[: dice.randint(2, 8)]]
        arrows: dict[str, str | None] = {}
        for name in dice.sample(names, dice.randint(1, len(names))):
            to = dice.choice([*names, None, "/elsewhere/"])
            if to != name:
                arrows[name] = to
        live = set(dice.sample([*names, "/elsewhere/"], dice.randint(0, 3)))
        rows = [exact(old, new or "", n, 301 if new else 410) for n, (old, new) in enumerate(arrows.items(), start=1)]
        table = Table.whole(rows, ())
        for row in rows:
            found = redirect_linter.judge_redirect(table, row, live)
            assert set(kinds(found)) == expected(row.old_path, arrows, live), (row.old_path, arrows, live)


@pytest.mark.parametrize("seed", range(20))
def test_rules_of_one_folder_to_another_are_judged_as_by_walking_every_way(seed):
    """Rules "/a/(.*)" to "/b/{1}" make a map of folders; a circle on it is a circle for every address below."""
    dice = random.Random(seed)
    for _ in range(10):
        folders = NAMES[: dice.randint(2, 6)]
        arrows = {}
        for name in dice.sample(folders, dice.randint(1, len(folders))):
            to = dice.choice(folders + "z")
            if to != name:
                arrows[name] = to
        rules = [rule(f"/{a}/(.*)", f"/{b}/{{1}}", n) for n, (a, b) in enumerate(arrows.items(), start=1)]
        table = Table.whole([], rules)
        for one, name in zip(rules, arrows, strict=True):
            stops, end = walk(name, arrows)
            on_it = end == "loop"
            assert bool(redirect_linter.loops_of(table, one)) == on_it, (name, arrows, stops)


@pytest.mark.parametrize("seed", range(20))
def test_a_rule_is_shadowed_exactly_when_others_answer_all_it_could(seed):
    """Rules for one of a few words, so that trying every address decides."""
    dice = random.Random(seed)
    words = ["one", "two", "three", "four"]
    for _ in range(15):
        sets = [dice.sample(words, dice.randint(1, 3)) for _ in range(dice.randint(1, 4))]
        rules = [rule(f"/(?:{'|'.join(each)})", f"/to{n}/", n) for n, each in enumerate(sets, start=1)]
        rows = [exact(f"/{word}/", "/x/", n) for n, word in enumerate(dice.sample(words, dice.randint(0, 2)), start=1)]
        table = Table.whole(rows, rules)
        for number, (one, each) in enumerate(zip(rules, sets, strict=True)):
            earlier = {word for before in sets[:number] for word in before} | {r.old_path.strip("/") for r in rows}
            found = [
                f for f in redirect_linter.judge_rule(table, one, {"/x/", f"/to{one.pk}/"}) if f.kind == "shadowed"
            ]
            assert bool(found) == (set(each) <= earlier), (sets, rows, one.pattern)
            assert all(finding.certain for finding in found)


# --- one at a time ----------------------------------------------------------------------------------------------------
def test_a_way_that_grows_for_ever_is_a_loop():
    one = rule("/a/(.*)", "/a/x/{1}")
    found = redirect_linter.loops_of(Table.whole([], [one]), one)
    assert found and "on without end: /a/" in found.sentence


def test_an_exact_redirect_and_a_rule_can_make_a_circle_together():
    one = rule("/b/(.*)", "/a/{1}/")
    table = Table.whole([exact("/a/x/", "/b/x/", 1)], [one])
    found = redirect_linter.loops_through(table, table.exact["/a/x/"])
    assert found and found.sentence == "Readers would be sent in circles: /a/x/ → /b/x/ → /a/x/."
    assert (
        redirect_linter.loops_through(Table.whole([exact("/a/x/", "/c/x/", 1)], [one]), exact("/a/x/", "/c/", 1))
        is None
    )


def test_an_address_of_this_site_written_whole_is_no_other_site(settings):
    whole = settings.SITE_URL.rstrip("/") + "/a/"
    rows = [exact("/a/", "/b/", 1), exact("/b/", whole, 2)]
    assert redirect_linter.loops_through(Table.whole(rows, ()), rows[0])
    rows[1].new_path = "https://elsewhere.example/a/"
    assert not redirect_linter.loops_through(Table.whole(rows, ()), rows[0])


def test_a_rule_after_one_that_takes_everything_below_is_shadowed_for_certain():
    rules = [rule("/old/(.*)", "/new/{1}", 1), rule("/old/[a-z]+/x", "/y/", 2), rule("/older/.*", "/y/", 3)]
    table = Table.whole([], rules)
    ((second,), third) = (
        [f for f in redirect_linter.judge_rule(table, one, {"/y/"}) if f.kind == "shadowed"] for one in rules[1:]
    )
    assert second.certain and "the rule /old/(.*) answers everything" in second.sentence
    assert third == []


def test_a_rule_shadowed_by_examples_only_says_so():
    rules = [rule("/[a-z0-9_-]+", "/new/", 1), rule("/[a-f]+", "/y/", 2)]
    (found,) = (
        f for f in redirect_linter.judge_rule(Table.whole([], rules), rules[1], {"/y/"}) if f.kind == "shadowed"
    )
    assert not found.certain and "examples of what it matches" in found.sentence


def test_too_wide_dead_and_live_matches_are_named():
    one = rule("/.*", "/gone/")
    found = redirect_linter.judge_rule(Table.whole([], [one]), one, set(), ["/blog/", "/about/"])
    assert kinds(found) == ["dead", "live", "wide"]
    narrow = rule("/shop/.*", "/here/")
    assert list(redirect_linter.judge_rule(Table.whole([], [narrow]), narrow, {"/here/"}, ["/blog/"])) == []


@pytest.mark.parametrize(
    "pattern",
    [
        *("/(a+)+", "/(a*)*", "/(a|a)*b", "/(a|aa)+", r"/(\d+|\w+)*x", "/([a-z]+)*[0-9]", "/(a?a?)*", "/(x+x+)+y"),
        *(r"/(\w+\s?)*", "/(([^/]*)/?)*", "/(a{1,30}){1,30}", "/(.*a)*b", "/(?:(?:ab)+)+", "/(a|b|[ab])*c"),
    ],
)
def test_a_pattern_other_engines_choke_on_is_named(pattern):
    one = rule(pattern, "/x/")
    assert "catastrophic" in kinds(redirect_linter.judge_pattern("rule:1", one))


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "/a+",
            "/(a+)",
            "/(?:/[^/]+)+",
            r"/x/(?P<s>[^/]+)/",
            "/.*",
            "/(.*)-(.*)",
            "/((a|b)*c)*",
            "/(?:[a-z]{1,5}-)*x",
        ),
        *(r"/\d{4}/\d{2}/(.+)", "/(ab|cd)*e", r"(?i)/x\.html?", "/(a{2}){3}", r"/\Qa.b\E+", "/(?:a|b)*"),
    ],
)
def test_an_innocent_pattern_is_not(pattern):
    one = rule(pattern, "/x/")
    assert "catastrophic" not in kinds(redirect_linter.judge_pattern("rule:1", one))


def ways(node: patterns.Node, text: str) -> int:
    """In how many ways a pattern matches a text, by counting every one from every place."""

    def run(node: patterns.Node, at: int) -> Counter[int]:
        match node:
            case patterns.Chars(written):
                return Counter({at + 1: 1}) if text[at : at + 1] == written else Counter()
            case patterns.Choice(parts):
                return sum((run(part, at) for part in parts), Counter())
            case patterns.Row(parts):
                ends = Counter({at: 1})
                for part in parts:
                    ends = onward(part, ends)
                return ends
            case patterns.Repeat(part):
                ends, frontier = Counter({at: 1}), Counter({at: 1})
                while frontier:
                    # Engines do not go round without getting on.
                    frontier = onward(part, frontier, forward=True)
                    ends += frontier
                return ends
        raise AssertionError(node)

    def onward(part: patterns.Node, starts: Counter[int], *, forward: bool = False) -> Counter[int]:
        found: Counter[int] = Counter()
        for start, number in starts.items():
            for end, more in run(part, start).items():
                if end > start or not forward:
                    found[end] += number * more
        return found

    return run(node, 0)[len(text)]


WORDS = ["".join(letters) for size in range(4) for letters in product("ab", repeat=size)]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_catastrophic_is_decided_as_by_counting_every_way(seed):
    """Small random patterns: with each repetition of some word the number of ways doubles, or of no word."""
    dice = random.Random(seed)

    def some(depth: int) -> str:
        if depth == 0 or dice.random() < 0.2:
            return dice.choice("ab")
        shape = dice.choice(["{0}{1}", "({0}|{1})", "({0})*", "({0}{1})*", "({0}|{1})*"])
        return shape.format(some(depth - 1), some(depth - 1))

    def doubles(node: patterns.Node, word: str, before: str, after: str) -> bool:
        few = ways(node, before + word * 4 + after)
        return few > 4 and ways(node, before + word * 8 + after) >= few * 2**4

    for _ in range(6):
        pattern = some(2)
        node = patterns.read(pattern)
        around = list(product(WORDS[:3], repeat=2))
        assert patterns.explodes(pattern) == any(
            doubles(node, word, before, after) for word in WORDS[1:] for before, after in around
        ), pattern


@pytest.mark.parametrize(
    ("pattern", "explodes"),
    [
        ("/" + "[^a]*" * 98, False),
        ("/" + r"[\x{0}-\x{10FFFF}]*" * 20, False),
        ("/" + "a?" * 249, False),
        ("/" + "abcde" * 99, False),
        ("/(?:" + "|".join(f"[^{letter}]" for letter in patterns.ALPHABET[33:90]) + ")*", True),
        ("/" + "(" * 160 + "a" + ")*" * 160, True),
        ("/(?:(?:[^a]{9}){9}[^b]{0,9})*", True),
        ("/(?:" + "|".join(map(chr, range(0x4E00, 0x4E50))) + ")*", None),
    ],
)
def test_judging_a_pattern_takes_few_steps_however_intricate_it_is(pattern, explodes, monkeypatch):
    steps = Counter()
    spend, draw = patterns._Automaton.spend, patterns._Drawing.one
    monkeypatch.setattr(patterns._Automaton, "spend", lambda self, n: (steps.update(spent=n), spend(self, n))[1])
    monkeypatch.setattr(patterns._Drawing, "one", lambda self, n: (steps.update(drawn=1), draw(self, n))[1])
    patterns.explodes.cache_clear()
    one = rule(pattern, "/x/")
    found = kinds(redirect_linter.judge_rule(Table.whole([], [one]), one, {"/x/"}))
    assert patterns.explodes(pattern) is explodes
    assert ("catastrophic" in found, "intricate" in found) == (explodes is True, explodes is None)
    # As a rule is judged, so it is asked about once, and a handful of examples are drawn twice.
    assert steps["spent"] <= patterns.MOST_STEPS + 10_000 and steps["drawn"] < 400_000


# --- on the whole desk ------------------------------------------------------------------------------------------------
def test_everything_is_checked_at_once_in_few_questions(publish, write, django_assert_max_num_queries):
    live, draft = publish("Tides"), write("Draft")
    Redirect.objects.create(old_path="/to-draft/", post=draft)
    Redirect.objects.create(old_path="/fine/", post=live)
    Redirect.objects.create(old_path="/fine-too/", new_path=live.get_absolute_url())
    Redirect.objects.create(old_path="/chain/", new_path="/fine/")
    Redirect.objects.create(old_path="/nowhere/", new_path="/void/")
    Redirect.objects.create(old_path="/away/", new_path="https://example.com/")
    Redirect.objects.create(old_path="/one/", new_path="/two/")
    Redirect.objects.create(old_path="/two/", new_path="/one/")
    RedirectRule.objects.create(pattern="/blog/(.*)", target="https://example.com/{1}")
    RedirectRule.objects.create(pattern=r"/(x)\1", target="/y/")
    with django_assert_max_num_queries(14):
        found, checked = redirect_desk.check_all(at=NOON)
    said = {(finding.name, finding.kind) for finding in found}
    assert said == {
        ("/to-draft/", "dead"),
        ("/chain/", "chain"),
        ("/nowhere/", "dead"),
        ("/one/", "loop"),
        ("/two/", "loop"),
        ("/blog/(.*)", "live"),
        (r"/(x)\1", "refused"),
    }
    assert checked == 9
