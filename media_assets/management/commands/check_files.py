"""`manage.py check_files`: which files belong to no record, and which records have no file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.sizes import in_bytes
from media_assets import orphans
from media_assets.orphans import Found

SHOWN = 50


class Command(BaseCommand):
    help = (
        "Walks the stores of originals and public files and lists what belongs to no record and is older than a day, "
        "and records whose file is gone. --delete deletes the former; records are never touched."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--delete", action="store_true", help="delete files that belong to no record")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = orphans.find(tell=self.stderr.write)
        except Exception as error:
            raise CommandError(f"A store does not answer ({error}), so nothing was changed.") from error
        self.show(found)
        if options["delete"]:
            gone = orphans.delete(found.orphans)
            self.stdout.write(f"{gone} files deleted, {len(found.orphans) - gone} left.")
        elif found.orphans:
            self.stdout.write("--delete deletes the files that belong to no record.")

    def show(self, found: Found) -> None:
        size = in_bytes(sum(file.size_bytes for file in found.orphans))
        self.stdout.write(f"{found.seen} files seen, {len(found.orphans)} of them without a record ({size}).")
        rows: list[tuple[str, ...]] = [
            (file.store, f"{file.changed_at:%Y-%m-%d %H:%M}", str(file.size_bytes), file.name) for file in found.orphans
        ]
        self.table(("store", "changed", "bytes", "name"), rows)
        self.stdout.write(f"{len(found.missing)} records without their file.")
        self.table(("id", "name", "file"), [(str(row.pk), row.name, str(row.file.name)) for row in found.missing])

    def table(self, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        if not rows:
            return
        shown = [heads, *rows[:SHOWN]]
        widths = [max(len(row[column]) for row in shown) for column in range(len(heads))]
        for row in shown:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())
        if len(rows) > SHOWN:
            self.stdout.write(f"  … and {len(rows) - SHOWN} more")
