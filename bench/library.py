"""The library at 10,000 assets: questions to the database and milliseconds of its pages.

`.venv/bin/python bench/library.py`; `DATABASE_URL` names the database, else a scratch one on SQLite. The figures are
kept in var/bench/.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
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
from django.db import connection, reset_queries  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role, set_role, synchronise  # noqa: E402
from blog.models import Post  # noqa: E402
from media_assets.models import MediaAsset, MediaTag  # noqa: E402

ASSETS, POSTS, TAGS, CALLS = 10_000, 3000, 200, 7
PAGES = (
    "",
    "?view=list",
    "?view=grid&p=100",
    "?described=no",
    "?used=no",
    "?used=yes",
    "?large=yes",
    "?tag=7",
    "?added=month",
    "?kind=document",
    "?sort=name",
    "?sort=largest",
    "?q=harbour+12",
    "?q=tag+17",
    "?q=nothing+of+this+kind",
    "choose/?q=harbour",
)


def fill() -> User:
    """Ten thousand files of ten years with tags, three thousand of them in posts, and an editor."""
    synchronise()
    editor, _ = User.objects.get_or_create(username="bench", defaults={"email": "bench@example.org"})
    set_role(editor, Role.EDITOR)
    if MediaAsset.objects.count() < ASSETS:
        now = timezone.now()
        tags = MediaTag.objects.bulk_create(MediaTag(name=f"tag {number}") for number in range(TAGS))
        MediaAsset.objects.bulk_create(
            (
                MediaAsset(
                    name=f"{('Harbour', 'Bridge', 'Loom', 'Press')[number % 4]} {number}",
                    kind="document" if number % 25 == 0 else "image",
                    file=f"2025/02/{number:024x}",
                    extension="pdf" if number % 25 == 0 else "jpg",
                    mime_type="application/pdf" if number % 25 == 0 else "image/jpeg",
                    size_bytes=20_000 + number * 977 % 4_000_000,
                    width=None if number % 25 == 0 else 800 + number % 3000,
                    height=None if number % 25 == 0 else 600 + number % 2000,
                    sha256=f"{number:064x}",
                    alt_text="" if number % 9 == 0 else f"What picture {number} shows, in a sentence of some length",
                    credit=f"Photographer {number % 40}",
                    uploaded_by=editor,
                    renditions_made_at=now,
                )
                for number in range(ASSETS)
            ),
            batch_size=1000,
        )
        rows = list(MediaAsset.objects.order_by("pk"))
        for number, asset in enumerate(rows):
            asset.created_at = now - timedelta(hours=number * 8)
        MediaAsset.objects.bulk_update(rows, ["created_at"], batch_size=500)
        through = MediaAsset.tags.through
        through.objects.bulk_create(
            (through(mediaasset=asset, mediatag=tags[number % TAGS]) for number, asset in enumerate(rows)),
            batch_size=1000,
        )
        Post.objects.bulk_create(
            (
                Post(title=f"Piece {number}", slug=f"piece-{number}", author=editor, featured_image=rows[number * 3])
                for number in range(POSTS)
            ),
            batch_size=500,
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return User.objects.get(pk=editor.pk)


def measure(client: Client, address: str) -> dict[str, object]:
    """Questions and milliseconds of CPU, by the clock as well, of one page that was asked for before."""

    def ask() -> int:
        response = client.get(f"/admin/media_assets/mediaasset/{address}")
        if response.status_code != 200:
            raise SystemExit(f"{address} answered {response.status_code}.")
        return len(response.content)

    size = ask()
    # The log of questions is bounded; a full one counts none.
    reset_queries()
    with CaptureQueriesContext(connection) as captured:
        ask()
    questions, asked = len(captured), sum(float(query["time"]) for query in captured.captured_queries)
    work, clock = [], []
    for _ in range(CALLS):
        began, began_work = time.perf_counter(), time.process_time()
        ask()
        work.append((time.process_time() - began_work) * 1000)
        clock.append((time.perf_counter() - began) * 1000)
    return {
        "questions": questions,
        "ms of CPU": round(statistics.median(work)),
        "ms": round(statistics.median(clock)),
        "database ms": round(asked * 1000),
        "kB": size // 1000,
    }


def main() -> None:
    call_command("migrate", verbosity=0)
    editor = fill()
    print(f"{MediaAsset.objects.count():,} assets, {Post.objects.count():,} posts")
    client = Client()
    client.force_login(editor, backend="accounts.backends.RoleBackend")
    used = MediaAsset.objects.order_by("pk").values_list("pk", flat=True)[0]
    found = {address or "(first page)": measure(client, address) for address in (*PAGES, f"{used}/change/")}
    for name, figures in found.items():
        print(f"{name:28} {json.dumps(figures)}")
    kept = ROOT / "var" / "bench"
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"library-{connection.vendor}.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["*"], DEBUG=False):
        main()
