"""Rules answer for many old addresses at once: after exact redirects, by priority, and never with another site."""

import re

import pytest
from django.test import Client

from blog import redirect_desk, redirect_rules, redirects, taxonomy
from blog.models import Category, Post, Redirect, RedirectRule
from core.refusals import Refusal
from tests.core.corpora import rows


@pytest.fixture
def rule(db):
    def make(pattern: str, target: str = "", **fields) -> RedirectRule:
        row = RedirectRule(pattern=pattern, target=target, **fields)
        redirect_desk.save_rule(row)
        return row

    return make


def location(path: str) -> str | None:
    response = Client().get(path)
    return response.headers.get("Location") if response.status_code in {301, 302, 307, 308} else None


def test_a_rule_fills_in_what_its_groups_matched(rule, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        rule(r"/(\d{4})/(?P<slug>[^/]+)", "/blog/{slug}/?year={1}")
    assert location("/2019/clocks/") == location("/2019/clocks") == "/blog/clocks/?year=2019"
    assert location("/2019/über uns/") == "/blog/%C3%BCber%20uns/?year=2019"
    assert location("/2019/") is None
    assert location("/x/2019/clocks/") is None


def find(path: str, query: str = ""):
    found = redirects.find(path, query)
    return (found.status, found.location) if found else None


def test_an_exact_redirect_comes_first_then_the_lower_number_then_the_older_rule(rule):
    rule("/old/.*", "/late/", priority=200)
    rule("/old/a.*", "/early/", priority=5)
    rule("/old/[a-z]*", "/third/", priority=200)
    Redirect.objects.create(old_path="/old/abc/", new_path="/exact/")
    assert find("/old/abc/") == (301, "/exact/")
    assert find("/old/abd/") == (301, "/early/")
    assert find("/old/b/") == (301, "/late/")


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_rule_answers_with_its_type(rule, code):
    rule("/x/.*", "https://example.com/y/", type=code)
    response = Client().get("/x/1/")
    assert (response.status_code, response["Location"]) == (code, "https://example.com/y/")
    assert response["Cache-Control"] == "no-cache"


def test_a_rule_may_say_gone(rule):
    rule("/shop/.*", type=410)
    assert Client().get("/shop/bag/").status_code == 410


@pytest.mark.parametrize(
    ("query", "pattern", "target", "asked", "answer"),
    [
        ("drop", "/a", "/b/", "x=1", "/b/"),
        ("keep", "/a", "/b/", "x=1&y=%C3%BC", "/b/?x=1&y=%C3%BC"),
        ("keep", "/a", "/b/?z=3#part", "x=1", "/b/?z=3&x=1#part"),
        ("match", r"/a\?id=(\d+)", "/b/{1}/", "id=42", "/b/42/"),
        ("match", r"/a\?id=(\d+)", "/b/{1}/", "id=x", None),
        ("match", r"/a\?id=(\d+)", "/b/{1}/", "", None),
    ],
)
def test_a_query_is_dropped_kept_or_matched(rule, query, pattern, target, asked, answer):
    rule(pattern, target, query=query)
    assert find("/a/", asked) == (answer and (301, answer))


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("q=old%20clocks", "/search/?q=old%20clocks"),
        ("q=old+clocks", "/search/?q=old%20clocks"),
        ("q=a%2Bb%26c=d", "/search/?q=a%2Bb%26c%3Dd"),
        ("q=%0D%0Ax", "/search/?q=%0D%0Ax"),
        ("q=%FF", "/search/?q=%EF%BF%BD"),
    ],
)
def test_what_a_query_brings_is_encoded_once(rule, asked, answer):
    rule(r"/index\.html\?q=(?P<q>[^&]+)", "/search/?q={q}", query="match")
    assert find("/index.html", asked) == (301, answer)


