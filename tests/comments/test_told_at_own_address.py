"""Each address hears of a comment once, and nobody is silenced by a guest who types theirs."""

import pytest
from django.utils import translation

from accounts import mail_choices
from accounts.models import Notification, OutgoingMail
from comments import moderation, posting, subscribing, telling
from comments.models import Comment, ConversationSettings
from comments.rules import GENERATION, Writer
from core import cache

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(publish):
    made = publish("Tides")
    OutgoingMail.objects.all().delete()
    return made


@pytest.fixture
def guests(django_capture_on_commit_callbacks):
    def be(how: str) -> None:
        ConversationSettings.objects.update_or_create(
            pk=1, defaults={"moderate_members": False, "guests": how, "trusted_after": 0}
        )
        with django_capture_on_commit_callbacks(execute=True):
            cache.renew(GENERATION)

    return be


def mails(person) -> list[str]:
    return list(OutgoingMail.objects.filter(recipient__iexact=person.email).values_list("kind", flat=True))


def notices(person) -> int:
    return Notification.objects.filter(recipient=person, category="comment").count()


def test_an_author_who_also_asked_at_the_same_address_gets_one_mail(post, author, reader, guests):
    guests("trust")
    subscribing.subscribe(post, email=author.email.upper(), confirmed=True)
    posting.post_comment(post, Writer(user=reader), "Well said.")
    telling.tell_waiting()
    assert mails(author) == ["notification: comment"]


@pytest.mark.parametrize("choice", ["daily", "never"])
def test_an_author_with_a_digest_or_no_mails_who_asked_for_this_post_hears_of_it_at_once(
    post, author, reader, guests, choice
):
    guests("trust")
    mail_choices.choose(author, {"comment": choice})
    subscribing.subscribe(post, user=author)
    posting.post_comment(post, Writer(user=reader), "Well said.")
    telling.tell_waiting()
    assert mails(author) == ["new_comment"] and notices(author) == 1


def test_a_guest_who_types_the_authors_address_silences_nobody(post, author, reader, guests):
    guests("trust")
    subscribing.subscribe(post, user=reader)
    for person in (author, reader):
        posting.post_comment(post, Writer(name="Gina", email=person.email, fingerprint="f" * 64), f"Not {person}.")
    telling.tell_waiting()
    assert notices(author) == 2
    assert mails(reader) == ["new_comment", "new_comment"]


def test_whoever_confirmed_the_address_hears_nothing_of_themselves(post, author, reader, guests):
    guests("confirm")
    subscribing.subscribe(post, user=reader)
    for person in (author, reader):
        said = posting.post_comment(post, Writer(name="Gina", email=person.email), f"Myself, {person}.").comment
        posting.confirm(said)
    OutgoingMail.objects.all().delete()
    telling.tell_waiting()
    assert notices(author) == 1  # of the reader's
    assert mails(reader) == ["new_comment"]  # of the author's


def test_whether_an_address_was_proved_is_what_happened_and_not_what_the_settings_say_now(
    post, author, reader, moderator, guests
):
    subscribing.subscribe(post, user=reader)
    guests("trust")
    typed = posting.post_comment(post, Writer(name="Gina", email=author.email), "Typed, not proved.").comment
    guests("confirm")
    asked = [
        posting.post_comment(post, Writer(name="Gina", email=address), f"I am {address}.").comment
        for address in (author.email, reader.email)
    ]
    for said in asked:
        posting.confirm(said)
    unread = posting.post_comment(post, Writer(name="Gina", email=author.email), "Let through unproved.").comment
    moderation.decide(unread.pk, "approve", by=moderator)
    guests("trust")
    OutgoingMail.objects.all().delete()
    telling.tell_waiting()
    told = Notification.objects.filter(recipient=author, category="comment").values_list("target_id", flat=True)
    assert set(told) == {typed.pk, asked[1].pk, unread.pk}, "of what the author said themselves they hear nothing"
    assert mails(reader) == ["new_comment"] * 3
    assert [bool(Comment.objects.get(pk=each.pk).confirmed_at) for each in (typed, *asked, unread)] == [
        False, True, True, False
    ]  # fmt: skip


def test_a_guest_who_asked_hears_nothing_of_themselves(post, guests):
    guests("trust")
    subscribing.subscribe(post, email="gina@example.net", confirmed=True)
    posting.post_comment(post, Writer(name="Gina", email="gina@example.net"), "It is me.")
    telling.tell_waiting()
    assert not OutgoingMail.objects.filter(recipient="gina@example.net").exists()


def test_moderators_hear_of_new_names_in_the_main_language(post, moderator, guests, settings):
    guests("moderate")
    settings.LANGUAGE_CODE = "de"
    with translation.override("fr"):
        for name in ("Gina", "Hans", "Ines"):
            posting.post_comment(post, Writer(name=name, email=f"{name}@example.net".lower()), f"I am {name}.")
            telling.tell_waiting()
    said = Notification.objects.get(recipient=moderator)
    assert "for the first time" not in said.text and "zum ersten Mal" in said.text
    assert "Ines" in said.text and "2 weitere" in said.text
