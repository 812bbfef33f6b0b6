"""Passing a post on: by plain links, and counted by channel, with nothing kept about who it was."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import quote

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from core.cache import Tally

# Where a reader may send it; `{title}` and `{address}` are what is sent. "device" and "link" lead nowhere: the first is
# the reader's own machine asking, the second the address itself.
DEVICE, LINK = "device", "link"
ELSEWHERE = {
    "mail": (_("E-mail"), "mailto:?subject={title}&body={address}"),
    "mastodon": ("Mastodon", "https://share.joinmastodon.org/#text={title}%20{address}"),
    "bluesky": ("Bluesky", "https://bsky.app/intent/compose?text={title}%20{address}"),
    "linkedin": ("LinkedIn", "https://www.linkedin.com/sharing/share-offsite/?url={address}"),
    "x": ("X", "https://x.com/intent/post?text={title}&url={address}"),
    "whatsapp": ("WhatsApp", "https://wa.me/?text={title}%20{address}"),
}
CHANNELS = frozenset({DEVICE, LINK, *ELSEWHERE})

counted = Tally("shares")


@dataclass(frozen=True, slots=True)
class Door:
    """One way to pass a post on."""

    channel: str
    name: str
    url: str


def doors(title: str, address: str) -> list[Door]:
    """The ways that are a link."""
    parts = {"title": quote(title, safe=""), "address": quote(address, safe="")}
    return [Door(channel, str(name), url.format(**parts)) for channel, (name, url) in ELSEWHERE.items()]


def count(post: Post, channel: str) -> None:
    """Somebody passed the post on; which of CHANNELS they used."""
    counted.add(f"{post.pk}:{channel}")


def write_counts() -> int:
    """Add what was counted since the last time to the posts, all or nothing; returns to how many.

    The counts are forgotten only after the commit, so none is lost with whoever writes them.
    """
    with counted.taken() as counts, transaction.atomic():
        shares: Counter[int] = Counter()
        for key, number in counts.items():
            shares[int(key.split(":")[0])] += number
        # In one order for everybody who holds several posts.
        for pk, number in sorted(shares.items()):
            Post.objects.filter(pk=pk).update(share_count=F("share_count") + number)
    return len(shares)
