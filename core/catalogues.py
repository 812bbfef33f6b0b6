"""The catalogues of the interface: kept as text in locale/, compiled where they are used.

A compiled one is made anew when its text is newer. Where nothing can be written the image or the installer has compiled
them before; a catalogue that cannot be compiled leaves its language in English and stops nothing.
"""

import logging
import os
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings

logger = logging.getLogger(__name__)


def texts() -> list[Path]:
    """Every catalogue as text."""
    return [text for folder in settings.LOCALE_PATHS for text in sorted(Path(folder).glob("*/LC_MESSAGES/*.po"))]


def compile_newer() -> int:
    """Compile what has changed since it was compiled; returns how many that were."""
    return sum(compile_one(text) for text in texts() if is_newer(text))


def is_newer(text: Path) -> bool:
    try:
        return text.stat().st_mtime > text.with_suffix(".mo").stat().st_mtime
    except FileNotFoundError:
        return True


def compile_one(text: Path) -> bool:
    """Put the compiled catalogue in its place at once, so that no other process reads half of one."""
    try:
        with text.open("rb") as source:
            catalogue = read_po(source, abort_invalid=True)
        with tempfile.NamedTemporaryFile(dir=text.parent, suffix=".mo.part", delete=False) as made:
            write_mo(made, catalogue)
        os.chmod(made.name, 0o644)
        os.replace(made.name, text.with_suffix(".mo"))
    except (OSError, PoFileError, ValueError) as error:
        logger.warning("The catalogue %s is not compiled: %s", text, error)
        return False
    return True
