"""Speaking through the API: the rules of the site's forms, and nothing that a program could forge."""

import pytest
import time_machine
from django.core import mail
from django.core.cache import caches
from django.utils import timezone

from accounts.models import OutgoingMail
from blog import publishing
from blog.models import Post
from comments import moderation, posting
from comments.models import Comment, CommentEdit, CommentLike, CommentReport, ConversationSettings
from comments.rules import Writer
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.conftest import make_person

PATH = "/posts/boats/comments/"
VERA = {"name": "Vera", "email": "vera@example.org"}


@pytest.fixture
def post(publish):  # noqa: F811
    return publish("Boats")


@pytest.fixture
def open_room(post):
    """Nobody waits for a moderator."""
    become(guests="trust", trusted_after=0, moderate_members=False)
    return post


def become(**facts):
    ConversationSettings.objects.update_or_create(pk=1, defaults=facts)
    forget_what_is_kept()


def forget_what_is_kept():
    for cache in caches.all():
        cache.clear()


def own(said):
    return {"Comment_Key": said["mine"]["key"]}


# --- Members and guests -----------------------------------------------------------------------------------------------
def test_a_member_speaks_with_a_token_and_is_not_judged_by_the_time_of_a_form(program, open_room, reader):
    answer = program(reader, ["talk"]).post(PATH, {"content": "Two *keels*."})
    said = answer.json()
    assert answer.status_code == 201 and answer["Location"].endswith(f"/api/v1/comments/{said['id']}/")
    assert (said["status"], said["content_html"]) == ("approved", "<p>Two <em>keels</em>.</p>")
    assert said["mine"]["content"] == "Two *keels*." and said["mine"]["reasons"] == []
    open_room.refresh_from_db()
    assert open_room.comment_count == 1 and Comment.objects.get().user == reader


def test_the_first_comment_of_a_member_waits_as_on_the_site(program, post, reader):
    said = program(reader).post(PATH, {"content": "Hello"}).json()
    assert said["status"] == "pending" and "waits for a moderator" in said["mine"]["told"]
    assert program().get(PATH).json()["results"] == []


def test_a_guest_without_the_token_of_a_form_waits_and_is_told_why(program, open_room):
    said = program().post(PATH, {"content": "Hello", **VERA}).json()
    assert said["status"] == "pending" and "form" in said["mine"]["reasons"][0]
    kept = Comment.objects.get()
    assert (kept.guest_name, kept.guest_email) == ("Vera", "vera@example.org") and kept.fingerprint_hash


def test_a_guest_with_the_token_of_a_form_speaks_as_on_the_site(program, open_room):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        form = program().get("/comments/form/")
        assert form["Cache-Control"] == "no-store"
        sent = {"content": "Hello", **VERA, "token": form.json()["token"]}
        clock.shift(5)
        first = program().post(PATH, sent)
        again = program().post(PATH, sent)
    assert (first.status_code, first.json()["status"]) == (201, "approved")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"]) and Comment.objects.count() == 1


def test_who_types_faster_than_anybody_waits(program, open_room):
    token = program().get("/comments/form/").json()["token"]
    said = program().post(PATH, {"content": "Hello", **VERA, "token": token}).json()
    assert said["status"] == "pending" and "faster" in said["mine"]["reasons"][0]


def test_who_fills_in_what_people_do_not_see_is_refused(program, open_room):
    said = program().post(PATH, {"content": "Hello", **VERA, "homepage": "http://spam.example"}).json()
    assert said["status"] == "spam" and said["mine"]["may_appeal"]
    assert Comment.objects.get().status == "spam" and program().get(PATH).json()["results"] == []


