"""One door for saving: rights, rendering, refusals."""

import pytest

from blog import writing
from blog.models import Post
from core import markup
from core.refusals import Refusal


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
