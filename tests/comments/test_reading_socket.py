"""The socket of a post's page: what is public there reaches everybody at once, and nothing else does."""

import asyncio
import json
import re
from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.urls import reverse
from django.utils import timezone

import core.live
from accounts.models import User
from blog import publishing
from blog.likes import Reader, like
from comments import likes as comment_likes
from comments import live, posting, sockets
from comments.models import Comment, ConversationSettings
from comments.rules import GENERATION, Writer
from config.asgi import application
from core import cache, presence
from core import sockets as listening
from tests.conftest import make_person

pytestmark = pytest.mark.django_db(transaction=True)


class Page:
    """An open page of somebody's browser."""

    def __init__(self, slug: str, session_key: str = "", origin: bytes = b"http://localhost") -> None:
        headers = [(b"host", b"localhost"), (b"origin", origin)]
        if session_key:
            headers.append((b"cookie", f"sessionid={session_key}".encode()))
        path = f"/ws/posts/{slug}/"
        scope = {"type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b""}
        self.wire = ApplicationCommunicator(application, scope | {"headers": headers, "subprotocols": []})

    async def open(self) -> dict:
        await self.wire.send_input({"type": "websocket.connect"})
        first = await self.hear()
        return await self.hear() if first["type"] == "websocket.accept" else first

    async def hear(self) -> dict:
        said = await self.wire.receive_output(timeout=3)
        return json.loads(said["text"]) if "text" in said else said

    async def hears(self, kind: str) -> dict:
        """The next message of a kind; how many read comes in between."""
        while (said := await self.hear())["type"] == "presence" and kind != "presence":
            pass
        assert said["type"] == kind, said
        return said

    async def hears_nothing(self) -> bool:
        while not await self.wire.receive_nothing(timeout=0.6):
            said = await self.hear()
            if said["type"] != "presence":
                return False
        return True

    async def leave(self) -> None:
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wire.wait(timeout=3)


@pytest.fixture(autouse=True)
def fresh_rooms():
    """Pages of tests before are gone without a word, and posts have the numbers of theirs."""
    live._seen.clear()
    live._marks.clear()
    presence._here.clear()
    sockets._open.clear()
    async_to_sync(get_channel_layer().flush)()


@pytest.fixture
def post(publish):
    return publish("One")


def converse(talk):
    return async_to_sync(talk)()


def in_thread(call):
    return database_sync_to_async(call)()


def say(post, user, text="A word.", parent=None) -> Comment:
    return posting.post_comment(post, Writer(user), text, parent=parent).comment


def test_two_readers_hear_of_a_comment_its_change_and_its_end(post, editor):
    async def talk():
        pages = [Page(post.slug), Page(post.slug)]
        begun = [await page.open() for page in pages]
        assert [one["type"] for one in begun] == ["reading.here"] * 2
        assert begun[0]["comments"] == 0 and begun[0]["mark"] == ""
        comment = await in_thread(lambda: say(post, editor))
        created = [await page.hears("comment.created") for page in pages]
        assert created == [{"type": "comment.created", "id": comment.pk, "parent": None, "heading": "One comment"}] * 2
        await in_thread(lambda: posting.edit(comment, "Another *word*."))
        updated = [await page.hears("comment.updated") for page in pages]
        assert updated[0] == updated[1] and "<em>word</em>" in updated[0]["html"]
        await in_thread(lambda: posting.delete(comment))
        deleted = [await page.hears("comment.deleted") for page in pages]
        assert deleted[0] == deleted[1] and (deleted[0]["heading"], deleted[0]["words"]) == (
            "Comments",
            "Removed by its writer",
        )
        for page in pages:
            await page.leave()

    converse(talk)


def test_what_waits_is_told_to_nobody_until_it_is_approved(post, reader):
    async def talk():
        page = Page(post.slug)
        await page.open()
        comment = await in_thread(lambda: say(post, reader, "Waiting."))
        assert comment.status == "pending" and await page.hears_nothing()
        await in_thread(lambda: approve(comment))
        created = await page.hears("comment.created")
        await page.leave()
        return comment, created

    comment, created = converse(talk)
    assert created["id"] == comment.pk and "Waiting." not in str(created)


def approve(comment):
    from django.db import transaction

    with transaction.atomic():
        posting.move(posting.hold(comment.pk), Comment.Status.APPROVED, at=timezone.now())


def test_nothing_is_told_of_a_change_that_did_not_last(post, editor):
    from django.db import transaction

    def change_ones_mind():
        with transaction.atomic():
            say(post, editor)
            transaction.set_rollback(True)

    async def talk():
        page = Page(post.slug)
        await page.open()
        await in_thread(change_ones_mind)
        silent = await page.hears_nothing()
        await page.leave()
        return silent

    assert converse(talk)


def test_a_storm_of_likes_arrives_as_its_end(post, editor):
    comment = say(post, editor)

    def storm():
        for number in range(30):
            like(post, Reader(fingerprint=f"guest-{number}"))
            comment_likes.like(comment, Reader(fingerprint=f"guest-{number}"))

    async def talk():
        page = Page(post.slug)
        await page.open()
        await in_thread(storm)
        heard, newest = 0, {}
        while newest != {f"post-{post.pk}": 30, f"comment-{comment.pk}": 30}:
            said = await page.hears("like.count")
            newest[said["what"]] = said["count"]
            heard += 1
        await page.leave()
        return heard

    assert converse(talk) < 20, "sixty likes are no sixty messages"


@pytest.mark.parametrize("state", ["draft", "trashed", "absent"])
def test_what_is_not_live_has_no_socket(write, publish, editor, state):
    slug = {"draft": lambda: write("Draft").slug, "trashed": lambda: "gone", "absent": lambda: "nowhere"}[state]()
    if state == "trashed":
        trashed = publish("Gone")
        publishing.trash(trashed, by=editor)
        slug = trashed.slug
    closed = converse(Page(slug).open)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4404)


