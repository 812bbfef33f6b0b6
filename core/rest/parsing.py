"""Reading what programs send: JSON, and nothing that only looks like it.

Two members of one name mean two things to two readers (RFC 8259, 4), NaN and Infinity are no JSON, and what is nested
deeper than any of our resources is somebody trying how deep we go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import JSONParser

DEEPEST = 20
# Letters of a number: longer ones take Python longer than the square of their length.
LONGEST_NUMBER = 400
EARLIEST, LATEST = 1900, 2200
_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


class StrictJSONParser(JSONParser):
    """JSON in UTF-8 without duplicate names, NaN, lone surrogates or more than `DEEPEST` levels."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(most + 1)
        if len(raw) > most:
            raise RequestDataTooBig
        try:
            found = read(raw)
            json.dumps(found, ensure_ascii=False).encode("utf-8")
        except UnicodeError:
            raise ParseError(_("JSON is written in UTF-8.")) from None
        except (ValueError, RecursionError) as error:
            raise ParseError(_("This is no JSON: %(why)s.") % {"why": str(error)[:200]}) from None
        return found


def read(raw: bytes) -> Any:
    """What bytes say as JSON; halves of characters, which it can name, are left to the caller. Raises ParseError,
    ValueError or RecursionError."""
    text = raw.decode("utf-8")
    if _depth(text) > DEEPEST:
        raise ParseError(_("This is nested more deeply than anything here is."))
    return json.loads(
        text, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=_short(int), parse_float=_finite
    )


def _depth(text: str) -> int:
    """The deepest nesting of brackets outside strings."""
    deepest = depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a name stands twice in one object"))
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(_("%(name)s is no number of JSON") % {"name": name})


def _short(kind: type) -> Any:
    def read(text: str) -> Any:
        if len(text) > LONGEST_NUMBER:
            raise ValueError(_("a number is too long"))
        return kind(text)

    return read


def _finite(text: str) -> float:
    number: float = _short(float)(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(_("a number is too large"))
    return number


def within_reason(time: datetime) -> None:
    """For fields: times nobody means, such as those of a century in which zones were odd seconds from each other."""
    if not EARLIEST <= time.year <= LATEST:
        raise ValidationError(_("Name a year from %(first)s to %(last)s.") % {"first": EARLIEST, "last": LATEST})
