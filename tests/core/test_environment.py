"""What the settings read is what .env.example documents; a wrong value is refused with the name of its variable."""

import os
import re
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings

READ = re.compile(r"""env\.(?:str|int|bool|list|address|level|time_zone|language)\(\s*["']([A-Z][A-Z0-9_]*)["']""")
DOCUMENTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


# Nothing but programs that begin, on no database and with an environment of their own.
pytestmark = pytest.mark.once
SERVE = ("-m", "config.serve")
CHECK = ("manage.py", "check")


def start_with(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, *(command or CHECK)],
        cwd=settings.BASE_DIR,
        env={**clean, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_every_variable_is_documented_and_none_is_only_documented():
    read = set(READ.findall((settings.BASE_DIR / "config" / "settings.py").read_text()))
    documented = DOCUMENTED.findall((settings.BASE_DIR / ".env.example").read_text())
    assert read - set(documented) == set()
    assert set(documented) - read == set()
    assert len(documented) == len(set(documented))


@pytest.mark.parametrize("command", [SERVE, CHECK], ids=["serve", "manage.py"])
@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("PORT", "eight", "a whole number"),
        ("PORT", "80000", "from 1 to 65535"),
        ("DEBUG", "perhaps", "1 or 0"),
        ("DATABASE_URL", "nonsense", "postgres://user:password@host:5432/name"),
        ("DATABASE_URL", "postgres://host:port/name", "URL-encode"),
        ("TIME_ZONE", "Mars/X", "Europe/London"),
        ("LANGUAGE_CODE", "xx-klingon", "en-gb"),
        ("LOG_LEVEL", "loud", "WARNING"),
        ("WEB_PROCESSES", "0", "a number from 1"),
        ("POSTS_PER_PAGE", "0", "a number from 1"),
        ("PROXY_ADDRESSES", "abc", "10.0.0.0/8"),
        ("REDIS_URL", "nonsense", "redis://host:6379"),
        ("CELERY_BROKER_URL", "nonsense", "redis://host:6379/3"),
        ("EMAIL_URL", "nonsense", "smtp+tls://"),
        ("SITE_URL", "example.org", "https://example.org"),
        ("SCANNER_URL", "127.0.0.1:3310", "tcp://127.0.0.1:3310"),
    ],
)
def test_a_wrong_value_is_refused_by_name_and_in_words(command, name, value, mend):
    refused = start_with(*command, **{name: value})
    assert refused.returncode == 1
    assert name in refused.stderr
    assert mend in refused.stderr
    assert "Traceback" not in refused.stderr + refused.stdout


@pytest.mark.parametrize(("name", "value"), [("MEDIA_CDN_HOST", "files.example.org"), ("MEDIA_URL", "/files/")])
def test_what_meant_something_before_is_refused_with_what_took_its_place(name, value):
    refused = start_with(**{name: value})
    assert refused.returncode == 1
    assert f"{name} is set" in refused.stderr
    assert "MEDIA_CDN_URL" in refused.stderr


def test_the_former_default_is_no_fault():
    assert start_with(MEDIA_URL="/media/").returncode == 0


def test_a_refused_address_does_not_show_its_password():
    refused = start_with(DATABASE_URL="mysql://user:hunter2@host/name")
    assert refused.returncode == 1
    assert "hunter2" not in refused.stderr + refused.stdout


def test_a_pool_with_more_at_least_than_at_most_is_refused():
    refused = start_with(DATABASE_URL="postgres://127.0.0.1/name", DATABASE_POOL_MIN="9", DATABASE_POOL_MAX="8")
    assert refused.returncode == 1
    assert "DATABASE_POOL_MIN is 9" in refused.stderr


def test_a_port_out_of_range_is_refused_by_name():
    refused = start_with(*SERVE, "--port", "80000")
    assert refused.returncode == 2
    assert "80000 is not a port" in refused.stderr


def test_a_database_that_refuses_is_told_in_a_sentence_and_soon():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    began = time.monotonic()
    refused = start_with(*SERVE, DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing", PORT=port)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database does not answer")
    assert "psycopg" not in refused.stderr and "Traceback" not in refused.stderr
    assert time.monotonic() - began < 9


def test_an_empty_value_is_as_good_as_none():
    assert start_with(PORT="", DATABASE_URL="", WEB_PROCESSES="", DEBUG="").returncode == 0


@pytest.mark.parametrize("redis", ["", "redis://127.0.0.1"])
def test_no_check_is_silenced_with_or_without_redis(redis):
    ask = "from django.conf import settings; print(settings.SILENCED_SYSTEM_CHECKS)"
    told = start_with("-c", ask, REDIS_URL=redis, DJANGO_SETTINGS_MODULE="config.settings")
    assert told.stdout.strip() == "[]"