def test_a_post_that_goes_closes_its_pages(post, editor):
    async def talk():
        page = Page(post.slug)
        await page.open()
        await in_thread(lambda: publishing.archive(post, by=editor))
        return await page.hears("websocket.close")

    assert converse(talk)["code"] == 4404


def test_pages_of_other_sites_are_refused(post):
    answer = converse(Page(post.slug, origin=b"https://evil.example").open)
    assert answer["type"] == "websocket.close" and answer.get("code") != 4404


def test_other_posts_are_heard_by_their_own_pages(post, publish, editor):
    other = publish("Other")

    async def talk():
        page = Page(post.slug)
        await page.open()
        await in_thread(lambda: say(other, editor))
        silent = await page.hears_nothing()
        await page.leave()
        return silent

    assert converse(talk)


@pytest.mark.parametrize("flood", [["{}"] * 30, ["x" * 600]])
def test_a_page_that_talks_too_much_is_closed(post, flood):
    async def talk():
        page = Page(post.slug)
        await page.open()
        for text in flood:
            await page.wire.send_input({"type": "websocket.receive", "text": text})
        return await page.hears("websocket.close")

    assert converse(talk)["code"] == 1008


@pytest.mark.parametrize("frame", ["", "null", "[", "[" * 500, "\0", '{"type": "comment.created", "id": 1}'])
def test_what_a_page_says_is_heard_by_nobody(post, frame):
    async def talk():
        page, other = Page(post.slug), Page(post.slug)
        await page.open()
        await other.open()
        await page.wire.send_input({"type": "websocket.receive", "text": frame})
        silent = await page.hears_nothing() and await other.hears_nothing()
        await page.leave()
        await other.leave()
        return silent

    assert converse(talk)