def test_a_part_of_a_query_stays_a_part_of_a_path_and_on_this_site(rule):
    rule(r"/go/(.+)\?to=(.+)", "/{2}/{1}/", query="match")
    assert find("/go/100%25+x/", "to=%2F%2Fevil.example/%C3%BC") == (301, "/evil.example/%C3%BC/100%25%2Bx/")
    assert find("/go/x/", "to=%2E%2E%2Fadmin") is None


def test_numbered_addresses_of_the_front_page_can_be_matched_and_nothing_else_moves_it(rule):
    rule("/.*", "/lost/", query="match", priority=1)
    rule(r"/\?p=(\d+)", "/archive/{1}/", query="match")
    assert location("/?p=12") == "/archive/12/"
    assert Client().get("/?p=x").status_code == Client().get("/").status_code == 200


def test_a_slash_at_the_end_makes_no_difference_and_files_keep_their_names(rule):
    rule("/old/(.*)", "/new/{1}")
    rule("/folder/", "/x/")
    assert find("/old/a") == find("/old/a/") == (301, "/new/a")
    assert find("/old/a.pdf") == (301, "/new/a.pdf")
    assert find("/folder") == find("/folder/") == (301, "/x/")


def test_case_counts_unless_the_pattern_says_otherwise(rule):
    rule("/Old", "/new/")
    rule("(?i)/any", "/new/")
    assert find("/old/") is None
    assert find("/ANY/") == (301, "/new/")


def test_a_live_page_is_never_moved(rule, publish):
    post = publish()
    rule("/.*", "/lost/")
    assert Client().get(post.get_absolute_url()).status_code == 200
    assert find("/lost/") is None


@pytest.mark.parametrize(
    ("pattern", "target", "said"),
    [
        (r"/(a)\1", "/x/", "refers back"),
        ("/(?=a).*", "/x/", "looks ahead"),
        ("/(?<!a)b", "/x/", "looks ahead or behind"),
        ("/(?>a)b", "/x/", "going back"),
        ("/(a", "/x/", "never closed"),
        ("/[a", "/x/", "never closed"),
        ("/a{1,5000}", "/x/", "1,000"),
        (r"/\pL{1,100}", "/x/", "ask for less"),
        (".*", "/x/", "even nothing"),
        ("/a\nb", "/x/", "control characters"),
        ("/" + "a" * 500, "/x/", "500 characters"),
        ("/(.*)", "//{1}", "another site"),
        ("/(.*)", "{1}", "Start with a slash"),
        ("/(.*)", "https://{1}/", "Start with a slash"),
        ("/(.*)", "https://example.com{1}", "Start with a slash"),
        ("/(.*)", "https://me@example.com/{1}", "Start with a slash"),
        ("/(.*)", "http://example.com/", "Start with a slash"),
        ("/(.*)", "javascript:alert(1)", "Start with a slash"),
        ("/(.*)", "/\\example.com", "backslashes"),
        ("/(.*)", "/a\r\nSet-Cookie: b", "spaces"),
        ("/(.*)", "/{2}/", "no group {2}"),
        ("/(.*)", "/{name}/", "no group {name}"),
        ("/(.*)", "/{a-b}/", "Braces"),
        ("/(.*)", "/blog/$1/", "in braces here: {1}, not $1"),
        ("/x", "", "where it leads"),
    ],
)
def test_what_cannot_be_a_rule_is_refused_in_plain_words(rule, pattern, target, said):
    with pytest.raises(Refusal, match=re.escape(said)):
        rule(pattern, target)
    assert not RedirectRule.objects.exists()


