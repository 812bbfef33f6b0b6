"""manage.py import_wordpress site.wordpress.2026-11-21.xml"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from tqdm import tqdm

from transfer.importing import import_wordpress
from transfer.records import BrokenFile
from transfer.report import Report


@contextmanager
def statements_not_kept() -> Iterator[None]:
    """In development Django keeps the text of every statement; those of a whole site come to hundreds of megabytes."""
    kept = connection.make_debug_cursor
    connection.make_debug_cursor = connection.make_cursor  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        connection.make_debug_cursor = kept  # type: ignore[method-assign,assignment]


def refuse_unwritable(place: Path) -> None:
    """CommandError now, not after an hour's import."""
    try:
        with place.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise CommandError(f"The report cannot be written to {place} ({error.strerror}).") from error


class Command(BaseCommand):
    help = "Brings in a WordPress site from its export file (WXR). Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The export, usually site.wordpress.YYYY-MM-DD.xml.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen and write nothing.")
        parser.add_argument("--uploads", type=Path, metavar="DIR", help="A copy of the old site's wp-content/uploads.")
        parser.add_argument("--fetch-media", action="store_true", help="Fetch pictures and files from the old site.")
        parser.add_argument("--report", type=Path, metavar="FILE", help="Write everything that happened here, as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        uploads: Path | None = options["uploads"]
        if uploads is not None and not uploads.is_dir():
            raise CommandError(f"There is no folder {uploads}.")
        if options["report"] is not None:
            refuse_unwritable(options["report"])
        with tqdm(unit=" items", disable=None if options["verbosity"] else True, file=self.stderr) as bar:

            def progress(word: str, number: int) -> None:
                if word == "total":
                    bar.reset(total=number)
                else:
                    bar.update(number)

            try:
                with statements_not_kept():
                    report = import_wordpress(
                        options["file"],
                        uploads=uploads,
                        fetch_media=options["fetch_media"],
                        dry_run=options["dry_run"],
                        progress=progress,
                    )
            except BrokenFile as broken:
                raise CommandError(str(broken)) from broken
            except KeyboardInterrupt:
                raise CommandError("Stopped. What was imported stays; run it again to go on from there.") from None
        self.tell(report, options["report"])

    def tell(self, report: Report, place: Path | None) -> None:
        self.stdout.write(report.table())
        self.stdout.write("")
        if report.dry_run:
            self.stdout.write("This was a dry run: nothing was written.")
        if report.counts["comments", "created"] and not report.dry_run:
            self.stdout.write("Nobody was told of the comments.")
        if report.redirects:
            self.stdout.write(f"{report.redirects} old addresses lead to their new ones.")
        if report.differing:
            self.stdout.write(
                f"{report.differing} texts differ from the original in some words; the report names them."
            )
        if place is not None:
            place.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
            self.stdout.write(f"The whole report is in {place}.")
