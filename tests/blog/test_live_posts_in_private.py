"""A live post is edited in private: readers see nothing until it is updated."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from blog import pending, publishing, versions, writing
from blog.models import Category, PendingChange, Post, PostVersion, Redirect
from blog.taxonomy import save_category
from core import cache
from core.refusals import Refusal
from tests.blog.conftest import NOON


@pytest.fixture
def live(publish):
    return publish("First title", text="First words.", tags=["old"])


@pytest.fixture
def edit():
    def change(post, by, *, tags=None, base_version=None, **fields):
        """What somebody does who opens the post, changes something and saves."""
        opened = Post.objects.get(pk=post.pk)
        pending.open_newest(opened)
        for name, value in fields.items():
            setattr(opened, name, value)
        return writing.save(opened, by=by, tags=tags, base_version=base_version)

    return change


def reader_sees(post):
    page = Client().get(Post.objects.get(pk=post.pk).get_absolute_url())
    assert page.status_code == 200
    return page.content.decode()


def test_readers_see_nothing_of_a_saved_change(live, edit, author):
    version = edit(live, author, title="Second title", content_markdown="Second words.", slug="second", tags=["new"])
    assert version.number == 3
    page = reader_sees(live)
    assert "First words." in page
    assert "Second" not in page and "new" not in [tag.name for tag in Post.objects.get(pk=live.pk).tags.all()]
    row = Post.objects.get(pk=live.pk)
    assert (row.content_version, row.current_version) == (3, 2)


def test_updating_shows_everything_at_once_and_leaves_a_redirect(live, edit, author, editor):
    edit(live, author, title="Second title", content_markdown="Second words.", slug="second", tags=["new"])
    assert publishing.update(live, by=editor)
    assert "Second words." in reader_sees(live)
    row = Post.objects.get(pk=live.pk)
    assert [tag.name for tag in row.tags.all()] == ["new"]
    assert row.get_absolute_url() == "/blog/second/"
    assert Redirect.objects.get().old_path == "/blog/first-title/"
    assert not PendingChange.objects.exists()
    assert row.content_version == row.current_version == 4
    assert versions.latest(row).kind == PostVersion.Kind.PUBLISH


def test_the_first_publication_keeps_its_time(live, edit, author, editor):
    before = Post.objects.get(pk=live.pk).published_at
    edit(live, author, title="Second title")
    publishing.update(live, by=editor)
    assert Post.objects.get(pk=live.pk).published_at == before


def test_a_second_save_goes_on_from_the_first(live, edit, author):
    edit(live, author, title="Second title")
    edit(live, author, excerpt="A summary.")
    change = pending.change_of(live)
    assert change.version.snapshot["title"] == "Second title"
    assert change.version.snapshot["excerpt"] == "A summary."
    assert PendingChange.objects.count() == 1


def test_saving_what_is_there_makes_nothing(live, edit, author):
    assert edit(live, author) is None
    edit(live, author, title="Second title")
    assert edit(live, author) is None
    assert live.versions.count() == 3


def test_going_back_to_what_readers_see_leaves_nothing_waiting(live, edit, author):
    edit(live, author, title="Second title")
    edit(live, author, title="First title")
    row = Post.objects.get(pk=live.pk)
    assert not PendingChange.objects.exists()
    assert row.content_version == row.current_version == 4


def test_whoever_may_not_publish_may_not_update(live, edit, author, moderator):
    edit(live, author, title="Second title")
    for person in (author, moderator):
        with pytest.raises(Refusal):
            publishing.update(live, by=person)
        with pytest.raises(Refusal):
            publishing.plan_update(live, by=person, at=timezone.now() + timedelta(days=1))
    assert "First title" in reader_sees(live)


def test_updating_twice_is_updating_once(live, edit, author, editor):
    edit(live, author, title="Second title")
    assert [publishing.update(live, by=editor), publishing.update(live, by=editor)] == [True, False]
    assert live.versions.count() == 4


def test_a_planned_update_comes_to_the_second(live, edit, author, editor):
    edit(live, author, title="Second title")
    assert publishing.plan_update(live, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    publishing.publish_due(NOON - timedelta(seconds=1))
    assert "First title" in reader_sees(live)
    publishing.publish_due(NOON)
    publishing.publish_due(NOON)
    assert "Second title" in reader_sees(live)
    assert live.versions.count() == 4


def test_a_plan_is_for_a_time_to_come(live, edit, author, editor):
    with pytest.raises(Refusal, match="nothing to bring out"):
        publishing.plan_update(live, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    edit(live, author, title="Second title")
    with pytest.raises(Refusal, match="has passed"):
        publishing.plan_update(live, by=editor, at=NOON, now=NOON)


def test_an_authors_edit_takes_back_the_plan_and_an_editors_keeps_it(live, edit, author, editor):
    edit(live, author, title="Second title")
    publishing.plan_update(live, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    edit(live, editor, excerpt="Approved.")
    assert pending.change_of(live).go_live_at == NOON
    edit(live, author, title="Not approved")
    assert pending.change_of(live).go_live_at is None
    publishing.publish_due(NOON)
    assert "Not approved" not in reader_sees(live)


def test_a_plan_can_be_taken_back(live, edit, author, editor):
    edit(live, author, title="Second title")
    publishing.plan_update(live, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    assert publishing.cancel_update(live, by=editor)
    assert not publishing.cancel_update(live, by=editor)
    publishing.publish_due(NOON)
    assert "First title" in reader_sees(live)
    assert pending.change_of(live) is not None


def test_a_planned_update_that_cannot_go_live_is_held_and_its_planner_told(live, edit, author, editor, publish):
    edit(live, author, slug="wanted")
    publishing.plan_update(live, by=editor, at=NOON, now=NOON - timedelta(hours=1))
    other = publish("Other")
    Post.objects.filter(pk=other.pk).update(slug="wanted")
    publishing.publish_due(NOON)
    assert pending.change_of(live).go_live_at is None
    assert "First title" in reader_sees(live)
    told = Notification.objects.filter(category="publication", priority="urgent")
    assert {row.recipient for row in told} == {author, editor}
    assert "wanted" in told[0].text
    assert AuditEntry.objects.filter(action="held an update", actor=None).exists()


def test_discarding_keeps_the_history_and_begins_anew_from_what_is_live(live, edit, author):
    edit(live, author, title="Second title")
    assert publishing.discard(live, by=author)
    assert not publishing.discard(live, by=author)
    row = Post.objects.get(pk=live.pk)
    assert row.content_version == row.current_version == 4
    assert versions.latest(row).snapshot["title"] == "First title"
    assert live.versions.get(number=3).snapshot["title"] == "Second title"


def test_another_authors_changes_are_not_theirs_to_discard(live, edit, author, reader):
    edit(live, author, title="Second title")
    with pytest.raises(Refusal):
        publishing.discard(live, by=reader)
    assert pending.change_of(live)


def test_an_address_that_is_taken_is_refused_when_it_is_saved(live, edit, author, write):
    write("Taken")
    with pytest.raises(Refusal, match="has the address “taken”"):
        edit(live, author, slug="taken")
    assert not PendingChange.objects.exists()


def test_restoring_at_a_live_post_waits_as_well(live, edit, author, editor):
    edit(live, author, content_markdown="Second words.")
    publishing.update(live, by=editor)
    writing.restore(live, live.versions.get(number=1), by=author)
    assert "Second words." in reader_sees(live)
    assert pending.change_of(live).version.snapshot["content_markdown"] == "First words."


def test_archiving_keeps_the_changes_as_the_text(live, edit, author, editor):
    edit(live, author, title="Second title", slug="second")
    publishing.archive(live, by=editor)
    row = Post.objects.get(pk=live.pk)
    assert (row.title, row.status) == ("Second title", "archived")
    assert row.content_version == row.current_version
    assert not PendingChange.objects.exists()


def test_archiving_keeps_the_text_when_the_new_address_was_taken(live, edit, author, editor, write):
    edit(live, author, title="Second title", slug="second")
    Post.objects.filter(pk=write("Other").pk).update(slug="second")
    publishing.archive(live, by=editor)
    row = Post.objects.get(pk=live.pk)
    assert (row.title, row.slug) == ("Second title", "first-title")


def test_the_trash_keeps_the_changes_too(live, edit, author, editor):
    edit(live, author, title="Second title")
    publishing.trash(live, by=editor)
    publishing.restore(live, by=editor)
    assert Post.objects.get(pk=live.pk).title == "Second title"


def test_when_it_comes_down_is_decided_at_once(live, edit, editor):
    down = timezone.now() + timedelta(days=3)
    edit(live, editor, unpublish_at=down)
    assert Post.objects.get(pk=live.pk).unpublish_at == down
    assert not PendingChange.objects.exists()


def test_an_archived_post_does_not_get_its_passed_end_back(live, edit, author, editor):
    edit(live, editor, unpublish_at=timezone.now() + timedelta(days=3))
    edit(live, author, title="Second title")
    publishing.publish_due(timezone.now() + timedelta(days=4))
    row = Post.objects.get(pk=live.pk)
    assert (row.status, row.title, row.unpublish_at) == ("archived", "Second title", None)


def test_a_category_deleted_meanwhile_is_left_empty(live, edit, editor):
    places = save_category(Category(name="Places"))
    edit(live, editor, category=places)
    Category.objects.filter(pk=places.pk).delete()
    publishing.update(live, by=editor)
    assert Post.objects.get(pk=live.pk).category is None


def test_a_stale_save_at_a_live_post_is_refused(live, edit, author, editor):
    edit(live, author, title="Second title", base_version=2)
    with pytest.raises(writing.StaleSave) as refused:
        edit(live, editor, title="Third title", base_version=2)
    assert (refused.value.base, refused.value.newest) == (2, 3)


def test_changes_are_reviewed_and_updated_as_approved(live, edit, author, editor):
    with pytest.raises(Refusal, match="nothing to review"):
        publishing.submit(live, by=author)
    edit(live, author, title="Second title")
    publishing.submit(live, by=author, note="Mended the title.")
    request = live.review_requests.get()
    assert request.version.number == 3
    publishing.update(live, by=editor)
    request.refresh_from_db()
    assert (request.decision, request.decided_by) == ("approved", editor)


def test_changes_sent_back_go_on_waiting(live, edit, author, editor):
    edit(live, author, title="Second title")
    publishing.submit(live, by=author)
    assert publishing.send_back(live, by=editor, note="The old title was right.")
    assert live.review_requests.get().decision == "sent_back"
    assert pending.change_of(live)
    assert Post.objects.get(pk=live.pk).is_public


def test_a_snapshot_older_than_a_field_says_what_the_field_says_by_itself(live, author):
    version = versions.latest(live)
    for name in ("show_update_reason", "series_id", "series_position"):
        del version.snapshot[name]
    PostVersion.objects.filter(pk=version.pk).update(snapshot=version.snapshot)
    assert writing.save(Post.objects.get(pk=live.pk), by=author) is None


def test_a_version_is_neither_changed_nor_deleted(live):
    version = versions.latest(live)
    for change in (version.save, version.delete):
        with pytest.raises(TypeError):
            change()
    version.name = "As sent to the lawyer"
    version.save(update_fields=["name"])
    live.delete()
    assert not PostVersion.objects.exists()


def test_readers_pages_are_made_anew_by_an_update(live, edit, author, editor, django_capture_on_commit_callbacks):
    before = cache.generation("posts")
    with django_capture_on_commit_callbacks(execute=True):
        edit(live, author, title="Second title")
    assert cache.generation("posts") == before
    with django_capture_on_commit_callbacks(execute=True):
        publishing.update(live, by=editor)
    assert cache.generation("posts") != before
