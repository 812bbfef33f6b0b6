"""A picture that changes is shown anew: in texts, whose words and dates stay, and in pages that were kept."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from accounts.authors import ensure_profile
from blog import pending, publishing, rendering, tasks, writing
from blog.models import Post, PostVersion
from core import cache, markup
from core.events import announce
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed, asset_ready, asset_removed
from tests.blog.conftest import NOON
from tests.media_assets.making_assets import make_asset

TASK = ("blog.tasks.render_waiting", ())
STAYS = (
    "content_markdown",
    "updated_at",
    "content_changed_at",
    "content_version",
    "current_version",
    "last_updated_reason",
)


@pytest.fixture
def picture(db):
    return make_asset(focal_x=0.5)


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Runs what waits for the end of the transaction."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def announce_change(commit, picture, signal=asset_changed, **fields):
    with commit():
        MediaAsset.objects.filter(pk=picture.pk).update(updated_at=timezone.now(), **fields)
        announce(signal, asset_id=picture.pk)


def text(picture):
    return f"Some words.\n\n![Alt]({picture.url})"


def waiting():
    return set(Post.objects.filter(render_version=0))


def test_a_replaced_picture_is_shown_anew_without_a_version_or_a_date(publish, picture, commit, queued):
    post, other = publish(text=text(picture), at=NOON), publish(at=NOON)
    before = Post.objects.values(*STAYS).get(pk=post.pk)
    old = Post.objects.get(pk=post.pk).content_html
    queued.clear()
    announce_change(commit, picture, sha256="f" * 64, width=1000)
    assert waiting() == {post}
    assert TASK in queued
    assert tasks.render_waiting() == 1
    new = Post.objects.get(pk=post.pk)
    assert new.content_html != old
    assert picture.key in new.content_html
    assert new.render_version == markup.RENDER_VERSION
    assert Post.objects.values(*STAYS).get(pk=post.pk) == before
    assert PostVersion.objects.filter(post=post).count() == 2
    assert tasks.render_waiting() == 0
    assert other not in waiting()


def test_the_clock_sees_to_it_when_the_queue_was_down(write, picture, commit, settings):
    post = write(text=text(picture))
    announce_change(commit, picture, sha256="f" * 64)
    assert "blog.tasks.render_waiting" in {tick["task"] for tick in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.render_waiting() == 1
    assert Post.objects.get(pk=post.pk).render_version == markup.RENDER_VERSION


def test_a_picture_that_passed_the_scanner_appears(write, picture, commit):
    MediaAsset.objects.filter(pk=picture.pk).update(state="scanning")
    post = write(text=text(picture))
    assert "srcset" not in post.content_html
    announce_change(commit, picture, signal=asset_ready, state="ready")
    tasks.render_waiting()
    assert "srcset" in Post.objects.get(pk=post.pk).content_html


def test_a_live_post_and_what_waits_for_it_are_both_right(publish, editor, picture, commit):
    post = publish(text=text(picture))
    post.content_markdown = f"Rewritten.\n\n![Alt]({picture.url})"
    writing.save(post, by=editor)
    announce_change(commit, picture, sha256="f" * 64, width=1000)
    tasks.render_waiting()
    row = Post.objects.get(pk=post.pk)
    assert "Some words." in row.content_html and "Rewritten." not in row.content_html
    shown = row.content_html
    assert pending.change_of(row)
    publishing.update(row, by=editor)
    row.refresh_from_db()
    assert "Rewritten." in row.content_html
    assert picture_part(row.content_html) == picture_part(shown)


def picture_part(html):
    return html[html.index("<picture") : html.index("</picture>")]


def test_pages_that_were_kept_are_renewed_for_texts_covers_and_faces(publish, author, picture, commit):
    cover, face, unused = make_asset(), make_asset(), make_asset()
    publish(text=text(picture))
    publish(featured_image=cover)
    profile = ensure_profile(author)
    profile.avatar = face
    profile.save()
    for asset in (picture, cover, face):
        token = cache.generation("posts")
        announce_change(commit, asset, sha256=f"{asset.pk:064x}")
        with commit():
            tasks.render_waiting()
        assert cache.generation("posts") != token
    token = cache.generation("posts")
    announce_change(commit, unused, width=10)
    assert cache.generation("posts") == token


def test_texts_that_lose_their_picture_are_rendered_without_its_sizes(publish, picture, commit, queued):
    post = publish(text=text(picture))
    queued.clear()
    with commit():
        announce(asset_removed, asset_id=picture.pk, url=picture.url)
        picture.delete()
    assert waiting() == {post}
    assert TASK in queued
    tasks.render_waiting()
    html = Post.objects.get(pk=post.pk).content_html
    assert "srcset" not in html and picture.url in html


def test_many_are_done_batch_by_batch_each_asking_for_the_next(write, picture, commit, queued, monkeypatch):
    monkeypatch.setattr(rendering, "BATCH", 2)
    for _ in range(3):
        write(text=text(picture))
    rendering.mark(picture.pk)
    for left, asked in ((1, [TASK]), (0, [])):
        queued.clear()
        with commit():
            tasks.render_waiting()
        assert len(waiting()) == left
        assert queued == asked


def test_a_save_with_an_older_copy_at_hand_does_not_bring_the_old_picture_back(write, author, picture):
    post = write(text=text(picture))
    held = Post.objects.get(pk=post.pk)
    MediaAsset.objects.filter(pk=picture.pk).update(sha256="f" * 64, width=1000)
    rendering.mark(picture.pk)
    rendering.render_waiting()
    new = Post.objects.get(pk=post.pk).content_html
    assert new != held.content_html
    held.title = "Another title"
    writing.save(held, by=author)
    assert Post.objects.get(pk=post.pk).content_html == new


def test_saving_what_waits_renders_it(write, author, picture):
    post = write(text=text(picture))
    MediaAsset.objects.filter(pk=picture.pk).update(sha256="f" * 64, width=1000)
    rendering.mark(picture.pk)
    post.title = "Another title"
    writing.save(post, by=author)
    assert not waiting()
    assert "1000w" in Post.objects.get(pk=post.pk).content_html


def test_a_text_that_cannot_be_rendered_keeps_what_it_has_and_holds_nobody_up(write, picture, monkeypatch, caplog):
    broken, sound = write(text="Broken " + text(picture)), write(text=text(picture))
    Post.objects.update(content_html="Old")
    render = markup.render

    def refuse(source, **settings):
        if source.startswith("Broken"):
            raise markup.MarkupError("Too deep.")
        return render(source, **settings)

    writing._rendered.cache_clear()
    monkeypatch.setattr(markup, "render", refuse)
    rendering.mark(picture.pk)
    assert rendering.render_waiting() == 2
    assert not waiting()
    assert Post.objects.get(pk=broken.pk).content_html == "Old"
    assert picture.key in Post.objects.get(pk=sound.pk).content_html
    assert "Too deep." in caplog.text


@pytest.fixture
def unable(write, picture, monkeypatch):
    """Five posts that fail before any other is reached, and a sound one behind them: ids, post, ids that were tried."""
    sound = write(text=text(picture))
    broken = {write(text=text(picture)).pk for _ in range(5)}
    render_one, tried = rendering.render_one, []

    def fail(pk):
        tried.append(pk)
        if pk in broken:
            raise RuntimeError("no room")
        return render_one(pk)

    monkeypatch.setattr(rendering, "BATCH", 2)
    monkeypatch.setattr(rendering, "render_one", fail)
    rendering.mark(picture.pk)
    return broken, sound, tried


def test_more_failures_than_a_batch_keep_nobody_waiting(unable, queued):
    broken, sound, _ = unable
    queued.clear()
    assert tasks.render_waiting() == 1
    assert {post.pk for post in waiting()} == broken
    assert Post.objects.get(pk=sound.pk).render_version == markup.RENDER_VERSION
    assert queued == []


def test_what_failed_is_left_alone_for_a_while_and_tried_again(unable):
    broken, sound, tried = unable
    tasks.render_waiting()
    tasks.render_waiting()
    assert sorted(tried) == sorted([*broken, sound.pk])
    caches["default"].delete_many([f"post-not-rendered:{pk}" for pk in broken])
    tasks.render_waiting()
    assert sorted(tried) == sorted([*broken, *broken, sound.pk])


def test_posts_of_an_older_renderer_are_rendered_too(write):
    post = write(text="*Words*")
    Post.objects.filter(pk=post.pk).update(render_version=markup.RENDER_VERSION - 1, content_html="Old")
    assert rendering.waiting() == 1
    assert tasks.render_waiting() == 1
    assert "<em>Words</em>" in Post.objects.get(pk=post.pk).content_html
    assert Post.objects.get(pk=post.pk).updated_at - post.updated_at < timedelta(seconds=1)
