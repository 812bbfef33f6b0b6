"""A page of what was found, as readers see it: the posts with their passages, the people, what to narrow it by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuthorProfile
from blog.menus import Entry, menus
from blog.models import Category, Post, SearchEntry, Tag, TopicCluster
from blog.search.entries import here, live_people, live_topics
from blog.search.finding import Answer, Filters, Found, Hit
from blog.search.passages import marked, passage
from blog.search.questions import Question

# Values of one filter that are heeded, and choices shown.
MOST_VALUES, MOST_CHOICES = 20, 8
MOST_PEOPLE = 4
SUMMARY = 200


@dataclass(frozen=True, slots=True)
class Row:
    post: Post
    title: SafeString
    passage: SafeString


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody found, with how many of the posts and pages found are theirs."""

    profile: AuthorProfile
    count: int
    is_named: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """`count` is None where it is not known."""

    value: str
    label: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    legend: str
    choices: list[Choice]


# --- Filters ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Chosen:
    """What somebody narrowed the search to. What does not exist was not chosen."""

    categories: Sequence[Category] = ()
    tags: Sequence[Tag] = ()
    authors: Sequence[AuthorProfile] = ()
    years: Sequence[int] = ()

    @property
    def filters(self) -> Filters:
        below: set[int] = set()
        if self.categories:
            within = Q()
            for category in self.categories:
                within |= Q(tree_id=category.tree_id, lft__gte=category.lft, rght__lte=category.rght)
            below = set(Category.objects.filter(within).order_by().values_list("pk", flat=True))
        return Filters(
            categories=frozenset(below),
            tags=frozenset(tag.pk for tag in self.tags),
            authors=frozenset(profile.user_id for profile in self.authors),
            years=frozenset(self.years),
        )


def chosen_in(data: QueryDict) -> Chosen:
    """The filters of an address: ?category=places&category=tools/pens&tag=…&author=…&year=2026."""

    def values(name: str) -> list[str]:
        return [value.replace("\0", "")[:700] for value in data.getlist(name)[:MOST_VALUES] if value]

    paths, tags, authors = values("category"), values("tag"), values("author")
    years = {int(value) for value in values("year") if value.isascii() and value.isdigit() and len(value) < 5}
    return Chosen(
        categories=list(Category.objects.filter(path__in=paths)) if paths else (),
        tags=list(Tag.objects.filter(slug__in=tags)) if tags else (),
        authors=list(live_people(here()).filter(slug__in=authors)) if authors else (),
        years=sorted(years - {0}, reverse=True),
    )


def facets(answer: Answer, chosen: Chosen) -> list[Facet]:
    """What the posts found can be narrowed by; a facet with one choice narrows nothing and is left out."""
    counts = {name: answer.found.counts.get(name) or Counter() for name in ("categories", "tags", "authors", "years")}
    are_whole = answer.found.counts_are_whole
    found = [
        Facet("category", _("Section"), _categories(counts["categories"], chosen.categories)),
        Facet("year", _("Year"), _years(counts["years"], chosen.years, are_whole)),
        Facet("tag", _("Tag"), _tags(counts["tags"], chosen.tags)),
        Facet("author", _("Author"), _authors(counts["authors"], chosen.authors)),
    ]
    return [each for each in found if len(each.choices) > 1 or any(choice.is_chosen for choice in each.choices)]


def _categories(counts: Counter[int], chosen: Sequence[Category]) -> list[Choice]:
    names = {each.pk: each for each in [*Category.objects.filter(pk__in=counts), *chosen]} if counts or chosen else {}
    # Whoever chooses a section chooses all below it.
    totals = {
        pk: sum(
            number
            for other, number in counts.items()
            if other in names and f"{names[other].path}/".startswith(f"{category.path}/")
        )
        for pk, category in names.items()
    }
    return _choices(totals, {pk: (each.path, each.name) for pk, each in names.items()}, {each.pk for each in chosen})


def _tags(counts: Counter[int], chosen: Sequence[Tag]) -> list[Choice]:
    few = [pk for pk, _ in counts.most_common(MOST_CHOICES)]
    names = {each.pk: (each.slug, each.name) for each in [*(Tag.objects.filter(pk__in=few) if few else ()), *chosen]}
    return _choices(counts, names, {each.pk for each in chosen})


def _authors(counts: Counter[int], chosen: Sequence[AuthorProfile]) -> list[Choice]:
    few = [pk for pk, _ in counts.most_common(MOST_CHOICES)]
    profiles = AuthorProfile.objects.filter(user__in=few).select_related("user") if few else ()
    names = {each.user_id: (each.slug, str(each)) for each in [*profiles, *chosen]}
    return _choices(counts, names, {each.user_id for each in chosen})


