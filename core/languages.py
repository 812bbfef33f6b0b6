"""The languages readers' pages are shown in: the main one, and the editions the publication keeps besides it.

The address alone decides. An edition's lists live under its code ("/de/"), everything else in the main language, and a
post's page speaks the language of the post where the publication has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from core import publication

if TYPE_CHECKING:
    from collections.abc import Sequence


def known() -> list[tuple[str, str]]:
    """Every language the interface speaks, with its own name for itself; the main one first."""
    return list(settings.LANGUAGES)


def main() -> str:
    """The language of addresses without a code."""
    return settings.LANGUAGE_CODE


def editions() -> tuple[str, ...]:
    """The languages besides the main one that have lists of their own, in the order the publication gives them."""
    spoken = {code for code, _ in settings.LANGUAGES} - {main()}
    return tuple(dict.fromkeys(code for code in publication.current().editions if code in spoken))


def current() -> str:
    """The language of the page being made: an edition's code, or the main one."""
    active = translation.get_language()
    return active if active in editions() else main()


def edition_of(language: str) -> str:
    """The edition a text of this language is listed in: "de" for "de-AT"; the main one where there is no other."""
    return next((code for code in editions() if speaks(language, code)), main())


def speaks(language: str, code: str) -> bool:
    """Whether a text's language is that of an edition, or a kind of it."""
    return language.lower() == code or language.lower().startswith(f"{code}-")


def edition_in(path: str) -> str | None:
    """The edition whose code an address begins with."""
    first = path.lstrip("/").split("/", 1)[0]
    # Most addresses begin with no language at all, and some are asked for where there is no database.
    spoken = any(first == code for code, _ in settings.LANGUAGES)
    return first if spoken and first in editions() else None


def without_code(path: str) -> str:
    """An address as it is in the main language: "/me/" for "/de/me/"."""
    code = edition_in(path)
    return path.removeprefix(f"/{code}") if code else path


def key(code: str | None = None) -> str:
    """What kept things that depend on the language are kept under: the language, and what else has lists of its own."""
    return f"{code or current()}({','.join(editions())})"


def name_of(code: str, names: Sequence[tuple[str, str]] | None = None) -> str:
    """What a language calls itself: "Deutsch"; its code where nobody here knows it."""
    named = dict(names or settings.LANGUAGES)
    return named.get(code.lower()) or _name_of_django(code)


def _name_of_django(code: str) -> str:
    try:
        return translation.get_language_info(code.lower())["name_local"].capitalize()
    except KeyError:
        return code


def direction_of(code: str) -> str:
    """Which way a text in a language runs: "rtl", or "auto" where its first letters say it themselves.

    A right-to-left text may begin with a Latin name; one that nobody gave its language is known by its letters.
    """
    try:
        return "rtl" if translation.get_language_info(code.lower())["bidi"] else "auto"
    except KeyError:
        return "auto"