def test_a_guest_confirms_by_the_letter_they_are_sent(program, post):
    become(guests="confirm")
    said = program().post(PATH, {"content": "Hello", **VERA, "replies": True}).json()
    assert said["status"] == "pending" and "letter" in said["mine"]["told"]
    assert OutgoingMail.objects.count() + len(mail.outbox) >= 1
    comment = Comment.objects.get()
    assert comment.is_unconfirmed


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"content": "Hello"}, {"name", "email"}),
        ({"content": "Hello", "name": "\u200b", "email": "vera@example.org"}, {"name"}),
        ({"content": "Hello", **VERA, "email": "vera"}, {"email"}),
        ({"content": " \n", **VERA}, {"content"}),
        ({"content": "\u200b", **VERA}, {"content"}),
        ({"content": "x" * 5_001, **VERA}, {"content"}),
        ({"content": ["x"] * 10_000, **VERA}, {"content"}),
        ({"content": "a\0b", **VERA}, {"content"}),
        (VERA, {"content"}),
        ({"content": "x", **VERA, "parent": "y"}, {"parent"}),
        ({"content": "x", **VERA, "parent": 10**30}, {"parent"}),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(program, open_room, sent, field):
    answer = program().post(PATH, sent)
    assert answer.status_code == 400 and set(answer.json()["errors"]) == field
    assert not Comment.objects.exists()


def test_what_is_not_theirs_to_say_changes_nothing(program, post, reader, author):
    forged = {"status": "approved", "user": author.pk, "like_count": 900, "root": 1, "approved_at": "2026-01-01"}
    forged |= {"name": "The editors", "email": "boss@example.org", "is_unconfirmed": False, "id": 77, "post": 5}
    said = program(reader).post(PATH, {"content": "Hello", **forged}).json()
    kept = Comment.objects.get()
    assert (kept.status, kept.user, kept.like_count, kept.guest_name) == ("pending", reader, 0, "")
    assert kept.pk == said["id"] != 77 and said["author"]["name"] == reader.display_name
    patched = program(reader).patch(f"/comments/{kept.pk}/", {"content": "Hello", **forged})
    kept.refresh_from_db()
    assert patched.status_code == 200 and (kept.status, kept.like_count, kept.user) == ("pending", 0, reader)


# --- Where one may speak ----------------------------------------------------------------------------------------------
def test_an_answer_stays_under_its_post(program, open_room, publish, reader):  # noqa: F811
    other = publish("Other")
    there = posting.post_comment(other, Writer(user=reader), "There").comment
    first = program(reader).post(PATH, {"content": "First"}).json()["id"]
    answer = program(reader).post(PATH, {"content": "Answer", "parent": first}).json()
    assert (answer["parent"], answer["root"]) == (first, first)
    waits = posting.post_comment(open_room, Writer(name="V", email="v@example.org"), "x").comment
    Comment.objects.filter(pk=waits.pk).update(status="pending", approved_at=None)
    before = Comment.objects.count()
    for wrong in (there.pk, waits.pk, 10**9):
        refused = program(reader).post(PATH, {"content": "Answer", "parent": wrong})
        assert refused.status_code == 400 and list(refused.json()["errors"]) == ["parent"]
    assert Comment.objects.count() == before


def test_a_closed_room_says_why(program, post, reader, moderator):
    Post.objects.filter(pk=post.pk).update(comments_policy="members")
    assert "Sign in" in program().post(PATH, {"content": "x", **VERA}).json()["detail"]
    assert program(reader).post(PATH, {"content": "Hello"}).status_code == 201
    moderation.close(post, by=moderator)
    forget_what_is_kept()
    refused = program(reader).post(PATH, {"content": "Again"})
    assert refused.status_code == 409 and "moderator" in refused.json()["detail"] and Comment.objects.count() == 1


def test_who_is_banned_is_told_so(program, open_room, reader, moderator):
    rude = posting.post_comment(open_room, Writer(user=reader), "Rude").comment
    moderation.ban(rude, by=moderator, until=None, reason="Too rude.")
    refused = program(reader).post(PATH, {"content": "Again"})
    assert refused.status_code == 409 and "Too rude." in refused.json()["detail"] and Comment.objects.count() == 1


def test_a_post_that_went_meanwhile_takes_no_comment(program, open_room, reader, editor, monkeypatch):
    from comments.api import threads as door

    judge = door.spam.judge

    def slow(*args, **facts):
        publishing.archive(Post.objects.get(pk=open_room.pk), by=editor)
        return judge(*args, **facts)

    monkeypatch.setattr(door.spam, "judge", slow)
    refused = program(reader).post(PATH, {"content": "Hello"})
    assert refused.status_code == 409 and not Comment.objects.exists()
    assert program(reader).post(PATH, {"content": "Hello"}).status_code == 404


