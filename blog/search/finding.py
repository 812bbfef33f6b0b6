"""Finding: what the index has for a question, ranked, filtered, counted by what it is filed under.

A word in the title counts more than one in the summary, in the names of what a post is filed under or said again and
again in its text, and that more than one somewhere in the text; of equals the newest comes first. The order is made
here from the rows of the index, so it is the same on both databases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from blog.menus import GENERATIONS
from blog.models import Post
from blog.search import index, questions, spelling
from blog.search.entries import language_of, mark
from blog.search.index import Condition, Row
from blog.search.questions import Clause, Question
from blog.search.words import GAP, fold
from core import cache, languages

# More is not counted and not ranked: nobody reads on so far.
MOST = 300
MOST_NAMED = 6
AT_ONCE = MOST + 1 + MOST_NAMED * 4
IN_TITLE, IN_ABOUT, IN_TEXT = 6, 3, 1
TOGETHER_IN_TITLE, TOGETHER_IN_ABOUT, WHOLE_TITLE = 4, 2, 5
# Misspelt words that are looked into, and how often each may be found until it counts as common.
MOST_MENDED, COMMON = 4, 50
MOST_LANGUAGES = 6
# The newest say which languages a publication is written in.
LOOKED_AT = 500
_kept = cache.Group("found", timeout=120)
_languages = cache.Group("search-languages", timeout=600)


class Hit(NamedTuple):
    post: int
    category: int
    year: int
    tags: tuple[int, ...]
    authors: tuple[int, ...]


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

    `is_complete`: there are no more than these. `counts`: how many of them each category, tag, author and year has, of
    everything the question finds whatever the filters; None where that is not known.
    """

    hits: list[Hit] = field(default_factory=list)
    people: list[int] = field(default_factory=list)
    topics: list[int] = field(default_factory=list)
    is_complete: bool = True
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
    mended, slips = mend(question, edition)
    if slips:
        found = find(mended, filters, edition)
        if found:
            return Answer(mended, found, tuple(slips))
    if len(mended.wanted) > 1:
        # One clause with the answers of all is one that any of them answers.
        any_answer = tuple(dict.fromkeys(each for clause in mended.wanted for each in clause.answers))
        some = find(replace(mended, wanted=(Clause(mended.typed, any_answer),)), Filters(), edition)
        if some:
            return Answer(mended, replace(some, hits=some.hits[:MOST_NAMED], counts={}), tuple(slips), has_some=True)
    return Answer(question, Found())


def find(question: Question, filters: Filters, edition: str = "") -> Found:
    """Everything for a question at once, up to MOST; more is narrowed in the index itself."""
    rows = _ask(question, (), edition)
    posts = [row for row in rows if row.post]
    is_complete = len(posts) <= MOST and len(rows) < AT_ONCE
    if not is_complete:
        rows = rows[: len(rows) - len(posts)]
        posts = _narrowed(question, filters, edition, posts)
    hits = _ranked(posts, question)
    counts = _counts(hits)
    shown = [hit for hit in hits if filters.let_through(hit)]
    all_there = is_complete or (bool(filters) and len(posts) <= MOST)
    return Found(
        hits=shown[:MOST],
        people=[row.person for row in rows if row.person][:MOST_NAMED],
        topics=[row.topic for row in rows if row.topic][:MOST_NAMED],
        is_complete=all_there,
        counts=counts,
        counts_are_whole=is_complete,
    )


def _ask(question: Question, also: Iterable[Condition], edition: str, *, in_titles: bool = False) -> list[Row]:
    return index.rows(index.of_question(question, *also, *within(edition), in_titles=in_titles), AT_ONCE)


def _narrowed(question: Question, filters: Filters, edition: str, newest: list[Row]) -> list[Row]:
    """Of more than can be ranked, the newest, and the newest of those that say it in their titles."""
    kinds = index.word(mark("k", "post"), mark("k", "page"))
    if filters or len(newest) <= MOST:
        newest = _ask(question, [kinds, *filters.conditions], edition)
    if len(newest) <= MOST:
        return newest
    titles = _ask(question, [kinds, *filters.conditions], edition, in_titles=True)
    return list(dict.fromkeys([*titles, *newest]))


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
    return Hit(row.post or 0, (found["c"] or [0])[0], found["y"][0], tuple(found["t"]), tuple(found["a"]))


def _counts(hits: Collection[Hit]) -> dict[str, Counter[int]]:
    if not hits:
        return {}
    return {
        "categories": Counter(hit.category for hit in hits if hit.category),
        "years": Counter(hit.year for hit in hits),
        "tags": Counter(tag for hit in hits for tag in hit.tags),
        "authors": Counter(person for hit in hits for person in hit.authors),
    }


# --- Nothing found ----------------------------------------------------------------------------------------------------
def mend(question: Question, edition: str) -> tuple[Question, list[tuple[str, str]]]:
    """The question with the words nothing has replaced by the nearest that something live has, and which they were."""
    slips: list[tuple[str, str]] = []
    known = languages_read()
    for clause in question.wanted:
        if len(slips) == MOST_MENDED:
            break
        if clause.is_phrase or _times(clause, edition, 1):
            continue
        meant = _meant(clause, edition, known)
        if meant:
            slips.append((clause.typed, meant))
            question = questions.with_word(question, clause, meant, known)
    return question, slips


def _meant(clause: Clause, edition: str, known: list[str]) -> str:
    best: tuple[tuple[int, bool], int, str] | None = None
    for distance, word in spelling.nearest(fold(clause.typed)):
        if best and distance > best[0]:
            break
        meant = questions.clause_of(word, known)
        times = _times(meant, edition, COMMON) if meant else 0
        if times and (best is None or times > -best[1]):
            best = (distance, -times, word)
    return best[2] if best else ""


def _times(clause: Clause, edition: str, most: int) -> int:
    """How many entries answer a clause, counted to `most`."""
    return index.count(("and", index.of_clause(clause), *within(edition)), most)
