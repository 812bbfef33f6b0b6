"""Following by a button on the pages of authors, categories, tags and topics; and whom one may like to follow."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import follows as people
from accounts.models import Follow, User
from accounts.roles import Role
from blog import follows, taxonomy
from blog.models import Category, SubjectFollow, Tag
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def places(publish):
    category = taxonomy.save_category(Category(name="Places"))
    publish("Boats", tags=["Ferries"], category=category)
    return category


def press(client, what, button="what", **more):
    return client.post("/me/follow/", {button: what, **more})


@pytest.mark.parametrize(
    ("what", "address"),
    [("author:author", "/author/author/"), ("category:places", "/category/places/"), ("tag:ferries", "/tag/ferries/")],
)
def test_a_member_follows_and_stops_on_the_page_of_it(client_of, client, reader, places, what, address):
    browser = client_of(reader)
    page = browser.get(address).content.decode()
    assert f'name="what" value="{what}"' in page
    assert press(browser, what)["Location"] == address
    assert f'name="stop" value="{what}"' in browser.get(address).content.decode()
    assert Follow.objects.count() + SubjectFollow.objects.count() == 1
    press(browser, what)
    assert Follow.objects.count() + SubjectFollow.objects.count() == 1
    press(browser, what, "stop")
    assert Follow.objects.count() + SubjectFollow.objects.count() == 0
    stranger = client.get(address).content.decode()
    assert "Sign in to follow" in stranger and "csrfmiddlewaretoken" not in stranger


def test_a_stranger_is_asked_to_sign_in(client, places):
    answer = press(client, "tag:ferries")
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
    assert not SubjectFollow.objects.exists()


def test_another_sites_form_is_refused(client_of, reader, places):
    assert press(client_of(reader, enforce_csrf_checks=True), "tag:ferries").status_code == 403


@pytest.mark.parametrize(
    "what", ["", "tag", "tag:", "tag:secret", "author:nobody", "topic:x", "user:1", "tag:\0", "category:%"]
)
def test_what_is_not_there_cannot_be_followed(client_of, reader, write, what):
    write("Draft", tags=["Secret"])
    assert press(client_of(reader), what).status_code == 404


def test_nobody_follows_themselves_by_a_forged_form(client_of, author, places):
    browser = client_of(author)
    assert "author:author" not in browser.get("/author/author/").content.decode()
    assert press(browser, "author:author").status_code == 302
    assert not Follow.objects.exists()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_the_way_back_stays_here(client_of, reader, places, elsewhere):
    assert press(client_of(reader), "tag:ferries", next=elsewhere)["Location"] == "/tag/ferries/"


def test_suggested_are_whom_friends_follow_and_who_write_on_what_one_follows(
    reader, places, publish, django_assert_num_queries
):
    near, shared, known, far, silent = (
        make_person(name, Role.AUTHOR) for name in ("near", "shared", "known", "far", "silent")
    )
    publish("By near", by=near)
    publish("On ferries", by=shared, tags=["Ferries"])
    publish("By known", by=known)
    publish("Far", by=far)
    people.follow(reader, known)
    people.follow(known, near)
    people.follow(known, silent)
    follows.follow(reader, Tag.objects.get(slug="ferries"))
    with django_assert_num_queries(1):
        suggested = follows.suggestions_for(reader)
        assert [person.username for person in suggested] == ["near", "author", "shared"]
        assert all(person.author_profile for person in suggested)
    assert follows.suggestions_for(far) == []


def test_who_writes_below_a_followed_category_is_near_and_who_is_followed_closed_or_oneself_is_not(
    reader, author, publish, write
):
    sea = taxonomy.save_category(Category(name="Sea"))
    tides = taxonomy.save_category(Category(name="Tides", parent=sea))
    below, beside, closed, drafting = (
        make_person(name, Role.AUTHOR) for name in ("below", "beside", "closed", "drafting")
    )
    publish("Springs", by=below, category=tides)
    publish("Hills", by=beside, category=taxonomy.save_category(Category(name="Hills")))
    publish("Neaps", by=closed, category=sea)
    publish("Mine", by=author, category=sea)
    write("Not yet", by=drafting, category=sea)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    follows.follow(author, sea)
    assert follows.suggestions_for(author) == [below]
    people.follow(author, below)
    assert follows.suggestions_for(author) == []


def test_nearer_by_mutual_follows_comes_first_and_five_are_enough(reader, publish, django_assert_num_queries):
    hubs = [make_person(f"hub{number}", Role.AUTHOR) for number in range(3)]
    writers = [make_person(f"writer{number}", Role.AUTHOR) for number in range(7)]
    for number, writer in enumerate(writers):
        publish(f"Piece {number}", by=writer)
    for number, hub in enumerate(hubs):
        people.follow(reader, hub)
        for writer in writers[: 7 - 2 * number]:
            people.follow(hub, writer)
    with django_assert_num_queries(1):
        assert [person.username for person in follows.suggestions_for(reader)] == [f"writer{n}" for n in range(5)]


def test_suggestions_stand_beside_ones_own_feed(client_of, reader, places, publish):
    shared = make_person("shared", Role.AUTHOR, first_name="Shirin")
    publish("On ferries", by=shared, tags=["Ferries"])
    follows.follow(reader, Tag.objects.get(slug="ferries"))
    page = client_of(reader).get("/me/feed/").content.decode()
    assert "You may like to follow" in page and "Shirin" in page


def offers(page: str) -> list[tuple[str, str]]:
    return re.findall(r'class="follow(?: again)?" name="(what|stop)" value="([^"]+)"', page)


@pytest.fixture
def three_of_two(author, publish):
    other = make_person("other", Role.AUTHOR)
    for number, by in enumerate((author, other, author)):
        publish(f"Piece {number}", by=by, at=NOON + timedelta(hours=number))
    return other


def test_cards_offer_their_authors_once_near_each_name_and_oneself_never(client_of, reader, author, three_of_two):
    people.follow(reader, three_of_two)
    page = client_of(reader).get("/blog/").content.decode()
    assert offers(page) == [("what", "author:author"), ("stop", "author:other"), ("what", "author:author")]
    assert page.count('class="follow again"') == 1, "where nothing hovers one of them is enough"
    assert page.count("csrfmiddlewaretoken") == 1, "one form serves them all"
    assert offers(client_of(author).get("/blog/").content.decode()) == [("what", "author:other")]


def test_strangers_get_cards_without_and_all_the_same(client, three_of_two):
    first, second = (client.get("/blog/") for _ in range(2))
    assert offers(first.content.decode()) == [] and "csrfmiddlewaretoken" not in first.content.decode()
    assert first.content == second.content and not first.cookies
    assert "public" in first["Cache-Control"]


def test_one_question_serves_all_cards_of_a_page(client_of, reader, publish, settings, django_assert_num_queries):
    browser = client_of(reader)
    for number in range(8):
        publish(f"Piece {number}", by=make_person(f"writer{number}", Role.AUTHOR))
    settings.POSTS_PER_PAGE = 2
    browser.get("/blog/")
    with CaptureQueriesContext(connection) as context:
        browser.get("/blog/")
        few = [query["sql"] for query in context]
    settings.POSTS_PER_PAGE = 8
    with django_assert_num_queries(len(few)):
        page = browser.get("/blog/").content.decode()
    assert len(offers(page)) == 8
    assert sum("accounts_follow" in sql for sql in few) == 1


def test_who_has_no_page_of_their_own_is_not_offered(client_of, reader, author, publish):
    publish("Piece")
    author.author_profile.delete()
    assert offers(client_of(reader).get("/blog/").content.decode()) == []


def test_a_script_is_told_what_came_of_it(client_of, client, reader, author, places):
    asked = {"accept": "application/json"}
    browser = client_of(reader)

    def ask(client, **form):
        answer = client.post("/me/follow/", form, headers=asked)
        return answer.status_code, answer.json()

    assert ask(browser, what="author:author") == (200, {"follows": True})
    assert ask(browser, stop="author:author") == (200, {"follows": False})
    assert ask(client_of(author), what="author:author") == (409, {"refused": "Nobody follows themselves."})
    assert ask(client, what="author:author") == (403, {})
    assert not Follow.objects.exists()
