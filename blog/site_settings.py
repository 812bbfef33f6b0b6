"""Changing what the publication is called, how it looks and what it offers: one row and the lines of its menus.

`problems` says everything that is in the way of saving; the form shows all of it, `save` refuses with the first.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from blog import publication
from blog.models import SiteLink, SiteSettings
from blog.site_addresses import is_address, is_secure, place_of
from core import cache, inks
from core.refusals import Refusal
from media_assets.models import MediaAsset

MOST_LINKS = 12
# Kept beside the row, not chosen in it.
_UNCHOSEN = {"id", "indexnow_key", "updated_by", "created_at", "updated_at"}
_LINES = ("name", "tagline", "description", "footer")
_RULE = re.compile(r"(?P<name>[A-Za-z-]+)\s*:\s*(?P<value>[^\s#]*)\s*(?:#.*)?\Z")
_RULES = {"user-agent", "allow", "disallow", "crawl-delay", "sitemap"}


class Outdated(Refusal):
    """Somebody else saved in between."""


def current_row() -> SiteSettings:
    """The row as it is; a fresh one, unsaved, where there is none yet."""
    return SiteSettings.objects.select_related("logo", "icon", "updated_by").first() or SiteSettings()


def current_links() -> list[SiteLink]:
    return list(SiteLink.objects.all())


def save(
    row: SiteSettings, links: Sequence[SiteLink], *, by: User, at: datetime | None = None, seen: datetime | None = None
) -> bool:
    """Keep `row` and, in their order, `links` as all lines of all menus; whether anything changed.

    `seen` is when the row was last saved as far as its writer knows; None where that does not matter.
    """
    now = at or timezone.now()
    prepare(row, links)
    for refusal in problems(row, links):
        raise refusal
    with transaction.atomic():
        SiteSettings.objects.get_or_create(pk=1)
        before = SiteSettings.objects.select_for_update(of=("self",)).select_related("logo", "icon").get(pk=1)
        if seen and before.updated_at != seen:
            who = before.updated_by.display_name if before.updated_by else "Somebody"
            raise Outdated(f"{who} saved these settings while you were at them. Look at what changed, then save again.")
        old_links = current_links()
        changes = _changes(before, row)
        changes |= _changes_of_menus(old_links, links)
        if not changes:
            return False
        row.pk, row.updated_by = 1, by
        row.created_at = before.created_at
        row.save(force_update=True)
        if _lines_of(old_links) != _lines_of(links):
            SiteLink.objects.all().delete()
            SiteLink.objects.bulk_create(links)
        audit.record(by, "changed", row, changes=changes, at=now)
        cache.renew(*publication.GENERATIONS)
        transaction.on_commit(publication.forget)
    return True


def prepare(row: SiteSettings, links: Sequence[SiteLink]) -> None:
    """Bring what was typed into the form it is kept in: one line, small letters, what follows from something else."""
    for name in _LINES:
        setattr(row, name, " ".join(getattr(row, name).split()))
    row.own_ink_light, row.own_ink_dark = _colour(row.own_ink_light), _colour(row.own_ink_dark)
    if row.ink == inks.OWN and inks.is_colour(row.own_ink_light) and not row.own_ink_dark:
        row.own_ink_dark = inks.dark_of(row.own_ink_light)
    row.robots_rules = "\n".join(line.strip() for line in row.robots_rules.strip().splitlines())
    row.websub_hub = row.websub_hub.strip()
    if row.tell_indexnow and not row.indexnow_key:
        row.indexnow_key = secrets.token_hex(16)
    places: dict[str, int] = {}
    for link in links:
        prepare_link(link)
        link.position = places[link.place] = places.get(link.place, 0) + 1


def prepare_link(link: SiteLink) -> None:
    link.label, link.address = " ".join(link.label.split()), link.address.strip()
    if link.place == SiteLink.Place.SOCIAL and not link.label:
        link.label = place_of(link.address)[:60]


def candidate(row: SiteSettings, links: Sequence[SiteLink]) -> publication.Publication:
    """The publication as it would be with these; what makes no sense in them is left out."""
    prepare(row, links)
    return publication.as_said(publication.said_by(row, links))


def problems(row: SiteSettings, links: Sequence[SiteLink]) -> list[Refusal]:
    """All that is in the way of keeping these, each with the field it is about."""
    found = [
        Refusal("There is a sign in it that nobody can see; write it anew.", field=name)
        for name in _LINES
        if not getattr(row, name).isprintable()
    ]
    if row.ink and row.ink not in (*inks.INKS, inks.OWN):
        found.append(Refusal("There is no such ink; choose one of those shown.", field="ink"))
    found += _problems_of_ink(row)
    known = {code for code, _ in languages_offered()}
    if not isinstance(row.editions, list) or not set(row.editions) <= known:
        found.append(
            Refusal("There are no words for one of these languages; choose among those shown.", field="editions")
        )
    for field in ("logo", "icon"):
        asset = getattr(row, field)
        if asset is not None and (asset.kind != MediaAsset.Kind.IMAGE or not asset.is_ready):
            found.append(Refusal("This file cannot be shown as a picture; choose another.", field=field))
    if row.websub_hub and not is_secure(row.websub_hub):
        found.append(Refusal("A hub is told over https only: https://hub.example.org/.", field="websub_hub"))
    if wrong := _wrong_rule(row.robots_rules):
        found.append(Refusal(wrong, field="robots_rules"))
    for place in SiteLink.Place:
        if sum(link.place == place for link in links) > MOST_LINKS:
            found.append(Refusal(f"“{place.label}” has more than {MOST_LINKS} lines; take some out.", field=place))
    found += [refusal for link in links if (refusal := problem_of_link(link))]
    return found


def problem_of_link(link: SiteLink) -> Refusal | None:
    """Why a line cannot stand in its menu: what is wrong with its address or its label."""
    if link.place == SiteLink.Place.SOCIAL:
        if not is_address(link.address) or not is_secure(link.address):
            return Refusal("Write the whole address, such as https://example.org/name.", field="address")
    elif not is_address(link.address):
        sentence = "Write a path of this site, such as /about/, or a whole address that begins with https://."
        return Refusal(sentence, field="address")
    if not link.label:
        return Refusal("Give the line a name.", field="label")
    if not link.label.isprintable():
        return Refusal("There is a sign in the name that nobody can see; write it anew.", field="label")
    return None


def languages_offered() -> list[tuple[str, str]]:
    """The languages there are words for, without the main one."""
    return [(code, str(name)) for code, name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def _problems_of_ink(row: SiteSettings) -> list[Refusal]:
    light, dark = row.own_ink_light, row.own_ink_dark
    if row.ink == inks.OWN and not light:
        return [Refusal("Choose the colour, or one of the six inks.", field="own_ink_light")]
    if dark and not light:
        return [Refusal("Choose the colour on light paper as well.", field="own_ink_light")]
    if inks.is_colour(light) and not dark:
        return [Refusal("Choose the colour on dark paper as well.", field="own_ink_dark")]
    found = []
    for field, colour, grounds in (("own_ink_light", light, inks.LIGHT), ("own_ink_dark", dark, inks.DARK)):
        if not colour:
            continue
        if not inks.is_colour(colour):
            sentence = "A colour is written as # and six figures or letters from a to f, such as #7a1fa2."
            found.append(Refusal(sentence, field=field))
        elif not inks.is_readable(colour, grounds):
            found.append(Refusal(_too_weak(colour, grounds), field=field))
    return found


def _too_weak(colour: str, grounds: inks.Grounds) -> str:
    ground, ratio = inks.weakest(colour, grounds)
    # Cut, not rounded: 4.46 is not 4.5.
    measured = f"{int(ratio * 100) / 100:.2f}"
    direction = "darker" if grounds is inks.LIGHT else "lighter"
    return (
        f"{colour} has a contrast of {measured}:1 on {grounds.scheme} {ground}; text needs {inks.LEAST_CONTRAST}:1. "
        f"Choose a {direction} colour."
    )


def _colour(text: str) -> str:
    text = text.strip().lower()
    if re.fullmatch(r"#?[0-9a-f]{3}", text):
        text = "".join(sign * 2 for sign in text.removeprefix("#"))
    return f"#{text}" if re.fullmatch(r"[0-9a-f]{6}", text) else text


def _wrong_rule(text: str) -> str:
    """Which line of robots.txt makes no sense; "" when all do."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            if line.isprintable():
                continue
            return f"Line {number} has a sign in it that nobody can see; write it anew."
        found = _RULE.match(line.strip())
        name, value = (found["name"].lower(), found["value"]) if found else ("", "")
        if name not in _RULES or not line.isprintable():
            return (
                f"Line {number} is no rule. A rule is a word, a colon and a value, such as Disallow: /drafts/; "
                "the words are User-agent, Allow, Disallow, Crawl-delay and Sitemap."
            )
        if name in {"allow", "disallow"} and value and not value.startswith(("/", "*")):
            return f"Line {number}: a path begins with a slash, such as {name.capitalize()}: /{value}."
        if name == "crawl-delay" and not re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", value):
            return f"Line {number}: a delay is a number of seconds."
        if name == "sitemap" and not value.startswith(("https://", "http://")):
            return f"Line {number}: a sitemap is named by its whole address."
        if name == "user-agent" and not value:
            return f"Line {number} names no collector; * means all of them."
    return ""


def _changes(before: SiteSettings, after: SiteSettings) -> dict[str, tuple[Any, Any]]:
    found = {}
    for field in SiteSettings._meta.concrete_fields:
        if field.name not in _UNCHOSEN and field.value_from_object(before) != field.value_from_object(after):
            found[str(field.verbose_name)] = (_in_words(before, field), _in_words(after, field))
    return found


def _in_words(row: SiteSettings, field: models.Field) -> str:
    value = getattr(row, field.name)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(dict(field.flatchoices).get(value, value)) if value is not None else ""


def _changes_of_menus(before: Sequence[SiteLink], after: Sequence[SiteLink]) -> dict[str, tuple[str, str]]:
    found = {}
    for place in SiteLink.Place:
        old, new = (
            "; ".join(f"{link.label} ({link.address})" for link in links if link.place == place)
            for links in (before, after)
        )
        if old != new:
            found[f"menu: {place.label.lower()}"] = (old, new)
    return found


def _lines_of(links: Sequence[SiteLink]) -> list[tuple[str, int, str, str]]:
    return sorted((link.place, link.position, link.label, link.address) for link in links)