def test_a_reader_who_takes_nothing_is_dropped_and_left_out(post, monkeypatch):
    monkeypatch.setattr(listening, "SLOW_AFTER", 0.2)

    async def talk():
        page = Page(post.slug)
        await page.open()

        async def never(*args, **facts):
            await asyncio.sleep(60)

        monkeypatch.setattr(AsyncWebsocketConsumer, "send", never)
        layer = get_channel_layer()
        content = {"type": "comment.updated", "id": 1, "html": ""}
        await layer.group_send(live.room_of(post.pk), {"type": "live.message", "content": content})
        await page.wire.wait(timeout=3)
        return await in_thread(lambda: presence.present(live.room_of(post.pk)))

    assert converse(talk) == []


def test_nothing_is_lost_between_a_look_and_listening(post, editor, monkeypatch):
    seen = sockets.ReadingConsumer.look

    def look_and_miss(self):
        found = seen(self)
        say(post, editor)
        return found

    monkeypatch.setattr(sockets.ReadingConsumer, "look", look_and_miss)

    async def talk():
        page = Page(post.slug)
        begun = await page.open()
        await page.leave()
        return begun

    begun = converse(talk)
    assert begun["mark"] == live.mark_of(post.pk) != "" and begun["comments"] == 1


def test_pages_ask_anew_when_words_were_lost_and_only_then(post, editor, monkeypatch):
    monkeypatch.setattr(sockets, "LOOKS_EVERY", 0.1)
    monkeypatch.setattr(live, "LOOKED_AT_EVERY", 0.01)
    monkeypatch.setattr(live, "LAG", timedelta(seconds=0.7))

    async def talk():
        page = Page(post.slug)
        await page.open()
        await in_thread(lambda: say(post, editor))
        await page.hears("comment.created")
        silent = await page.hears_nothing()
        with monkeypatch.context() as broken:
            broken.setattr(core.live, "send", lambda *lost: None)
            await in_thread(lambda: say(post, editor, "Lost."))
        told = await page.hears("reading.here")
        quiet = await page.hears_nothing()
        await page.leave()
        return silent, told, quiet

    silent, told, quiet = converse(talk)
    assert silent and quiet, "what was heard is not asked for again"
    assert told == {"type": "reading.here", "mark": live.mark_of(post.pk), "comments": 2, "likes": 0}


def test_who_goes_in_the_middle_of_a_word_leaves_nothing_behind(post, editor, monkeypatch):
    async def talk():
        page = Page(post.slug)
        await page.open()
        layer = get_channel_layer()

        async def gone(*args, **facts):
            raise ConnectionResetError

        monkeypatch.setattr(AsyncWebsocketConsumer, "send", gone)
        await in_thread(lambda: say(post, editor))
        with pytest.raises(ConnectionResetError):
            await page.wire.wait(timeout=3)
        here = await in_thread(lambda: presence.present(live.room_of(post.pk)))
        return list(layer.channels), list(layer.groups), here

    assert converse(talk) == ([], [], [])


# --- Who reads -------------------------------------------------------------------------------------------------------
async def presence_of(page: Page, readers: int) -> dict:
    while True:
        said = await page.hears("presence")
        if said["readers"] == readers:
            return said


def key_of(client_of, user):
    return client_of(user).session.session_key


def test_names_are_told_of_those_who_agreed_and_of_nobody_else(post, client_of, monkeypatch):
    monkeypatch.setattr(sockets, "LOOKS_EVERY", 0.1)
    monkeypatch.setattr(live, "LOOKED_AT_EVERY", 0.05)
    shown, shy = make_person("ana", first_name="Ana", shows_presence=True), make_person("ben", first_name="Ben")

    async def talk():
        pages = [Page(post.slug), Page(post.slug, ana), Page(post.slug, ana), Page(post.slug, ben)]
        for page in pages:
            await page.open()
        said = await presence_of(pages[0], 3)
        await pages[1].leave()
        await pages[2].leave()
        fewer = await presence_of(pages[0], 2)
        await in_thread(lambda: User.objects.filter(pk=shy.pk).update(shows_presence=True))
        named = await presence_of(pages[0], 2)
        await pages[0].leave()
        await pages[3].leave()
        return said, fewer, named

    ana, ben = key_of(client_of, shown), key_of(client_of, shy)
    said, fewer, named = converse(talk)
    assert said["said"] == "3 are reading this now. Among them: Ana.", "two windows are one reader"
    assert fewer["said"] == "2 are reading this now."
    assert "Ben" in named["said"]


