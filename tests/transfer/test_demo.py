"""An empty database becomes the demo publication, whole; one in use is left alone."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.roles import role_of
from blog.models import PendingChange, Post, Redirect, ReviewRequest
from transfer import demo


@pytest.fixture
def publication(db, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.DEBUG = True
    call_command("create_demo")


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


def test_every_address_of_it_answers(publication):
    client = Client()
    for post in Post.objects.published():
        assert client.get(post.get_absolute_url()).status_code == 200
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


def test_it_is_never_made_outside_debug(db, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="only where DEBUG is on"):
        call_command("create_demo")
    assert not User.objects.exists()


def test_an_accident_leaves_nothing_behind(db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(demo, "make_redirect", lambda row: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        demo.create("password")
    assert not User.objects.exists()
    assert not Post.objects.exists()