# --- How often --------------------------------------------------------------------------------------------------------
def test_two_hundred_a_minute_are_eight(program, open_room, reader):
    mine = program(reader)
    answers = [mine.post(PATH, {"content": f"Comment number {number}"}) for number in range(200)]
    statuses = [each.status_code for each in answers]
    assert statuses[:8] == [201] * 8 and set(statuses[8:]) == {429} and Comment.objects.count() == 8
    assert all(int(each["Retry-After"]) > 0 for each in answers[8:])
    assert answers[-1]["Content-Type"] == "application/problem+json"


def test_what_was_put_off_is_done_with_the_same_key_later(program, open_room, reader):
    mine = program(reader)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(8):
            mine.post(PATH, {"content": f"Comment number {number}"})
        assert mine.post(PATH, {"content": "Last"}, Idempotency_Key="one").status_code == 429
        clock.shift(240)
        again = program(reader)
        answers = [again.post(PATH, {"content": "Last"}, Idempotency_Key="one") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201] and answers[0].json() == answers[1].json()
    assert Comment.objects.filter(content="Last").count() == 1


def test_other_peoples_pages_make_nobody_speak_or_like(program, open_room, reader, settings):
    said = posting.post_comment(open_room, Writer(user=reader), "Hello").comment
    ways = [(PATH, {"content": "x", **VERA}), (f"/comments/{said.pk}/like/", {}), (f"/comments/{said.pk}/like/", None)]
    for path, sent in ways:
        for foreign in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
            refused = program().post(path, sent, **foreign)
            assert refused.status_code == 403 and refused.json()["code"] == "foreign"
    assert Comment.objects.count() == 1 and not CommentLike.objects.exists()
    settings.CORS_ALLOWED_ORIGINS = ["https://friend.example"]
    assert program().post(ways[1][0], {}, Origin="https://friend.example").status_code == 200


def test_a_token_speaks_by_its_scope(program, open_room, reader):
    said = posting.post_comment(open_room, Writer(user=reader), "Hello").comment
    for method, path in (("POST", PATH), ("PATCH", f"/comments/{said.pk}/"), ("POST", f"/comments/{said.pk}/like/")):
        refused = program(reader, ["read", "write", "moderate"])(method, path, {"content": "x"})
        assert refused.status_code == 403 and refused.json()["code"] == "scope"
    assert Comment.objects.get().content == "Hello"


# --- One's own --------------------------------------------------------------------------------------------------------
def test_a_writer_changes_and_takes_back_within_the_window(program, open_room, reader):
    mine = program(reader)
    said = mine.post(PATH, {"content": "Hallo"}).json()
    path = f"/comments/{said['id']}/"
    changed = mine.patch(path, {"content": "Hello"}).json()
    assert changed["content_html"] == "<p>Hello</p>" and changed["edited_at"]
    assert CommentEdit.objects.get().content == "Hallo"
    assert mine.delete(path).status_code == 204 and mine.delete(path).status_code == 204
    assert Comment.objects.get().status == "deleted"
    open_room.refresh_from_db()
    assert open_room.comment_count == 0
    assert mine.patch(path, {"content": "Back"}).status_code == 409


def test_after_the_window_it_stays(program, open_room, reader):
    said = program(reader).post(PATH, {"content": "Hello"}).json()
    with time_machine.travel(timezone.now() + timezone.timedelta(minutes=16)):
        later = program(reader)
        for refused in (
            later.patch(f"/comments/{said['id']}/", {"content": "x"}),
            later.delete(f"/comments/{said['id']}/"),
        ):
            assert refused.status_code == 409 and "no longer" in refused.json()["detail"]
    assert Comment.objects.get().content == "Hello"


def test_a_guest_changes_theirs_by_the_key_and_nobody_elses(program, open_room, reader, editor, moderator):
    said = program().post(PATH, {"content": "Hallo", **VERA}).json()
    moderation.decide(said["id"], "approve", by=moderator)
    path = f"/comments/{said['id']}/"
    for caller, key in ((program(), "x"), (program(), ""), (program(reader), ""), (program(editor), "")):
        assert caller.patch(path, {"content": "Mine"}, Comment_Key=key).status_code == 403
        assert caller.delete(path, Comment_Key=key).status_code == 403
    assert program().patch(path, {"content": "Hello"}, **own(said)).status_code == 200
    assert program().delete(path, **own(said)).status_code == 204
    assert Comment.objects.get().content == "Hello"