def test_nobody_is_counted_where_editors_do_not_want_it(post):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"show_presence": False})
    cache.renew(GENERATION)

    async def talk():
        page = Page(post.slug)
        await page.open()
        silent = await page.wire.receive_nothing(timeout=0.5)
        await page.leave()
        return silent

    assert converse(talk)


def test_what_is_kept_of_readers_tells_nobody_who_they_are(client_of, reader):
    assert re.fullmatch(r"0:[0-9a-f]+\.[0-9a-f]+", live.member_of(None, "ab12"))
    assert live.member_of(reader, "ab12") == f"{reader.pk}:ab12"


# --- What was missed --------------------------------------------------------------------------------------------------
def news(client, post, since=""):
    return client.get(reverse("comment_news", args=[post.slug]), {"since": since})


def test_a_page_that_was_away_is_told_what_it_missed_and_only_that(client, post, editor, reader, time_machine):
    time_machine.move_to("2026-05-04 11:59Z", tick=False)
    old = say(post, editor, "Old.")
    time_machine.move_to("2026-05-04 12:00Z", tick=False)
    going = say(post, editor, "Going.")
    mark = live.mark_of(post.pk)
    time_machine.move_to("2026-05-04 12:10Z", tick=False)
    reply = say(post, editor, "New.", parent=old)
    say(post, reader, "Waiting.")
    posting.delete(going)
    told = news(client, post, mark).json()
    assert [(one["id"], one["parent"], one["gone"]) for one in told["comments"]] == [
        (going.pk, None, True),
        (reply.pk, old.pk, False),
    ]
    assert "New." in told["comments"][1]["html"] and "Going." not in str(told) and "Waiting." not in str(told)
    assert (told["count"], told["heading"]) == (2, "2 comments")
    time_machine.move_to("2026-05-04 12:20Z", tick=False)
    again = news(client, post, told["mark"]).json()
    assert {one["id"] for one in again["comments"]} <= {going.pk, reply.pk}, "what may just have been seen, at most"


def test_what_was_said_long_ago_and_approved_just_now_is_news(client, post, reader, editor, time_machine):
    time_machine.move_to("2026-05-04 12:00Z", tick=False)
    waiting = say(post, reader, "Waiting.")
    say(post, editor, "Old.")
    time_machine.move_to("2026-05-04 13:00Z", tick=False)
    last = say(post, editor, "Later.")
    mark = live.mark_of(post.pk)
    time_machine.move_to("2026-05-04 14:00Z", tick=False)
    approve(waiting)
    assert [one["id"] for one in news(client, post, mark).json()["comments"]] == [waiting.pk, last.pk]


def test_who_missed_too_much_reads_the_page_anew(client, post, editor, monkeypatch):
    monkeypatch.setattr(live, "MOST_MISSED", 3)
    for number in range(4):
        say(post, editor, f"Word {number}.")
    told = news(client, post).json()
    assert told["comments"] is None and told["count"] == 4


@pytest.mark.parametrize(
    "since", ["x", "2026-05-04", "2026-05-04T12:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00Z"]
)
def test_a_moment_that_is_none_is_refused(client, post, since):
    assert news(client, post, since).status_code == 400


def test_drafts_have_no_news(client, write):
    assert news(client, write("Draft")).status_code == 404


def test_news_cost_few_questions_however_much_there_is(client, post, editor, reader, django_assert_max_num_queries):
    for number in range(30):
        say(post, editor, f"Word {number}.")
    with django_assert_max_num_queries(8):
        assert len(news(client, post).json()["comments"]) == 30
