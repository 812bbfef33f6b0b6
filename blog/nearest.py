"""What somebody may have meant who asked for an address where nothing is."""

import re
from difflib import SequenceMatcher
from heapq import nlargest

from django.db.models import Q

from blog.addresses import normalise_path
from blog.models import Post
from blog.querysets import PostQuerySet

# Longer paths are somebody trying doors, not somebody looking for a text.
_LONGEST_PATH = 300
_MOST_WORDS = 6
_CANDIDATES = 60
# Of those for one of many paths, the ones that share most words with it are compared letter by letter.
_COMPARED = 20
_FILE = re.compile(r"\.[a-z0-9]{2,5}$", re.IGNORECASE)
_STOP_WORDS = frozenset("the and for with from that this your page post blog tag category index archive".split())


def nearest_to(path: str, *, count: int = 3) -> list[Post]:
    """Up to `count` live posts and pages whose address shares words with `path`, nearest first; one query at most."""
    words = words_of(path)
    found = _sharing(words)[:_CANDIDATES] if words else []
    wanted = "-".join(words)
    scored = [(SequenceMatcher(None, wanted, post.slug.casefold()).ratio(), post) for post in found]
    scored.sort(key=lambda pair: pair[0], reverse=True)
    return [post for score, post in scored[:count] if score > 0.2]


def nearest_of_each(paths: list[str]) -> dict[str, Post]:
    """For each path the one post it was likely meant for, where there is one; one query for all of them."""
    words = {path: words_of(path)[-2:] for path in paths}
    wanted = list(dict.fromkeys(word for each in words.values() for word in each))
    posts = list(_sharing(wanted)[: _CANDIDATES * 5]) if wanted else []
    slugs = {post.slug.casefold(): post for post in reversed(posts)}
    found = {}
    for path, each in words.items():
        stems = [_stem(word) for word in each]
        near = [slug for slug in slugs if any(stem in slug for stem in stems)]
        if best := _most_alike(words_of(path), near):
            found[path] = slugs[best]
    return found


def _most_alike(words: list[str], slugs: list[str]) -> str:
    """The slug most like these words; nothing when none is like them."""
    stems = [_stem(word) for word in words]
    sharing = nlargest(_COMPARED, slugs, key=lambda slug: sum(stem in slug for stem in stems))
    matcher = SequenceMatcher(None, b="-".join(words))
    best, score = "", 0.3
    for slug in sharing:
        matcher.set_seq1(slug)
        # What it can be at most is known sooner than what it is.
        if matcher.real_quick_ratio() > score and matcher.quick_ratio() > score and (ratio := matcher.ratio()) > score:
            best, score = slug, ratio
    return best


def words_of(path: str) -> list[str]:
    """The last few words of an address, in small letters; none of those every address has."""
    if len(path) > _LONGEST_PATH or _FILE.search(path):
        return []
    parts = [part for part in normalise_path(path).casefold().split("/") if part]
    words = [word for part in parts for word in re.split(r"[\W_]+", part) if len(word) > 2 and word not in _STOP_WORDS]
    return list(dict.fromkeys(words))[-_MOST_WORDS:]


def _stem(word: str) -> str:
    """The beginning of a word finds its other forms: clocks, clock."""
    return word[:40] if len(word) < 5 else word[:40][:-1]


def _sharing(words: list[str]) -> PostQuerySet:
    """Live posts and pages with one of the words in their address, the newest first."""
    shares_a_word = Q()
    for word in words:
        shares_a_word |= Q(slug__icontains=_stem(word))
    return Post.objects.published().filter(shares_a_word).only("title", "slug", "kind").order_by("-published_at", "-pk")
