"""What a writer may still do with what they said: members by their account, guests by a key only their browser has."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import OutgoingMail
from blog import publishing
from comments import conversation, moderation, posting, tokens
from comments.models import Comment, CommentEdit, CommentReport, ConversationSettings
from comments.rules import GENERATION, Writer
from core import cache

VERA = Writer(name="Vera", email="vera@example.org", fingerprint="f" * 64)


@pytest.fixture
def post(publish):
    return publish("Boats")


@pytest.fixture
def by_guest(post):
    return posting.post_comment(post, VERA, "As a guest.").comment


@pytest.fixture
def by_member(post, reader):
    ConversationSettings.objects.update_or_create(defaults={"moderate_members": False})
    return posting.post_comment(post, Writer(user=reader), "As a member.").comment


def address(comment: Comment, what: str, key: str = "") -> str:
    return f"/comments/{comment.pk}/{what}/" + (f"?key={key}" if key else "")


@pytest.mark.parametrize("what", ["mine", "edit", "delete", "appeal"])
def test_a_comment_is_open_to_its_writer_alone(client, client_of, admin, editor, reader, by_guest, by_member, what):
    assert client.get(address(by_guest, what, tokens.key_of(by_guest))).status_code == 200
    assert client_of(reader).get(address(by_member, what)).status_code == 200
    for browser in (client, client_of(admin), client_of(editor)):
        for comment in (by_guest, by_member):
            assert browser.get(address(comment, what)).status_code == 404
            assert browser.post(address(comment, what), {"content": "Forged", "appeal": "x"}).status_code in {404, 405}
    # A key is good for one comment, and for a guest's alone.
    assert client.get(address(by_member, what, tokens.key_of(by_member))).status_code == 404
    assert client.get(address(by_guest, what, tokens.key_of(by_member))).status_code == 404
    by_guest.refresh_from_db()
    assert by_guest.content == "As a guest."


def test_a_guest_changes_and_deletes_by_key_without_a_script(client, by_guest):
    key = tokens.key_of(by_guest)
    assert "As a guest." in client.get(address(by_guest, "edit", key)).content.decode()
    changed = client.post(address(by_guest, "edit"), {"content": "Said better.", "key": key})
    by_guest.refresh_from_db()
    assert changed["Location"] == address(by_guest, "mine", key)
    assert by_guest.content == "Said better." and by_guest.edited_at and by_guest.status == "pending"
    assert CommentEdit.objects.get().content == "As a guest."
    assert client.get(address(by_guest, "delete", key)).status_code == 200
    by_guest.refresh_from_db()
    assert by_guest.status == "pending", "looking at the question deletes nothing"
    client.post(address(by_guest, "delete"), {"key": key})
    by_guest.refresh_from_db()
    assert by_guest.status == "deleted" and not client.cookies


def test_a_member_changes_what_readers_see_and_it_says_so(
    client, client_of, reader, by_member, django_capture_on_commit_callbacks
):
    before = client.get("/blog/boats/").content.decode()
    assert "edited" not in before[before.index('id="comments"') :]
    with django_capture_on_commit_callbacks(execute=True):
        client_of(reader).post(address(by_member, "edit"), {"content": "As **two** members."})
    after = client.get("/blog/boats/").content.decode()
    assert "As <strong>two</strong> members." in after and "edited" in after[after.index('id="comments"') :]
    assert "As a member." not in after


def test_after_the_window_nothing_is_changed(client_of, reader, by_member):
    Comment.objects.filter(pk=by_member.pk).update(created_at=timezone.now() - timedelta(minutes=16))
    browser = client_of(reader)
    html = browser.get("/blog/boats/").content.decode()
    assert "data-edit>" not in html
    assert browser.post(address(by_member, "edit"), {"content": "Later"}).status_code == 400
    browser.post(address(by_member, "delete"))
    by_member.refresh_from_db()
    assert by_member.content == "As a member." and by_member.is_public


def test_a_change_that_looks_like_spam_waits(client_of, reader, by_member):
    links = " ".join(f"https://casino{number}.example/" for number in range(5))
    client_of(reader).post(address(by_member, "edit"), {"content": links})
    by_member.refresh_from_db()
    assert by_member.status == "pending" and by_member.reasons[0]["code"] == "links"


# --- Confirming by mail -----------------------------------------------------------------------------------------------
@pytest.fixture
def guests_confirm(db):
    ConversationSettings.objects.update_or_create(defaults={"guests": "confirm"})
    cache.renew(GENERATION)


def send(client, **more: str):
    fields = {"content": "Let me in.", "name": "Vera", "email": "Vera@Example.org", "token": tokens.open_form()}
    return client.post("/comments/to/boats/", fields | more, headers={"user-agent": "A browser"})


@pytest.fixture
def slowly(monkeypatch):
    """Forms were open for a while when they are sent."""
    opened = tokens.open_form
    monkeypatch.setattr(tokens, "open_form", lambda at=None: opened(timezone.now() - timedelta(seconds=30)))


def test_a_guest_confirms_by_mail_and_is_read(client, post, guests_confirm, slowly):
    sent = send(client)
    said = Comment.objects.get()
    assert said.is_unconfirmed and said.status == "pending"
    assert "We have sent you a letter" in client.get(sent["Location"]).content.decode()
    mail = OutgoingMail.objects.get()
    assert mail.recipient == "vera@example.org" and "“Boats”" in mail.subject
    # A stranger who gets it reads nothing the sender chose.
    assert "Let me in." not in mail.text + mail.html and "Vera" not in mail.text + mail.html
    link = "/comments/confirm/" + mail.text.split("/comments/confirm/")[1].split()[0]
    assert "Let me in." in client.get(link).content.decode()
    said.refresh_from_db()
    assert said.is_unconfirmed, "a program that looks into mails confirms nothing"
    assert client.post(link)["Location"] == f"/comments/{said.pk}/"
    said.refresh_from_db()
    post.refresh_from_db()
    assert said.is_public and not said.is_unconfirmed and post.comment_count == 1
    client.post(link)
    post.refresh_from_db()
    assert post.comment_count == 1


@pytest.mark.parametrize("token", ["1:abc", "x", "1:1tSxyz:" + "a" * 43])
def test_a_forged_link_confirms_nothing(client, by_guest, token):
    assert client.get(f"/comments/confirm/{token}/").status_code == 404
    assert client.post(f"/comments/confirm/{token}/").status_code == 404
    by_guest.refresh_from_db()
    assert by_guest.status == "pending"


def test_nobodys_letter_box_is_filled(client, post, guests_confirm, slowly):
    answers = [send(client, content=f"Different words, number {number}.") for number in range(5)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 400, 400]
    assert OutgoingMail.objects.count() == 3 == Comment.objects.count()
    assert "wait to be confirmed" in answers[-1].content.decode()


# --- Refused, and reported --------------------------------------------------------------------------------------------
def test_the_refused_are_told_why_and_ask_once_for_another_look(client, post, slowly):
    sent = send(client, homepage="https://casino.example/")
    said = Comment.objects.get()
    key = tokens.key_of(said)
    page = client.get(sent["Location"]).content.decode()
    assert said.status == "spam" and "looks like spam" in page and "do not see was filled in" in page
    assert "Let me in." not in client.get("/blog/boats/").content.decode()
    assert client.post(address(said, "appeal"), {"appeal": " ", "key": key}).status_code == 400
    client.post(address(said, "appeal"), {"appeal": "My password manager did that.", "key": key})
    said.refresh_from_db()
    assert said.status == "pending" and said.appeal == "My password manager did that."
    assert client.post(address(said, "appeal"), {"appeal": "Again", "key": key}).status_code == 400


def test_what_was_approved_is_not_appealed(client_of, reader, by_member):
    assert client_of(reader).post(address(by_member, "appeal"), {"appeal": "Why not"}).status_code == 400


def test_readers_report_a_comment_once_each(client, client_of, author, by_member):
    page = client.get(address(by_member, "report")).content.decode()
    assert "It attacks somebody" in page and "As a member." in page
    fields = {"reason": "abuse", "note": "Look", "token": tokens.open_form()}
    for _ in range(2):
        assert "A moderator looks at it" in client.post(address(by_member, "report"), fields).content.decode()
    client_of(author).post(address(by_member, "report"), {"reason": "spam", "token": tokens.open_form()})
    by_member.refresh_from_db()
    assert by_member.report_count == 2 and by_member.is_public
    assert {row.reason for row in CommentReport.objects.all()} == {"abuse", "spam"}
    assert not client.cookies


@pytest.mark.parametrize("fields", [{}, {"reason": "boredom"}, {"reason": ""}])
def test_a_report_without_a_reason_is_none(client, by_member, fields):
    sent = client.post(address(by_member, "report"), {**fields, "token": tokens.open_form()})
    assert sent.status_code == 400 and not CommentReport.objects.exists()


def test_what_nobody_reads_is_not_reported(client, by_guest):
    assert client.get(address(by_guest, "report")).status_code == 404


# --- For the page's own script ----------------------------------------------------------------------------------------
JSON = {"accept": "application/json"}


def test_the_script_of_the_page_gets_what_it_shows(client, post, slowly):
    ConversationSettings.objects.update_or_create(defaults={"guests": "trust", "trusted_after": 0})
    cache.renew(GENERATION)
    token = client.get("/comments/token/").json()["token"]
    fields = {"content": "Hello *you*", "name": "Vera", "email": "v@example.org", "token": token}
    told = client.post("/comments/to/boats/", fields, headers=JSON).json()
    said = Comment.objects.get()
    assert told["id"] == said.pk and told["status"] == "approved" and told["heading"] == "One comment"
    assert "<em>you</em>" in told["html"] and tokens.opens(told["key"], said) and told["next"] != token
    assert client.get(told["edit"], headers=JSON).json() == {"content": "Hello *you*"}
    changed = client.post(told["edit"], {"content": "Hello all"}, headers=JSON).json()
    assert "Hello all" in changed["html"] and "edited" in changed["html"]
    gone = client.post(told["remove"], headers=JSON).json()
    assert gone == {"id": said.pk, "status": "deleted"}


def test_the_script_of_the_page_is_told_what_is_wrong(client, post):
    told = client.post("/comments/to/boats/", {"content": "Words", "token": tokens.open_form()}, headers=JSON)
    assert told.status_code == 400 and set(told.json()["errors"]) == {"name", "email"}
    complete = {"content": "Words", "name": "Vera", "email": "v@example.org"}
    told = client.post("/comments/to/boats/", complete | {"token": "forged"}, headers=JSON)
    assert told.status_code == 400 and tokens.form_of(told.json()["token"])
    assert not Comment.objects.exists()


def test_too_many_are_asked_to_wait(client, post, slowly):
    answers = [send(client, content=f"The {number}th thing I say.") for number in range(12)]
    assert answers[0].status_code == 302 and answers[-1].status_code == 429 and int(answers[-1]["Retry-After"]) > 0
    assert Comment.objects.count() < 12


def test_a_moderators_decision_is_told_to_the_writer(client, moderator, by_guest):
    key = tokens.key_of(by_guest)
    moderation.decide(by_guest.pk, "approve", by=moderator)
    assert "is published" in client.get(address(by_guest, "mine", key)).content.decode()
    by_guest.refresh_from_db()
    moderation.decide(by_guest.pk, "reject", by=moderator)
    page = client.get(address(by_guest, "mine", key)).content.decode()
    assert "has not published" in page and "Ask for another look" in page
    assert conversation.told_writer(Comment.objects.get()) in page


def test_of_a_post_that_was_taken_down_nobody_sees_more_than_that_it_is_gone(client, editor, post, by_guest):
    key, link = tokens.key_of(by_guest), f"/comments/confirm/{tokens.confirmation_of(by_guest)}/"
    assert client.get(address(by_guest, "mine", key)).status_code == client.get(link).status_code == 200
    publishing.archive(post, by=editor)
    doors = [link, *(address(by_guest, what, key) for what in ("mine", "edit", "delete", "appeal"))]
    for door in doors:
        answer = client.get(door)
        assert answer.status_code == 404 and "Boats" not in answer.content.decode(), door
        client.post(door, {"content": "Later.", "appeal": "Please."})
    by_guest.refresh_from_db()
    assert by_guest.content == "As a guest." and by_guest.status == "pending" and not by_guest.appealed_at
