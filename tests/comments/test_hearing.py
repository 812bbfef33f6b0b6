"""Hearing of new comments by mail: asked for, confirmed by guests, each once, never one’s own, ended with one click."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Notification, OutgoingMail
from comments import posting, subscribing, telling
from comments.models import Comment, ThreadSubscription
from comments.rules import Writer
from comments.tasks import forget_unconfirmed
from core.refusals import Refusal
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUEST = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def post(publish):
    live = publish("Tides", at=NOW - timedelta(days=1))
    for told in (Notification, OutgoingMail):
        told.objects.all().delete()
    return live


@pytest.fixture
def say(post):
    def write(who, words="Well said.", *, status="approved", parent=None):
        writer = who if isinstance(who, Writer) else Writer(user=who)
        comment = posting.post_comment(post, writer, words, parent=parent, at=NOW).comment
        with transaction.atomic():
            posting.move(posting.hold(comment.pk), status, at=NOW)
        return Comment.objects.get(pk=comment.pk)

    return write


def recipients():
    return sorted(OutgoingMail.objects.filter(kind="new_comment").values_list("recipient", flat=True))


def link_in(mail, name):
    return re.search(rf"https?://[^/\s]+(/comments/hear/{name}/[^\s\"<>]+/)", mail.text)[1]


def test_a_guest_is_asked_confirms_hears_and_ends_it(post, say, reader, client):
    page = client.get(f"/comments/hear/{post.slug}/")
    assert page.status_code == 200 and not page.cookies
    assert client.post(f"/comments/hear/{post.slug}/", {"email": "Zoe@Example.net"}).status_code == 200
    asked = OutgoingMail.objects.get(kind="thread_confirmation")
    assert asked.recipient == "zoe@example.net" and "Well said" not in asked.text
    say(reader)
    telling.tell_waiting(NOW)
    assert recipients() == [], "not before it is confirmed"

    path = link_in(asked, "confirm")
    assert client.get(path).status_code == 200
    assert ThreadSubscription.objects.get().confirmed_at is None, "programs follow links"
    assert client.post(path).status_code == 200
    assert client.post(path).status_code == 200
    say(reader, "Another.")
    telling.tell_waiting(NOW)
    assert recipients() == ["zoe@example.net"]

    mail = OutgoingMail.objects.get(kind="new_comment")
    assert "Another." in mail.text and reader.email not in mail.text + mail.html
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = link_in(mail, "end")
    assert path in mail.headers["List-Unsubscribe"]
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.get(path).status_code == 200 and ThreadSubscription.objects.exists()
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not ThreadSubscription.objects.exists()
    assert stranger.post(path).status_code == 200
    say(reader, "A third.")
    telling.tell_waiting(NOW)
    assert recipients() == ["zoe@example.net"]


def test_each_address_hears_of_each_comment_once(post, say, reader):
    first = say(make_person("bea"))
    telling.tell_waiting(NOW)
    for thread in (None, first):
        subscribing.subscribe(post, user=reader, thread=thread)
        subscribing.subscribe(post, email=reader.email, thread=thread, confirmed=True)
    say(make_person("cleo"), parent=first)
    telling.tell_waiting(NOW)
    telling.tell_waiting(NOW)
    assert recipients() == [reader.email]


def test_a_thread_is_heard_apart_from_the_rest(post, say, reader):
    one, other = say(make_person("bea")), say(make_person("cleo"))
    reply = say(make_person("dora"), parent=one)
    telling.tell_waiting(NOW)
    row = subscribing.subscribe(post, user=reader, thread=reply)
    assert row.comment == one, "a thread is named by how it began"
    say(make_person("eva"), parent=other)
    say(make_person("finn"))
    telling.tell_waiting(NOW)
    assert recipients() == []
    say(make_person("gil"), parent=reply)
    telling.tell_waiting(NOW)
    assert recipients() == [reader.email]


def test_nobody_hears_of_their_own_words(post, say, reader, author):
    subscribing.subscribe(post, user=reader)
    subscribing.subscribe(post, email=GUEST.email, confirmed=True)
    say(reader)
    say(GUEST)
    telling.tell_waiting(NOW)
    assert recipients() == [GUEST.email, reader.email]
    OutgoingMail.objects.all().delete()
    say(GUEST)
    telling.tell_waiting(NOW)
    assert recipients() == [reader.email]


def test_an_author_who_subscribed_has_one_mail(post, say, reader, author):
    subscribing.subscribe(post, user=author)
    say(reader)
    telling.tell_waiting(NOW)
    assert OutgoingMail.objects.filter(recipient=author.email).count() == 1
    assert Notification.objects.filter(recipient=author).count() == 1


@pytest.mark.parametrize("status", ["pending", "spam", "rejected", "deleted"])
def test_only_what_is_approved_is_mailed(post, say, reader, status):
    subscribing.subscribe(post, user=reader)
    say(GUEST, status=status)
    telling.tell_waiting(NOW)
    assert recipients() == []


def test_a_closed_account_hears_nothing(post, say, reader):
    subscribing.subscribe(post, user=reader)
    reader.is_active = False
    reader.save()
    say(GUEST)
    telling.tell_waiting(NOW)
    assert recipients() == []


def test_no_address_of_anybody_is_in_a_mail(post, say, reader):
    subscribing.subscribe(post, user=reader)
    subscribing.subscribe(post, email="zoe@example.net", confirmed=True)
    say(GUEST)
    telling.tell_waiting(NOW)
    for mail in OutgoingMail.objects.filter(kind="new_comment"):
        whole = mail.text + mail.html + mail.subject + str(mail.headers)
        assert not {GUEST.email, "zoe@example.net", reader.email} & set(re.findall(r"[\w.]+@[\w.]+", whole))


def test_a_member_asks_with_one_click_from_here_only(post, reader, client_of):
    client = client_of(reader)
    assert client.post(f"/comments/hear/{post.slug}/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
    assert not ThreadSubscription.objects.exists()
    assert client.post(f"/comments/hear/{post.slug}/", headers=HERE).status_code == 302
    assert client.post(f"/comments/hear/{post.slug}/", headers=HERE).status_code == 302
    row = ThreadSubscription.objects.get()
    assert (row.user, row.email) == (reader, "") and row.confirmed_at is not None
    assert not OutgoingMail.objects.exists()


def test_asking_again_says_nothing_of_what_was_there(post, client):
    subscribing.subscribe(post, email="zoe@example.net", confirmed=True)
    known = client.post(f"/comments/hear/{post.slug}/", {"email": "zoe@example.net"})
    new = client.post(f"/comments/hear/{post.slug}/", {"email": "new@example.net"})
    assert known.content == new.content
    assert list(OutgoingMail.objects.values_list("recipient", flat=True)) == ["new@example.net"]


def test_nobodys_letter_box_is_filled(publish):
    posts = [publish(f"Post {number}", at=NOW) for number in range(4)]
    for post in posts[:3]:
        subscribing.subscribe(post, email="zoe@example.net")
    with pytest.raises(Refusal, match="Some links wait"):
        subscribing.subscribe(posts[3], email="zoe@example.net")
    assert OutgoingMail.objects.count() == 3


def test_what_makes_no_sense_is_refused(post, publish, write, say, reader, client):
    other, draft = publish("Another", at=NOW), write("A draft")
    comment = say(reader)
    with pytest.raises(Refusal):
        subscribing.subscribe(other, user=reader, thread=comment)
    with pytest.raises(Refusal):
        subscribing.subscribe(draft, user=reader)
    assert client.get(f"/comments/hear/{draft.slug}/").status_code == 404
    assert client.post(f"/comments/hear/{post.slug}/", {"email": "nonsense"}).status_code == 400
    robot = {"email": "zoe@example.net", "homepage": "https://spam.example"}
    assert client.post(f"/comments/hear/{post.slug}/", robot).status_code == 200
    for path in ("confirm/nonsense", "confirm/5:abc:def"):
        assert client.get(f"/comments/hear/{path}/").status_code == 404
    assert not ThreadSubscription.objects.exists() and not OutgoingMail.objects.exists()


def test_the_database_knows_each_subscription_once(post, reader):
    subscribing.subscribe(post, user=reader)
    with pytest.raises(IntegrityError), transaction.atomic():
        ThreadSubscription.objects.create(post=post, user=reader, token="x", created_at=NOW)


def test_what_nobody_confirmed_is_forgotten_and_what_was_confirmed_kept(post):
    subscribing.subscribe(post, email="zoe@example.net", at=NOW)
    subscribing.subscribe(post, email="yan@example.net", confirmed=True, at=NOW)
    assert subscribing.forget_unconfirmed(NOW + timedelta(days=6)) == 0
    assert subscribing.forget_unconfirmed(NOW + timedelta(days=8)) == 1
    assert ThreadSubscription.objects.get().email == "yan@example.net"
    assert forget_unconfirmed() == 0


def test_fifty_hear_in_one_question_each(post, say, reader, django_assert_max_num_queries):
    for number in range(50):
        subscribing.subscribe(post, email=f"reader{number}@example.net", confirmed=True)
    comment = say(reader)
    with django_assert_max_num_queries(70):
        telling.tell(comment.pk, at=NOW)
    assert len(recipients()) == 50
