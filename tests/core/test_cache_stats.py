"""What the cache is good for, by command and on its page; for those who keep the site alone."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

import core.cache
from accounts.models import AuditEntry
from core import cache_statistics
from core.cache import Group, counts
from core.publication import from_environment
from tests.core.test_cache import kept  # noqa: F401

PAGE, RESET = "admin:cache", "admin:cache_reset"


@pytest.fixture(autouse=True)
def groups_of_their_own(kept, monkeypatch):  # noqa: F811
    monkeypatch.setattr(core.cache, "groups", {})
    monkeypatch.setattr(cache_statistics, "groups", core.cache.groups)
    counts.reset()
    yield
    counts.reset()
    core.cache._away["until"] = 0.0


def fill(name="posts", entries=3, size=2000, timeout=300):
    group = Group(name, timeout)
    for number in range(entries):
        for _ in range(2):
            group.get_or_compute(f"{number}", lambda number=number: str(number) * size)
    return group


def row(name="posts"):
    return next(each for each in cache_statistics.report().groups if each.name == name)


def command(*options):
    output = StringIO()
    call_command("cache_stats", *options, stdout=output)
    return output.getvalue()


def test_a_group_tells_its_numbers_its_entries_and_what_they_weigh():
    fill()
    found = row()
    assert (found.hits, found.misses, found.computed, found.hit_ratio) == (3, 3, 3, 0.5)
    assert (found.entries, found.seconds) == (3, 300)
    assert 0 < found.size < 3 * 4000


def test_entries_that_ran_out_locks_and_other_groups_are_not_counted(kept):  # noqa: F811
    fill()
    fill("others", entries=1)
    kept.set("posts:x:lock", "owner", 60)
    kept.set("posts-elsewhere", 1, 60)
    assert row().entries == 3
    assert row("others").entries == 1


def test_a_long_key_still_belongs_to_its_group():
    group = Group("posts", 60)
    group.get_or_compute("ü" * 500, lambda: "long")
    group.get_or_compute("generated", lambda: "new", generation=["post:1", "k" * 300])
    assert row().entries == 2


def test_a_group_another_process_asked_is_shown_as_well():
    counts.add("elsewhere", "hits")
    found = row("elsewhere")
    assert (found.hits, found.seconds, found.entries) == (1, None, 0)


def test_a_large_cache_is_looked_through_as_far_as_allowed(kept, monkeypatch):  # noqa: F811
    if core.cache._redis() is None:
        pytest.skip("what lies in memory is counted whole")
    monkeypatch.setattr(cache_statistics, "MOST_KEYS", 5)
    # The numbers lie in a key of their own, which in one run of five is among the first keys looked at.
    monkeypatch.setattr(counts, "tell", lambda: None)
    fill(entries=20)
    found = cache_statistics.report()
    assert not found.is_whole
    assert sum(each.entries for each in found.groups) == 5


def test_only_some_entries_are_weighed(kept, monkeypatch):  # noqa: F811
    if core.cache._redis() is None:
        pytest.skip("what lies in memory is weighed whole")
    whole = (fill(entries=30), row().size)[1]
    monkeypatch.setattr(cache_statistics, "WEIGHED", 3)
    assert abs(row().size - whole) < whole / 5


def test_a_cache_that_is_away_costs_no_page(monkeypatch, client_of, admin):
    monkeypatch.setitem(core.cache._away, "until", float("inf"))
    Group("posts", 60)
    found = cache_statistics.report()
    assert not found.answers
    assert [each.name for each in found.groups] == ["posts"]
    assert "does not answer" in client_of(admin).get(reverse(PAGE)).content.decode()
    assert "does not answer" in command()


def test_the_command_shows_a_line_for_each_group():
    fill()
    fill("sitemap", entries=1, timeout=3600)
    lines = command().splitlines()
    assert lines[0].split() == ["group", "hits", "misses", "ratio", "computed", "waited", "entries", "size", "kept"]
    assert lines[1].split()[:7] == ["posts", "3", "3", "50.0%", "3", "0", "3"]
    assert lines[2].split()[0] == "sitemap"
    assert lines[3].startswith("Counted since ")


def test_programs_read_the_same_as_json():
    fill()
    said = json.loads(command("--json"))
    assert set(said) == {"since", "shared", "whole", "answers", "groups"}
    assert said["groups"][0]["hit_ratio"] == 0.5
    assert said["groups"][0]["entries"] == 3


def test_an_administrator_finds_the_page_in_the_menu_and_reads_it(client_of, admin):
    client = client_of(admin)
    assert reverse(PAGE) in client.get(reverse("admin:index")).content.decode()
    fill()
    page = client.get(reverse(PAGE)).content.decode()
    assert '<th scope="row">posts</th>' in page
    assert "50.0 %" in page
    assert "5 min" in page


def test_before_anything_is_kept_the_page_says_so(client_of, admin, monkeypatch):
    client = client_of(admin)
    client.get(reverse(PAGE))
    monkeypatch.setattr(cache_statistics, "groups", {})
    monkeypatch.setattr("core.publication._read", from_environment)
    counts.reset()
    assert "Nothing is kept in a cache yet." in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("role", ["editor", "author", "moderator"])
def test_nobody_else_sees_it_or_its_way_there(client_of, role, request):
    client = client_of(request.getfixturevalue(role))
    counts.add("posts", "hits")
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.get(reverse(RESET)).status_code == 403
    assert client.post(reverse(RESET)).status_code == 403
    assert row().hits == 1
    assert reverse(PAGE) not in client.get(reverse("admin:index")).content.decode()


def test_readers_and_strangers_are_sent_to_the_door(client_of, reader, client):
    assert client_of(reader).get(reverse(PAGE)).status_code == 302
    assert client.get(reverse(PAGE)).status_code == 302
    assert client.post(reverse(RESET)).status_code == 302


def test_counting_from_nought_asks_first_and_is_written_down(client_of, admin):
    client = client_of(admin)
    fill()
    assert "cannot be taken back" in client.get(reverse(RESET)).content.decode()
    assert row().hits == 3
    response = client.post(reverse(RESET), follow=True)
    assert "The counts begin at nought." in response.content.decode()
    assert (row().hits, row().entries) == (0, 3)
    assert AuditEntry.objects.get(action="reset the counts of the cache").actor == admin


def test_the_page_changes_nothing_by_being_read(client_of, admin):
    assert client_of(admin).post(reverse(PAGE)).status_code == 405
