"""Every version somebody makes of a post is in the audit trail, field by field; imports and the clock write none."""

import pytest

from accounts.models import AuditEntry
from blog import publishing, writing
from blog.models import Post

pytestmark = pytest.mark.django_db


def entries(post) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(target_type__model="post", target_id=post.pk).order_by("pk"))


def test_writing_and_changing_are_two_entries_and_saving_nothing_is_none(write, author):
    post = write("Tides", text="Two words")
    post.title, post.content_markdown = "Moons", "Three short words"
    writing.save(post, by=author, reason="Better title")
    writing.save(post, by=author)
    first, second = entries(post)
    assert (first.action, first.changes, first.actor) == ("wrote", {}, author)
    assert (second.action, second.note, second.target_name) == ("changed", "Better title", "Moons")
    assert second.changes["title"] == ["Tides", "Moons"]
    assert second.changes["text"] == ["2 words", "3 words"]


def test_changes_to_a_live_post_are_written_down_when_made_and_when_shown(publish, author, editor):
    post = publish("Tides")
    AuditEntry.objects.all()._raw_delete("default")
    fresh = Post.objects.get(pk=post.pk)
    fresh.title = "Moons"
    writing.save(fresh, by=author)
    publishing.update(post, by=editor)
    made, shown = entries(post)
    assert (made.actor, made.action, made.changes["title"]) == (author, "changed", ["Tides", "Moons"])
    assert (shown.actor, shown.action, shown.changes["title"]) == (editor, "updated", ["Tides", "Moons"])


def test_restoring_is_named(write, author):
    post = write("Tides")
    post.title = "Moons"
    writing.save(post, by=author)
    writing.restore(post, post.versions.get(number=1), by=author)
    last = entries(post)[-1]
    assert (last.action, last.changes["title"]) == ("restored a version of", ["Moons", "Tides"])


def test_imports_and_the_clock_write_no_entries_for_versions(author):
    post = Post(title="Imported", content_markdown="Words.", author=author)
    writing.save(post, by=None)
    assert entries(post) == []


def test_every_step_is_written_down_with_its_note(write, author, editor):
    post = write("Tides")
    publishing.submit(post, by=author, note="Ready.")
    publishing.send_back(post, by=editor, note="Not quite.")
    steps = [(entry.actor, entry.action, entry.note, entry.changes["state"]) for entry in entries(post)[1:]]
    assert steps == [
        (author, "submitted", "Ready.", ["draft", "pending"]),
        (editor, "made a draft", "Not quite.", ["pending", "draft"]),
    ]


def test_a_refused_save_leaves_no_entry(write, author):
    post = write("Tides")
    before = len(entries(post))
    post.title = " "
    with pytest.raises(Exception, match="no title"):
        writing.save(post, by=author)
    assert len(entries(post)) == before
