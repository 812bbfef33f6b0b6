"""Cleans one file, for `core.files.clean`; its memory and time are limited by the system."""

import errno
import json
import resource
import sys
from pathlib import Path
from typing import Any

from core.files import DAMAGED, TOO_MUCH, TYPES, FileError, Limits
from core.files.kinds import HEIC, recognise

# Seconds of work, by what the file is; the first holds until that is known.
SECONDS = 30
SECONDS_OF = {"image/svg+xml": 10, "application/pdf": 10, "audio/mpeg": 10}
# Of what the process writes to, and of all it maps, libraries too.
MEMORY = 230 * 1024 * 1024
ADDRESSES = 1024 * 1024 * 1024
# Troubles that are no fault of the file.
OUR_OWN = {errno.ENOSPC, errno.EDQUOT, errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}
FILES = 2 * 1024 * 1024 * 1024


def limit_yourself() -> None:
    limit_work(SECONDS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILES, FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_work(seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def type_of(source: Path, limits: Limits) -> str:
    """The media type of a file that is small enough for its kind. Raises FileError."""
    size = source.stat().st_size
    if not size:
        raise FileError("The file is empty.")
    mime_type = recognise(source)
    kind = "image" if mime_type == HEIC else TYPES[mime_type][0]
    most = limits.recording_bytes if kind in {"audio", "video"} else limits.upload_bytes
    if size > most:
        raise FileError(f"The file is larger than {most / 1_048_576:.0f} MB. Make it smaller and upload it again.")
    return mime_type


def facts_of(source: Path, target: Path, limits: Limits, mime_type: str) -> dict[str, Any]:
    """Clean one file and say what it is. Only what its kind needs is imported."""
    kind = "image" if mime_type == HEIC else TYPES[mime_type][0]
    if mime_type == "image/svg+xml":
        from core.files import drawings

        return drawings.clean(source, target, limits)
    if kind == "image":
        from core.files import pictures

        return pictures.clean(source, target, mime_type)
    if kind == "document":
        from core.files import documents

        return documents.clean(source, target)
    if mime_type in {"audio/mpeg", "audio/ogg"}:
        from core.files import recordings

        return recordings.clean(source, target, mime_type)
    from core.files import films

    return films.clean(source, target, mime_type)


def answer(source: Path, target: Path, limits: Limits) -> dict[str, Any]:
    try:
        mime_type = type_of(source, limits)
        limit_work(SECONDS_OF.get(mime_type, SECONDS))
        return facts_of(source, target, limits, mime_type)
    except FileError as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": TOO_MUCH}
    except (IndexError, ValueError, ArithmeticError, LookupError):
        return {"refused": DAMAGED}
    except OSError as error:
        return {"failed": error.errno} if error.errno in OUR_OWN else {"refused": DAMAGED}


if __name__ == "__main__":
    limit_yourself()
    json.dump(answer(Path(sys.argv[1]), Path(sys.argv[2]), Limits(**json.loads(sys.argv[3]))), sys.stdout)
