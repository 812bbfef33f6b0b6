"""The redirect desk in the admin: circles refused, detours straightened, questions answered, editors only."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.forms import modelform_factory
from django.urls import get_resolver

from accounts.models import AuditEntry
from blog import redirect_desk, redirect_rules, redirects
from blog.addresses import STARTS
from blog.admin.redirects import RedirectForm
from blog.models import IgnoredPath, MissingPath, Redirect, RedirectRule
from core.refusals import Refusal
from tests.core.corpora import rows

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIST, RULES = "/admin/blog/redirect/", "/admin/blog/redirectrule/"
EMPTY = {"post": "", "category": "", "type": "301"}
RULE = {"type": "301", "priority": "100", "query": "drop", "is_active": "on", "note": ""}


def add(client, old: str, new: str, **fields):
    return client.post(f"{LIST}add/", {**EMPTY, "old_path": old, "new_path": new, **fields}, follow=True)


def test_a_circle_is_refused_and_the_form_keeps_what_was_typed(client_of, editor):
    Redirect.objects.create(old_path="/b/", new_path="/a/")
    page = add(client_of(editor), "/a/", "/b/").content.decode()
    assert "Readers would be sent in circles: /a/ → /b/ → /a/." in page and 'value="/b/"' in page
    assert not Redirect.objects.filter(old_path="/a/").exists()


def test_a_circle_with_a_rule_is_refused_both_ways_round(client_of, editor):
    client = client_of(editor)
    Redirect.objects.create(old_path="/a/x/", new_path="/b/x/")
    page = client.post(f"{RULES}add/", {**RULE, "pattern": "/b/(x|y)", "target": "/a/{1}/"}).content.decode()
    assert "in circles" in page and not RedirectRule.objects.exists()
    redirect_desk.save_rule(RedirectRule(pattern="/c/(.*)", target="/d/{1}/"))
    assert "in circles" in add(client, "/d/z/", "/c/z/").content.decode()
    assert not Redirect.objects.filter(old_path="/d/z/").exists()


def test_what_leads_to_an_old_address_leads_straight_on(client_of, editor, publish):
    post = publish("Tides")
    Redirect.objects.create(old_path="/first/", new_path="/second/")
    page = add(client_of(editor), "/second/", "", post=post.pk).content.decode()
    assert "Another redirect led here and now leads straight on." in page
    assert Redirect.objects.get(old_path="/first/").post == post
    add(client_of(editor), "/zeroth/", "/first/")
    assert Redirect.objects.get(old_path="/zeroth/").target == post.get_absolute_url()


def test_a_detour_by_a_redirect_for_now_or_a_live_page_is_left(publish):
    live = publish("Tides").get_absolute_url()
    Redirect.objects.create(old_path="/now/", new_path="/there/", type=302)
    Redirect.objects.create(old_path=live, new_path="/never/")
    for old, new in (("/x/", "/now/"), ("/y/", live)):
        assert redirect_desk.save_redirect(Redirect(old_path=old, new_path=new), at=NOON) == []
        assert Redirect.objects.get(old_path=old).new_path == new


def test_what_leads_to_a_page_or_to_a_redirect_for_now_is_not_led_past_it(publish):
    live = publish("Tides").get_absolute_url()
    Redirect.objects.create(old_path="/to-page/", new_path=live)
    Redirect.objects.create(old_path="/to-now/", new_path="/now/")
    assert redirect_desk.save_redirect(Redirect(old_path=live, new_path="/never/"), at=NOON) == []
    assert redirect_desk.save_redirect(Redirect(old_path="/now/", new_path="/there/", type=302), at=NOON) == []
    assert Redirect.objects.get(old_path="/to-page/").new_path == live
    assert Redirect.objects.get(old_path="/to-now/").new_path == "/now/"


def test_an_address_is_not_given_up_that_kept_a_circle_closed(db):
    held = Redirect.objects.create(old_path="/x/", new_path="/safe/")
    redirect_desk.save_rule(RedirectRule(pattern="/x", target="/w/"))
    Redirect.objects.create(old_path="/w/", new_path="/x/")
    held.old_path = "/other/"
    with pytest.raises(Refusal, match="in circles: /x/ → /w/ → /x/"):
        redirect_desk.save_redirect(held, at=NOON)
    assert redirects.find("/x/").location == "/safe/"


def test_a_rule_is_not_taken_out_of_force_that_kept_a_circle_closed(db):
    first = RedirectRule(pattern="/x", target="/safe/")
    redirect_desk.save_rule(first)
    redirect_desk.save_rule(RedirectRule(pattern="/(x)", target="/w/", priority=200))
    redirect_desk.save_redirect(Redirect(old_path="/w/", new_path="/x/"), at=NOON)
    first.is_active = False
    with pytest.raises(Refusal, match="in circles: /x/ → /w/ → /x/"):
        redirect_desk.save_rule(first)
    assert redirects.find("/x/").location == "/safe/"


def test_a_circle_that_only_a_kept_query_closes_is_refused(db):
    Redirect.objects.create(old_path="/b/?q=1", new_path="/a/?q=1")
    with pytest.raises(Refusal, match=r"in circles: /a/\?q=1 → /b/\?q=1 → /a/\?q=1"):
        redirect_desk.save_rule(RedirectRule(pattern="/a", target="/b/", query="keep"))
    redirect_desk.save_rule(RedirectRule(pattern=r"/d\?r=2", target="/c/?r=2", query="match"))
    with pytest.raises(Refusal, match="in circles"):
        redirect_desk.save_rule(RedirectRule(pattern="/c", target="/d/", query="keep"))


def test_what_is_doubtful_is_saved_and_said(client_of, editor, write):
    client = client_of(editor)
    assert "where readers find nothing" in add(client, "/old/", "/void/").content.decode()
    page = client.post(f"{RULES}add/", {**RULE, "pattern": "/(a+)+", "target": "/blog/"}, follow=True).content.decode()
    assert "another server could stand still" in page and RedirectRule.objects.count() == 1
    page = client.post(f"{RULES}add/", {**RULE, "pattern": r"/(a)\1", "target": "/blog/"}).content.decode()
    assert "refers back to what a group matched" in page and RedirectRule.objects.count() == 1
    assert list(AuditEntry.objects.filter(action="added").order_by("pk").values_list("target_name", flat=True)) == [
        "/old/",
        "/(a+)+",
    ]


def test_what_an_address_would_do_is_told_hop_by_hop(client_of, editor, publish, write):
    live, draft = publish("Tides"), write("Secret plans")
    Redirect.objects.create(old_path="/one/", new_path="/two/", type=302)
    Redirect.objects.create(old_path="/two/", post=live)
    Redirect.objects.create(old_path="/hidden/", post=draft)
    Redirect.objects.create(old_path="/gone/", type=410)
    Redirect.objects.create(old_path="/?p=7", post=live)
    redirect_desk.save_rule(RedirectRule(pattern="/r/(.*)", target="/one/"))
    told = {
        address: [(step.address, step.status) for step in redirect_desk.explain(address, at=NOON)]
        for address in ("r/x", "/hidden", "/gone/", "/?p=7", "/nothing/", "/admin/x/", live.get_absolute_url())
    }
    tides = live.get_absolute_url()
    assert told == {
        "r/x": [("/r/x/", 301), ("/one/", 302), ("/two/", 301), (tides, 200)],
        "/hidden": [("/hidden/", 404)],
        "/gone/": [("/gone/", 410)],
        "/?p=7": [("/?p=7", 301), (tides, 200)],
        "/nothing/": [("/nothing/", 404)],
        "/admin/x/": [("/admin/x/", None)],
        tides: [(tides, 200)],
    }
    page = client_of(editor).get(LIST, {"address": "/r/x"}).content.decode()
    assert "The rule /r/(.*) leads to /one/." in page and "A page lives here." in page


@pytest.mark.parametrize("corpus", ["open-redirect", "path-traversal", "naughty-strings"])
def test_whatever_is_typed_into_the_box_is_answered(db, corpus):
    redirect_desk.save_rule(RedirectRule(pattern="/x(.*)", target="/y/{1}"))
    told = 0
    for payload in rows(corpus)[:30]:
        try:
            steps = redirect_desk.explain(payload[:2000], at=NOON)
        except Refusal as refusal:
            assert refusal.sentence
        else:
            assert steps and all(step.sentence for step in steps), payload
            told += 1
    assert told, "not everything is refused"


def test_hostile_addresses_are_refused_by_the_form_or_harmless(client_of, editor):
    Form = modelform_factory(Redirect, form=RedirectForm, fields=["old_path", "post", "category", "new_path", "type"])
    for payload in [*rows("open-redirect")[::6], "/\r\nX: y", "//evil.example", "/a\0b", "/\\evil", "/\u202emoc"]:
        form = Form({**EMPTY, "old_path": "/old/", "new_path": payload})
        if form.is_valid() and (new := form.instance.new_path):
            assert new.startswith("https://") or new[1:2] not in {"/", "\\"}, new
            assert not {"\r", "\n", "\t", "\\", " "} & set(new)
    page = add(client_of(editor), "//evil.example/", "/blog/").content.decode()
    assert "starts with one slash" in page and not Redirect.objects.exists()


def test_everything_is_checked_on_one_page_and_a_chain_shortened_there(client_of, editor, publish):
    post = publish("Tides")
    Redirect.objects.create(old_path="/two/", post=post)
    one = Redirect.objects.create(old_path="/one/", new_path="/two/")
    client = client_of(editor)
    page = client.get(f"{LIST}check/").content.decode()
    assert "Readers are sent on 2 times" in page
    assert client.post(f"{LIST}flatten/", {"redirect": one.pk}).status_code == 302
    one.refresh_from_db()
    assert one.post == post
    assert AuditEntry.objects.filter(action="changed", target_name="/one/").exists()
    assert "Nothing to mend." in client.get(f"{LIST}check/").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "redirect/",
            "redirect/check/",
            "redirect/import/",
            "redirect/add/",
            "redirect/csv/",
            "redirect/?address=/x/",
        ),
        *("redirectrule/", "redirectrule/add/", "missingpath/", "missingpath/1/redirect/", "missingpath/1/ignore/"),
        *("ignoredpath/", "ignoredpath/add/"),
    ],
)
def test_nobody_below_an_editor_sees_or_does_anything(client_of, author, path):
    MissingPath.objects.create(pk=1, path="/x/", first_seen_at=NOON, last_seen_at=NOON)
    client = client_of(author)
    assert client.get(f"/admin/blog/{path}").status_code == 403
    posted = {"target": "/blog/", "pattern": "/x/", "old_path": "/x/", "new_path": "/y/", "take_over": "1"}
    assert client.post(f"/admin/blog/{path}", posted).status_code in {403, 405}
    assert client.post(f"{LIST}flatten/", {"redirect": "1"}).status_code == 403
    assert not Redirect.objects.exists() and not RedirectRule.objects.exists() and not IgnoredPath.objects.exists()


def test_no_list_asks_more_the_longer_it_is(client_of, editor, publish, django_assert_max_num_queries):
    publish("Tides of the harbour")
    MissingPath.objects.bulk_create(
        MissingPath(path=f"/tides-{n}/", hits=n, first_seen_at=NOON, last_seen_at=NOON) for n in range(60)
    )
    RedirectRule.objects.bulk_create(RedirectRule(pattern=f"/r{n}", target="/blog/") for n in range(30))
    client = client_of(editor)
    client.get("/admin/blog/missingpath/")
    with django_assert_max_num_queries(12):
        page = client.get("/admin/blog/missingpath/").content.decode()
    assert page.count("Redirect to “Tides of the harbour”") == 50
    with django_assert_max_num_queries(12):
        client.get(RULES)


def test_at_most_five_hundred_rules_are_in_force(db, monkeypatch):
    monkeypatch.setattr(redirect_desk, "MOST_RULES", 1)
    redirect_desk.save_rule(RedirectRule(pattern="/a", target="/b/"))
    with pytest.raises(Refusal, match="At most 1 rules"):
        redirect_desk.save_rule(RedirectRule(pattern="/c", target="/d/"))
    redirect_desk.save_rule(RedirectRule(pattern="/c", target="/d/", is_active=False))


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_make_a_circle_together():
    """Each rule is harmless alone; whoever saves second is refused."""
    ready, refused = threading.Barrier(2), []

    def save(pattern: str, target: str) -> None:
        try:
            ready.wait(10)
            redirect_desk.save_rule(RedirectRule(pattern=pattern, target=target))
        except Refusal as refusal:
            refused.append(refusal.sentence)
        finally:
            connection.close()

    people = [threading.Thread(target=save, args=pair) for pair in (("/a/(.*)", "/b/{1}"), ("/b/(.*)", "/a/{1}"))]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(refused) == 1 and "in circles" in refused[0]
    assert RedirectRule.objects.count() == 1
    assert len(redirect_rules.in_force()) == 1


def test_pages_and_moved_lists_of_an_edition_are_known_to_the_desk(client, publish, as_publication):
    as_publication(editions=("de",))
    publish("Gezeiten", content_language="de")
    publish("Tides", tags=["boats"])
    Redirect.objects.create(old_path="/alt/", new_path="/de/blog/")
    Redirect.objects.create(old_path="/tag/ships/", new_path="/tag/boats/")
    assert client.get("/de/blog/").status_code == 200
    assert redirect_desk.live_among(["/de/blog/", "/blog/", "/fr/blog/", "/de/blog/tides/"], NOON) == {
        "/de/blog/",
        "/blog/",
    }
    assert redirect_desk.findings_of(Redirect.objects.get(old_path="/alt/"), at=NOON) == []
    moved, *_ = redirect_desk.explain("/de/tag/ships/", at=NOON)
    assert (moved.status, moved.sentence) == (301, "The redirect /tag/ships/ leads to /de/tag/boats/.")
    assert client.get("/de/tag/ships/")["Location"] == "/de/tag/boats/"


def test_every_address_of_several_parts_begins_as_one_of_the_sites_own():
    """Where an old address begins otherwise, no page is looked for."""

    def routes(patterns, before=""):
        for one in patterns:
            route = before + str(one.pattern).lstrip("^")
            yield from routes(one.url_patterns, route) if hasattr(one, "url_patterns") else [route]

    for route in routes(get_resolver().url_patterns):
        first, _, rest = route.partition("/")
        assert not rest or first in STARTS, route
