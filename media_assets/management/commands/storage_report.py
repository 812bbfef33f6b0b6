"""The room the library takes up, as a table or as JSON."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.sizes import in_bytes
from media_assets.models import MediaAsset
from media_assets.reporting import Report, Room, report


class Command(BaseCommand):
    help = "Says how much room pictures and files take up, by type and by year, and what could go."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="As JSON, in bytes.")

    def handle(self, *args: Any, **options: Any) -> None:
        found = report()
        self.stdout.write(json.dumps(found.as_plain(), indent=2) if options["json"] else "\n".join(lines(found)))


def lines(found: Report) -> list[str]:
    kinds = dict(MediaAsset.Kind.choices)
    rows: list[tuple[str, ...]] = [("", "Files", "Originals", "Renditions", "Total")]
    rows += [row_of(f"{kinds[kind]}, {name}", room) for (kind, name), room in found.types.items()]
    rows += [row_of(str(year), room) for year, room in found.years.items()]
    rows.append(row_of("All", found.total))
    first = max(len(row[0]) for row in rows)
    table = [f"{row[0]:<{first}}" + "".join(f"{cell:>12}" for cell in row[1:]) for row in rows]
    largest = [f"  {in_bytes(each.asset.size_bytes):>10}  {each.asset.name}" for each in found.largest]
    return [
        *table,
        "",
        "The largest originals:",
        *(largest or ["  none"]),
        "",
        f"Not used: {found.unused[0]:,}, {in_bytes(found.unused[1])}. Without alt text: {found.without_words:,}.",
    ]


def row_of(name: str, room: Room) -> tuple[str, ...]:
    return name, f"{room.files:,}", in_bytes(room.originals), in_bytes(room.renditions), in_bytes(room.total)
