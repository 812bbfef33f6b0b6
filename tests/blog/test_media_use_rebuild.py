"""The graph of pictures from scratch: it mends what is wrong, finds nothing wrong behind the doors, and can be run
while people save."""

import io
import random
import threading
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from blog import arriving, media_use, publishing, writing
from blog.arriving import Arrival
from blog.models import Post, PostAsset, Snippet, SnippetAsset, VersionAsset
from core.refusals import Refusal
from tests.blog.conftest import NOON
from tests.media_assets.making_assets import make_asset


def graph():
    return (
        set(PostAsset.objects.values_list("post", "asset")),
        set(VersionAsset.objects.values_list("version", "asset")),
        set(SnippetAsset.objects.values_list("snippet", "asset")),
    )


def showing(assets):
    return "\n\n".join(["A text.", *(f"![Alt]({asset.url})" for asset in assets)])


def test_what_is_missing_or_wrong_is_mended_and_a_second_run_finds_nothing(write, monkeypatch):
    monkeypatch.setattr(media_use, "BATCH", 2)
    pictures = [make_asset() for _ in range(3)]
    for number in range(5):
        write(text=showing(pictures[:2]), featured_image=pictures[number % 3])
    Snippet.objects.create(name="Note", content_markdown=showing(pictures))
    right = graph()
    PostAsset.objects.filter(asset=pictures[0]).delete()
    VersionAsset.objects.filter(asset=pictures[1]).delete()
    SnippetAsset.objects.all().delete()
    post = Post.objects.first()
    PostAsset.objects.create(post=post, asset=pictures[2])
    read = []
    assert media_use.rebuild(read.append) == 5 + 5 + 3 + 1
    assert graph() == right
    assert sum(read) == media_use.texts_to_read() == 11
    assert media_use.rebuild() == 0


def test_the_command_says_what_it_mended(write):
    picture = make_asset()
    write(text=showing([picture]))
    assert said() == "Read 2 texts; all was right."
    PostAsset.objects.all().delete()
    assert said() == "Read 2 texts; 1 row mended."


def test_the_command_renders_what_shows_pictures(write):
    picture = make_asset()
    post, plain = write(text=showing([picture])), write()
    Post.objects.update(content_html="Old")
    assert said("--render").endswith("Rendered 1 post.")
    post.refresh_from_db()
    plain.refresh_from_db()
    assert picture.key in post.content_html
    assert plain.content_html == "Old"


def test_the_command_gives_texts_the_address_pictures_are_fetched_from_now(write, settings):
    post = write(text=showing([make_asset(renditions_made_at=NOON)]))
    settings.MEDIA_CDN_URL = "https://files.example.org/"
    assert "files.example.org" not in Post.objects.get(pk=post.pk).content_html
    said("--render")
    assert "https://files.example.org/" in Post.objects.get(pk=post.pk).content_html


def test_an_older_installation_is_filled_when_it_is_brought_up_to_date(write):
    pictures = [make_asset() for _ in range(3)]
    write(text=showing(pictures[:2]), featured_image=pictures[2])
    write(text=showing(pictures[1:]), og_image=pictures[1])
    Snippet.objects.create(name="Note", content_markdown=showing(pictures))
    pictures.pop().delete()
    right = graph()
    for model in (PostAsset, VersionAsset, SnippetAsset):
        model.objects.all().delete()
    import_module("blog.migrations.0009_fill_media_use").fill(apps, SimpleNamespace(connection=connection))
    assert graph() == right
    assert all(right)


def said(*options):
    output = io.StringIO()
    call_command("rebuild_media_use", *options, stdout=output, stderr=io.StringIO())
    return output.getvalue().strip()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_the_kept_graph_is_the_rebuilt_one(write, author, editor, seed):
    """A hundred random deeds of people, the clock and imports."""
    chance = random.Random(seed)
    pictures = [make_asset() for _ in range(6)]
    posts = [write(by=editor) for _ in range(3)]

    def some():
        return chance.sample(pictures, chance.randint(0, min(3, len(pictures))))

    def edit(post):
        post = Post.objects.get(pk=post.pk)
        if chance.random() < 0.7:
            post.content_markdown = showing(some())
        if chance.random() < 0.4:
            post.featured_image, post.og_image = (*some(), None, None)[:2]
        writing.save(post, by=editor)

    def restore(post):
        version = chance.choice(list(post.versions.all()))
        if chance.random() < 0.5:
            writing.restore(post, version, by=editor)
        else:
            writing.restore_field(post, version, chance.choice(["content_markdown", "featured_image_id"]), by=editor)

    def arrive(_):
        post = Post(title="Old", slug=f"old-{len(posts)}", author=author, content_markdown=showing(some()))
        arrival = Arrival(post, Post.Status.DRAFT, created_at=NOON, changed_at=NOON)
        arriving.prepare(arrival)
        arriving.add([arrival], at=timezone.now())
        posts.append(post)

    def snippet(_):
        found, _ = Snippet.objects.get_or_create(name=str(chance.randint(1, 3)))
        found.content_markdown = showing(some())
        found.save()

    def lose(_):
        if len(pictures) > 2:
            pictures.pop(chance.randrange(len(pictures))).delete()

    deeds = [edit, edit, edit, restore, arrive, snippet]
    deeds += [lambda post: publishing.publish(post, by=editor), lambda post: publishing.update(post, by=editor)]
    deeds += [lambda post: publishing.archive(post, by=editor), lambda post: publishing.discard(post, by=editor)]
    for _ in range(100):
        deed = chance.choice([*deeds, lose] if chance.random() < 0.2 else deeds)
        try:
            deed(chance.choice(posts))
        except Refusal:
            continue
    before = graph()
    assert media_use.rebuild() == 0
    for model in (PostAsset, VersionAsset, SnippetAsset):
        model.objects.all().delete()
    media_use.rebuild()
    assert graph() == before
    assert all(before)


@pytest.mark.django_db(transaction=True)
def test_people_save_while_it_runs(write, author, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("On SQLite whoever writes is alone.")
    monkeypatch.setattr(media_use, "BATCH", 2)
    pictures = [make_asset() for _ in range(4)]
    posts = [write(text=showing(pictures[:2])) for _ in range(4)]
    stop, failed = threading.Event(), []

    def go_on_saving(number):
        chance = random.Random(number)
        try:
            while not stop.is_set():
                post = Post.objects.get(pk=chance.choice(posts).pk)
                post.content_markdown = showing(chance.sample(pictures, chance.randint(0, 4)))
                writing.save(post, by=author)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go_on_saving, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    mended = [media_use.rebuild() for _ in range(15)]
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed
    assert sum(mended) == 0
    assert media_use.rebuild() == 0
