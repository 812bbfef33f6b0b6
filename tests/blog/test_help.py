"""The help page says what the desk does: every key of the writing page stands on it."""

import html
import re
from pathlib import Path

KEYS = Path(__file__).resolve().parents[2] / "static/js/admin/keys.js"
HELP = "/admin/blog/post/help/"


def keys() -> list[tuple[str, str]]:
    """What each key does and which it is, as the writing page has them: ("Bold", "mod+b")."""
    return re.findall(r'\["\w+", "([^"]+)", "(mod[^"]+)"\]', KEYS.read_text(encoding="utf-8"))


def test_every_key_of_the_editor_is_on_the_help_page(client_of, author):
    page = html.unescape(client_of(author).get(HELP).content.decode())
    assert len(keys()) > 15
    for label, pressed in keys():
        names = [{"mod": "Ctrl", "shift": "Shift", "alt": "Alt"}.get(part, part.upper()) for part in pressed.split("+")]
        row = f'<tr><th scope="row">{label}</th><td>' + " ".join(f"<kbd>{name}</kbd>" for name in names)
        assert row in page, label


def test_help_is_for_whoever_writes(client_of, reader, client):
    assert client_of(reader).get(HELP).status_code in {302, 403}
    assert client.get(HELP).status_code == 302
