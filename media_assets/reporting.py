"""What the library takes up in the stores: originals and renditions, by type and by year, and what could go.

Counted from the rows, in bytes. The sweep of files takes care that nothing lies there without one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractYear

from media_assets import usage
from media_assets.models import MediaAsset, Rendition

LARGEST = 10
# Pictures nobody described and nobody called decorative.
WITHOUT_WORDS = Q(kind=MediaAsset.Kind.IMAGE, alt_text="", is_decorative=False)


@dataclass(frozen=True)
class Room:
    """What some files take up: how many they are, the bytes of their originals and of what was made of them."""

    files: int = 0
    originals: int = 0
    renditions: int = 0

    @property
    def total(self) -> int:
        return self.originals + self.renditions

    def __add__(self, other: Room) -> Room:
        return Room(self.files + other.files, self.originals + other.originals, self.renditions + other.renditions)


@dataclass(frozen=True)
class Large:
    """One of the largest files, with the bytes of its renditions."""

    asset: MediaAsset
    renditions: int


@dataclass(frozen=True)
class Report:
    """Rooms by (kind, type), the largest first, and by year in the site's time zone, from the first to the last;
    `unused`: (files, bytes of their originals)."""

    total: Room
    types: dict[tuple[str, str], Room]
    years: dict[int, Room]
    largest: list[Large]
    unused: tuple[int, int]
    without_words: int

    def as_plain(self) -> dict[str, Any]:
        """The same as values for JSON."""

        def plain(room: Room) -> dict[str, int]:
            return {
                "files": room.files,
                "original_bytes": room.originals,
                "rendition_bytes": room.renditions,
                "bytes": room.total,
            }

        return {
            "total": plain(self.total),
            "types": [{"kind": kind, "type": name, **plain(room)} for (kind, name), room in self.types.items()],
            "years": [{"year": year, **plain(room)} for year, room in self.years.items()],
            "largest": [
                {
                    "id": each.asset.pk,
                    "name": each.asset.name,
                    "original_bytes": each.asset.size_bytes,
                    "rendition_bytes": each.renditions,
                }
                for each in self.largest
            ],
            "unused": {"files": self.unused[0], "original_bytes": self.unused[1]},
            "without_alt_text": self.without_words,
        }


def report() -> Report:
    """The room the library takes up now, in as many queries for many files as for few."""
    # By file, along the index: to join and group every rendition by type and year costs ten times as much.
    made: dict[int, int] = dict(
        Rendition.objects.order_by().values_list("asset").annotate(size=Sum("size_bytes"))  # type: ignore[arg-type]
    )
    files = MediaAsset.objects.order_by().values_list(
        "pk", ExtractYear("created_at"), "kind", "mime_type", "size_bytes"
    )
    rooms: dict[tuple[int, str, str], Room] = {}
    for pk, year, kind, name, size in files.iterator():
        rooms[year, kind, name] = rooms.get((year, kind, name), Room()) + Room(1, size, made.get(pk, 0))
    types: dict[tuple[str, str], Room] = {}
    years: dict[int, Room] = {year: Room() for year in _span(year for year, _, _ in rooms)}
    for (year, kind, name), room in rooms.items():
        types[kind, name] = types.get((kind, name), Room()) + room
        years[year] += room
    unused = usage.unused().order_by().aggregate(files=Count("pk"), size=Sum("size_bytes", default=0))
    largest = MediaAsset.objects.order_by("-size_bytes", "pk")[:LARGEST]
    return Report(
        total=sum(rooms.values(), Room()),
        types=dict(sorted(types.items(), key=lambda row: -row[1].total)),
        years=years,
        largest=[Large(asset, made.get(asset.pk, 0)) for asset in largest],
        unused=(unused["files"], unused["size"]),
        without_words=MediaAsset.objects.filter(WITHOUT_WORDS).count(),
    )


def _span(years: Iterable[int]) -> range:
    found = set(years)
    return range(min(found), max(found) + 1) if found else range(0)
