"""Real hostile rows, kept beside the project and not in it."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def rows(name: str) -> list[str]:
    """The payloads of one corpus; skips the test, saying so, where the corpora are absent."""
    folder = SHARED / "corpora" / name
    if not folder.is_dir():
        pytest.skip(f"the corpus {name} is not beside this checkout")
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            value = row.get("payload", row.get("url", row.get("path")))
            if isinstance(value, str):
                found.append(value)
    assert found, f"the corpus {name} is empty"
    return found