def test_a_change_that_looks_like_spam_waits(program, open_room, reader):
    become(guests="trust", trusted_after=0, moderate_members=False, blocked_words="casino")
    said = program(reader).post(PATH, {"content": "Hello"}).json()
    changed = program(reader).patch(f"/comments/{said['id']}/", {"content": "Visit my casino"}).json()
    assert changed["status"] == "pending" and "casino" in changed["mine"]["reasons"][0]


def test_other_words_than_were_read_are_not_written_over(program, open_room, reader):
    mine = program(reader)
    said = mine.post(PATH, {"content": "One"}).json()
    path = f"/comments/{said['id']}/"
    etag = mine.get(path)["ETag"]
    assert mine.patch(path, {"content": "Two"}, etag=etag).status_code == 200
    assert mine.patch(path, {"content": "Three"}, etag=etag).status_code == 412
    assert mine.delete(path, etag=etag).status_code == 412
    assert mine.delete(path, etag=mine.get(path)["ETag"]).status_code == 204
    assert Comment.objects.get().content == "Two"


def test_who_was_refused_appeals_once(program, post, reader, moderator):
    said = posting.post_comment(post, Writer(user=reader), "Hello").comment
    moderation.decide(said.pk, "reject", by=moderator)
    path = f"/comments/{said.pk}/appeal/"
    assert program(make_person("other")).post(path, {"appeal": "Please"}).status_code == 404
    assert program(reader).post(path, {"appeal": "Please"}).json()["status"] == "pending"
    assert program(reader).post(path, {"appeal": "Please"}).status_code == 409


# --- Likes and reports ------------------------------------------------------------------------------------------------
def test_a_like_counts_once_however_often_and_is_taken_back(program, open_room, reader, author):
    said = posting.post_comment(open_room, Writer(user=author), "Hello").comment
    path = f"/comments/{said.pk}/like/"
    for caller in (program(reader), program()):
        assert [caller.post(path, {"liked": True}).json()["count"] for _ in range(2)]
    assert program().post(path, {}).json() == {"liked": True, "count": 2}
    assert program(reader).get(f"/comments/{said.pk}/").json()["liked"] is True
    assert program(reader).post(path, {"liked": False}).json() == {"liked": False, "count": 1}
    said.refresh_from_db()
    assert said.like_count == CommentLike.objects.count() == 1
    for wrong in ({"liked": "perhaps"}, {"liked": None}, {"liked": []}):
        assert program(reader).post(path, wrong).status_code == 400


def test_a_crowd_of_one_network_is_counted_for_pages_and_programs_together(
    program, open_room, author, monkeypatch, client
):
    from blog.views import likes

    monkeypatch.setattr(likes, "GUESTS_OF_ONE", "5/d")
    said = posting.post_comment(open_room, Writer(user=author), "Hello").comment
    here = {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ACCEPT": "application/json"}
    for number in range(3):
        client.post(f"/comments/{said.pk}/like/", {"like": "1"}, HTTP_USER_AGENT=f"Browser {number}", **here)
    answers = [
        program().post(f"/comments/{said.pk}/like/", {}, User_Agent=f"Program {number}").status_code
        for number in range(5)
    ]
    assert answers == [200, 200, 429, 429, 429] and CommentLike.objects.count() == 5


def test_a_reader_reports_once(program, open_room, reader, author):
    said = posting.post_comment(open_room, Writer(user=author), "Rude").comment
    path = f"/comments/{said.pk}/report/"
    assert program(reader).post(path, {"reason": "abuse", "note": "Look"}).status_code == 201
    assert program(reader).post(path, {"reason": "spam"}).status_code == 200
    assert program().post(path, {"reason": "spam"}).status_code == 201
    assert program(reader).post(path, {"reason": "because"}).json()["errors"].keys() == {"reason"}
    said.refresh_from_db()
    assert said.report_count == CommentReport.objects.count() == 2
