"""Start-up refuses what would hurt later: each refusal says what is wrong and how to mend it."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as real_settings
from django.core.exceptions import ImproperlyConfigured

from core.checks import check_installation, refuse_unsafe_start

SOUND = {
    "ENVIRONMENT": "production",
    "PRODUCTION": True,
    "DEBUG": False,
    "SECRET_KEY": "r4nd0m-" * 10,
    "ALLOWED_HOSTS": ["example.org"],
    "SITE_URL": "https://example.org",
    "EMAIL_URL": "smtp+tls://u:p@smtp.example.org:587",
    "LETTERPRESS_INK": "ultramarine",
    "WEB_PROCESSES": 2,
    "USES_SQLITE": False,
    "REDIS_URL": "redis://127.0.0.1:6379",
    "CELERY_BROKER_URL": "redis://127.0.0.1:6379/3",
    "EMBEDDED_WORKERS": False,
    "PROXY_ADDRESSES": ["127.0.0.1", "10.0.0.0/8", "::1"],
}


@pytest.fixture
def sound(settings):
    """A production installation that nothing is wrong with."""
    for name, value in SOUND.items():
        setattr(settings, name, value)
    return settings


def test_a_sound_production_is_not_refused(sound):
    assert check_installation(None) == []
    refuse_unsafe_start()


@pytest.mark.parametrize(
    ("change", "number", "what", "mend"),
    [
        ({"ENVIRONMENT": "staging"}, 1, "staging", "development or production"),
        ({"LETTERPRESS_INK": "pink"}, 2, "pink", "vermilion"),
        ({"USES_SQLITE": True}, 3, "SQLite", "DATABASE_URL"),
        ({"REDIS_URL": ""}, 4, "cache", "REDIS_URL"),
        ({"EMBEDDED_WORKERS": True}, 5, "clock", "CELERY_BROKER_URL"),
        ({"WEB_PROCESSES": 0}, 6, "WEB_PROCESSES is 0", "from 1"),
        ({"WEB_THREADS": 0}, 6, "WEB_THREADS is 0", "from 1"),
        ({"POSTS_PER_PAGE": 0}, 6, "POSTS_PER_PAGE is 0", "from 1"),
        ({"PORT": 80000}, 6, "PORT is 80000", "to 65535"),
        ({"PROXY_ADDRESSES": ["127.0.0.1", "abc"]}, 7, "abc", "127.0.0.1"),
        ({"PROXY_ADDRESSES": ["10.0.0.1/8"]}, 7, "10.0.0.1/8", "networks"),
        ({"CELERY_BROKER_URL": "memory://"}, 9, "scheduled posts", "EMBEDDED_WORKERS"),
        ({"SECRET_KEY": ""}, 10, "SECRET_KEY", "secrets.token_urlsafe"),
        ({"SECRET_KEY": real_settings.INSECURE_SECRET_KEY}, 10, "development", "secrets.token_urlsafe"),
        ({"SECRET_KEY": "short"}, 11, "too short", "50 random characters"),
        ({"SECRET_KEY": "ab" * 40}, 11, "too short", "50 random characters"),
        ({"DEBUG": True}, 12, "DEBUG", "set it to 0"),
        ({"ALLOWED_HOSTS": []}, 13, "empty", "host names"),
        ({"ALLOWED_HOSTS": ["example.org", "*"]}, 14, "*", "host names"),
        ({"SITE_URL": "http://localhost:8000"}, 15, "localhost", "public address"),
        ({"EMAIL_URL": ""}, 16, "EMAIL_URL", "smtp+tls://"),
    ],
)
def test_each_fault_is_refused_with_its_mending(sound, change, number, what, mend):
    for name, value in change.items():
        setattr(sound, name, value)
    (refusal,) = check_installation(None)
    assert refusal.id == f"letterpress.E{number:03}"
    assert what in refusal.msg
    assert mend in refusal.hint


def test_every_fault_is_named_at_once(sound):
    sound.SECRET_KEY, sound.DEBUG = "", True
    with pytest.raises(ImproperlyConfigured, match=r"(?s)SECRET_KEY.*DEBUG"):
        refuse_unsafe_start()


def test_one_process_may_do_without_services(sound):
    sound.WEB_PROCESSES, sound.USES_SQLITE, sound.REDIS_URL, sound.EMBEDDED_WORKERS = 1, True, "", True
    sound.CELERY_BROKER_URL = "memory://localhost"
    assert check_installation(None) == []


def test_development_needs_nothing(settings):
    settings.WEB_PROCESSES = 1
    assert check_installation(None) == []


def test_development_without_a_worker_is_warned_and_starts(settings):
    settings.CELERY_BROKER_URL, settings.EMBEDDED_WORKERS = "memory://localhost", False
    (warning,) = check_installation(None)
    assert warning.id == "letterpress.W009" and "scheduled posts" in warning.msg
    refuse_unsafe_start()


@pytest.mark.once
@pytest.mark.parametrize(
    "command",
    [
        ["-m", "config.serve"],
        ["manage.py", "check"],
        ["-c", "import config.asgi"],
        ["-c", "import config.wsgi"],
        ["-m", "celery", "-A", "config", "worker", "--pool", "solo"],
    ],
)
def test_no_door_opens_on_an_unsafe_production(command):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    refused = subprocess.run(
        [sys.executable, *command],
        cwd=real_settings.BASE_DIR,
        env={**environment, "ENVIRONMENT": "production", "ALLOWED_HOSTS": "example.org"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode != 0
    assert "SECRET_KEY is missing or the development one" in refused.stdout + refused.stderr
