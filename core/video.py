"""Addresses of videos at the large hosts: which host, which video.

Pages show them as a link that a small script may turn into a player once the reader asks for it; nothing is fetched
from the host before that.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Video:
    """One video: the host's short name ("youtube"), its printed name, the video's id there and its own page."""

    host: str
    name: str
    id: str
    url: str


_HOSTS = (
    (
        "youtube",
        "YouTube",
        re.compile(
            r"(?:(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com/"
            r"(?:watch\?(?:[^#\s]*&)?v=|embed/|shorts/|live/|v/)|youtu\.be/)([\w-]{11})(?![\w-])"
        ),
        "https://www.youtube.com/watch?v={}",
    ),
    (
        "vimeo",
        "Vimeo",
        re.compile(r"(?:www\.|player\.)?vimeo\.com/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?(\d{5,12})(?!\w)"),
        "https://vimeo.com/{}",
    ),
    (
        "dailymotion",
        "Dailymotion",
        re.compile(r"(?:(?:www\.)?dailymotion\.com/(?:embed/)?video/|dai\.ly/)([A-Za-z0-9]{5,12})(?![A-Za-z0-9])"),
        "https://www.dailymotion.com/video/{}",
    ),
    (
        "peertube",
        "PeerTube",
        re.compile(
            r"(?:peertube\.tv|framatube\.org|tilvids\.com)/(?:w/|videos/(?:watch|embed)/)([\w-]{8,36})(?![\w-])"
        ),
        "",
    ),
    (
        "ted",
        "TED",
        re.compile(r"(?:www\.|embed\.)?ted\.com/talks/([\w-]{3,120})(?![\w-])"),
        "https://www.ted.com/talks/{}",
    ),
)

HOSTS = frozenset(name for name, *_ in _HOSTS)

_SCHEME = re.compile(r"^(?:https?:)?//", re.IGNORECASE)


def find(url: str) -> Video | None:
    """The video behind `url` (a watch page, a short link or a player's address), or None when it is none we know."""
    start = _SCHEME.match(url)
    if start is None or len(url) > 500:
        return None
    rest = url[start.end() :]
    for host, name, pattern, page in _HOSTS:
        match = pattern.match(rest)
        if match:
            own_page = page.format(match.group(1)) if page else "https://" + rest
            return Video(host, name, match.group(1), own_page)
    return None
