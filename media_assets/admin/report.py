"""The page that says what the library takes up, for those who look after everybody's files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from core.charts import Chart, Series
from core.sizes import in_bytes
from media_assets.models import MediaAsset
from media_assets.reporting import Report, Room, report

UNITS = (("GB", 10**9), ("MB", 10**6), ("kB", 10**3))
# Where the last part of a type is not what people call it.
NAMES = {"audio/mpeg": "MP3", "image/webp": "WebP", "video/webm": "WebM", "audio/mp4": "M4A"}
# Fewer columns than this would be walls.
YEARS = 6


@dataclass(frozen=True)
class TypeRow:
    """One type of file and its share of all the room, in hundredths."""

    kind: str
    label: str
    name: str
    room: Room
    share: int


def urls(site: AdminSite) -> list[URLPattern]:
    """The address of the page, for the library to stand on: `admin:media_assets_mediaasset_storage`."""

    def show(request: HttpRequest) -> HttpResponse:
        return storage_page(request, site)

    return [path("storage/", site.admin_view(show), name="media_assets_mediaasset_storage")]


def may_look(request: HttpRequest) -> bool:
    return request.user.has_perm("media_assets.change_others_mediaasset")  # type: ignore[union-attr]


def storage_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    if not may_look(request):
        raise PermissionDenied
    found = report()
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "Storage",
        "opts": MediaAsset._meta,
        "report": found,
        "types": types_of(found),
        "chart": chart_of(found),
        "unused_files": found.unused[0],
        "unused_bytes": found.unused[1],
    }
    return TemplateResponse(request, "admin/media_assets/mediaasset/storage.html", context)


def types_of(found: Report) -> list[TypeRow]:
    kinds = dict(MediaAsset.Kind.choices)
    return [
        TypeRow(kind, kinds[kind], short_name(name), room, round(100 * room.total / found.total.total))
        for (kind, name), room in found.types.items()
        if found.total.total
    ]


def short_name(mime_type: str) -> str:
    """ "image/svg+xml" as people say it: "SVG"."""
    return NAMES.get(mime_type) or mime_type.partition("/")[2].partition("+")[0].removeprefix("x-").upper()


def chart_of(found: Report) -> Chart | None:
    """The room by the year in which files came in; None when there are none."""
    if not found.years:
        return None
    last = max(found.years)
    years = range(min(min(found.years), last - YEARS + 1), last + 1)
    rooms = [found.years.get(year, Room()) for year in years]
    unit, size = unit_for(max(room.total for room in rooms))
    return Chart(
        key="storage",
        title=f"Storage used by year, in {unit}",
        sentence=sentence(years, rooms),
        labels=[str(year) for year in years],
        names=[str(year) for year in years],
        series=[
            Series("Originals and renditions", [round(room.total / size) for room in rooms], "rest"),
            Series("Originals", [round(room.originals / size) for room in rooms]),
        ],
        first_column="Year",
    )


def unit_for(most: int) -> tuple[str, int]:
    """The largest unit in which `most` bytes are at least ten, and its bytes."""
    return next((unit for unit in UNITS if most >= 10 * unit[1]), UNITS[-1])


def sentence(years: Sequence[int], rooms: Sequence[Room]) -> str:
    fullest = max(range(len(rooms)), key=lambda number: rooms[number].total)
    return (
        f"Files that came in in {years[fullest]} take up most: {in_bytes(rooms[fullest].total)}, "
        f"{in_bytes(rooms[fullest].originals)} of it originals."
    )
