"""A picture changed or deleted at the very moment a text begins to show it: nothing old stays, nothing used goes."""

import threading
import time

import pytest
from django.db import connection, connections

from blog import media_use, tasks, writing
from blog.models import Post, PostAsset
from core.events import announce
from core.refusals import Refusal
from media_assets import removing
from media_assets.models import MediaAsset
from media_assets.signals import asset_changed
from tests.media_assets.making_assets import make_asset

PATIENCE = 10


@pytest.fixture(autouse=True)
def on_postgresql(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite whoever writes is alone.")


@pytest.fixture
def meanwhile(monkeypatch):
    """Lets somebody else begin `deed` while a save is about to note its pictures, and go on once they wait for it."""

    def arrange(deed):
        said = []
        keep = media_use.keep

        def work():
            try:
                said.append(deed())
            except Exception as error:
                said.append(error)
            finally:
                connections.close_all()

        other = threading.Thread(target=work)

        def keep_late(post):
            other.start()
            wait_for_somebody_waiting()
            keep(post)

        monkeypatch.setattr(media_use, "keep", keep_late)
        return lambda: (other.join(PATIENCE), said[0])[1]

    return arrange


def wait_for_somebody_waiting():
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # Within a transaction the view is otherwise what it was at the first look.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waited.")


def test_a_picture_that_changes_is_shown_as_it_is_now(write, author, meanwhile):
    picture, post = make_asset(), write()

    def change():
        MediaAsset.objects.filter(pk=picture.pk).update(sha256="f" * 64, width=1000)
        announce(asset_changed, asset_id=picture.pk)

    answer = meanwhile(change)
    post.content_markdown = f"![Alt]({picture.url})"
    writing.save(post, by=author)
    assert answer() is None
    assert "1000w" not in Post.objects.get(pk=post.pk).content_html
    tasks.render_waiting()
    assert "1000w" in Post.objects.get(pk=post.pk).content_html


def test_a_picture_a_text_begins_to_show_is_not_deleted(write, author, admin, meanwhile):
    picture, post = make_asset(), write("The harbour")
    answer = meanwhile(lambda: removing.remove(picture, by=admin))
    post.content_markdown = f"![Alt]({picture.url})"
    writing.save(post, by=author)
    refusal = answer()
    assert isinstance(refusal, Refusal)
    assert "“The harbour”" in refusal.sentence
    assert PostAsset.objects.get().asset == picture
