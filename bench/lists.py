"""The lists of the admin at 5,000 posts: questions to the database, CPU of this process, the whole list as a file.

`.venv/bin/python bench/lists.py`; `DATABASE_URL` names the database, else a scratch one on SQLite. Kept in var/bench/.
"""

import json
import os
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

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role, set_role, synchronise  # noqa: E402
from blog import arriving, bulk, review_cycle  # noqa: E402
from blog.models import Category, Post, Tag  # noqa: E402
from blog.taxonomy import save_category, tags_named  # noqa: E402

POSTS, TAGS, CALLS = 5000, 10_000, 3
TEXT = "## A heading\n\n" + "Some words that are read in a minute or two. " * 60
STATES = ("draft", "pending", "published", "published", "archived")
LISTS = (
    "blog/post/",
    "blog/post/?state=published",
    "blog/post/?q=piece+12",
    "blog/post/?p=80",
    "blog/post/?review=overdue",
    "blog/post/stale/",
    "blog/tag/",
    "blog/series/",
    "blog/category/",
    "blog/redirect/",
    "accounts/user/",
    "media_assets/mediaasset/",
)


def fill() -> User:
    """Five thousand posts as an import brings them, ten thousand tags, and an editor."""
    synchronise()
    editor, _ = User.objects.get_or_create(username="bench", defaults={"email": "bench@example.org"})
    set_role(editor, Role.EDITOR)
    if Post.objects.count() >= POSTS:
        return User.objects.get(pk=editor.pk)
    categories = [save_category(Category(name=f"Category {number}", review_after_days=90)) for number in range(20)]
    Tag.objects.bulk_create(Tag(name=f"Tag {n:05}", slug=f"tag-{n:05}", key=f"tag {n:05}") for n in range(TAGS))
    tags = tags_named(f"Tag {number:05}" for number in range(50))
    start = datetime(2016, 1, 1, tzinfo=UTC)
    for begin in range(0, POSTS, 500):
        arrivals = []
        for number in range(begin, begin + 500):
            at, state = start + timedelta(hours=18 * number), STATES[number % 5]
            post = Post(title=f"Piece {number}", slug=f"piece-{number}", content_markdown=TEXT, author=editor)
            post.category = categories[number % 20]
            arrival = arriving.Arrival(post, state, at, at, tags=[tags[number % 50], tags[(number * 7 + 1) % 50]])
            arrival.published_at = at if state in {"published", "archived"} else None
            arriving.prepare(arrival)
            arrivals.append(arrival)
        arriving.add(arrivals, at=start)
    return User.objects.get(pk=editor.pk)


def measure(client: Client, address: str) -> dict[str, object]:
    """Questions and milliseconds of CPU of one page of the admin, when it was asked for before."""

    def ask() -> int:
        response = client.get(f"/admin/{address}")
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return len(body)

    size = ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    questions = len(captured)
    times = []
    for _ in range(CALLS):
        began = time.process_time()
        ask()
        times.append((time.process_time() - began) * 1000)
    return {"questions": questions, "ms": round(statistics.median(times)), "kB": size // 1000}


def main() -> None:
    call_command("migrate", verbosity=0)
    began = time.process_time()
    editor = fill()
    print(f"{Post.objects.count():,} posts and {Tag.objects.count():,} tags in {time.process_time() - began:.0f} s")
    client = Client()
    client.force_login(editor, backend="accounts.backends.RoleBackend")
    began = time.process_time()
    moved = review_cycle.renew_all()
    found: dict[str, object] = {"sweep of review dates": {"changed": moved, "s": round(time.process_time() - began, 2)}}
    for address in LISTS:
        found[address] = measure(client, address)
    found["blog/post/csv/"] = measure(client, "blog/post/csv/")
    found["blog/tag/csv/"] = measure(client, "blog/tag/csv/")
    chosen = list(Post.objects.order_by("pk")[: bulk.AT_ONCE])
    for name, act in (("plan", bulk.plan), ("run", bulk.run)):
        began = time.process_time()
        report = act(chosen, bulk.Change(add_tags=[f"Bench {time.time():.0f}"]), by=editor)
        took = round(time.process_time() - began, 2)
        found[f"bulk {name} of {len(chosen)}"] = {"changed": len(report.done), "s": took}
    for name, figures in found.items():
        print(f"{name:32} {json.dumps(figures)}")
    kept = ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"lists-{connection.vendor}.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["*"]):
        main()
