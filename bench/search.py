"""The search at 100,000 posts: milliseconds of a page of results and of suggestions, with nothing kept before; by the
clock, and of the processor as far as this process uses it (all on SQLite, without the server on PostgreSQL).

`.venv/bin/python bench/search.py [posts]`; `DATABASE_URL` names the database, else a scratch one on SQLite. Kept in
var/bench/.
"""

import contextlib
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch.name}/bench.sqlite3")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "MEDIA_ROOT": f"{scratch.name}/media",
    "LOG_LEVEL": "ERROR",
}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

settings.DEBUG = False  # readers meet templates and questions that keep no diary

from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.authors import ensure_profile  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.roles import Role, set_role, synchronise  # noqa: E402
from blog.models import Category, Post, SearchEntry  # noqa: E402
from blog.search import entries, spelling  # noqa: E402
from blog.search.words import stem  # noqa: E402
from blog.taxonomy import save_category, tags_named  # noqa: E402

POSTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
WORDS, LENGTH, CALLS, AT_ONCE = 30_000, 240, 5, 5_000
PARTS, PASSAGES = 10, 5_000
START = datetime(2010, 1, 1, tzinfo=UTC)
SYLLABLES = "ba be bi bo bu da de di do du fa fe fi ka ke ki ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa"
QUESTIONS = {
    "common word": "q=harbour",
    "rare word": "q=lighthouse",
    "two words": "q=harbour+ferry",
    "two rare words": "q=lighthouse+keeper",
    "phrase": "q=%22old+harbour%22",
    "typo": "q=lihgthouse",
    "nothing": "q=qqqqqqqq",
    "common, two filters": "q=harbour&category=category-4&year=2024",
    "rare, two filters": "q=lighthouse&category=category-0&year=2024",
}


def vocabulary(luck: random.Random) -> list[str]:
    """Words as a language has them: few very common ones, many rare ones."""
    parts = SYLLABLES.split()
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(luck.choice(parts) for _ in range(luck.randint(2, 5))) + luck.choice(["", "n", "s", "t"])] = None
    return list(words)


