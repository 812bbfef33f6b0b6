"""What the index says of each live post and page, of those who wrote them and of their topics.

An entry is written in the transaction that changes what it says, by `blog.writing`, `blog.states` and whoever brings
posts in. What follows from elsewhere (somebody's name, a tag's) makes entries due, and the clock reads them again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import AuthorProfile, User
from blog.models import Post, SearchEntry, SearchWord, Series, Tag, TopicCluster
from blog.querysets import PostQuerySet
from blog.search import spelling, words
from core import markup

# Of one text; phrases of PostgreSQL know no word after the 16,383rd.
MOST_WORDS = 15_000
MOST_LETTERS = 400_000
# Words a text says again and again are what it is about.
SUBJECTS, AGAIN, SHORTEST_SUBJECT = 20, 3, 4
BATCH = 100
CONTENT = ("title", "about", "marks", "body", "text")
# People and topics stand before every post there can be: posts and pages have places below this.
PLACES_OF_POSTS = 1 << 46
_SLOTS = 64
_FIRST_SECOND = datetime(1, 1, 1, tzinfo=UTC)


# --- Marks: what can be filtered by, and words as they are typed -----------------------------------------------------
def mark(kind: str, value: object) -> str:
    """The word of the index that says something of an entry: mark("y", 2026) is in every entry of that year.

    Kinds: k(ind), l(anguage), c(ategory), t(ag), o (topic), a(uthor), y(ear), by their ids where they have one.
    """
    return f"zzx{kind}{re.sub('[^a-z0-9]', '', str(value).lower())}"


def marked(marks: str, kind: str) -> list[int]:
    """The numbers an entry has under a kind of mark."""
    return [int(number) for number in re.findall(rf"\bzzx{kind}([0-9]+)\b", marks)]


def typed(word: str) -> str:
    """The word of the index for a word of a title as people type it, so that its beginning finds it."""
    return f"zzw{words.spelt(word)}"


def titled(word: str) -> str:
    """The word of the index for one that stands in a title, found without looking at where it stands elsewhere."""
    return f"zzt{word}"


def language_of(code: str) -> str:
    return code.lower().replace("_", "-").partition("-")[0]


# --- What an entry says -----------------------------------------------------------------------------------------------
def _joined(parts: Iterable[tuple[str, str]]) -> str:
    """Texts with their languages as words of the index; no phrase reaches from one into the next."""
    found: list[str] = []
    for text, language in parts:
        if text:
            found += [*words.stems(text, language), words.GAP]
    return " ".join(found)


def _subjects(body: Sequence[str]) -> list[str]:
    counted = Counter(word for word in body if len(word) >= SHORTEST_SUBJECT)
    return [word for word, times in counted.most_common(SUBJECTS) if times >= AGAIN]


def _read(text: str, language: str) -> tuple[list[str], str]:
    """The words of a text and as much of the text as they are of."""
    found: list[str] = []
    end = letters = 0
    for span in words.spans(text):
        word = words.stem(span.group(), language)
        letters += len(word) + 1
        if len(found) == MOST_WORDS or letters > MOST_LETTERS:
            break
        found.append(word)
        end = span.end()
    return found, text[:end] if len(found) == MOST_WORDS or letters > MOST_LETTERS else text


def _say_post(entry: SearchEntry, post: Post) -> None:
    body, entry.text = _read(markup.plain_text(post.content_html), post.content_language)
    entry.body = " ".join(body)
    _say_around(entry, post, _subjects(body))


def _say_around(entry: SearchEntry, post: Post, subjects: Sequence[str]) -> None:
    """What it says of a post beside its text."""
    language = post.content_language
    people = [post.author, *post.co_authors.all()]
    tags = list(post.tags.all())
    places = [post.category, post.topic_cluster, post.series]
    about = _joined(
        [
            (post.excerpt, language),
            *((thing.name, language) for thing in (*places, *tags) if thing),
            # Names are no words of a language.
            *((person.display_name, "") for person in people),
            (post.focus_keyword, language),
        ]
    )
    published_at = timezone.localtime(post.published_at)
    marks = [mark("k", post.kind), mark("y", published_at.year)]
    marks += dict.fromkeys(mark("l", code) for code in (language, language_of(language)))
    marks += [mark("c", post.category_id)] if post.category_id else []
    marks += [mark("o", post.topic_cluster_id)] if post.topic_cluster_id else []
    marks += [mark("t", tag.pk) for tag in tags] + [mark("a", person.pk) for person in people]
    marks += [typed(word) for word in words.folded_words(post.title)]
    entry.title = _joined([(post.title, language)])
    marks += [titled(word) for word in entry.title.split()]
    entry.about = " ".join([about, *subjects])
    entry.marks = " ".join(marks)
    entry.is_due = False


def _say_named(entry: SearchEntry, kind: str, name: str, about: Sequence[str], language: str) -> None:
    """Somebody who writes, or a topic. The `language` is that of the name, "" for people."""
    main = settings.LANGUAGE_CODE
    entry.title = _joined([(name, language)])
    entry.about = _joined((text, main) for text in about)
    entry.marks = " ".join([mark("k", kind), *(typed(word) for word in words.folded_words(name))])
    entry.body, entry.text = "", ""
    entry.is_due = False


def _first_place(post: Post) -> int:
    """Where a live post stands among all, by the second it was published; a few of one second stand side by side."""
    assert post.published_at is not None, "what is live has a time"
    return int((post.published_at - _FIRST_SECOND).total_seconds()) * _SLOTS + post.pk % _SLOTS


def _settle_places(entries: Sequence[SearchEntry], wanted: Mapping[int | None, int]) -> None:
    """Give new entries, and those whose time has changed, a place nobody else has."""
    moving = [e for e in entries if e.place is None or e.place // _SLOTS != wanted[e.post_id] // _SLOTS]
    taken = set(
        SearchEntry.objects.filter(place__in=[wanted[e.post_id] for e in moving]).values_list("place", flat=True)
    )
    for entry in moving:
        place = wanted[entry.post_id]
        if place in taken:
            # An import may bring thousands of one second.
            taken.update(
                SearchEntry.objects.filter(place__gte=place, place__lt=place + 20_000).values_list("place", flat=True)
            )
        while place in taken:
            place += 1
        taken.add(place)
        entry.place = place


# --- Keeping it -------------------------------------------------------------------------------------------------------
def keep(post: Post) -> None:
    """Let the index say what a post says now, or nothing of one that is not live; in the transaction that writes it."""
    keep_many([post.pk])


def keep_many(posts: Collection[int], *, with_names: bool = True) -> int:
    """As `keep`, for several by their ids; returns how many are live.

    `with_names`: also who wrote them and their topics, which are found while something of theirs is live.
    """
    for attempt in range(5):
        try:
            with transaction.atomic():
                return _keep_many(posts, with_names)
        except IntegrityError:
            # Somebody else took the same place at the same moment.
            if attempt == 4:
                raise
    return 0


def _keep_many(ids: Collection[int], with_names: bool) -> int:
    rows = Post.objects.published().filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    rows = rows.select_related("author", "category", "topic_cluster", "series").defer(
        "content_markdown", "table_of_contents"
    )
    posts = {post.pk: post for post in rows.prefetch_related("tags", "co_authors")}
    there = {entry.post_id: entry for entry in SearchEntry.objects.filter(post__in=ids).defer("text", "body")}
    people = {pk for entry in there.values() for pk in marked(entry.marks, "a")}
    topics = {pk for entry in there.values() for pk in marked(entry.marks, "o")}
    gone = [entry.pk for pk, entry in there.items() if pk not in posts]
    if gone:
        SearchEntry.objects.filter(pk__in=gone).delete()
    entries = []
    for pk, post in posts.items():
        entry = there.get(pk) or SearchEntry(post_id=pk)
        _say_post(entry, post)
        people |= set(marked(entry.marks, "a"))
        topics |= set(marked(entry.marks, "o"))
        entries.append(entry)
    _settle_places(entries, {pk: _first_place(post) for pk, post in posts.items()})
    for entry in entries:
        if entry.pk:
            entry.save(update_fields=["place", "is_due", *CONTENT])
    SearchEntry.objects.bulk_create([entry for entry in entries if not entry.pk], batch_size=100)
    said = (f"{post.title} {post.excerpt} {entry.text}" for post, entry in zip(posts.values(), entries, strict=True))
    spelling.learn(said)
    if with_names:
        keep_people(people)
        keep_topics(topics)
    return len(posts)


def here() -> PostQuerySet:
    """What is live in the edition that is read: pages of people and topics show nothing else."""
    return Post.objects.published().articles().in_edition()


def live_people(live: PostQuerySet | None = None) -> QuerySet[AuthorProfile]:
    """Those who write and of whom something is live: in any language, or among `live`."""
    live = Post.objects.published() if live is None else live
    together = Post.co_authors.through.objects.filter(user=OuterRef("user"), post__in=live)
    return AuthorProfile.objects.filter(Exists(live.filter(author=OuterRef("user"))) | Exists(together)).select_related(
        "user"
    )


def live_topics(live: PostQuerySet | None = None) -> QuerySet[TopicCluster]:
    """Topics in which something is live: in any language, or among `live`."""
    live = Post.objects.published() if live is None else live
    return TopicCluster.objects.filter(Exists(live.articles().filter(topic_cluster=OuterRef("pk"))))


def keep_people(users: Collection[int]) -> None:
    """Let the index know those of these users who write and of whom something is live, by the ids of their users."""
    profiles = list(live_people().filter(user__in=users))
    there = {entry.person_id: entry for entry in SearchEntry.objects.filter(person__user__in=users)}
    for profile in profiles:
        entry = there.pop(profile.pk, None) or SearchEntry(person=profile, place=PLACES_OF_POSTS + profile.pk * 2)
        said = [profile.expertise, profile.bio]
        _say_named(entry, "person", profile.user.display_name, said, "")
        _write_named(entry, f"{profile.user.display_name} {profile.expertise}")
    _drop(there)


def keep_topics(topics: Collection[int]) -> None:
    """As `keep_people`, for topics."""
    if not topics:
        return
    there = {entry.topic_id: entry for entry in SearchEntry.objects.filter(topic__in=topics)}
    for topic in live_topics().filter(pk__in=topics):
        entry = there.pop(topic.pk, None) or SearchEntry(topic=topic, place=PLACES_OF_POSTS + topic.pk * 2 + 1)
        _say_named(entry, "topic", topic.name, [topic.description], settings.LANGUAGE_CODE)
        _write_named(entry, topic.name)
    _drop(there)


def _write_named(entry: SearchEntry, said: str) -> None:
    if entry.pk is None:
        # Two posts of somebody may go live at the same moment.
        SearchEntry.objects.bulk_create([entry], ignore_conflicts=True)
        spelling.learn([said])
        return
    before = SearchEntry.objects.filter(pk=entry.pk).values("is_due", *CONTENT).get()
    if before != {"is_due": entry.is_due, **{name: getattr(entry, name) for name in CONTENT}}:
        entry.save(update_fields=["is_due", *CONTENT])
        spelling.learn([said])


def _drop(entries: dict[int | None, SearchEntry]) -> None:
    if entries:
        SearchEntry.objects.filter(pk__in=[entry.pk for entry in entries.values()]).delete()


# --- What follows from elsewhere --------------------------------------------------------------------------------------
def renew(posts: QuerySet[Post]) -> int:
    """Let the entries of these posts be read again soon: a tag, a category, a series they name has another name."""
    return SearchEntry.objects.filter(post__in=posts.order_by().values("pk")).update(is_due=True)


def renew_named(thing: Tag | TopicCluster | Series, *, was_called: str) -> None:
    """A tag, a topic or a series has another name or says something else of itself."""
    if thing.name != was_called:
        filed = {Tag: "tagged__tag", TopicCluster: "topic_cluster", Series: "series"}
        renew(Post.objects.filter(**{filed[type(thing)]: thing}))
    if isinstance(thing, TopicCluster):
        keep_topics([thing.pk])


def renew_person(user: User) -> int:
    """Somebody's name or biography may have changed, which what is live of theirs says. Returns how many entries."""
    entry = SearchEntry.objects.filter(person__user=user).first()
    if entry is None:
        return 0
    name = _joined([(user.display_name, "")])
    SearchEntry.objects.filter(pk=entry.pk).update(is_due=True)
    return 1 + (renew(Post.objects.published().written_by(user)) if entry.title != name else 0)


