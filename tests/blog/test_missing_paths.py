"""Addresses asked for in vain are remembered without a write per request, within bounds, and led on with one click."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts.models import AuditEntry
from blog import missing_paths, nearest
from blog.models import IgnoredPath, MissingPath, Redirect
from core import cache
from core.refusals import Refusal
from tests.core.corpora import rows

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_counted(db):
    missing_paths._counted.drain()
    yield
    missing_paths._counted.drain()


def listed() -> dict[str, int]:
    return dict(MissingPath.objects.values_list("path", "hits"))


def test_a_page_not_found_is_counted_and_written_by_the_clock(publish, django_assert_max_num_queries):
    post = publish("Tides")
    Redirect.objects.create(old_path="/moved/", post=post)
    client = Client()
    client.get("/nowhere")
    with django_assert_max_num_queries(9) as asked:
        client.get("/nowhere/?secret=1", headers={"Referer": "https://example.org/list?mail=a@b.c"})
    assert not [query for query in asked.captured_queries if "missingpath" in query["sql"] or "ignored" in query["sql"]]
    for path in (post.get_absolute_url(), "/moved/", "/admin/nowhere/", "/static/x.css", "/wp-login.php", "/.env"):
        client.get(path)
    client.post("/nowhere/")
    assert listed() == {}
    assert missing_paths.write(NOON) == 1
    assert listed() == {"/nowhere/": 2}
    row = MissingPath.objects.get()
    assert (row.referrer, row.first_seen_at) == ("example.org/list/", NOON)
    client.get("/nowhere/")
    missing_paths.write(NOON + timedelta(hours=1))
    row.refresh_from_db()
    assert (row.hits, row.referrer) == (3, "example.org/list/")
    assert (row.first_seen_at, row.last_seen_at) == (NOON, NOON + timedelta(hours=1))
    assert missing_paths.write(NOON) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://example.org/a?mail=x#y", "example.org/a/"),
        ("https://me:word@example.org/a", "example.org/a/"),
        ("javascript:alert(1)", ""),
        ("https://[", ""),
        ("", ""),
        ("https://example.org/" + "a" * 1900, None),
        ("https://example.org/\r\nX: y", "example.org/X: y/"),
    ],
)
def test_of_where_somebody_came_from_the_page_alone_is_kept(given, kept):
    found = missing_paths.where_from(given)
    assert len(found) <= 500
    assert kept is None or found == kept


def test_a_page_of_this_site_is_kept_as_its_path(settings):
    assert missing_paths.where_from(settings.SITE_URL.rstrip("/") + "/blog/?page=2") == "/blog/"


def test_a_flood_fills_neither_memory_nor_table(monkeypatch):
    monkeypatch.setattr(missing_paths._counted, "most", 20)
    monkeypatch.setattr(missing_paths, "MOST_ROWS", 15)
    for _ in range(3):
        missing_paths.note("/asked-often/", "")
    for number in range(200):
        missing_paths.note(f"/made-up-{number}/", "")
    missing_paths.note("/asked-often/", "")
    missing_paths.note("/" + "a" * 600, "")
    assert missing_paths.write(NOON) == 20
    found = listed()
    assert len(found) == 15 and found["/asked-often/"] == 4


def test_it_works_with_the_cache_gone(monkeypatch):
    def away(*args, **kwargs):
        raise OSError("gone")

    class Gone:
        hlen = hexists = hincrby = pipeline = away

    monkeypatch.setitem(cache._away, "until", 0.0)  # and nobody after this test leaves it alone
    monkeypatch.setattr("core.counting.redis_behind", Gone)
    missing_paths.note("/nowhere/", "")
    assert missing_paths.write(NOON) == 0


def test_what_machines_try_and_what_editors_ignore_is_never_listed():
    IgnoredPath.objects.create(pattern="/old-shop/*")
    for path in ("/wp-login.php", "/x/y.PHP", "/.git/config", "/cgi-bin/x", "/phpmyadmin2/", "/old-shop/hat/", "/a.b/"):
        missing_paths.note(path, "")
    missing_paths.note("/administration-of-the-harbour/", "")
    missing_paths.write(NOON)
    assert set(listed()) == {"/administration-of-the-harbour/", "/a.b/"}


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*.php", ["/a.php", "/A.PHP"], ["/php", "/a.php5"]),
        ("/a", ["/a", "/a/", "/A/"], ["/ab/", "/b/a/"]),
        ("/a*a", ["/aa/", "/a/b/a/"], ["/a/", "/ab/"]),
        ("/*ab*b*", ["/xabyb/", "/abb"], ["/ab/", "/ba/"]),
        ("/a.b[c]/*", ["/a.b[c]/x/"], ["/axbc/x/"]),
        ("*ÄRGER*", ["/ärger/"], ["/arger/"]),
    ],
)
def test_a_star_stands_for_anything_and_all_else_for_itself(pattern, fitting, others):
    pieces = missing_paths.pieces_of([pattern])
    assert [path for path in fitting + others if missing_paths.fits(pieces, path)] == fitting


def test_hundreds_of_patterns_with_stars_are_compared_at_once():
    pieces = missing_paths.pieces_of(f"/*a*{number}*x" for number in range(missing_paths.MOST_IGNORED))
    begun = time.process_time()
    assert not any(missing_paths.fits(pieces, "/" + "abc-" * 100 + f"{number}/") for number in range(200))
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("corpus", ["path-traversal", "naughty-strings", "xss"])
def test_hostile_addresses_are_remembered_as_text_or_not_at_all(corpus):
    for payload in rows(corpus)[:200]:
        missing_paths.note("/" + payload, payload)
    missing_paths.write(NOON)
    for row in MissingPath.objects.all():
        assert row.path.startswith("/") and len(row.path) <= 500
        assert not any(ord(letter) < 32 or letter == "\x7f" for letter in row.path + row.referrer)


def test_old_ones_are_forgotten():
    for days in (89, 91):
        at = NOON - timedelta(days=days)
        MissingPath.objects.create(path=f"/{days}/", first_seen_at=at, last_seen_at=at)
    assert missing_paths.forget_old(NOON) == 1
    assert set(listed()) == {"/89/"}


@pytest.fixture
def lost(publish):
    publish("Tide tables of the harbour")
    return MissingPath.objects.create(path="/tide-tables/", hits=7, first_seen_at=NOON, last_seen_at=NOON)


def test_one_click_leads_an_address_to_what_was_likely_meant(client_of, editor, lost):
    client = client_of(editor)
    page = client.get("/admin/blog/missingpath/").content.decode()
    assert f'formaction="/admin/blog/missingpath/{lost.pk}/redirect/"' in page
    assert 'value="/blog/tide-tables-of-the-harbour/"' in page
    data = {"target": "/blog/tide-tables-of-the-harbour/"}
    page = client.post(f"/admin/blog/missingpath/{lost.pk}/redirect/", data, follow=True).content.decode()
    assert "/tide-tables/ leads to /blog/tide-tables-of-the-harbour/." in page
    assert Redirect.objects.get().post is not None and not MissingPath.objects.exists()
    assert AuditEntry.objects.filter(action="added", target_name="/tide-tables/").exists()


@pytest.mark.parametrize(
    "target", ["", "//evil.example", "javascript:alert(1)", "/a b", "https://me@x.org/", "/tide-tables/"]
)
def test_a_target_that_is_none_is_refused_and_nothing_lost(client_of, editor, lost, target):
    page = client_of(editor).post(f"/admin/blog/missingpath/{lost.pk}/redirect/", {"target": target})
    assert page.status_code == 200 and 'aria-invalid="true"' in page.content.decode()
    assert MissingPath.objects.exists() and not Redirect.objects.exists()


def test_a_kind_is_ignored_and_taken_off_the_list(client_of, editor, lost):
    MissingPath.objects.create(path="/Tide-Tables/2019/", first_seen_at=NOON, last_seen_at=NOON)
    client_of(editor).post(f"/admin/blog/missingpath/{lost.pk}/ignore/", {"pattern": "/tide-tables/*"})
    assert IgnoredPath.objects.get().pattern == "/tide-tables/*" and not MissingPath.objects.exists()


@pytest.mark.parametrize("pattern", ["", "*", "/*", "*/*", "php", "/a\nb", "/**", "/a*b*c*d*"])
def test_a_pattern_that_would_hide_everything_is_refused(pattern, editor):
    with pytest.raises(Refusal):
        missing_paths.ignore(pattern, by=editor)
    assert not IgnoredPath.objects.exists()


def test_many_are_deleted_at_once(client_of, editor, lost):
    data = {"action": "delete_selected", "_selected_action": [lost.pk], "post": "yes"}
    client_of(editor).post("/admin/blog/missingpath/", data)
    assert not MissingPath.objects.exists()


def test_few_posts_are_compared_letter_by_letter_with_each_address(publish, monkeypatch):
    publish("Tide tables here")
    for number in range(25):
        publish(f"Tables {number}")
    asked = []
    ratio = nearest.SequenceMatcher.quick_ratio
    monkeypatch.setattr(nearest.SequenceMatcher, "quick_ratio", lambda self: (asked.append(1), ratio(self))[1])
    found = nearest.nearest_of_each(["/tide-tables/"])
    assert found["/tide-tables/"].slug == "tide-tables-here" and len(asked) <= 20


def test_a_page_a_list_does_not_have_is_no_address_not_found(client, publish):
    publish("Tides")
    for address in ("/blog/?page=99", "/blog/?page=abc", "/lost/?page=2"):
        assert client.get(address).status_code == 404
    client.get("/lost/")
    missing_paths.write(NOON)
    assert list(MissingPath.objects.values_list("path", "hits")) == [("/lost/", 1)]
