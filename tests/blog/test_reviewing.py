"""Asking for a review and answering it: who is asked, who is told what, and who is not."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import notifications
from accounts.models import Notification, OutgoingMail
from accounts.roles import Role, set_role
from blog import publishing, reviewing, writing
from blog.models import Post, ReviewRequest
from core.refusals import Refusal
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def second_editor(db):
    return make_person("second", Role.EDITOR)


def told(person) -> list[str]:
    return list(Notification.objects.filter(recipient=person).order_by("pk").values_list("text", flat=True))


def unread(person, at=NOON + timedelta(days=1)) -> list[str]:
    return [notice.text for notice in notifications.inbox_of(person, at).filter(read_at=None)]


def mailed(person) -> list[str]:
    return list(OutgoingMail.objects.filter(user=person).order_by("pk").values_list("subject", flat=True))


def change_live(post, by, text="Other words to read."):
    fresh = Post.objects.get(pk=post.pk)
    fresh.content_markdown = text
    writing.save(fresh, by=by)
    return fresh


def test_all_reviewers_are_asked_when_nobody_is_wished(write, author, editor, admin, moderator, reader):
    post = write("Tides")
    publishing.submit(post, by=author, note="The figures are new.", at=NOON)
    said = "author asks for a review of “Tides”. The figures are new."
    assert told(editor) == told(admin) == [said]
    assert told(author) == told(moderator) == told(reader) == []
    assert mailed(editor) == ["author asks for a review of “Tides”"]


def test_whoever_is_wished_is_asked_alone(write, author, editor, second_editor):
    post = write("Tides")
    publishing.submit(post, by=author, reviewer=editor, at=NOON)
    assert len(told(editor)) == 1 and told(second_editor) == []


def test_nobody_can_wish_for_themselves_or_for_who_may_not_publish(write, author, editor, moderator):
    for by, reviewer in ((author, moderator), (author, author), (editor, editor)):
        with pytest.raises(Refusal):
            publishing.submit(write(by=by), by=by, reviewer=reviewer, at=NOON)
    assert not ReviewRequest.objects.exists() and not Notification.objects.exists()


def test_asking_again_takes_the_new_words_and_settles_the_old_asking(write, author, editor, second_editor):
    post = write("Tides")
    publishing.submit(post, by=author, note="First.", reviewer=editor, at=NOON)
    publishing.submit(post, by=author, note="Second.", reviewer=second_editor, at=NOON + timedelta(hours=1))
    request = ReviewRequest.objects.get()
    assert (request.note, request.reviewer) == ("Second.", second_editor)
    assert unread(editor) == []
    assert len(unread(second_editor)) == 1


def test_sending_back_tells_the_author_why_and_the_wished_reviewer_that_it_is_done(
    write, author, editor, second_editor
):
    post = write("Tides")
    publishing.submit(post, by=author, reviewer=second_editor, at=NOON)
    publishing.send_back(post, by=editor, note="The source is missing.", at=NOON + timedelta(hours=1))
    said = "“Tides” was sent back. The source is missing."
    assert told(author) == [said] and unread(second_editor) == [said]
    assert mailed(author) == ["“Tides” was sent back"]
    assert told(editor) == [] and len(mailed(second_editor)) == 1
    request = ReviewRequest.objects.get()
    assert (request.decision, request.decided_by, request.answer) == ("sent_back", editor, "The source is missing.")


def test_approving_says_what_it_led_to(write, author, editor):
    now, later = write("Now"), write("Later")
    for post in (now, later):
        publishing.submit(post, by=author, at=NOON)
    publishing.publish(now, by=editor, note="Good.", at=NOON)
    publishing.schedule(later, by=editor, at=NOON + timedelta(days=2), now=NOON)
    assert told(author) == [
        "“Now” was approved: it is live. Good.",
        "“Later” was approved: it goes live on 6 May 2026, 13:00.",
    ]
    assert len(mailed(author)) == 2
    assert unread(editor) == []


def test_changes_to_a_live_post_are_approved_now_or_for_later(publish, author, editor):
    post = publish("Tides", at=NOON)
    Notification.objects.all().delete()
    change_live(post, author)
    publishing.submit(post, by=author, at=NOON)
    publishing.plan_update(post, by=editor, at=NOON + timedelta(days=2), now=NOON)
    assert told(author) == ["“Tides” was approved: it will show its changes on 6 May 2026, 13:00."]
    publishing.update(post, by=editor, at=NOON)
    assert told(author)[1:] == ["“Tides” shows its changes to readers now."]


def test_what_the_clock_brings_out_is_told_and_mailed_to_the_author(write, author, editor):
    post = write("Tides")
    publishing.schedule(post, by=editor, at=NOON, now=NOON - timedelta(days=1))
    assert mailed(author) == []
    publishing.publish_due(NOON)
    assert told(author) == ["“Tides” goes live on 4 May 2026, 13:00.", "“Tides” is live."]
    assert mailed(author) == ["“Tides” is live"]
    assert told(editor) == []


def test_what_the_clock_holds_is_told_with_the_reason(write, author, editor):
    post = write("Tides")
    publishing.schedule(post, by=editor, at=NOON, now=NOON - timedelta(days=1))
    Post.objects.filter(pk=post.pk).update(content_markdown="")
    publishing.publish_due(NOON)
    for person in (author, editor):
        assert told(person)[-1].startswith("“Tides” did not go live as planned:")
    assert Notification.objects.filter(recipient=editor, priority="urgent").exists()


def test_taking_back_tells_whoever_was_wished_and_settles_the_asking(write, author, editor):
    post = write("Tides")
    publishing.submit(post, by=author, reviewer=editor, at=NOON)
    publishing.send_back(post, by=author, note="Not yet.", at=NOON + timedelta(hours=1))
    assert unread(editor) == ["“Tides” was taken back from review. Not yet."]
    assert told(author) == []
    assert ReviewRequest.objects.get().decision == "withdrawn"


def test_discarding_and_throwing_away_say_so(publish, write, author, editor):
    live, draft = publish("Tides", at=NOON), write("Moons")
    Notification.objects.all().delete()
    change_live(live, author)
    for post in (live, draft):
        publishing.submit(post, by=author, at=NOON)
    publishing.discard(live, by=editor, at=NOON)
    publishing.trash(draft, by=editor, at=NOON)
    assert told(author) == [
        "“Tides” no longer waits for review: its changes were discarded.",
        "“Moons” was moved to the trash and no longer waits for review.",
    ]


def test_whoever_lost_the_right_to_see_it_is_not_told_its_title(write, author, editor):
    helper = make_person("helper", Role.AUTHOR)
    post = write("Tides")
    post.co_authors.add(helper)
    publishing.submit(post, by=helper, at=NOON)
    post.co_authors.clear()
    publishing.send_back(post, by=editor, at=NOON)
    assert told(helper) == [] and mailed(helper) == []
    assert told(author)[-1] == "“Tides” was sent back."
    set_role(author, Role.READER)
    publishing.publish(post, by=editor, at=NOON)
    assert "“Tides” is live." not in told(author)


def test_an_author_and_a_moderator_cannot_approve(write, author, moderator):
    post = write("Tides")
    publishing.submit(post, by=author, at=NOON)
    for person in (author, moderator):
        with pytest.raises(Refusal):
            publishing.publish(post, by=person, at=NOON)
        assert list(reviewing.waiting_for(person)) == []
    assert ReviewRequest.objects.get().decided_at is None


def test_the_queue_has_those_who_wished_me_first_then_who_waits_longest(write, author, editor, second_editor):
    order = [
        ("Wished the other", second_editor, 0),
        ("Nobody, later", None, 2),
        ("Nobody, sooner", None, 1),
        ("Wished me", editor, 3),
    ]
    for title, reviewer, hours in order:
        publishing.submit(write(title), by=author, reviewer=reviewer, at=NOON + timedelta(hours=hours))
    own = write("My own", by=editor)
    publishing.submit(own, by=editor, at=NOON)
    titles = [request.post.title for request in reviewing.waiting_for(editor)]
    assert titles == ["Wished me", "Nobody, sooner", "Nobody, later", "Wished the other"]
    assert [request.post.title for request in reviewing.asked_for(editor)] == ["My own"]
    assert {request.post.title for request in reviewing.asked_for(author)} == {title for title, _, _ in order}


def test_what_is_answered_or_thrown_away_leaves_the_queue(write, author, editor):
    answered, gone = write("Answered"), write("Gone")
    for post in (answered, gone):
        publishing.submit(post, by=author, at=NOON)
    publishing.publish(answered, by=editor, at=NOON)
    publishing.trash(gone, by=editor, at=NOON)
    assert list(reviewing.waiting_for(editor)) == []


def test_there_is_something_to_compare_with_once_somebody_looked(write, publish, author, editor):
    post = write("Tides")
    publishing.submit(post, by=author, at=NOON)
    (first,) = reviewing.waiting_for(editor)
    assert reviewing.versions_seen_before([first]) == {}
    publishing.send_back(post, by=editor, note="More.", at=NOON)
    post.content_markdown = "More words."
    writing.save(post, by=author)
    publishing.submit(post, by=author, at=NOON + timedelta(hours=1))
    live = publish("Moons", at=NOON)
    change_live(live, author)
    publishing.submit(live, by=author, at=NOON + timedelta(hours=2))
    again, changes = reviewing.waiting_for(editor)
    live.refresh_from_db()
    assert reviewing.versions_seen_before([again, changes]) == {again.pk: 1, changes.pk: live.current_version}


def test_the_second_answer_is_told_who_was_first(write, author, editor, second_editor):
    post = write("Tides")
    publishing.submit(post, by=author, at=NOON)
    request = ReviewRequest.objects.get()
    assert reviewing.claim(request.pk, by=editor, seen=1).post == post
    publishing.publish(post, by=editor, at=NOON)
    with pytest.raises(Refusal, match="editor was first: “Tides” was approved on 4 May 2026, 13:00"):
        reviewing.claim(request.pk, by=second_editor, seen=1)


def test_an_answer_is_about_the_version_that_was_looked_at(write, author, editor):
    post = write("Tides")
    publishing.submit(post, by=author, at=NOON)
    post.content_markdown = "Slipped in later."
    writing.save(post, by=author)
    with pytest.raises(Refusal, match="saved again since, as version 2"):
        reviewing.claim(ReviewRequest.objects.get().pk, by=editor, seen=1)


def test_nobody_answers_what_they_asked_themselves(write, editor):
    post = write("Tides", by=editor)
    publishing.submit(post, by=editor, at=NOON)
    with pytest.raises(Refusal, match="somebody else answers"):
        reviewing.claim(ReviewRequest.objects.get().pk, by=editor)
