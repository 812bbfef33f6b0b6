"""The menus at the head and the foot of every page."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from blog.editions import menu_address
from blog.menus import Entry, Menus
from core import publication

register = template.Library()

# With more the line is no line any more; the archive and the foot have the rest.
MOST_CATEGORIES = 7
MOST_PAGES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One link of a menu; `is_here` on the page it leads to and on those below it."""

    name: str
    url: str
    is_here: bool = False


@register.simple_tag(takes_context=True)
def section_lines(context: template.Context, menus: Menus) -> list[Line]:
    """What the editors put under the name; else the first categories, the archive and the page about it all."""
    chosen = publication.current().sections
    here = getattr(context.get("request"), "path", "")
    if chosen:
        led = [(link.label, menu_address(link.address)) for link in chosen]
        return [Line(label, address, _leads_here(address, here)) for label, address in led]
    section = context.get("section")

    def line_of(entry: Entry) -> Line:
        return Line(entry.name, entry.url, section == entry.path)

    archive = Line(_("Archive"), reverse("archive"), section == "archive")
    about = [line_of(entry) for entry in menus.pages if entry.path == "about"]
    return [*(line_of(entry) for entry in menus.sections[:MOST_CATEGORIES]), archive, *about]


@register.simple_tag
def footer_lines(menus: Menus) -> list[Line]:
    """What the editors put at the foot; else the pages there are."""
    chosen = publication.current().footer_links
    if chosen:
        return [Line(link.label, menu_address(link.address)) for link in chosen]
    return [Line(entry.name, entry.url) for entry in menus.pages[:MOST_PAGES] if entry.path != "contact"]


@register.simple_tag
def search_page() -> str:
    """Where readers search; "" where there is no such page."""
    try:
        return reverse("search")
    except NoReverseMatch:
        return ""


def _leads_here(address: str, here: str) -> bool:
    path = address.partition("#")[0].partition("?")[0]
    if not path.startswith("/"):
        return False
    return here == path or (path != "/" and path.endswith("/") and here.startswith(path))
