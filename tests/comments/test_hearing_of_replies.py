"""A box in the form of a comment: tell me of replies. Not ticked by itself, one mail to a guest, and ended for good."""

import re
from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from accounts import mailing
from accounts.models import OutgoingMail
from comments import moderation, posting, telling, tokens
from comments.models import Comment, ConversationSettings, ThreadSubscription
from comments.rules import GENERATION, Writer
from core import cache

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(publish):
    live = publish("Boats")
    OutgoingMail.objects.all().delete()
    return live


@pytest.fixture
def guests():
    def are(what):
        ConversationSettings.objects.update_or_create(defaults={"guests": what, "trusted_after": 0})
        cache.renew(GENERATION)

    return are


def send(client, content="Let me in.", **more):
    token = tokens.open_form(timezone.now() - timedelta(seconds=30))
    fields = {"content": content, "name": "Vera", "email": "vera@example.org", "token": token} | more
    return client.post("/comments/to/boats/", fields)


def kinds():
    return list(OutgoingMail.objects.order_by("pk").values_list("kind", "recipient"))


def link_in(mail):
    return re.search(r"https?://[^/\s]+(/comments/[^\s\"<>]+/)", mail.text)[1]


def answered(comment, by, words="An answer."):
    OutgoingMail.objects.all().delete()
    said = posting.post_comment(comment.post, Writer(user=by), words, parent=comment).comment
    telling.tell_waiting()
    return said


def test_the_box_is_there_and_not_ticked(client, client_of, reader, post):
    for visitor in (client, client_of(reader)):
        boxes = re.findall(r'<input[^>]*name="replies"[^>]*>', visitor.get("/blog/boats/").content.decode())
        assert len(boxes) == 1 and "checked" not in boxes[0]


@pytest.mark.parametrize("what", ["confirm", "trust"])
def test_without_the_tick_nobody_hears(client, client_of, reader, post, guests, what):
    guests(what)
    send(client)
    send(client_of(reader))
    assert Comment.objects.count() == 2 and not ThreadSubscription.objects.exists()
    for asked in OutgoingMail.objects.filter(kind="comment_confirmation"):
        assert client.post(link_in(asked)).status_code == 302
    assert not ThreadSubscription.objects.exists() and not OutgoingMail.objects.filter(kind="thread_confirmation")


def test_a_member_hears_from_now_on_without_any_mail(client_of, reader, author, post, editor):
    send(client_of(reader), replies="on")
    said = Comment.objects.get()
    row = ThreadSubscription.objects.get()
    assert (row.user, row.comment, row.email) == (reader, said, "") and row.confirmed_at and not kinds()
    moderation.decide(said.pk, "approve", by=editor)
    answered(said, author)
    mails = [who for _kind, who in kinds() if who == reader.email]
    assert len(mails) == 1, "one mail, though they are told as well that they were answered"


def test_a_guest_who_confirms_has_one_mail_and_one_link_for_both(client, author, post, guests):
    guests("confirm")
    send(client, replies="on")
    said = Comment.objects.get()
    assert kinds() == [("comment_confirmation", "vera@example.org")] and not ThreadSubscription.objects.exists()
    asked = OutgoingMail.objects.get()
    assert "hear of replies" in asked.text and "hear of replies" in asked.html
    link = link_in(asked)
    assert "hear of replies" in client.get(link).content.decode() and not ThreadSubscription.objects.exists()
    client.post(link)
    row = ThreadSubscription.objects.get()
    assert (row.comment, row.email, row.user) == (said, "vera@example.org", None) and row.confirmed_at
    assert len(kinds()) == 1
    answered(said, author)
    told = OutgoingMail.objects.get(kind="new_comment")
    assert told.recipient == "vera@example.org" and author.email not in told.text + told.html
    client.post(f"/comments/hear/end/{row.token}/", {"List-Unsubscribe": "One-Click"})
    client.post(link)
    assert not ThreadSubscription.objects.exists(), "the first link begins nothing again"


def test_the_link_of_who_did_not_ask_cannot_be_made_to_ask(client, post, guests):
    guests("confirm")
    send(client)
    said = Comment.objects.get()
    signed = tokens.confirmation_of(said)
    forged = signed.replace(f"{said.pk}:", f"{said.pk}-hears:", 1)
    assert forged != signed and client.post(f"/comments/confirm/{forged}/").status_code == 404
    assert not tokens.asks_to_hear(signed) and tokens.asks_to_hear(tokens.confirmation_of(said, hears=True))


@pytest.mark.parametrize("what", ["trust", "moderate"])
def test_a_guest_who_need_not_confirm_the_comment_confirms_this(client, post, guests, what):
    guests(what)
    sent = send(client, replies="on")
    said = Comment.objects.get()
    assert kinds() == [("thread_confirmation", "vera@example.org")]
    assert ThreadSubscription.objects.get().confirmed_at is None
    page = client.get(f"/comments/{said.pk}/mine/?key={tokens.key_of(said)}").content.decode()
    assert "follow the link in the letter" in page and sent.status_code == 302
    client.post(link_in(OutgoingMail.objects.get()))
    assert ThreadSubscription.objects.get().confirmed_at


def test_spam_sends_no_letter_to_anybody(client, post, guests):
    guests("trust")
    send(client, replies="on", homepage="https://casino.example/")
    assert Comment.objects.get().status == "spam" and not kinds() and not ThreadSubscription.objects.exists()


def test_a_full_letter_box_does_not_cost_the_comment(client, post, guests):
    guests("trust")
    for number in range(5):
        assert send(client, f"Different words, number {number}.", replies="on").status_code == 302
    assert Comment.objects.count() == 5 and len(kinds()) == 3


def test_one_hears_neither_of_ones_own_answer_nor_twice_nor_before_approval(
    client, author, reader, post, guests, editor
):
    guests("trust")
    send(client, replies="on")
    said = Comment.objects.get()
    client.post(link_in(OutgoingMail.objects.get()))
    OutgoingMail.objects.all().delete()
    again = Writer(name="Somebody", email="VERA@example.org", fingerprint="e" * 64)
    posting.post_comment(post, again, "It is me.", parent=said)
    waits = posting.post_comment(post, Writer(user=reader), "Wait for me.", parent=said).comment
    telling.tell_waiting()
    assert "vera@example.org" not in [who for _kind, who in kinds()]
    moderation.decide(waits.pk, "approve", by=editor)
    for _ in range(3):
        telling.tell_waiting()
    moderation.decide(waits.pk, "reject", by=editor)
    moderation.decide(waits.pk, "approve", by=editor)
    telling.tell_waiting()
    assert [who for kind, who in kinds() if kind == "new_comment"] == ["vera@example.org"]


def test_mail_programs_find_the_one_click_in_the_mail_that_leaves(client, author, post, guests):
    guests("confirm")
    send(client, replies="on")
    client.post(link_in(OutgoingMail.objects.get()))
    answered(Comment.objects.get(), author)
    mailing.send_due()
    [sent] = [mail for mail in outbox.outbox if mail.to == ["vera@example.org"]]
    row = ThreadSubscription.objects.get()
    head = sent.message()
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert head["List-Unsubscribe"].endswith(f"/comments/hear/end/{row.token}/>") and sent.cc == sent.bcc == []