def missing() -> QuerySet[Post]:
    """Live posts of which the index says nothing. Looks at all there are: for the night and for somebody who waits."""
    return Post.objects.published().exclude(Exists(SearchEntry.objects.filter(post=OuterRef("pk"))))


def keep_waiting(most: int = BATCH) -> int:
    """Read at most so many posts that are due, the newest first, and people and topics that are; returns how many."""
    due = SearchEntry.objects.filter(is_due=True)
    posts = list(due.filter(post__isnull=False).order_by("-place").values_list("post", flat=True)[:most])
    if posts:
        keep_many(posts)
    named = list(due.filter(post__isnull=True).select_related("person")[:most])
    keep_people([entry.person.user_id for entry in named if entry.person])
    keep_topics([entry.topic_id for entry in named if entry.topic_id])
    return len(posts) + len(named)


def check(now: datetime) -> int:
    """Put right what drifted: entries of what is not live, posts without one, and posts changed since yesterday.

    Returns how many. What has to be read is made due.
    """
    live = Post.objects.published().filter(pk=OuterRef("post"))
    gone, _ = SearchEntry.objects.filter(post__isnull=False).exclude(Exists(live)).delete()
    people = SearchEntry.objects.filter(person__isnull=False).exclude(person__in=live_people()).delete()[0]
    topics = SearchEntry.objects.filter(topic__isnull=False).exclude(topic__in=live_topics()).delete()[0]
    changed = Post.objects.published().filter(updated_at__gte=now - timedelta(hours=26))
    # The place is a makeshift, below that of any time; reading the post gives it its own.
    empty = [SearchEntry(post_id=pk, place=pk, is_due=True) for pk in missing().values_list("pk", flat=True)]
    SearchEntry.objects.bulk_create(empty, batch_size=BATCH, ignore_conflicts=True)
    return gone + people + topics + len(empty) + renew(changed)


def rebuild(progress: Callable[[int], None] = lambda number: None, *, only_missing: bool = False) -> int:
    """Read everything live again, or only what is missing; returns how many posts. Each batch is a transaction, so what
    was read before somebody stopped it stays, and readers find the old meanwhile."""
    check(timezone.now())
    due = Post.objects.filter(search_entry__is_due=True)
    if not only_missing:
        SearchWord.objects.all().delete()
    last = done = 0
    while True:
        rows = (due if only_missing else Post.objects.published()).filter(pk__gt=last).order_by("pk")
        batch = list(rows.values_list("pk", flat=True)[:BATCH])
        if not batch:
            break
        done += keep_many(batch, with_names=False)
        last = batch[-1]
        progress(len(batch))
    keep_people(list(live_people().values_list("user", flat=True)))
    keep_topics(list(live_topics().values_list("pk", flat=True)))
    return done
