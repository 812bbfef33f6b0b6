"""docs/api.md does what it says: its blocks run in their order, as they stand, against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve
from PIL import Image

from accounts.roles import Role
from blog.models import Post
from tests.conftest import PASSWORD, make_person
from tests.media_assets.making_assets import make_asset

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"(?:<!-- needs (?P<needs>\S+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)\n```", re.DOTALL)
SECONDS = 90


def blocks() -> list[dict]:
    """Each block with what it prints, where the guide says so."""
    found: list[dict] = []
    for each in BLOCK.finditer(GUIDE.read_text()):
        if each["kind"] == "text":
            found[-1]["prints"] = each["text"]
        else:
            found.append({"kind": each["kind"], "text": each["text"], "needs": each["needs"], "prints": None})
    return found


def is_there(address: str | None) -> bool:
    try:
        return address is None or resolve(address).url_name is not None
    except Resolver404:
        return False


@pytest.mark.once
def test_a_stranger_with_the_guide_alone_publishes_a_post_with_a_picture(
    transactional_db, live_server, settings, tmp_path
):
    settings.SITE_URL = live_server.url
    settings.MEDIA_ROOT, settings.ORIGINALS_ROOT = str(tmp_path / "media"), str(tmp_path / "originals")
    make_person("editor", Role.EDITOR)
    Image.effect_noise((1600, 1000), 40).convert("RGB").save(tmp_path / "harbour.jpg")
    picture = make_asset()
    assert len(blocks()) > 9
    # All of one language is one program, so that later blocks know what earlier ones named.
    shell, python, expected = ["set -eu -o pipefail"], [f"SITE, IMAGE = {live_server.url!r}, None"], {}
    for number, block in enumerate(blocks()):
        text = block["text"].replace("http://localhost:8000", live_server.url).replace('"letterpress"', f'"{PASSWORD}"')
        if not is_there(block["needs"]):
            text = f"IMAGE={picture.pk}"
        if block["kind"] == "sh":
            shell += [f"echo '=== {number}'", text]
        else:
            # Where Python begins, the shell is done: the guide's order holds within each language.
            python += [f"print('=== {number}')", text]
        expected[number] = block["prints"]
    python[0] = "import sys\n" + python[0].replace("None", "int(sys.argv[1])")
    shell.append('echo "=== image $IMAGE"')
    said = run(["bash", "-c", "\n".join(shell)], tmp_path)
    image = said.rpartition("=== image ")[2].strip()
    said += run([sys.executable, "-c", "\n".join(python), image], tmp_path)
    for number, prints in expected.items():
        if prints is not None:
            mine = said.partition(f"=== {number}\n")[2].partition("===")[0].strip()
            assert mine == prints, f"Block {number} of docs/api.md prints something else"
    post = Post.objects.get(slug="ferries-in-the-fog")
    assert post.is_public and post.featured_image_id == int(image)


def run(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_address_of_the_guide_is_one(db):
    for address in set(re.findall(r"`(/api/[\w/]*)`", GUIDE.read_text())):
        if address not in {"/api/v1/", "/api/v2/"}:
            assert is_there(address), f"docs/api.md names {address}, which is no address"
