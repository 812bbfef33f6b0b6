"""Bring the catalogues up to date with the strings readers see: new ones come in empty, those no longer used go.

    manage.py catalogues [--check]

Strings of the admin are not among them; the admin speaks English.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation.template import templatize

from core.catalogues import compile_newer, texts

PACKAGES = ("core", "accounts", "webhooks", "media_assets", "blog", "comments", "analytics", "newsletter", "transfer")
NOT_FOR_READERS = {"admin", "migrations", "management"}
ONE = {"_", "gettext", "gettext_lazy", "gettext_noop"}
COUNTED = {"ngettext", "ngettext_lazy"}
NAMED = {"pgettext", "pgettext_lazy"}

Used = tuple[str | None, str | tuple[str, str]]  # its context, and what it says or says of one and of many

_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(gettext|ngettext|pgettext|npgettext|_)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)", re.DOTALL)
_EACH = re.compile(_STRING, re.DOTALL)


def files() -> Iterator[Path]:
    """Everything in which strings for readers may stand."""
    for package in PACKAGES:
        yield from sorted((settings.BASE_DIR / package).rglob("*.py"))
    templates = (settings.BASE_DIR / "templates").rglob("*")
    yield from sorted(path for path in templates if path.suffix in {".html", ".txt", ".xml"})


def strings_in_use() -> dict[Used, list[str]]:
    """Each string with the files it stands in."""
    found: dict[Used, list[str]] = {}
    for path in files():
        inside = path.relative_to(settings.BASE_DIR)
        if NOT_FOR_READERS & set(inside.parts):
            continue
        text = path.read_text(encoding="utf-8")
        for used in in_python(text) if path.suffix == ".py" else in_template(text):
            places = found.setdefault(used, [])
            if str(inside) not in places:
                places.append(str(inside))
    return found


def in_python(text: str) -> Iterator[Used]:
    if "gettext" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            said = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            yield from _used(name, said)


def in_template(text: str) -> Iterator[Used]:
    for call in _CALL.finditer(templatize(text)):
        yield from _used(call[1], [ast.literal_eval(each) for each in _EACH.findall(call[2])])


def _used(name: str, said: list[str]) -> Iterator[Used]:
    if name in ONE and said and said[0]:
        yield None, said[0]
    elif name in COUNTED and len(said) > 1:
        yield None, (said[0], said[1])
    elif name in NAMED and len(said) > 1:
        yield said[0], said[1]
    elif name in {"npgettext", "npgettext_lazy"} and len(said) > 2:
        yield said[0], (said[1], said[2])


def read(text: Path) -> Catalog:
    with text.open("rb") as source:
        return read_po(source, locale=text.parent.parent.name)


def update(text: Path, used: dict[Used, list[str]]) -> list[str]:
    """Rewrite one catalogue; returns what is not translated yet."""
    before = read(text)
    after = Catalog(
        before.locale,
        header_comment="# Letterpress",
        project="Letterpress",
        version="1",
        copyright_holder="Letterpress",
        msgid_bugs_address="-",
        last_translator="Letterpress",
        language_team="Letterpress",
        charset="utf-8",
        fuzzy=False,
    )
    missing = []
    for (context, said), places in sorted(used.items(), key=lambda each: (each[1][0], str(each[0]))):
        first = said if isinstance(said, str) else said[0]
        known = before.get(first, context)
        kept: Any = known.string if known is not None and not known.fuzzy else ""
        if isinstance(said, tuple) != isinstance(kept, tuple | list):
            kept = "" if isinstance(said, str) else ("",) * after.num_plurals
        after.add(said, kept, locations=[(place, 0) for place in places[:1]], context=context)
        if not (all(kept) if isinstance(kept, tuple | list) else kept):
            missing.append(first)
    after.creation_date = before.creation_date
    after.revision_date = before.revision_date
    with text.open("wb") as target:
        write_po(target, after, width=120, omit_header=False, include_lineno=False)
    return missing


class Command(BaseCommand):
    requires_system_checks: tuple = ()  # strings are no question of settings
    help = "Bring the catalogues of the interface up to date with the strings in use."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; say what is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        used = strings_in_use()
        for text in texts():
            language = text.parent.parent.name
            if options["check"]:
                catalogue = read(text)
                missing = [str(said) for context, said in used if not is_translated(catalogue, context, said)]
            else:
                missing = update(text, used)
            self.stdout.write(f"{language}: {len(used)} strings, {len(missing)} without a translation")
            for said in missing:
                self.stdout.write(f"  {said}")
        if not options["check"]:
            compile_newer()


def is_translated(catalogue: Catalog, context: str | None, said: str | tuple[str, str]) -> bool:
    found = catalogue.get(said if isinstance(said, str) else said[0], context)
    if found is None or found.fuzzy or isinstance(found.string, str) != isinstance(said, str):
        return False
    return bool(found.string) if isinstance(found.string, str) else all(found.string or [""])
