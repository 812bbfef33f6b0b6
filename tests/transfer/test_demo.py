"""An empty database becomes the demo publication, whole; one in use is left alone."""

import html
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import OutgoingMail, User
from accounts.roles import role_of
from blog.models import PendingChange, Post, Redirect, ReviewRequest
from comments import telling
from comments.models import Comment
from comments.rules import DEPTH_SHOWN
from comments.threads import page_of
from media_assets import usage
from media_assets.models import MediaAsset, Rendition
from transfer import demo


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, own_caches, tmp_path_factory):
    """The demo, made once for all tests here; what each of them does to it is taken back after it."""
    place = str(tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), transaction.atomic():
        hashing = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        with override_settings(MEDIA_ROOT=place, DEBUG=True, PASSWORD_HASHERS=hashing):
            call_command("create_demo")
        yield place
        transaction.set_rollback(True)


@pytest.fixture
def publication(made, db, settings):
    settings.MEDIA_ROOT = made
    settings.DEBUG = True


def test_it_has_everything_a_newcomer_should_see(publication):
    assert {role_of(user) for user in User.objects.all()} == set(demo.Role)
    assert Post.objects.published().articles().count() >= 12
    assert set(Post.objects.values_list("status", flat=True)) == {
        "draft",
        "pending",
        "scheduled",
        "published",
        "archived",
    }
    assert set(Redirect.objects.values_list("type", flat=True)) >= {301, 302, 410}


def test_it_shows_what_the_desk_is_for(publication):
    change = PendingChange.objects.select_related("post", "version").get()
    assert "machine has come" in change.version.snapshot["content_markdown"]
    assert "machine has come" not in change.post.content_markdown
    asked = ReviewRequest.objects.select_related("reviewer").get(decided_at=None)
    assert asked.reviewer.username == "editor" and asked.note
    assert Post.objects.filter(series__slug="whose-noon-is-it").count() == 3
    assert Post.objects.filter(review_due_at__lte=timezone.now()).exists()


def test_it_has_a_conversation_that_shows_all_there_is(publication):
    states = set(Comment.objects.values_list("status", flat=True))
    assert states == {"approved", "pending", "spam", "deleted"}
    post = Post.objects.get(slug="the-harbour-that-kept-two-clocks")
    nodes = page_of(post).rows
    assert max(node.depth for node in nodes) == DEPTH_SHOWN and any(node.more for node in nodes)
    assert any(node.is_removed and node.replies for node in nodes)
    assert any(node.comment.edited_at for node in nodes if node.comment)
    for post in Post.objects.all():
        assert post.comment_count == post.comments.filter(status="approved").count()
    for comment in Comment.objects.all():
        assert comment.like_count == comment.likes.count()
        assert comment.created_at <= timezone.now() and comment.content_html
    assert telling.tell_waiting() == 0 and not OutgoingMail.objects.filter(kind="new_comment").exists()


def test_its_pictures_and_files_are_in_the_library_with_their_words(publication):
    assets = MediaAsset.objects.all()
    assert {asset.kind for asset in assets} == {"image", "document", "audio"}
    harbour = assets.get(name="Harbour office at Sandwick")
    assert harbour.alt_text.startswith("Linocut") and harbour.caption and harbour.credit == "Print: Ada Sinclair"
    assert (harbour.focal_x, harbour.focal_y) == (0.2, 0.36)
    assert [tag.name for tag in harbour.tags.all()] == ["Magazine", "Prints"]
    assert not assets.filter(kind="image", alt_text="", is_decorative=False).exists()
    assert not assets.filter(tags=None).exists()


def test_making_it_waits_for_no_size_of_a_picture(publication):
    assert not Rendition.objects.exists()


def test_texts_show_pictures_wide_and_side_by_side_a_sound_and_a_document(publication):
    harbour = Post.objects.get(slug="the-harbour-that-kept-two-clocks")
    sound, table = MediaAsset.objects.get(kind="audio"), MediaAsset.objects.get(kind="document")
    assert re.search(rf'<audio [^>]*src="{sound.url}"', harbour.content_html)
    assert f'href="{table.url}"' in harbour.content_html and 'class="wide' in harbour.content_html
    gallery = Post.objects.get(slug="pictures-that-say-what-they-show").content_html.partition('class="gallery"')[2]
    assert gallery.count("<picture>") == gallery.count("srcset") // 3 == 3
    for shown in {sound, table} | {asset for asset in MediaAsset.objects.filter(kind="image") if asset.url in gallery}:
        assert usage.uses_of(shown), shown.name


def test_its_pictures_are_there_at_the_first_page_view(publication):
    client = Client()
    page = client.get("/blog/the-harbour-that-kept-two-clocks/").content.decode()
    pictures = set(re.findall(r'<img [^>]*src="(/media/[^"]+)"', page))
    assert len(pictures) >= 2
    for address in pictures:
        answer = client.get(address)
        assert answer.status_code == 200 and answer["Content-Type"].startswith("image/")
    for kind, media_type in (("audio", "audio/mpeg"), ("document", "application/pdf")):
        answer = client.get(MediaAsset.objects.get(kind=kind).url, follow=True)
        assert answer.status_code == 200 and answer["Content-Type"] == media_type


def test_no_link_of_it_is_broken(publication):
    """Every page that can be reached from the front page, every address on it and every anchor it names."""
    client, waiting, pages, named = Client(), ["/", "/sitemap.xml"], {}, []
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        answer = client.get(path, follow=True)
        wanted = 410 if path == "/blog/the-friday-letter/" else 200
        assert answer.status_code == wanted, f"{path}, on {[page for page, link, _ in named if link == path][:3]}"
        is_text = answer["Content-Type"].startswith(("text/html", "application/xml"))
        pages[path] = answer.content.decode() if is_text else ""
        for found in re.findall(r'<(?:a|link)\b[^>]*\bhref="([^"]+)"|<loc>([^<]+)</loc>', pages[path]):
            link, _, anchor = html.unescape(found[0] or found[1]).removeprefix(settings.SITE_URL).partition("#")
            if link.startswith("/static/"):
                assert find(link.removeprefix("/static/").partition("?")[0]), link
            elif link.startswith("/") or not link:
                named.append((path, link or path, anchor))
                waiting.append(link or path)
    assert len(pages) > 100
    for path, link, anchor in named:
        assert not anchor or not pages[link] or f'id="{anchor}"' in pages[link], f"{link}#{anchor}, on {path}"


def test_every_old_address_of_it_answers(publication):
    client = Client()
    for redirect in Redirect.objects.exclude(type=410):
        assert client.get(redirect.old_path, follow=True).status_code == 200


def test_the_accounts_sign_in(publication, settings):
    client = Client()
    client.post("/accounts/login/", {"login": "editor", "password": settings.DEMO_PASSWORD})
    assert client.get("/admin/").status_code == 200


def test_a_database_in_use_is_left_alone(publication):
    before = Post.objects.count()
    with pytest.raises(CommandError, match="already has people or posts"):
        call_command("create_demo")
    assert Post.objects.count() == before
