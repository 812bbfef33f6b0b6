"""Files of the old site over the network: streamed to disk by the safe client, with patience that ends."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from core.files import TYPES
from core.outbound import OutboundError, TimedOut, TooLarge, Unreachable, fetch

# Time-outs in a row after which a host is not asked again in this run.
PATIENCE = 3
# Seconds for the answer to begin, and the bytes per second below which a download is given up.
START = 60
SLOWEST = 512 * 1024
_RECORDINGS = {extension for kind, extension in TYPES.values() if kind in ("audio", "video")} | {"m4v", "oga", "ogv"}


class Lost(Exception):
    """A file that could not be had, with the reason in words that follow its name."""


def most_bytes(url: str) -> int:
    """How large the file at an address may be, judged by its ending; its content is judged when it is here."""
    is_recording = url.partition("?")[0].lower().rpartition(".")[2] in _RECORDINGS
    return settings.MAX_RECORDING_BYTES if is_recording else settings.MAX_UPLOAD_BYTES


def too_large(most: int) -> Lost:
    return Lost(f"is larger than this installation takes ({most / 1_048_576:.0f} MB)")


class Fetcher:
    """Fetches one file after another; a host that let it wait too often is left alone."""

    def __init__(self) -> None:
        self._waited: Counter[str] = Counter()

    @contextmanager
    def fetched(self, url: str) -> Iterator[IO[bytes]]:
        """The file at an address, open at its beginning and gone afterwards. Raises Lost with the reason."""
        host = urlsplit(url).netloc.lower()
        if self._waited[host] >= PATIENCE:
            raise Lost(f"was not asked for: {host} did not answer {PATIENCE} times in a row; run the import again")
        most = most_bytes(url)
        with tempfile.TemporaryFile(prefix="import-", dir=settings.FILE_UPLOAD_TEMP_DIR) as place:
            self._ask(url, host, place, most)
            place.seek(0)
            yield place

    def _ask(self, url: str, host: str, place: IO[bytes], most: int) -> None:
        try:
            answer = fetch(url, timeout=START + most / SLOWEST, max_bytes=most, redirects=3, into=place)
        except TooLarge as error:
            if error.status == 200:
                raise too_large(most) from error
            raise Lost(f"could not be fetched: the old site answered {error.status}") from error
        except (TimedOut, Unreachable) as error:
            self._waited[host] += 1
            raise Lost(f"could not be fetched: {error}") from error
        except OutboundError as error:
            raise Lost(f"could not be fetched: {error}") from error
        self._waited[host] = 0
        if answer.status != 200:
            raise Lost(f"could not be fetched: the old site answered {answer.status}")
