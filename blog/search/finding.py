"""Finding: what the index has for a question, ranked, filtered, counted by what it is filed under.

A word in the title counts more than one in the summary, in the names of what a post is filed under or said again and
again in its text, and that more than one somewhere in the text; of equals the newest comes first. The order is made
here from the rows of the index, so it is the same on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from blog.menus import GENERATIONS
from blog.models import Post
from blog.search import index, questions, spelling
from blog.search.entries import PLACES_OF_POSTS, language_of, mark, typed
from blog.search.index import Condition, Row
from blog.search.questions import Clause, Question
from blog.search.words import GAP, fold, folded_words
from core import cache, languages

# More is not ranked: nobody reads on so far.
MOST = 300
# More is not counted: as many as can be while somebody waits.
COUNTED = 1_000
MOST_NAMED = 6
# Names that are not live here any more are met as well.
NAMES_MET = MOST_NAMED * 4
IN_TITLE, IN_ABOUT, IN_TEXT = 6, 3, 1
TOGETHER_IN_TITLE, TOGETHER_IN_ABOUT, WHOLE_TITLE = 4, 2, 5
# Misspelt words that are looked into, and how often each may be found until it counts as common.
MOST_MENDED, COMMON = 4, 50
MOST_LANGUAGES = 6
# The newest say which languages a publication is written in, and are looked through for titles like a question.
LOOKED_AT = 500
_FACETS = {"c": "categories", "y": "years", "t": "tags", "a": "authors"}
_PAGE = mark("k", "page")
_kept = cache.Group("found", timeout=120)
_languages = cache.Group("search-languages", timeout=600)
# Words that share threes of letters with one, with how many they share.
Alike = Callable[[str], list[tuple[str, int]]]


class Hit(NamedTuple):
    post: int
    category: int
    year: int
    tags: tuple[int, ...]
    authors: tuple[int, ...]
    is_page: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """Any of the categories (with those below them), any of the tags, of the authors and of the years."""

    categories: frozenset[int] = frozenset()
    tags: frozenset[int] = frozenset()
    authors: frozenset[int] = frozenset()
    years: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.categories or self.tags or self.authors or self.years)

    def let_through(self, hit: Hit) -> bool:
        return (
            (not self.categories or hit.category in self.categories)
            and (not self.years or hit.year in self.years)
            and (not self.tags or not self.tags.isdisjoint(hit.tags))
            and (not self.authors or not self.authors.isdisjoint(hit.authors))
        )

    @property
    def conditions(self) -> list[Condition]:
        groups = {"c": self.categories, "t": self.tags, "a": self.authors, "y": self.years}
        return [index.word(*(mark(kind, pk) for pk in sorted(pks))) for kind, pks in groups.items() if pks]

    @property
    def key(self) -> str:
        return repr([sorted(each) for each in (self.categories, self.tags, self.authors, self.years)])


@dataclass(frozen=True)
class Found:
    """`hits` are live posts and pages, best first; `people` and `topics` ids of profiles and topics.

    `is_complete`: there are no more hits than these. `posts` and `pages`: how many there are, of the newest COUNTED
    unless `is_counted`. `counts`: how many each category, tag, author and year has of everything the question finds
    whatever the filters; of the newest COUNTED unless `counts_are_whole`.
    """

    hits: list[Hit] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    topics: list[int] = field(default_factory=list)
    is_complete: bool = True
    posts: int = 0
    pages: int = 0
    is_counted: bool = True
    counts: Mapping[str, Counter[int]] = field(default_factory=dict)
    counts_are_whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.hits or self.people or self.topics)


@dataclass(frozen=True)
class Answer:
    """`asked` is what was answered, which `mended` says is not what was typed: (typed, meant) for each word."""

    asked: Question
    found: Found
    mended: tuple[tuple[str, str], ...] = ()
    # Nothing has all the words; what was found has some of them.
    has_some: bool = False
    # Nothing has any of the words; what was found has words like them in its title.
    is_near: bool = False

    @property
    def is_miss(self) -> bool:
        """Whether nothing answers what was asked, though something else may be offered."""
        return self.has_some or self.is_near or not self.found


def languages_read() -> list[str]:
    """The languages questions are read in: those of the publication, of its editions, and those most is written in."""
    own = (languages.main(), *languages.editions())
    return list(dict.fromkeys(language_of(code) for code in (*own, *_languages.get_or_compute("all", _written_in))))


def _written_in() -> list[str]:
    newest = Post.objects.published().articles().order_by("-published_at", "-pk")
    counted = Counter(newest.values_list("content_language", flat=True)[:LOOKED_AT])
    return sorted(counted, key=lambda code: (-counted[code], code))[:MOST_LANGUAGES]


def within(edition: str) -> list[Condition]:
    """What belongs to an edition; to that of the main language whatever has no edition of its own."""
    if edition in languages.editions():
        return [index.word(mark("l", edition), mark("k", "person"), mark("k", "topic"))]
    return [("not", index.word(mark("l", code))) for code in languages.editions()]


def answer(question: Question, filters: Filters, *, edition: str = "", exactly: bool = False) -> Answer:
    """What is found; where nothing is, of the words most like those typed, unless these are wanted `exactly`."""
    if not question:
        return Answer(question, Found())
    key = f"{languages.key(edition)}:{exactly}:{question.key}:{filters.key}"
    return _kept.get_or_compute(key, lambda: _answer(question, filters, edition, exactly), generation=GENERATIONS)


def _answer(question: Question, filters: Filters, edition: str, exactly: bool) -> Answer:
    found = find(question, filters, edition)
    if found or exactly or found.counts or not found.counts_are_whole:
        return Answer(question, found)
    alike = lru_cache(maxsize=None)(spelling.alike)
    mended, slips = mend(question, edition, alike)
    if slips:
        found = find(mended, filters, edition)
        if found:
            return Answer(mended, found, tuple(slips))
    if len(mended.wanted) > 1:
        # One clause with the answers of all is one that any of them answers.
        any_answer = tuple(dict.fromkeys(each for clause in mended.wanted for each in clause.answers))
        some = find(replace(mended, wanted=(Clause(mended.typed, any_answer),)), Filters(), edition)
        if some:
            few = Found(hits=some.hits[:MOST_NAMED], people=some.people, topics=some.topics)
            return Answer(mended, few, tuple(slips), has_some=True)
    hits = near(question, edition, alike)
    return Answer(question, Found(hits=hits), is_near=bool(hits))


def find(question: Question, filters: Filters, edition: str = "") -> Found:
    """Everything for a question at once, up to MOST; more is narrowed and counted in the index itself."""
    names, met, is_counted = _meet(question, (), edition)
    shown, shown_are_counted = met, is_counted
    if filters and (len(met) > MOST or not is_counted):
        _, shown, shown_are_counted = _meet(question, filters.conditions, edition)
    places = list(shown)
    is_complete = shown_are_counted and len(places) <= MOST
    if not is_complete:
        # Of more than can be ranked, the newest of those that say it in their titles, which go before all others, and
        # the newest where these are not enough.
        in_titles = index.of_question(question, *filters.conditions, *within(edition), in_titles=True)
        titles = index.newest(in_titles, MOST + 1, with_names=False)
        places = [*(place for place, _ in titles), *(places[: MOST + 1] if len(titles) <= MOST else ())]
    rows = index.rows({*names, *places})
    hits = [hit for hit in _ranked((row for row in rows if row.post), question) if filters.let_through(hit)]
    pages = sum(hit.is_page for hit in hits) if is_complete else sum(each.startswith(_PAGE) for each in shown.values())
    return Found(
        hits=hits[:MOST],
        people=[row.person for row in rows if row.person][:MOST_NAMED],
        topics=[row.topic for row in rows if row.topic][:MOST_NAMED],
        is_complete=is_complete,
        posts=(len(hits) if is_complete else len(shown)) - pages,
        pages=pages,
        is_counted=shown_are_counted,
        counts=_counts(met.values()),
        counts_are_whole=is_counted,
    )


def _meet(question: Question, also: Iterable[Condition], edition: str) -> tuple[list[int], dict[int, str], bool]:
    """The places of people and topics a question meets; those of posts and pages, the newest COUNTED, with what each
    can be filtered by; and whether that is all."""
    most = COUNTED + NAMES_MET
    met = index.newest(index.of_question(question, *also, *within(edition)), most)
    posts = [each for each in met if each[0] < PLACES_OF_POSTS]
    names = [place for place, _ in met if place >= PLACES_OF_POSTS]
    return names[:NAMES_MET], dict(posts[:COUNTED]), len(met) < most and len(posts) <= COUNTED


def _ranked(rows: Iterable[Row], question: Question) -> list[Hit]:
    clauses = [[f" {' '.join(answer)} " for answer in clause.answers] for clause in question.wanted]
    wholes = [f" {' '.join(whole)} " for whole in question.wholes]
    scored = [(_score(row, clauses, wholes), row.place, row) for row in rows]
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [_hit(row) for _, _, row in scored]


def _score(row: Row, clauses: list[list[str]], wholes: list[str]) -> int:
    title, about = f" {row.title} ", f" {row.about} "
    score = 0
    for answers in clauses:
        if any(answer in title for answer in answers):
            score += IN_TITLE
        elif any(answer in about for answer in answers):
            score += IN_ABOUT
        else:
            score += IN_TEXT
    if any(title == f"{whole}{GAP} " for whole in wholes):
        score += WHOLE_TITLE
    if len(clauses) > 1:
        if any(whole in title for whole in wholes):
            score += TOGETHER_IN_TITLE
        elif any(whole in about for whole in wholes):
            score += TOGETHER_IN_ABOUT
    return score


def _hit(row: Row) -> Hit:
    found: dict[str, list[int]] = {"c": [], "y": [], "t": [], "a": []}
    for each in row.marks.split(" "):
        if each.startswith("zzx") and each[3] in found:
            found[each[3]].append(int(each[4:]))
    is_page = row.marks.startswith(_PAGE)
    return Hit(row.post or 0, (found["c"] or [0])[0], found["y"][0], tuple(found["t"]), tuple(found["a"]), is_page)


def _counts(marks: Iterable[str]) -> dict[str, Counter[int]]:
    """How many have each thing posts are filtered by, from the marks of all."""
    counts: dict[str, Counter[int]] = {}
    for each, number in Counter(" ".join(marks).split()).items():
        if each.startswith("zzx") and each[3] in _FACETS:
            counts.setdefault(_FACETS[each[3]], Counter())[int(each[4:])] = number
    return counts


# --- Nothing found ----------------------------------------------------------------------------------------------------
def mend(question: Question, edition: str, alike: Alike = spelling.alike) -> tuple[Question, list[tuple[str, str]]]:
    """The question with the words nothing has replaced by the nearest that something live has, and which they were."""
    slips: list[tuple[str, str]] = []
    known = languages_read()
    looked_into = 0
    for clause in question.wanted:
        if clause.is_phrase or _times(clause, edition, 1):
            continue
        if looked_into == MOST_MENDED:
            break
        looked_into += 1
        meant = _meant(clause, edition, known, alike)
        if meant:
            slips.append((clause.typed, meant))
            question = questions.with_word(question, clause, meant, known)
    return question, slips


def _meant(clause: Clause, edition: str, known: list[str], alike: Alike) -> str:
    best: tuple[tuple[int, bool], int, str] | None = None
    word = fold(clause.typed)
    for distance, other in spelling.nearest(word, alike(word)):
        if best and distance > best[0]:
            break
        meant = questions.clause_of(other, known)
        times = _times(meant, edition, COMMON) if meant else 0
        if times and (best is None or times > -best[1]):
            best = (distance, -times, other)
    return best[2] if best else ""


def near(question: Question, edition: str, alike: Alike = spelling.alike) -> list[Hit]:
    """Posts and pages with words in their titles that are like those nothing has: most alike first, then the newest."""
    likeness: dict[str, float] = {}
    for word in [word for clause in question.wanted for word in folded_words(clause.typed)][:MOST_MENDED]:
        for other, how_alike in [(word, 1.0), *spelling.similar(word, alike(word))]:
            likeness[typed(other)] = max(how_alike, likeness.get(typed(other), 0))
    like = Clause(question.typed, tuple((each,) for each in likeness))
    asked = index.of_question(replace(question, wanted=(like,)), *within(edition))
    rows = index.rows(place for place, _ in index.newest(asked, LOOKED_AT, with_names=False))
    scored = [(sum(likeness.get(each, 0) for each in set(row.marks.split())), row.place, row) for row in rows]
    scored.sort(key=lambda each: each[:2], reverse=True)
    return [_hit(row) for _, _, row in scored[:MOST_NAMED]]


def _times(clause: Clause, edition: str, most: int) -> int:
    """How many entries answer a clause, counted to `most`."""
    return index.count(("and", index.of_clause(clause), *within(edition)), most)
