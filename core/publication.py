"""What the publication is called and how it looks, for everything that speaks in its name.

The app that keeps it as a row hands its reader to `read_with`; until then, and where the row says nothing, the
environment's settings count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings

from core import cache, inks


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a menu: what it says and where it leads (a path of this site, or a whole address)."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Publication:
    """`ink` is one of the named inks, or "own" with a colour for light and one for dark paper.

    `logo` and `icon` are addresses of pictures, with their width and height; `editions` are the languages besides the
    main one that have lists of their own.
    """

    name: str = ""
    tagline: str = ""
    description: str = ""
    footer: str = ""
    ink: str = "ultramarine"
    own_ink: tuple[str, str] = ("", "")
    logo: tuple[str, int, int] = ("", 0, 0)
    icon: tuple[str, int, int] = ("", 0, 0)
    contact_email: str = ""
    home_layout: str = "lead"
    drop_initials: bool = True
    comments_enabled: bool = True
    analytics_enabled: bool = True
    editions: tuple[str, ...] = ()
    feeds_whole: bool = True
    is_news: bool = False
    machines_may_learn: bool = True
    robots_rules: str = ""
    indexnow_key: str = ""
    websub_hub: str = ""
    sections: tuple[Link, ...] = field(default=())
    footer_links: tuple[Link, ...] = field(default=())
    social: tuple[Link, ...] = field(default=())

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return settings.SITE_URL

    @property
    def ink_css(self) -> str:
        """The address of the stylesheet of a colour of its own, which names all that is in it; "" for the six inks."""
        if self.ink != inks.OWN:
            return ""
        light, dark = (colour.removeprefix("#") for colour in self.own_ink)
        return f"/ink-{light}-{dark}.css"


def from_environment() -> Publication:
    """What the settings alone say."""
    return Publication(
        name=settings.SITE_NAME,
        tagline=settings.SITE_TAGLINE,
        description=settings.SITE_DESCRIPTION,
        footer=settings.SITE_FOOTER,
        ink=settings.LETTERPRESS_INK,
        contact_email=settings.CONTACT_EMAIL,
    )


_read: Callable[[], Publication] = from_environment
_shown: ContextVar[Publication | None] = ContextVar("publication_shown", default=None)


def read_with(reader: Callable[[], Publication]) -> None:
    """From now on `current` asks `reader`."""
    global _read
    _read = reader


def current() -> Publication:
    """The publication as it is now, or as it is being looked at."""
    return _shown.get() or _read()


@contextmanager
def shown_as(candidate: Publication) -> Iterator[None]:
    """Within this, `current` is `candidate`: what somebody thinks of making it. Nothing that is made here is kept."""
    token = _shown.set(candidate)
    try:
        with cache.left_alone():
            yield
    finally:
        _shown.reset(token)
