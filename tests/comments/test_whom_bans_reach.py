"""A ban reaches the one it was meant for: no neighbour, and no further than it can say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone

from comments import moderation, posting, rules
from comments.models import Ban, Comment
from comments.rules import Writer
from core import fingerprints
from core.refusals import Refusal

BROWSER = "f" * 64
GINA = Writer(name="Gina", email="gina@example.net", fingerprint=BROWSER)


@pytest.fixture
def post(publish):
    return publish("Tides")


def is_banned(writer):
    return rules.bans_of(writer, at=timezone.now()).exists()


def test_a_guests_ban_keeps_no_member_of_the_same_network_out(post, reader, moderator):
    said = posting.post_comment(post, GINA, "Hello there all").comment
    moderation.ban(said, by=moderator, until=None)
    assert is_banned(GINA) and is_banned(replace(GINA, email="other@example.net"))
    for member in (reader, moderator):
        assert not is_banned(Writer(user=member, fingerprint=BROWSER))


def test_a_neighbours_waiting_words_stay_in_the_queue(post, moderator):
    said = posting.post_comment(post, GINA, "Buy watches").comment
    own = posting.post_comment(post, replace(GINA, fingerprint="1" * 64), "Buy more").comment
    near = posting.post_comment(
        post, Writer(name="Vera", email="vera@example.net", fingerprint=BROWSER), "A word"
    ).comment
    assert list(moderation.swept_with(said)) == [own]
    moderation.ban(said, by=moderator, until=None, decision="spam")
    assert dict(Comment.objects.values_list("pk", "status")) == {said.pk: "spam", own.pk: "spam", near.pk: "pending"}
    near.refresh_from_db()
    assert near.taught == ""


def test_whoever_wrote_in_two_browsers_has_one_ban_and_writes_again_once_it_is_lifted(post, moderator):
    browsers = [GINA, replace(GINA, fingerprint="1" * 64, email=GINA.email.upper())]
    said = [posting.post_comment(post, writer, f"From {writer.fingerprint}").comment for writer in browsers]
    week = timezone.now() + timedelta(days=7)
    for comment, until in zip(said, (None, week), strict=True):
        ban = moderation.ban(comment, by=moderator, until=until)
        assert all(map(is_banned, browsers))
    assert Ban.objects.get() == ban and ban.until == week, "the last word holds"
    moderation.unban(ban, by=moderator)
    assert not any(map(is_banned, browsers))
    with pytest.raises(IntegrityError), transaction.atomic():
        for _ in range(2):
            Ban.objects.create(guest_email=GINA.email, created_at=week)


def test_of_two_bans_the_longer_is_told(post, moderator):
    for_a_day, for_good = replace(GINA, email="a@example.net"), replace(GINA, email="b@example.net")
    for writer, until in ((for_a_day, timezone.now() + timedelta(days=1)), (for_good, None)):
        said = posting.post_comment(post, replace(writer, fingerprint=""), f"By {writer.email}").comment
        Comment.objects.filter(pk=said.pk).update(fingerprint_hash=BROWSER)
        said.refresh_from_db()
        moderation.ban(said, by=moderator, until=until)
    with pytest.raises(Refusal, match="any more"):
        rules.refuse_banned(for_a_day, at=timezone.now())


def test_a_banned_member_does_not_go_on_as_a_guest_by_their_address(post, reader, moderator):
    said = posting.post_comment(post, Writer(user=reader), "Member said").comment
    ban = moderation.ban(said, by=moderator, until=None)
    as_guest = Writer(name="R", email=reader.email.upper(), fingerprint=BROWSER)
    assert is_banned(as_guest) and not is_banned(replace(as_guest, email="somebody@example.net"))
    assert not is_banned(Writer(name="R", fingerprint=BROWSER)), "accounts without an address ban nobody"
    old = Comment(pk=1, guest_name="R", guest_email=reader.email)
    assert moderation.bans_of([old], at=timezone.now()) == {1: ban}


def test_a_banned_member_does_not_go_on_as_a_guest_in_the_same_browser(post, reader, author, moderator, client_of):
    said = posting.post_comment(post, Writer(user=reader, fingerprint=BROWSER), "Member said").comment
    html = client_of(moderator).get(f"/admin/comments/comment/{said.pk}/ban/").content.decode()
    assert "every guest with this network and browser" in html and "until the month ends" in html
    ban = moderation.ban(said, by=moderator, until=None)
    assert is_banned(Writer(name="R", email="another@example.net", fingerprint=BROWSER))
    assert not is_banned(Writer(user=author, fingerprint=BROWSER)), "whoever signed in is somebody"
    assert not is_banned(Writer(name="R", email="another@example.net", fingerprint="1" * 64))
    moderation.unban(ban, by=moderator)
    assert not is_banned(Writer(name="R", email="another@example.net", fingerprint=BROWSER))


@pytest.mark.parametrize("is_proved", [True, False])
def test_a_banned_guest_signs_in_in_vain_where_the_address_was_proved_and_else_harms_nobody(
    post, reader, author, editor, moderator, is_proved
):
    for person in (reader, editor):
        as_guest = Writer(name="R", email=person.email, fingerprint=BROWSER)
        said = posting.post_comment(post, as_guest, f"By {person}").comment
        Comment.objects.filter(pk=said.pk).update(confirmed_at=timezone.now() if is_proved else None)
        said.refresh_from_db()
        moderation.ban(said, by=moderator, until=None)
        Ban.objects.update(fingerprint_hash="")
    assert is_banned(Writer(user=reader)) is is_proved
    assert not is_banned(Writer(user=editor)) and not is_banned(Writer(user=author))
    words = posting.post_comment(post, Writer(user=editor), "Mine").comment
    theirs = Comment(pk=0, user=reader)
    assert set(moderation.bans_of([words, theirs], at=timezone.now())) == ({0} if is_proved else set())
    EmailAddress.objects.filter(user=reader).update(verified=False)
    assert not is_banned(Writer(user=reader)), "an address that is not theirs for certain"


@time_machine.travel(datetime(2026, 5, 20, 12, tzinfo=UTC), tick=False)
def test_who_is_known_by_their_browser_alone_is_banned_until_the_month_ends(post, moderator, client_of):
    said = posting.post_comment(post, replace(GINA, email=""), "No address").comment
    html = client_of(moderator).get(f"/admin/comments/comment/{said.pk}/ban/").content.decode()
    assert "Until the month ends" in html and "For good" not in html and "A year" not in html
    june = datetime(2026, 6, 1, tzinfo=UTC)
    assert moderation.ban(said, by=moderator, until=None).until == june
    assert moderation.ban(said, by=moderator, until=timezone.now() + timedelta(days=365)).until == june
    day = timezone.now() + timedelta(days=1)
    assert moderation.ban(said, by=moderator, until=day).until == day
    with time_machine.travel(june, tick=False), pytest.raises(Refusal, match="Nothing is known"):
        moderation.ban(said, by=moderator, until=None)
    assert Ban.objects.count() == 1


@time_machine.travel(datetime(2026, 5, 20, 12, tzinfo=UTC), tick=False)
def test_an_address_is_banned_for_as_long_as_was_chosen(post, moderator, client_of):
    said = posting.post_comment(post, GINA, "With an address").comment
    html = client_of(moderator).get(f"/admin/comments/comment/{said.pk}/ban/").content.decode()
    assert "For good" in html and "until the month ends" in html
    assert moderation.ban(said, by=moderator, until=None).until is None


@pytest.mark.parametrize("at", [datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)])
def test_a_guest_is_known_until_exactly_then(at):
    end = fingerprints.known_until(at)
    names = [fingerprints.of_guest("192.0.2.1", "Browser", when) for when in (at, end - timedelta(seconds=1), end)]
    assert names[0] == names[1] != names[2]
