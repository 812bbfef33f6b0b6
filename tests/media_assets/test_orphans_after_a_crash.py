"""A process is killed between writing a file and writing its row: no row without a file, and the file goes later."""

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from media_assets import orphans
from media_assets.models import MediaAsset

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]

# A database of its own, with the tables of this app's models; the kill comes where the row would be written.
DIES = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.core.files import File
from media_assets import intake
from media_assets.models import MediaAsset
if sys.argv[2] == "dies":
    MediaAsset.objects.create = lambda **fields: os.kill(os.getpid(), signal.SIGKILL)
with open(sys.argv[1], "rb") as file:
    intake.take_in(File(file), by=None)
print(MediaAsset.objects.count())
"""


def run(folder: Path, picture: Path, how: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"sqlite:///{folder / 'own.sqlite3'}",
        "REDIS_URL": "",
        "MEDIA_ROOT": str(folder / "media"),
        "SCANNER_URL": "",
    }
    command = [sys.executable, "-c", DIES, str(picture), how]
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def test_the_file_is_an_orphan_the_night_after_and_uploading_again_works(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    picture = tmp_path / "Harbour.png"
    output = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(output, "PNG")
    picture.write_bytes(output.getvalue())

    assert run(tmp_path, picture, "dies").returncode == -signal.SIGKILL
    (left,) = [path for path in (tmp_path / "media-originals").rglob("*") if path.is_file()]

    again = run(tmp_path, picture, "lives")
    assert again.stdout.strip() == "1", again.stderr
    files = [path for path in (tmp_path / "media-originals").rglob("*") if path.is_file()]
    assert len(files) == 2

    # This process has another database; it is told of the row that was written there.
    (kept,) = set(files) - {left}
    name = kept.relative_to(tmp_path / "media-originals").as_posix()
    MediaAsset.objects.create(file=name, name="Harbour", extension="png", size_bytes=1, sha256="0" * 64)
    orphans.sweep(now=timezone.now() + timedelta(hours=23))
    assert left.exists()
    orphans.sweep(now=timezone.now() + timedelta(hours=25))
    assert not left.exists()
    assert kept.exists()
