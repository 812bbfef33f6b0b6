"""Every save that changes something is kept and can be had back."""

from datetime import timedelta

from blog import publishing, writing
from blog.models import Category, Post, PostVersion
from blog.taxonomy import save_category
from tests.blog.conftest import NOON


def test_a_save_that_changes_nothing_makes_no_version(write, author):
    post = write()
    assert writing.save(Post.objects.get(pk=post.pk), by=author) is None
    assert post.versions.count() == 1


def test_versions_say_who_when_and_why(write, editor):
    post = write()
    post.title = "Another title"
    version = writing.save(post, by=editor, reason="The old one was vague")
    assert (version.number, version.editor, version.reason, version.kind) == (
        2,
        editor,
        "The old one was vague",
        "save",
    )
    assert Post.objects.get(pk=post.pk).content_version == 2


def test_a_publication_is_always_a_version(publish):
    assert list(publish().versions.values_list("number", "kind")) == [(2, "publish"), (1, "save")]


def test_restoring_brings_back_text_tags_people_and_filing(write, author, editor, moderator):
    category = save_category(Category(name="Places"))
    post = write("First", text="The first text.", tags=["one", "two"], category=category, meta_title="M")
    writing.save(post, by=author, co_authors=[moderator])
    first = post.versions.first()
    post.title, post.content_markdown, post.category, post.meta_title = "Second", "The second.", None, ""
    writing.save(post, by=author, tags=["three"], co_authors=[])
    restored = writing.restore(post, first, by=editor)
    post = Post.objects.get(pk=post.pk)
    assert (post.title, post.content_markdown, post.category, post.meta_title) == (
        "First",
        "The first text.",
        category,
        "M",
    )
    assert "The first text." in post.content_html
    assert sorted(tag.name for tag in post.tags.all()) == ["one", "two"]
    assert list(post.co_authors.all()) == [moderator]
    assert (restored.kind, restored.number, restored.reason) == ("restore", 4, "Restored version 2")


def test_restoring_does_not_change_the_state(publish, editor):
    post = publish("First")
    first = post.versions.get(number=1)
    post.title = "Second"
    writing.save(post, by=editor)
    writing.restore(post, first, by=editor)
    assert Post.objects.get(pk=post.pk).is_public


def test_a_version_outlives_the_category_it_names(write, author):
    category = save_category(Category(name="Places"))
    post = write("First", category=category)
    first = post.versions.get()
    post.category = None
    writing.save(post, by=author)
    Category.objects.filter(pk=category.pk).delete()
    writing.restore(post, first, by=author)
    assert Post.objects.get(pk=post.pk).category is None


def test_a_version_is_kept_with_the_slug_it_had(write, author):
    post = write("First")
    first = post.versions.get()
    post.slug = "elsewhere"
    writing.save(post, by=author)
    writing.restore(post, first, by=author)
    assert Post.objects.get(pk=post.pk).slug == "first"
    assert PostVersion.objects.count() == 3


def test_a_form_that_was_open_does_not_turn_the_state_back(write, author, editor):
    post = write()
    stale = Post.objects.get(pk=post.pk)
    publishing.publish(post, by=editor)
    stale.title = "Edited while it went live"
    writing.save(stale, by=author)
    assert Post.objects.get(pk=post.pk).is_public


def test_restoring_keeps_the_address_and_byline_of_a_live_post(publish, author, editor):
    post = publish("First", by=editor)
    old = post.versions.get(number=1)
    post.slug, post.title, post.author = "second", "Second", author
    writing.save(post, by=editor)
    publishing.update(post, by=editor)
    writing.restore(post, old, by=author)
    publishing.update(post, by=editor)
    post = Post.objects.get(pk=post.pk)
    assert (post.title, post.slug, post.author) == ("First", "second", author)


def test_restoring_does_not_bring_back_an_old_end(publish, editor):
    post = publish("First", unpublish_at=NOON, at=NOON - timedelta(days=2))
    first = post.versions.get(number=1)
    post.unpublish_at = None
    assert writing.save(post, by=editor)
    writing.restore(post, first, by=editor)
    assert Post.objects.get(pk=post.pk).unpublish_at is None
