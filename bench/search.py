"""The search at 100,000 posts: milliseconds of a page of results and of suggestions, with nothing kept before.

`.venv/bin/python bench/search.py [posts]`; `DATABASE_URL` names the database, else a scratch one on SQLite. Kept in
var/bench/.
"""

import json
import os
import random
import statistics
import sys
import tempfile
import time
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

from django.core.cache import caches  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.authors import ensure_profile  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.roles import Role, set_role, synchronise  # noqa: E402
from blog.models import Category, Post, SearchEntry, Tag, TaggedPost  # noqa: E402
from blog.search import entries, spelling  # noqa: E402
from blog.taxonomy import save_category, tags_named  # noqa: E402

POSTS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
WORDS, LENGTH, CALLS, AT_ONCE = 30_000, 220, 5, 2_000
SYLLABLES = "ba be bi bo bu da de di do du fa fe fi ka ke ki ko la le li lo ma me mi mo na ne no pa pe ra re ri ro sa"
QUESTIONS = {
    "common word": "q=harbour",
    "rare word": "q=lighthouse",
    "two words": "q=harbour+ferry",
    "two rare words": "q=lighthouse+keeper",
    "phrase": "q=%22old+harbour%22",
    "typo": "q=lihgthouse",
    "nothing": "q=qqqqqqqq",
    "common, two filters": "q=harbour&category=category-3&year=2024",
    "rare, two filters": "q=lighthouse&category=category-3&year=2024",
}


def vocabulary(luck: random.Random) -> list[str]:
    """Words as a language has them: few very common ones, many rare ones."""
    parts = SYLLABLES.split()
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words["".join(luck.choice(parts) for _ in range(luck.randint(2, 5))) + luck.choice(["", "n", "s", "t"])] = None
    return list(words)


def fill() -> None:
    """Posts straight into the table, a post in seven with the common words, one in five hundred with the rare ones."""
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
    weights = [1 / (rank + 3) for rank in range(WORDS)]
    start = datetime(2010, 1, 1, tzinfo=UTC)
    for begin in range(0, POSTS, AT_ONCE):
        posts = []
        for number in range(begin, min(begin + AT_ONCE, POSTS)):
            said = luck.choices(words, weights, k=LENGTH)
            if number % 2 == 0:
                said[10:12] = ["old", "harbour"] if number % 14 == 0 else ["harbour", "wall"]
            if number % 7 == 0:
                said[40] = "ferry"
            if number % 500 == 0:
                said[60:62] = ["lighthouse", "keeper"]
            title = " ".join(luck.choices(words, k=5)) + (" harbour" if number % 100 == 0 else "")
            post = Post(title=title, slug=f"piece-{number}", status="published", author=people[number % 20])
            post.content_html = f"<p>{' '.join(said[:110])}.</p><p>{' '.join(said[110:])}.</p>"
            post.published_at = start + timedelta(minutes=84 * number)
            post.category = categories[number % 20]
            posts.append(post)
        made = Post.objects.bulk_create(posts)
        TaggedPost.objects.bulk_create(TaggedPost(tag=tags[post.pk % 200], content_object=post) for post in made)
        index(made, tags)
        print(f"\r{begin + len(made):,} posts", end="", flush=True)
    spelling.learn([" ".join(words), "harbour ferry lighthouse keeper old wall"])
    entries.keep_people([person.pk for person in people])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def index(posts: list[Post], tags: list[Tag]) -> None:
    """As `entries.keep_many`, of posts whose rows are in hand and were never read."""
    made = []
    for post in posts:
        post._prefetched_objects_cache = {"tags": [tags[post.pk % 200]], "co_authors": []}
        entry = SearchEntry(post_id=post.pk, place=entries._first_place(post))
        entries._say_post(entry, post)
        made.append(entry)
    SearchEntry.objects.bulk_create(made, batch_size=500)


def measure(client: Client, address: str) -> dict[str, object]:
    """Milliseconds by the clock with empty caches, the median of some calls, and how many questions to the database."""

    def ask() -> float:
        caches["default"].clear()
        caches["kept"].clear()
        client.get("/search/")  # what every page has: menus, publication
        began = time.perf_counter()
        response = client.get(address)
        took = (time.perf_counter() - began) * 1000
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return took

    ask()
    with CaptureQueriesContext(connection) as captured:
        client.get(address + "&again=1")
    times = [ask() for _ in range(CALLS)]
    return {"ms": round(statistics.median(times)), "best": round(min(times)), "questions kept": len(captured)}


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
    list(entries.waiting().values_list("pk", flat=True)[:100])
    found["sweep, ms"] = round((time.perf_counter() - began) * 1000)
    print(f"sweep {found['sweep, ms']} ms")
    kept = ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"search-{connection.vendor}.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["*"], RATELIMIT_ENABLE=False):
        main()
