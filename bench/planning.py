"""The calendar at 500 posts a month and the dashboard at 5,000 posts: time of an answer, queries, size.

Run: `python bench/planning.py` (a database of its own, thrown away). Times are milliseconds of CPU in this process.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
scratch = tempfile.TemporaryDirectory()
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DATABASE_URL": f"sqlite:///{scratch.name}/bench.sqlite3",
    "MEDIA_ROOT": f"{scratch.name}/media",
    "REDIS_URL": "",
    "LOG_LEVEL": "ERROR",
}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402


def fill(posts: int, a_month: int) -> None:
    """An editor, and posts of every state: `a_month` of them planned in the month after this one."""
    from accounts.models import User
    from accounts.roles import Role, set_role, synchronise
    from blog.models import Category, Post
    from blog.taxonomy import save_category

    synchronise()
    editor = User.objects.create_user("editor", "editor@example.org", "a-long-password")
    set_role(editor, Role.EDITOR)
    categories = [save_category(Category(name=name)) for name in ("Places", "Tools", "Time")]
    now = timezone.now()
    first = (timezone.localtime(now).replace(day=1, hour=0, minute=0) + timedelta(days=32)).replace(day=1)
    states = ("draft", "pending", "published", "published", "archived")
    text = "Words that nobody counts here. " * 200
    Post.objects.bulk_create(
        (
            Post(
                title=f"Post number {number} with a title of the usual length",
                slug=f"post-{number}",
                content_markdown=text,
                author=editor,
                category=categories[number % 3],
                word_count=1000,
                status=(status := "scheduled" if number < a_month else states[number % 5]),
                scheduled_at=first + number * timedelta(days=28) / a_month if status == "scheduled" else None,
                published_at=now - timedelta(hours=number) if status == "published" else None,
            )
            for number in range(posts)
        ),
        batch_size=500,
    )


def measure(client: Client, address: str, calls: int) -> tuple[float, float, int, int]:
    """Median and slowest milliseconds, queries, bytes."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address} answered {answer.status_code}.")
    spent = []
    for _ in range(calls):
        began = time.process_time()
        client.get(address)
        spent.append((time.process_time() - began) * 1000)
    asked = (queries.final_queries or 0) - queries.initial_queries
    return statistics.median(spent), max(spent), asked, len(answer.content)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="measured requests for each page (default 20)")
    parser.add_argument("--posts", type=int, default=5000)
    parser.add_argument("--a-month", type=int, default=500)
    chosen = parser.parse_args()
    call_command("migrate", verbosity=0)
    fill(chosen.posts, chosen.a_month)
    from accounts.models import User
    from blog import calendar_feed

    now = timezone.now()
    coming = (timezone.localtime(now).replace(day=1) + timedelta(days=40)).date()
    year, week, _ = coming.isocalendar()
    editor = User.objects.get()
    token = calendar_feed.renew(editor, at=now)
    client = Client(headers={"host": "localhost"})
    client.force_login(editor, backend="accounts.backends.RoleBackend")
    pages = {
        "month": f"/admin/blog/post/calendar/?month={coming:%Y-%m}",
        "week": f"/admin/blog/post/calendar/?week={year}-W{week:02}",
        "feed": f"/calendar/{token}.ics",
        "dashboard": "/admin/",
    }
    print(f"{chosen.posts:,} posts, {chosen.a_month} in the month shown")
    print(f"{'page':<10} {'median ms':>10} {'slowest':>8} {'queries':>8} {'kB':>7}")
    with override_settings(DEBUG=False):
        for name, address in pages.items():
            median, slowest, queries, size = measure(client, address, chosen.calls)
            print(f"{name:<10} {median:>10.1f} {slowest:>8.1f} {queries:>8} {size / 1000:>7.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
