"""What to offer while somebody types: titles, people, topics and categories that begin so."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from blog import menus
from blog.models import Post
from blog.search import index, questions, words
from blog.search.entries import here, live_people, live_topics, typed
from blog.search.finding import within
from core import cache, languages

SHORTEST, LONGEST = 2, 100
MOST, MOST_OF_NAMES = 8, 2
_LOOKED_AT = 20
_MOST_WORDS = 8
_kept = cache.Group("suggestions", timeout=120)

Suggestion = dict[str, str]
KINDS = {"post": _("Post"), "page": _("Page"), "person": _("Person"), "topic": _("Topic"), "category": _("Section")}


def suggestions(begun: str) -> list[Suggestion]:
    """At most MOST of what begins so in the edition being read: {"what", "label", "url"}, names before titles."""
    found = words.folded_words(questions.clean(begun)[:LONGEST])[:_MOST_WORDS]
    if not found or len("".join(found)) < SHORTEST:
        return []
    key = f"{languages.key()}:{' '.join(found)}"
    return _kept.get_or_compute(key, lambda: _suggest(found, languages.current()), generation=menus.GENERATIONS)


def _suggest(found: list[str], edition: str) -> list[Suggestion]:
    *whole, begun = found
    in_titles = [("phrase", (typed(word),)) for word in whole]
    begins_so = ("and", *in_titles, ("start", typed(begun)), *within(edition))
    rows = index.rows(place for place, _ in index.newest(begins_so, _LOOKED_AT))
    offered = _named(
        "person", live_people(here()).filter(pk__in=[row.person for row in rows if row.person]), MOST_OF_NAMES
    ) + _named("topic", live_topics(here()).filter(pk__in=[row.topic for row in rows if row.topic]), MOST_OF_NAMES)
    offered += _categories(found)
    wanted = [row.post for row in rows if row.post]
    posts = Post.objects.published().only("title", "slug", "kind").in_bulk(wanted) if wanted else {}
    offered += [_of(posts[pk].kind, posts[pk].title, posts[pk].get_absolute_url()) for pk in wanted if pk in posts]
    return offered[:MOST]


def _named(kind: str, things: Any, most: int) -> list[Suggestion]:
    return [_of(kind, str(thing), thing.get_absolute_url()) for thing in things[:most]]


def _categories(found: list[str]) -> list[Suggestion]:
    *whole, begun = found
    fitting = []
    for entry in menus.menus().categories:
        name = words.folded_words(entry.name)
        if all(word in name for word in whole) and any(word.startswith(begun) for word in name):
            fitting.append(_of("category", entry.name, entry.url))
    return fitting[:MOST_OF_NAMES]


def _of(kind: str, label: str, url: str) -> Suggestion:
    return {"what": str(KINDS[kind]), "label": label, "url": url}