def fill() -> None:
    """Posts and what the index says of them straight into the tables, from passages prepared once.

    Every second post has the common word, one in seven its companion, one in five hundred the rare ones.
    """
    synchronise()
    luck = random.Random(5)
    people = []
    for number in range(20):
        user, _ = User.objects.get_or_create(username=f"bench{number}", defaults={"first_name": f"Person{number}"})
        set_role(user, Role.AUTHOR)
        ensure_profile(user)
        people.append(user)
    categories = [save_category(Category(name=f"Category {number}")) for number in range(20)]
    tags = tags_named(f"Tag {number:03}" for number in range(200))
    words = vocabulary(luck)
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(WORDS)))
    passages = [prepared(luck.choices(words, cum_weights=weights, k=LENGTH // PARTS)) for _ in range(PASSAGES)]
    special = {
        name: prepared(name.split())
        for name in ("old harbour", "harbour wall", "a ferry", "lighthouse keeper", "of no use")
    }
    model = Post.objects.create(title="Model", slug="model", status="published", author=people[0], published_at=START)
    with slow_index_off():
        for begin in range(0, POSTS, AT_ONCE):
            posts, said = [], []
            for number in range(begin, min(begin + AT_ONCE, POSTS)):
                parts = luck.choices(passages, k=PARTS)
                if number % 2 == 0:
                    parts.insert(1, special["old harbour" if number % 14 == 0 else "harbour wall"])
                if number % 7 == 0:
                    parts.insert(3, special["a ferry"])
                if number % 500 == 0:
                    parts.insert(5, special["lighthouse keeper"])
                text, body = (" ".join(each) for each in zip(*parts, strict=True))
                title = " ".join(luck.choices(words, cum_weights=weights, k=5))
                title += " harbour" if number % 100 == 0 else ""
                post = Post(
                    pk=model.pk + 1 + number,
                    title=title,
                    slug=f"piece-{number}",
                    content_html=f"<p>{text}.</p>",
                    published_at=START + timedelta(minutes=84 * number),
                    author=people[number % 20],
                    category=categories[number % 20],
                )
                post._prefetched_objects_cache = {"tags": [tags[post.pk % 200]], "co_authors": []}
                posts.append(post)
                said.append((text, body))
            copy_posts(model, posts)
            write_entries(posts, said)
            print(f"\r{begin + len(posts):,} posts", end="", flush=True)
    model.delete()
    spelling.learn([" ".join(words), "harbour ferry lighthouse keeper old wall"])
    entries.keep_people([person.pk for person in people])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def prepared(said: list[str]) -> tuple[str, str]:
    """Words as they are read and as the index has them."""
    return " ".join(said), " ".join(stem(word, "en") for word in said)


@contextlib.contextmanager
def slow_index_off() -> Iterator[None]:
    """PostgreSQL fills an index of words faster at once than post by post."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            yield
            return
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'blog_search_entry_words'")
        (made_by,) = cursor.fetchone()
        cursor.execute("DROP INDEX blog_search_entry_words")
        yield
        cursor.execute(made_by)


def copy_posts(model: Post, posts: list[Post]) -> None:
    """Rows like that of the model but for what bears on the search."""
    own = ["id", "title", "slug", "content_html", "published_at", "author_id", "category_id"]
    rest = [field.column for field in Post._meta.concrete_fields if field.column not in own]
    held = ", ".join(f'"{name}"' for name in rest)
    adapted = connection.ops.adapt_datetimefield_value
    values = [
        (
            *(post.pk, post.title, post.slug, post.content_html, adapted(post.published_at)),
            *(post.author_id, post.category_id, model.pk),
        )
        for post in posts
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO blog_post ({', '.join(own)}, {held}) "
            f"SELECT {', '.join(f'COALESCE(%s, {name})' for name in own)}, {held} FROM blog_post WHERE id = %s",
            values,
        )
        cursor.executemany(
            "INSERT INTO blog_taggedpost (tag_id, content_object_id) VALUES (%s, %s)",
            [(post._prefetched_objects_cache["tags"][0].pk, post.pk) for post in posts],
        )


def write_entries(posts: list[Post], said: list[tuple[str, str]]) -> None:
    """As `entries.keep_many`, but for reading the texts."""
    rows = []
    for post, (text, body) in zip(posts, said, strict=True):
        entry = SearchEntry(post_id=post.pk, place=entries._first_place(post))
        entries._say_around(entry, post, [])
        rows.append((entry.place, post.pk, False, entry.title, entry.about, entry.marks, body, text))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO blog_searchentry (place, post_id, is_due, title, about, marks, body, text) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def measure(client: Client, address: str) -> dict[str, object]:
    """Milliseconds by the clock with empty caches, the median of some calls, and how many questions to the database."""

    def ask() -> tuple[float, float]:
        caches["default"].clear()
        caches["kept"].clear()
        client.get("/search/")  # what every page has: menus, publication
        began, used = time.perf_counter(), time.process_time()
        response = client.get(address)
        took = (time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return took

    ask()
    with CaptureQueriesContext(connection) as captured:
        client.get(address + "&again=1")
    clock, processor = zip(*(ask() for _ in range(CALLS)), strict=True)
    return {
        "ms": round(statistics.median(clock)),
        "best": round(min(clock)),
        "of the processor": round(statistics.median(processor)),
        "questions kept": len(captured),
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    if Post.objects.count() < POSTS:
        fill()
        print(f" in {time.perf_counter() - began:.0f} s")
    client = Client()
    found: dict[str, object] = {}
    for name, question in QUESTIONS.items():
        found[name] = measure(client, f"/search/?{question}")
        print(f"{name:22} {json.dumps(found[name])}", flush=True)
    for begun in ("ha", "har", "lighth", "ba"):
        found[f"suggest {begun}"] = measure(client, f"/search/suggest/?q={begun}")
        print(f"suggest {begun:14} {json.dumps(found[f'suggest {begun}'])}", flush=True)
    began = time.perf_counter()
    entries.keep_waiting()
    found["sweep, ms"] = round((time.perf_counter() - began) * 1000)
    print(f"sweep {found['sweep, ms']} ms")
    kept = ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"search-{connection.vendor}.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["*"], RATELIMIT_ENABLE=False):
        main()