@pytest.mark.parametrize("corpus", ["open-redirect", "path-traversal"])
@pytest.mark.parametrize("target", ["/{1}", "/x/{1}", "/x?to={1}", "https://example.com/{1}"])
def test_nothing_a_reader_asks_for_leads_to_another_site(corpus, target):
    row = RedirectRule(pattern="/go(.*)", target=target, query="keep")
    one = redirect_rules.ready(row)
    answered = 0
    for payload in rows(corpus):
        for asked in (f"/go{payload}", f"/go/{payload}"):
            found = redirect_rules.first([one], redirects.normalise_path(asked[:700]), "next=//evil.example")
            if found is None:
                continue
            answered += 1
            where = found[1]
            if target.startswith("/"):
                assert where[0] == "/" and where[1:2] not in {"/", "\\"}, where
            else:
                assert where.startswith("https://example.com/")
            assert not {"\r", "\n", "\\", "\t", " "} & set(where), where
            assert not {"..", "."} & set(where.partition("?")[0].split("/")), where
    assert answered > 10


@pytest.mark.parametrize(
    "path", ["/go/%0d%0aSet-Cookie:%20a=b/", "/go/%00/", "/go/" + "a" * 4000, "/go/\u202eevil/", "/go/%2e%2e/admin/"]
)
def test_headers_nothing_and_long_addresses_do_no_harm(rule, path):
    rule("/go/(.*)", "/new/{1}/")
    response = Client().get(path)
    assert response.status_code in {301, 404}
    assert "Set-Cookie" not in response.headers
    assert "\n" not in response.headers.get("Location", "") and "/../" not in response.headers.get("Location", "")


def test_hits_of_rules_are_counted_with_the_others(rule, django_assert_max_num_queries):
    row = rule("/old/(.*)", "/blog/")
    redirects.hits.drain()
    Client().get("/old/a/")
    with django_assert_max_num_queries(9) as queries:
        Client().get("/old/b/")
    asked = [query["sql"] for query in queries.captured_queries if "blog_redirect" in query["sql"]]
    assert len(asked) == 1 and "blog_redirectrule" not in asked[0]
    assert redirects.write_hits() == 1
    row.refresh_from_db()
    assert row.hits == 2 and row.last_hit_at is not None


def test_a_page_not_found_asks_two_things_of_redirects_at_most(rule, django_assert_max_num_queries):
    rule("/old/(.*)", "/blog/")
    redirect_rules._Held.at = -100.0
    with django_assert_max_num_queries(2):
        redirects.find("/nowhere/")
    with django_assert_max_num_queries(1):
        redirects.find("/nowhere/")


@pytest.mark.django_db(transaction=True)
def test_a_changed_rule_counts_at_once():
    row = RedirectRule.objects.create(pattern="/old", target="/new/")
    assert find("/old/") == (301, "/new/")
    row.target = "/newer/"
    row.save()
    assert find("/old/") == (301, "/newer/")
    row.delete()
    assert find("/old/") is None


def test_a_pattern_other_engines_choke_on_is_quick(rule):
    one = redirect_rules.ready(RedirectRule(pattern="/(a+)+b", target="/x/"))
    assert one.location("/" + "a" * 690 + "/", "") is None
    assert one.location("/" + "a" * 690 + "b/", "") == "/x/"


def test_a_list_that_moved_moves_in_every_edition(client, publish, as_publication):
    as_publication(editions=("de",))
    post = publish("Tides", tags=["boats"])
    publish("Gezeiten", tags=["boats"], content_language="de")
    places = taxonomy.save_category(Category(name="Places"))
    Post.objects.update(category=places)
    tag = post.tags.get()
    for named, new in ((tag, "ships"), (places, "sites")):
        named.slug = new
        taxonomy.save_named(named) if named is tag else taxonomy.save_category(named)
    for old, new in (("tag/boats/", "tag/ships/"), ("category/places/", "category/sites/")):
        for end in ("", "feed/", "feed/atom/"):
            assert client.get(f"/de/{old}{end}")["Location"] == f"/de/{new}{end}"
            assert client.get(f"/de/{new}{end}").status_code == 200
    Redirect.objects.create(old_path="/blog/once/", post=post)
    assert client.get("/de/blog/once/").status_code == 404
    assert client.get("/fr/tag/boats/").status_code == 404