def _years(counts: Counter[int], chosen: Sequence[int], are_whole: bool) -> list[Choice]:
    years = {*counts, *chosen} if are_whole else {*chosen, *_years_written_in()}
    return [
        # How many an older year has, the newest do not say.
        Choice(str(year), str(year), counts[year] if are_whole or year in counts else None, year in chosen)
        for year in sorted(years, reverse=True)[:MOST_VALUES]
    ]


def _years_written_in() -> Iterable[int]:
    """From the first year of which something is live to the last: of too much to be looked at, every year has some."""
    dates = Post.objects.published().articles().values_list("published_at", flat=True)
    # Each is one step in the index; asked together, SQLite would walk all of it.
    ends = (dates.order_by("published_at", "pk").first(), dates.order_by("-published_at", "-pk").first())
    first, last = (each and timezone.localtime(each).year for each in ends)
    return range(first, last + 1) if first else ()


def _choices(counts: Mapping[int, int], names: Mapping[int, tuple[str, str]], chosen: set[int]) -> list[Choice]:
    ordered = sorted(names, key=lambda pk: (pk not in chosen, -counts.get(pk, 0), names[pk][1].casefold()))
    return [Choice(*names[pk], counts.get(pk, 0), pk in chosen) for pk in ordered[:MOST_CHOICES]]


# --- What is shown ----------------------------------------------------------------------------------------------------
def rows_of(hits: Iterable[Hit], question: Question) -> list[Row]:
    """The posts of a page with the passages that answer; only what is live now, whatever the index says."""
    wanted = [hit.post for hit in hits]
    if not wanted:
        return []
    found = Post.objects.published().for_lists().prefetch_related("co_authors__author_profile").filter(pk__in=wanted)
    posts = {post.pk: post for post in found}
    texts = SearchEntry.objects.filter(post__in=posts).values_list("post", "text", "body")
    said = {pk: passage(text, body, question) for pk, text, body in texts}
    rows = []
    for pk in wanted:
        if pk in posts:
            post = posts[pk]
            language = post.content_language
            shown = said.get(pk) or marked(Truncator(post.summary).chars(SUMMARY), question, language)
            rows.append(Row(post, marked(post.title, question, language), shown))
    return rows


def kinds_of(hits: Iterable[Hit]) -> str:
    """What the hits of a page are, as the heading above them says."""
    kinds = {hit.is_page for hit in hits}
    return _("Pages") if kinds == {True} else _("Posts and pages") if True in kinds else _("Posts")


def how_many(found: Found, people: Sequence[Writer], topics: Sequence[TopicCluster]) -> list[str]:
    """How many posts, pages, people of that name and topics were found, in words; only those there are any of."""
    named = sum(writer.is_named for writer in people)
    said = (
        (found.posts, ngettext("%(total)s post", "%(total)s posts", found.posts)),
        (found.pages, ngettext("%(total)s page", "%(total)s pages", found.pages)),
        (named, ngettext("%(total)s person", "%(total)s people", named)),
        (len(topics), ngettext("%(total)s topic", "%(total)s topics", len(topics))),
    )
    return [words % {"total": total} for total, words in said if total]


def people_of(answer: Answer) -> list[Writer]:
    """Those the question names, then those who wrote most of what was found; how much is said where all is in hand."""
    found = answer.found
    counts = Counter(user for hit in found.hits for user in hit.authors) if found.is_complete else Counter[int]()
    often = [] if answer.is_miss else [pk for pk, number in counts.most_common(MOST_PEOPLE) if number > 1]
    if not found.people and not often:
        return []
    named = found.people
    wanted = Q(pk__in=named) | Q(user__in=often)
    profiles = list(live_people(here()).filter(wanted).select_related("avatar").prefetch_related("user"))
    profiles.sort(key=lambda each: (each.pk not in named, -counts[each.user_id], each.slug))
    return [Writer(each, counts[each.user_id], each.pk in named) for each in profiles[:MOST_PEOPLE]]


def topics_of(answer: Answer) -> list[TopicCluster]:
    found = answer.found.topics
    return list(live_topics(here()).filter(pk__in=found)) if found else []


def popular_topics() -> list[Entry]:
    """Where to begin when nothing was found."""
    return sorted(menus().topics or menus().sections, key=lambda entry: -entry.count)[:MOST_CHOICES]
