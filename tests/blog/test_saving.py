"""One door for saving: rights, rendering, refusals."""

import threading

import pytest
from django.db import connection, connections

from blog import publishing, writing
from blog.models import Post
from core import markup
from core.refusals import Refusal
from tests.blog.conftest import NOON


def test_an_author_cannot_save_somebody_elses_post(write, editor, author):
    post = write(by=editor)
    post.title = "Taken over"
    with pytest.raises(Refusal, match="only posts of your own"):
        writing.save(post, by=author)
    assert Post.objects.get(pk=post.pk).title != "Taken over"


def test_a_co_author_may_save(write, author, moderator):
    post = write(by=author)
    writing.save(post, by=author, co_authors=[moderator])
    post.title = "Together"
    assert writing.save(post, by=moderator)


def test_taking_over_by_changing_the_author_is_refused(write, editor, author):
    post = write(by=editor)
    post.author = author
    with pytest.raises(Refusal):
        writing.save(post, by=author)


def test_an_author_cannot_write_in_anothers_name_or_give_a_post_away(write, editor, author):
    with pytest.raises(Refusal, match="in somebody else"):
        writing.save(Post(title="Theirs", content_markdown="x", author=editor), by=author)
    post = write(by=author)
    post.author = editor
    with pytest.raises(Refusal, match="in somebody else"):
        writing.save(post, by=author)
    assert writing.save(post, by=editor)


def test_a_reader_cannot_write(db, reader):
    with pytest.raises(Refusal):
        writing.save(Post(title="Mine", content_markdown="x", author=reader), by=reader)
    assert not Post.objects.exists()


def test_a_post_needs_a_title(db, author):
    with pytest.raises(Refusal, match="no title yet") as refused:
        writing.save(Post(title="  ", content_markdown="x", author=author), by=author)
    assert refused.value.field == "title"


def test_a_post_deleted_meanwhile_is_said_so(write, author):
    post = write()
    Post.objects.filter(pk=post.pk).delete()
    with pytest.raises(Refusal, match="deleted meanwhile"):
        writing.save(post, by=author)


def test_everything_computed_comes_out_of_one_rendering(write, author, monkeypatch):
    post = write(text="# One\n\nFirst words.\n\n## Two\n\nMore words here.")
    assert post.word_count == 7
    assert post.reading_time_minutes == 1
    assert post.automatic_excerpt.startswith("First words.")
    assert [heading["text"] for heading in post.table_of_contents] == ["One", "Two"]
    calls = []
    monkeypatch.setattr(markup, "render", lambda *args, **kwargs: calls.append(args))
    post.title = "Only the title"
    writing.save(post, by=author)
    assert calls == []


def test_a_text_over_one_megabyte_is_refused_and_nothing_is_lost(write, author):
    post = write(text="Short.")
    post.content_markdown = "word " * 210_000
    with pytest.raises(Refusal, match="MB") as refused:
        writing.save(post, by=author)
    assert refused.value.field == "content_markdown"
    assert Post.objects.get(pk=post.pk).content_markdown == "Short."


def test_a_summary_by_hand_wins_over_the_beginning_of_the_text(write):
    assert write(text="The beginning.").summary == "The beginning."
    assert write(text="The beginning.", excerpt="By hand.").summary == "By hand."


def test_a_failed_save_leaves_nothing_behind(write, author, monkeypatch):
    post = write("First", text="Before.")
    monkeypatch.setattr("blog.versions.record", lambda *args, **kwargs: 1 / 0)
    post.title = "Second"
    with pytest.raises(ZeroDivisionError):
        writing.save(post, by=author, tags=["new"])
    post = Post.objects.get(pk=post.pk)
    assert (post.title, post.tags.count()) == ("First", 0)


def test_only_editors_decide_what_is_featured_comes_down_or_is_a_page(publish, author, editor):
    post = publish()
    for field, value in (("is_featured", True), ("unpublish_at", NOON.replace(year=2100)), ("kind", "page")):
        changed = Post.objects.get(pk=post.pk)
        setattr(changed, field, value)
        with pytest.raises(Refusal) as refused:
            writing.save(changed, by=author)
        assert refused.value.field == field
        assert writing.save(changed, by=editor)
        publishing.update(changed, by=editor)
        post.refresh_from_db()


def test_a_save_from_an_older_version_is_refused_under_the_lock(write, author):
    post = write()
    mine, theirs = Post.objects.get(pk=post.pk), Post.objects.get(pk=post.pk)
    theirs.title = "Theirs"
    writing.save(theirs, by=author, base_version=1)
    mine.title = "Mine"
    with pytest.raises(writing.StaleSave, match="version 2 while you were writing on version 1"):
        writing.save(mine, by=author, base_version=1)
    assert Post.objects.get(pk=post.pk).title == "Theirs"


def test_a_save_does_not_turn_counters_back(write, author):
    post = write()
    Post.objects.filter(pk=post.pk).update(view_count=500, like_count=7)
    post.title = "Changed"
    writing.save(post, by=author)
    assert Post.objects.values_list("view_count", "like_count").get(pk=post.pk) == (500, 7)


def test_a_post_has_a_bounded_number_of_tags(write):
    assert write(tags=[f"tag {number}" for number in range(200)]).tags.count() == 200
    with pytest.raises(Refusal, match="at most 200 tags"):
        write(tags=[f"tag {number}" for number in range(201)])


@pytest.mark.django_db(transaction=True)
def test_rendering_never_happens_inside_the_transaction(write, author, monkeypatch):
    inside = []
    render = markup.render

    def watched(*args, **kwargs):
        inside.append(connection.in_atomic_block)
        return render(*args, **kwargs)

    writing._rendered.cache_clear()
    monkeypatch.setattr(markup, "render", watched)
    post = write(text="Never rendered before.")
    post.content_markdown = "Nor this."
    writing.save(post, by=author)
    assert inside == [False, False]


@pytest.mark.django_db(transaction=True)
def test_the_same_title_saved_at_once_gets_different_addresses(author):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory SQLite database belongs to one thread; the PostgreSQL run tries this")
    refused: list[Exception] = []

    def save():
        try:
            writing.save(Post(title="Same", content_markdown="x", author=author), by=author, tags=["b", "a"])
        except Exception as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert Post.objects.filter(slug__startswith="same").count() == 6
