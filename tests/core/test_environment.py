"""What the settings read is what .env.example documents; a wrong value is refused with the name of its variable."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

READ = re.compile(r"""env\.(?:str|int|bool|list)\(\s*["']([A-Z][A-Z0-9_]*)["']""")
DOCUMENTED = re.compile(r"^#?([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def start_with(**variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
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


@pytest.mark.parametrize(
    ("name", "value", "mend"), [("PORT", "eight", "a whole number"), ("DEBUG", "perhaps", "1 or 0")]
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(name, value, mend):
    refused = start_with(**{name: value})
    assert refused.returncode != 0
    assert f"{name} is “{value}”" in refused.stderr
    assert mend in refused.stderr


def test_an_empty_value_is_as_good_as_none():
    assert start_with(PORT="", DATABASE_URL="", WEB_PROCESSES="", DEBUG="").returncode == 0
