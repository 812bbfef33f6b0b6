"""What a reader keeps and how far they came: theirs alone, and of live posts alone."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from blog import publishing, reading
from blog.models import Post, Reading
from core.refusals import Refusal
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LIST = "/me/reading-list/"


def test_a_double_click_keeps_once_in_two_questions(reader, publish, django_assert_num_queries):
    post = publish("Tides")
    with django_assert_num_queries(2):
        reading.keep(reader, post, NOON)
    reading.keep(reader, post, NOON + timedelta(hours=1))
    assert Reading.objects.get().kept_at == NOON


def test_a_post_is_kept_and_dropped_by_a_button_without_script(client_of, reader, publish):
    post = publish("Tides")
    client = client_of(reader)
    assert 'aria-pressed="false"' in client.get("/blog/tides/").content.decode()
    answer = client.post("/blog/tides/keep/", {"keep": "1"})
    assert answer["Location"] == post.get_absolute_url()
    assert 'aria-pressed="true"' in client.get("/blog/tides/").content.decode()
    assert "Tides" in client.get(LIST).content.decode()
    answer = client.post("/blog/tides/keep/", {"keep": "0", "from": "list"}, follow=True)
    text = answer.content.decode()
    assert "“Tides” is off your list." in text and "Undo" in text
    assert not Reading.objects.exists()


def test_a_script_hears_what_became_of_it(client_of, reader, publish):
    publish("Tides")
    answer = client_of(reader).post("/blog/tides/keep/", {"keep": "1"}, headers={"accept": "application/json"})
    assert answer.json() == {"kept": True} and "no-store" in answer["Cache-Control"]


def test_a_stranger_is_asked_to_sign_in_and_nothing_is_kept(client, publish):
    publish("Tides")
    answer = client.post("/blog/tides/keep/", {"keep": "1"})
    assert answer["Location"] == "/accounts/login/?next=/blog/tides/"
    assert client.post("/blog/tides/position/", {"position": "500"}).status_code == 403
    assert client.get(LIST).status_code == 302 and not Reading.objects.exists()


def test_both_doors_want_a_token_and_a_post(reader, publish):
    publish("Tides")
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(reader, backend="accounts.backends.RoleBackend")
    for door in ("keep", "position"):
        assert forged.post(f"/blog/tides/{door}/", {"position": "500"}).status_code == 403
        assert forged.get(f"/blog/tides/{door}/").status_code == 405
    assert not Reading.objects.exists()


@pytest.mark.parametrize("hidden", ["draft", "scheduled", "trashed", "archived", "page", "nothing"])
def test_what_is_not_live_is_at_no_door(client_of, reader, editor, publish, write, hidden):
    if hidden == "page":
        publish("Tides", kind="page")
    elif hidden in {"trashed", "archived"}:
        post = publish("Tides")
        getattr(publishing, {"trashed": "trash", "archived": "archive"}[hidden])(post, by=editor)
    elif hidden != "nothing":
        post = write("Tides")
        if hidden == "scheduled":
            Post.objects.filter(pk=post.pk).update(status="scheduled", scheduled_at=NOON)
    for person in (reader, editor):
        client = client_of(person)
        assert client.post("/blog/tides/keep/", {"keep": "1"}).status_code == 404
        assert client.post("/blog/tides/position/", {"position": "500"}).status_code == 404
        for found in Post.objects.all():
            assert "is off your list" not in client.get(f"{LIST}?removed={found.pk}").content.decode()
    assert not Reading.objects.exists()
    if hidden == "draft":
        for act in (reading.keep, lambda *who: reading.remember(*who, position=500)):
            with pytest.raises(Refusal):
                act(reader, post)


def test_what_comes_down_leaves_the_list_and_is_back_when_it_is_live_again(client_of, reader, editor, publish):
    post = publish("Tides")
    reading.keep(reader, post)
    reading.remember(reader, post, position=500)
    publishing.archive(post, by=editor)
    client = client_of(reader)
    for page in (LIST, "/me/"):
        assert "Tides" not in client.get(page).content.decode()
    assert Reading.objects.exists()
    Post.objects.filter(pk=post.pk).update(status="published")
    for page in (LIST, "/me/"):
        assert "Tides" in client.get(page).content.decode()


def test_nobody_sees_or_changes_what_another_keeps(client_of, reader, publish):
    publish("Tides")
    other = make_person("other")
    reading.keep(other, Post.objects.get(), NOON)
    client = client_of(reader)
    assert "Tides" not in client.get(LIST).content.decode() + client.get("/me/").content.decode()
    client.post("/blog/tides/keep/", {"keep": "0", "user": other.pk, "reading": Reading.objects.get().pk})
    client.post("/blog/tides/position/", {"position": "700", "user": other.pk})
    theirs = Reading.objects.get(user=other)
    assert (theirs.kept_at, theirs.position) == (NOON, 0)


def test_only_progress_counts_until_another_day(reader, publish):
    post = publish("Tides", text="## Early\n\nText.")

    def read(position: int, now: datetime, heading: str = "") -> int:
        reading.remember(reader, post, position=position, heading=heading, now=now)
        return Reading.objects.filter(user=reader).values_list("position", flat=True).first() or 0

    assert read(10, NOON) == 0, "a glance"
    assert read(400, NOON, "s-early") == 400
    assert Reading.objects.get().heading == "s-early"
    assert read(300, NOON) == 400
    assert read(5000, NOON, "<script>") == 1000
    row = Reading.objects.get()
    assert (row.heading, row.finished_at) == ("", NOON)
    assert read(200, NOON + timedelta(minutes=5)) == 1000
    assert read(200, NOON + timedelta(days=1)) == 200, "read again"
    assert Reading.objects.get().finished_at == NOON


def test_a_step_forward_is_one_question(reader, publish, django_assert_num_queries):
    post = publish("Tides")
    with django_assert_num_queries(2):
        reading.remember(reader, post, position=100)
    with django_assert_num_queries(1):
        reading.remember(reader, post, position=200)


@pytest.mark.parametrize("told", ["", "x", "-1", "1e3", "٣", "9" * 30, "50.5", "\0"])
def test_a_position_is_a_whole_number(client_of, reader, publish, told):
    publish("Tides")
    client = client_of(reader)
    assert client.post("/blog/tides/position/", {"position": told}).status_code == 400
    assert client.post("/blog/tides/position/", {"position": "700", "heading": "\0" * 300}).status_code == 204
    assert Reading.objects.get().heading == ""


def test_the_list_says_how_far_one_came_and_sifts(client_of, reader, publish):
    posts = {name: publish(name, text="word " * 2000) for name in ("Fresh", "Half", "Done")}
    for post in posts.values():
        reading.keep(reader, post)
    reading.remember(reader, posts["Half"], position=500)
    reading.remember(reader, posts["Done"], position=990)
    client = client_of(reader)
    whole = client.get(LIST).content.decode()
    minutes = posts["Half"].reading_time_minutes
    assert f"Half read, {-(-minutes // 2)} min left" in whole and f"Not begun, {minutes} min" in whole
    assert "/blog/half/#read-500" in whole
    shown = {
        which: {name for name in posts if f">{name}</a>" in client.get(f"{LIST}{which}").content.decode()}
        for which in ("", "unread/", "finished/")
    }
    assert shown == {"": set(posts), "unread/": {"Fresh", "Half"}, "finished/": {"Done"}}
    begun = client.get("/me/").content.decode()
    assert "Continue where you stopped" in begun


@pytest.mark.parametrize("page", ["0", "-1", "99999", "abc", "9" * 40, "", "\0"])
def test_odd_page_numbers_and_removals_are_answered(client_of, reader, publish, page):
    reading.keep(reader, publish("Tides"))
    client = client_of(reader)
    for address in (LIST, "/me/feed/"):
        assert client.get(address, {"page": page, "removed": page}).status_code == 200


def test_the_list_asks_the_same_few_questions_however_long(reader, publish, django_assert_num_queries, settings):
    settings.POSTS_PER_PAGE = 5
    for _ in range(7):
        reading.keep(reader, publish())
    with django_assert_num_queries(2):
        kept = reading.list_of(reader)
        assert (kept.count(), len(list(kept[:5]))) == (7, 5)


def test_a_post_leads_back_to_the_heading_and_strangers_all_get_the_same(client, client_of, reader, publish):
    post = publish("Tides", text="## Early\n\nText.")
    with time_machine.travel(NOON, tick=False):
        before = client.get("/blog/tides/").content
        reading.remember(reader, post, position=400, heading="s-early")
        reading.keep(reader, post)
        mine = client_of(reader).get("/blog/tides/")
        answer = client.get("/blog/tides/")
    assert 'href="#s-early" data-continue="400"' in mine.content.decode()
    assert "private" in mine["Cache-Control"]
    assert answer.content == before and "public" in answer["Cache-Control"] and not answer.cookies
    assert b"data-reading" not in before and b"csrf" not in before and b'id="memory"' in before
