"""What somebody may have meant who asked for an address where nothing is."""

import re
from difflib import SequenceMatcher

from django.db.models import Q

from blog.addresses import normalise_path
from blog.models import Post

# Longer paths are somebody trying doors, not somebody looking for a text.
_LONGEST_PATH = 300
_MOST_WORDS = 6
_CANDIDATES = 60
_FILE = re.compile(r"\.[a-z0-9]{2,5}$", re.IGNORECASE)
_STOP_WORDS = frozenset("the and for with from that this your page post blog tag category index archive".split())


def nearest_to(path: str, *, count: int = 3) -> list[Post]:
    """Up to `count` live posts and pages whose address shares words with `path`, nearest first; one query at most."""
    if len(path) > _LONGEST_PATH or _FILE.search(path):
        return []
    parts = [part for part in normalise_path(path).casefold().split("/") if part]
    words = [word for part in parts for word in re.split(r"[\W_]+", part) if len(word) > 2 and word not in _STOP_WORDS]
    words = list(dict.fromkeys(words))[-_MOST_WORDS:]
    if not words:
        return []
    shares_a_word = Q()
    for word in words:
        # The beginning of a word finds its other forms: clocks, clock.
        shares_a_word |= Q(slug__icontains=word[:40] if len(word) < 5 else word[:40][:-1])
    found = (
        Post.objects.published().filter(shares_a_word).only("title", "slug", "kind").order_by("-published_at", "-pk")
    )
    wanted = "-".join(words)
    scored = [(SequenceMatcher(None, wanted, post.slug.casefold()).ratio(), post) for post in found[:_CANDIDATES]]
    scored.sort(key=lambda pair: pair[0], reverse=True)
    return [post for score, post in scored[:count] if score > 0.2]
