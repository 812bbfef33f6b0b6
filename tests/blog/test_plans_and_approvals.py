"""What goes live by a plan is what was approved: not more, not less, and whoever planned it learns when it does not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from blog import gate, pending, publishing, reviewing, writing
from blog.models import Post, ReviewRequest, Severity
from core.refusals import Refusal
from tests.blog.admin_form import change_address, filled
from tests.blog.conftest import NOON

BEFORE = NOON - timedelta(hours=1)


@pytest.fixture
def blocking(monkeypatch):
    """Checks that find what is put into the list."""
    found = [gate.Finding("alt", Severity.BLOCKING, "One picture has no description.", place="![](a.png)")]
    monkeypatch.setattr(gate, "findings", lambda post, *, at: list(found))
    return found


def test_an_override_given_for_a_plan_holds_at_its_time(write, editor, blocking):
    post = write()
    with pytest.raises(gate.Blocked):
        publishing.schedule(post, by=editor, at=NOON, now=BEFORE)
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE, override="The picture is decoration.")
    assert publishing.publish_due(NOON) == [post.pk]


def test_an_override_does_not_cover_what_is_found_later(write, editor, blocking):
    post = write()
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE, override="The picture is decoration.")
    blocking.append(gate.Finding("broken_link", Severity.BLOCKING, "A link leads nowhere.", place="(/gone/)"))
    assert publishing.publish_due(NOON) == []
    assert Post.objects.get(pk=post.pk).status == "pending"


def test_an_override_does_not_cover_another_version(write, editor, blocking):
    post = write()
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE, override="The picture is decoration.")
    post.title = "Another title"
    writing.save(post, by=editor)
    assert publishing.publish_due(NOON) == []


def test_a_planned_update_goes_over_the_same_checks(publish, editor, monkeypatch):
    live = publish("First")
    live.title = "Second"
    writing.save(live, by=editor)
    found = [gate.Finding("alt", Severity.BLOCKING, "One picture has no description.")]
    monkeypatch.setattr(gate, "findings", lambda post, *, at: found)
    with pytest.raises(gate.Blocked):
        publishing.plan_update(live, by=editor, at=NOON, now=BEFORE)
    publishing.plan_update(live, by=editor, at=NOON, now=BEFORE, override="Decoration.")
    publishing.publish_due(NOON)
    assert Post.objects.get(pk=live.pk).title == "Second"


def test_words_of_an_author_take_back_the_plan_of_an_editor(write, author, editor):
    post = write("Approved")
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE)
    post.title = "Not approved"
    writing.save(post, by=author)
    row = Post.objects.get(pk=post.pk)
    assert (row.status, row.scheduled_at) == ("pending", None)
    assert publishing.publish_due(NOON) == []
    assert reviewing.waiting_for(editor).get().post == post


def test_restoring_takes_it_back_as_well_and_an_editors_words_do_not(write, author, editor):
    post = write("First")
    post.title = "Second"
    writing.save(post, by=author)
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE)
    post.title = "Third"
    writing.save(post, by=editor)
    assert Post.objects.get(pk=post.pk).status == "scheduled"
    writing.restore(post, post.versions.get(number=1), by=author)
    assert Post.objects.get(pk=post.pk).status == "pending"


def test_the_author_is_told_that_the_plan_is_off(client_of, author, write, editor):
    post = write("Approved")
    publishing.schedule(post, by=editor, at=timezone.now() + timedelta(days=1))
    sent = filled(post, title="Not approved", author="")
    page = client_of(author).post(change_address(post), sent, follow=True).content.decode()
    assert "it waits for review again and has no date" in page


def test_what_is_held_waits_in_the_queue_of_whoever_planned_it(write, editor):
    post = write()
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE)
    Post.objects.filter(pk=post.pk).update(content_markdown="")
    publishing.publish_due(NOON)
    request = reviewing.waiting_for(editor).get()
    assert request.reviewer == editor and request.note.startswith("Held by the clock: The post has no text")
    assert AuditEntry.objects.filter(action="held", actor=None).count() == 1
    assert not AuditEntry.objects.filter(action="submitted").exists()


def test_when_the_planner_is_gone_everybody_who_may_publish_is_told(write, editor, admin):
    post = write()
    publishing.schedule(post, by=editor, at=NOON, now=BEFORE)
    editor.is_active = False
    editor.save()
    Post.objects.filter(pk=post.pk).update(content_markdown="")
    publishing.publish_due(NOON)
    assert admin in {row.recipient for row in Notification.objects.filter(priority="urgent")}
    assert reviewing.waiting_for(admin).count() == 1


def test_what_fails_by_accident_is_tried_again_and_then_held(write, editor, monkeypatch):
    post, other = write(), write()
    for each in (post, other):
        publishing.schedule(each, by=editor, at=NOON, now=BEFORE)
    right = publishing.publish

    def accident(which, **how):
        return 1 / 0 if which.pk == post.pk else right(which, **how)

    monkeypatch.setattr(publishing, "publish", accident)
    assert publishing.publish_due(NOON) == [other.pk]
    publishing.publish_due(NOON + timedelta(minutes=4))
    assert Post.objects.get(pk=post.pk).status == "scheduled"
    publishing.publish_due(NOON + timedelta(minutes=5))
    assert Post.objects.get(pk=post.pk).status == "pending"
    assert Notification.objects.filter(recipient=editor, priority="urgent").count() == 1


@pytest.fixture
def live(publish, author):
    """A live post at which its author wrote something more."""
    post = publish("First")
    post.title = "Second"
    writing.save(post, by=author)
    return post


def test_an_author_does_not_discard_what_an_editor_wrote_or_planned(live, author, editor):
    publishing.plan_update(live, by=editor, at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refusal, match="only an editor discards"):
        publishing.discard(live, by=author)
    publishing.cancel_update(live, by=editor)
    opened = Post.objects.get(pk=live.pk)
    pending.open_newest(opened)
    opened.excerpt = "By an editor."
    writing.save(opened, by=editor)
    with pytest.raises(Refusal, match="only an editor discards"):
        publishing.discard(live, by=author)
    assert publishing.discard(live, by=editor)


def test_nobody_discards_what_they_have_not_seen(live, editor):
    with pytest.raises(Refusal, match="version 3 meanwhile"):
        publishing.discard(live, by=editor, seen=2)
    assert publishing.discard(live, by=editor, seen=3)


def test_a_review_of_changes_that_are_gone_is_closed(live, author):
    publishing.submit(live, by=author)
    back = Post.objects.get(pk=live.pk)
    writing.save(back, by=author)
    assert pending.change_of(live) is None
    assert ReviewRequest.objects.get().decision == "withdrawn"


def test_a_by_line_that_waits_locks_nobody_out(client_of, live, author, editor):
    opened = Post.objects.get(pk=live.pk)
    pending.open_newest(opened)
    opened.author = editor
    writing.save(opened, by=editor)
    assert client_of(author).get(change_address(live)).status_code == 200


def test_an_import_writes_over_no_change_that_waits(live):
    row = Post.objects.get(pk=live.pk)
    row.content_markdown = "From elsewhere."
    with pytest.raises(Refusal, match="wait here"):
        writing.save(row, by=None)


def test_an_import_that_takes_a_post_down_keeps_what_waited(live):
    publishing.place(live, status="draft", published_at=None, at=NOON)
    assert Post.objects.get(pk=live.pk).title == "Second"
    assert pending.change_of(live) is None


def test_the_time_somebody_chose_is_offered_again_when_a_check_holds_it_back(client_of, editor, live, monkeypatch):
    found = [gate.Finding("alt", Severity.BLOCKING, "One picture has no description.")]
    monkeypatch.setattr(gate, "findings", lambda post, *, at: found)
    when = (timezone.localtime(timezone.now()) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    sent = filled(live, base_version=3, _step="plan_update", scheduled_at=when)
    answer = client_of(editor).post(change_address(live), sent)
    assert answer["Location"].endswith("#checks")
    page = client_of(editor).get(answer["Location"]).content.decode()
    assert f'value="{when}"' in page
    assert pending.change_of(live).go_live_at is None
