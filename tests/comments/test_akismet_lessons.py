"""What moderators decide goes back to Akismet: only with a key, only what it judged otherwise, and never lost."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
import time_machine

from comments import akismet, correcting, erasing, moderation, posting, rules
from comments.models import AkismetLesson, Comment, ConversationSettings
from comments.posting import Verdict, post_comment
from comments.rules import Writer
from comments.tasks import send_corrections
from config.schedule import BEAT_SCHEDULE
from core import cache, outbound

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GUEST = Writer(name="Ida", email="ida@example.org", fingerprint="f" * 64, user_agent="Firefox")
THANKS = b"Thanks for making the web a better place."


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def post(publish):
    return publish("Boats", at=NOW - timedelta(days=1))


@pytest.fixture
def key(db):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"akismet_key": "a-key"})
    cache.renew(rules.GENERATION)


@pytest.fixture
def service(monkeypatch, key):
    """Answers in the service's place; what was sent is kept as (method, fields)."""
    sent = []

    def answer_with(content=THANKS, status=200):
        def fetch(url, **how):
            fields = {name: values[0] for name, values in parse_qs(how["body"].decode()).items()}
            sent.append((url.rsplit("/")[-1], fields))
            if isinstance(content, BaseException):
                raise content
            return outbound.Answer(status, {}, content, url)

        monkeypatch.setattr(akismet, "fetch", fetch)
        return sent

    return answer_with


def said_by(writer, post, *, suspected=False, words="Cheap watches."):
    found = [{"code": "akismet", "points": 3.0, "words": []}] if suspected else []
    return post_comment(post, writer, words, judge=lambda *_: Verdict("hold", found, 3.0)).comment


@pytest.mark.parametrize(
    ("suspected", "decision", "method"),
    [(False, "spam", "submit-spam"), (True, "approve", "submit-ham"), (True, "spam", ""), (False, "approve", ""),
     (True, "reject", ""), (False, "reject", "")],
)  # fmt: skip
def test_what_it_judged_otherwise_is_sent_back_and_nothing_else(
    post, moderator, service, suspected, decision, method, queued, django_capture_on_commit_callbacks
):
    sent = service()
    comment = said_by(GUEST, post, suspected=suspected)
    with django_capture_on_commit_callbacks(execute=True):
        moderation.decide(comment.pk, decision, by=moderator)
    assert sent == [], "nobody waits for another server"
    assert (("comments.tasks.send_corrections", ()) in queued) is bool(method)
    assert send_corrections() == bool(method)
    assert [name for name, _fields in sent] == [method] * bool(method)
    assert send_corrections() == 0 and len(sent) == bool(method)


def test_it_hears_the_same_words_as_before_and_no_address_of_a_network(post, moderator, service):
    sent = service()
    moderation.decide(said_by(GUEST, post).pk, "spam", by=moderator)
    correcting.send_due()
    [(_method, fields)] = sent
    assert fields["comment_content"] == "Cheap watches." and fields["comment_author"] == "Ida"
    assert fields["comment_author_email"] == "ida@example.org" and fields["user_agent"] == "Firefox"
    assert fields["api_key"] == "a-key" and fields["permalink"].endswith("/blog/boats/") and "user_ip" not in fields


def test_without_a_key_there_is_not_even_a_row(post, moderator, monkeypatch):
    monkeypatch.setattr(akismet, "fetch", None)
    moderation.decide(said_by(GUEST, post).pk, "spam", by=moderator)
    assert not AkismetLesson.objects.exists() and send_corrections() == 0


def test_a_key_taken_back_takes_back_what_waited(post, moderator, service, monkeypatch):
    sent = service()
    moderation.decide(said_by(GUEST, post).pk, "spam", by=moderator)
    monkeypatch.setattr(rules, "current", ConversationSettings)
    assert send_corrections() == 0
    monkeypatch.undo()
    assert correcting.send_due() == 0 and sent == []


@pytest.mark.parametrize("answer", [(outbound.TimedOut("took longer"),), (b"", 500), (b"invalid",)])
def test_what_was_not_heard_is_sent_again_and_given_up_in_the_end(post, moderator, service, clock, answer):
    sent = service(*answer)
    moderation.decide(said_by(GUEST, post).pk, "spam", by=moderator)
    assert correcting.send_due() == 0 and correcting.send_due() == 0 and len(sent) == 1
    clock.shift(timedelta(seconds=61))
    correcting.send_due()
    assert len(sent) == 2
    for _ in range(20):
        clock.shift(timedelta(days=2))
        correcting.send_due()
    assert len(sent) == 1 + len(correcting.RETRY_AFTER)
    assert AkismetLesson.objects.get().next_try_at is None


def test_a_sender_killed_in_the_middle_loses_nothing(post, moderator, service, clock):
    class Killed(BaseException):
        pass

    service(Killed())
    moderation.decide(said_by(GUEST, post).pk, "spam", by=moderator)
    with pytest.raises(Killed):
        correcting.send_due()
    sent = service()
    assert correcting.send_due() == 0, "it is claimed"
    clock.shift(correcting.CLAIM_LASTS)
    assert correcting.send_due() == 1 and sent[-1][0] == "submit-spam"


def test_a_decision_taken_back_before_it_was_sent_is_not_sent_and_after_is_corrected(post, moderator, service):
    sent = service()
    comment = said_by(GUEST, post)
    moderation.decide(comment.pk, "spam", by=moderator)
    moderation.decide(comment.pk, "approve", by=moderator)
    assert correcting.send_due() == 0
    moderation.decide(comment.pk, "spam", by=moderator)
    assert correcting.send_due() == 1
    moderation.decide(comment.pk, "approve", by=moderator)
    assert correcting.send_due() == 1
    assert [name for name, _fields in sent] == ["submit-spam", "submit-ham"]


def test_a_decision_while_it_is_being_sent_is_heard_as_well(post, moderator, service, monkeypatch):
    sent = service()
    comment = said_by(GUEST, post)
    moderation.decide(comment.pk, "spam", by=moderator)
    heard = akismet.correct

    def correct(*what, **how):
        monkeypatch.setattr(akismet, "correct", heard)
        heard(*what, **how)
        moderation.decide(comment.pk, "approve", by=moderator)

    monkeypatch.setattr(akismet, "correct", correct)
    correcting.send_due()
    assert correcting.send_due() == 1
    assert [name for name, _fields in sent] == ["submit-spam", "submit-ham"]


def test_what_was_erased_is_told_to_nobody(post, admin, service):
    sent = service()
    comment = said_by(GUEST, post)
    moderation.decide(comment.pk, "spam", by=admin)
    erasing.erase(comment.pk, by=admin)
    assert correcting.send_due() == 0 and sent == []


def test_a_decision_that_fails_leaves_no_row(post, moderator, service):
    service()
    comment = said_by(GUEST, post)
    posting.delete(comment)
    assert moderation.decide_all([comment.pk], "spam", by=moderator) == 0
    assert not AkismetLesson.objects.exists() and Comment.objects.get().status == "deleted"


def test_the_clock_finds_what_the_queue_dropped():
    assert "comments.tasks.send_corrections" in {entry["task"] for entry in BEAT_SCHEDULE.values()}
