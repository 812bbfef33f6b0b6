"""Which members are here just now: whoever asked for a page in the last minutes, until they sign out.

It is known to all processes through Redis, or to the one there is, and forgotten by itself. Nobody is named by it who
did not agree (`shows_presence`), and whoever takes that back is named no more with the next page.
"""

from __future__ import annotations

import time
from threading import Lock

from accounts.models import User
from core import presence

ROOM = "members"
# Seconds between two notes of one member by one process, and until who gives no sign any more is gone.
NOTED_EVERY = 60.0
GONE_AFTER = 180
MOST_REMEMBERED = 10_000

_noted: dict[int, float] = {}
_lock = Lock()


def note(user: User) -> None:
    """A member asks for a page. Once a minute it is told to the others; the database is asked nothing."""
    now = time.monotonic()
    with _lock:
        if now - _noted.get(user.pk, -NOTED_EVERY) < NOTED_EVERY:
            return
        if len(_noted) >= MOST_REMEMBERED:
            _noted.clear()
        _noted[user.pk] = now
    presence.enter(ROOM, str(user.pk), GONE_AFTER)


def forget(user: User) -> None:
    """A member signed out. Where they are signed in elsewhere too, their next page says so."""
    with _lock:
        _noted.pop(user.pk, None)
    presence.leave(ROOM, str(user.pk))


def is_here(user: User) -> bool:
    return presence.is_present(ROOM, str(user.pk))


def is_shown_here(user: User) -> bool:
    """Whether others may see that somebody is here: never of those who did not agree."""
    return user.shows_presence and user.is_active and is_here(user)
