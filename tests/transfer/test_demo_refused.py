"""The demo is never made where it should not be, and never half."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from blog.models import Post
from transfer import demo


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
