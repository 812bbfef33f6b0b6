"""Where a line of a menu may lead: a path of this site, or a whole https address."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST = 500

# Host → what its link is called when nobody gave it a name. Subdomains count as their host.
PLACES = {
    "bsky.app": "Bluesky",
    "codeberg.org": "Codeberg",
    "discord.gg": "Discord",
    "facebook.com": "Facebook",
    "flickr.com": "Flickr",
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "instagram.com": "Instagram",
    "linkedin.com": "LinkedIn",
    "mastodon.social": "Mastodon",
    "patreon.com": "Patreon",
    "pinterest.com": "Pinterest",
    "reddit.com": "Reddit",
    "soundcloud.com": "SoundCloud",
    "t.me": "Telegram",
    "threads.net": "Threads",
    "tiktok.com": "TikTok",
    "twitter.com": "X",
    "vimeo.com": "Vimeo",
    "wa.me": "WhatsApp",
    "x.com": "X",
    "youtube.com": "YouTube",
}


def is_address(text: str) -> bool:
    """Whether it can stand in a menu. A path begins with one slash and cannot be read as a host by any browser."""
    if not text or len(text) > LONGEST or not text.isprintable() or " " in text or "\\" in text:
        return False
    if text.startswith("/"):
        return text[1:2] != "/"
    return is_secure(text)


def is_secure(text: str) -> bool:
    """Whether it is a whole https address without a name and a password in it."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return text.lower().startswith("https://") and "." in host and "@" not in parts.netloc and text.isprintable()


def place_of(address: str) -> str:
    """What the place behind a whole address is called: "Mastodon"; its host where nobody knows better."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    known = next((name for place, name in PLACES.items() if host == place or host.endswith(f".{place}")), "")
    return known or ("Mastodon" if parts.path.startswith("/@") else host)
