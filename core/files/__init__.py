"""Files from outside made safe: known by their content, bounded before they are decoded, stripped of everything else.

What strangers send is decoded in a child process with little memory and little time only (`__main__`), so that a
decoder that crashes, hangs or is taken over costs one sentence and not the web process. Nothing here knows the web
framework: limits come in, a clean file and facts come out.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
# Seconds by the clock; the child's own limit of work is lower (`__main__.SECONDS`).
PATIENCE = 90
DAMAGED = "The file is damaged or incomplete. Export it again and upload the new file."
TOO_MUCH = "Reading the file takes more time or memory than one file gets. Make it smaller and upload it again."
# All there is to a file's type: kind and extension.
TYPES = {
    "image/jpeg": ("image", "jpg"),
    "image/png": ("image", "png"),
    "image/gif": ("image", "gif"),
    "image/webp": ("image", "webp"),
    "image/avif": ("image", "avif"),
    "image/svg+xml": ("image", "svg"),
    "application/pdf": ("document", "pdf"),
    "audio/mpeg": ("audio", "mp3"),
    "audio/mp4": ("audio", "m4a"),
    "audio/ogg": ("audio", "ogg"),
    "video/mp4": ("video", "mp4"),
    "video/webm": ("video", "webm"),
}


class FileError(ValueError):
    """A file that is not kept; the message is a sentence for whoever chose it."""


@dataclass(frozen=True)
class Limits:
    """What is let in: bytes of a picture, drawing or document, bytes of sound or film, and whether drawings come in."""

    upload_bytes: int
    recording_bytes: int
    drawings: bool = True


@dataclass(frozen=True)
class CleanFile:
    """What is stored. `kind`: "image", "document", "audio" or "video"; `sha256` in hexadecimal, of the clean content.

    `width` and `height` in pixels as it is shown; a still may carry a note to be turned (the one EXIF tag that is
    kept), which whoever decodes it applies. `average_colour`: "#rrggbb", or "" where there is none.
    """

    path: Path
    kind: str
    mime_type: str
    extension: str
    size_bytes: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration_seconds: float | None = None
    is_animated: bool = False
    average_colour: str = ""


def clean(source: Path, target: Path, *, limits: Limits) -> CleanFile:
    """Write the safe form of `source` to `target` and say what it is. Raises FileError, whatever the bytes are.

    OSError means that we could not do our part: `source` is not to be read, no room for `target`, no process to be had.
    """
    facts = _ask_child(source, target, limits)
    kind, extension = TYPES[facts["mime_type"]]
    with target.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return CleanFile(
        path=target, kind=kind, extension=extension, size_bytes=target.stat().st_size, sha256=digest, **facts
    )


def _ask_child(source: Path, target: Path, limits: Limits) -> dict[str, Any]:
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter; names we made go in)
            [
                sys.executable,
                "-s",
                "-m",
                "core.files",
                str(source.resolve()),
                str(target.resolve()),
                json.dumps(asdict(limits)),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            cwd=_ROOT,
            # No secret of ours is in reach of a decoder; one arena keeps the memory of threads together.
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "1", "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileError(TOO_MUCH) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise FileError(TOO_MUCH if done.returncode < 0 else DAMAGED) from None
    if "failed" in answer:
        raise OSError(answer["failed"], os.strerror(answer["failed"]))
    if "refused" in answer:
        raise FileError(answer["refused"])
    return answer
