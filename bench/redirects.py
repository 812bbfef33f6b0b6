"""A redirect file of 20,000 lines: what trying it, taking it over and checking everything afterwards cost.

`python bench/redirects.py` fills a scratch SQLite; with DATABASE_URL it fills and measures that (empty) database.
A third of the lines lead to posts, a third to pages that are not there or are part of a chain, the rest elsewhere;
beside them are some rules, and on the site 5,000 posts and 2,000 redirects. Times are CPU of this process, so that a
busy machine does not count; what a database server does is not in them.
"""

import argparse
import csv
import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
scratch = tempfile.TemporaryDirectory()
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch.name}/bench.sqlite3")
os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

RULES = 100


def fill(posts: int) -> None:
    from accounts.models import User
    from accounts.roles import Role, set_role
    from blog.arriving import Arrival, add, prepare
    from blog.models import Post, Redirect

    now = timezone.now()
    editor = User.objects.create_user("editor", "editor@example.org", "letterpress")
    set_role(editor, Role.EDITOR)
    for start in range(0, posts, 500):
        batch = [
            Arrival(
                Post(title=f"Post {number}", slug=f"post-{number}", author=editor, content_markdown="Tides."),
                "published",
                now,
                now,
                published_at=now,
            )
            for number in range(start, min(start + 500, posts))
        ]
        for arrival in batch:
            prepare(arrival)
        add(batch, at=now)
    some = list(Post.objects.order_by("pk")[:2000])
    Redirect.objects.bulk_create(Redirect(old_path=f"/before-{n}/", post=post) for n, post in enumerate(some))


def file_of(lines: int, posts: int) -> bytes:
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(["Kind", "Old address", "New address", "Type"])
    for number in range(lines - RULES):
        new = (
            f"/blog/post-{number % posts}/",
            f"/old/{number + 3}/" if number % 6 == 1 else f"/nothing/{number}/",
            f"https://example.org/{number}/",
        )[number % 3]
        write(["exact", f"/old/{number}/", new, 301])
    for number in range(RULES):
        write(["rule", rf"/shop-{number}/(\d{{4}})/([^/]+)", "/shelf/{2}", 301])
    return out.getvalue().encode()


def measure(name: str, work: Callable[[], object]) -> None:
    with CaptureQueriesContext(connection) as queries:
        began = time.process_time()
        said = work()
        spent = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<28} {spent:>7.2f} {len(queries):>8} {peak:>8.0f}   {said}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=5_000)
    parser.add_argument("--lines", type=int, default=20_000)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    fill(asked.posts)
    from accounts.models import User
    from blog import redirect_desk, redirect_tables

    editor = User.objects.get(username="editor")
    now, content = timezone.now(), file_of(asked.lines, asked.posts)
    print(f"{connection.vendor}; {asked.lines:,} lines, {len(content) / 1e6:.1f} MB; {asked.posts:,} posts\n")
    print(f"{'':<28} {'seconds':>7} {'queries':>8} {'peak MB':>8}")

    def tried() -> str:
        plan = redirect_tables.plan(content, at=now)
        return f"{dict(plan.counts)}, {sum(bool(line.findings) for line in plan.lines):,} lines with findings"

    measure("trying the file", tried)
    measure("taking it over", lambda: dict(redirect_tables.take_over(content, by=editor, at=now).counts))
    measure("trying it once more", tried)
    measure("checking everything", lambda: f"{len(redirect_desk.check_all(at=now)[0]):,} findings")
    return 0


if __name__ == "__main__":
    sys.exit(main())
