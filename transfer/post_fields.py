"""What an item says beyond its text: state, times, search fields, as the fields of a post."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from blog.models import Post
from transfer.html_tree import strip_tags
from transfer.records import Item
from transfer.survey import Survey, plain_words

# Field here, its names there (Yoast, Rank Math, All in One, Jetpack), and how long it may be.
SEARCH_FIELDS: dict[str, tuple[tuple[str, ...], int]] = {
    "meta_title": (("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "jetpack_seo_html_title"), 200),
    "meta_description": (
        ("_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description", "advanced_seo_description"),
        400,
    ),
    "focus_keyword": (("_yoast_wpseo_focuskw", "rank_math_focus_keyword"), 100),
    "og_title": (("_yoast_wpseo_opengraph-title", "rank_math_facebook_title"), 200),
    "og_description": (("_yoast_wpseo_opengraph-description", "rank_math_facebook_description"), 400),
    "twitter_title": (("_yoast_wpseo_twitter-title", "rank_math_twitter_title"), 200),
    "twitter_description": (("_yoast_wpseo_twitter-description", "rank_math_twitter_description"), 400),
}
CANONICAL = ("_yoast_wpseo_canonical", "rank_math_canonical_url")
SHARE_PICTURE = ("_yoast_wpseo_opengraph-image-id", "rank_math_facebook_image_id")
SHARE_PICTURE_URL = ("_yoast_wpseo_opengraph-image", "rank_math_facebook_image")
PRIMARY_CATEGORY = ("_yoast_wpseo_primary_category", "rank_math_primary_category")
_PLACEHOLDER = re.compile(r"%%?([a-z_]+)%%?")


@dataclass
class Standing:
    """The state an item gets here, its times, and what is to be said about that."""

    status: str
    published_at: datetime | None = None
    scheduled_at: datetime | None = None
    is_trashed: bool = False
    notes: list[str] = field(default_factory=list)


def standing_of(item: Item, survey: Survey, now: datetime) -> Standing:
    """Nothing that strangers could not read there can be read by strangers here."""
    moment = survey.clock.moment(item)
    if item.status == "trash":
        return Standing(Post.Status.DRAFT, is_trashed=True)
    if item.status == "private":
        return Standing(Post.Status.DRAFT, notes=["It was private; it is a draft here."])
    if item.password:
        return Standing(Post.Status.DRAFT, notes=["It was protected by a password; it is a draft here."])
    if item.status == "pending":
        return Standing(Post.Status.PENDING)
    if item.status == "future" and moment is not None and moment > now:
        return Standing(Post.Status.SCHEDULED, scheduled_at=moment)
    if item.status == "future" and (moment is None or item.odd_dates):
        return Standing(Post.Status.DRAFT, notes=["It waited for a time we cannot read; it is a draft here."])
    if item.status in ("publish", "future"):
        return published(moment, survey.site.published, now)
    notes = [f"Its state “{item.status[:30]}” is not known; it is a draft here."]
    if item.status in ("", "draft"):
        notes = [] if item.status else ["It does not say whether it was public; it is a draft here."]
    return Standing(Post.Status.DRAFT, notes=notes)


def published(moment: datetime | None, exported: datetime | None, now: datetime) -> Standing:
    """Public, dated as on the old site; without a date there, when its export was made, else now."""
    if moment is not None:
        return Standing(Post.Status.PUBLISHED, published_at=min(moment, now))
    if exported is not None:
        notes = ["It has no date; it got the time the export was made."]
        return Standing(Post.Status.PUBLISHED, published_at=min(exported, now), notes=notes)
    return Standing(Post.Status.PUBLISHED, published_at=now, notes=["It has no date; it got the time of the import."])


def search_fields(item: Item, site_title: str) -> tuple[dict[str, Any], list[str]]:
    """The search and sharing fields, with placeholders filled in and notes on what had to be cut."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    known = {"title": plain_words(item.title), "sitename": site_title, "sep": "–", "page": "", "excerpt": ""}
    for name, (keys, limit) in SEARCH_FIELDS.items():
        text = plain_words(item.meta_value(*keys))
        if not text:
            continue
        text = " ".join(_PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), text).split()).strip(" –-")
        if "%%" in text:
            notes.append(f"The field {name} had placeholders that are not known here and was left out.")
        elif text != known["title"] or name == "focus_keyword":
            values[name] = text[:limit]
            if len(text) > limit:
                notes.append(f"The field {name} was cut to {limit} characters.")
    # Rank Math keeps several key words in one field.
    if "focus_keyword" in values:
        values["focus_keyword"] = values["focus_keyword"].split(",")[0].strip()
    canonical = item.meta_value(*CANONICAL)
    if canonical:
        try:
            URLValidator(schemes=["http", "https"])(canonical)
            values["canonical_url"] = canonical[:500]
        except ValidationError:
            notes.append("Its canonical address is not a web address and was left out.")
    robots = item.meta_value("rank_math_robots")
    values["noindex"] = (
        item.meta_value("_yoast_wpseo_meta-robots-noindex", "jetpack_seo_noindex") == "1" or '"noindex"' in robots
    )
    return values, notes


def summary_of(item: Item, lead: str) -> tuple[str, list[str]]:
    """The excerpt, else the words before the “read more” mark; never longer than a summary may be."""
    text = " ".join(strip_tags(item.excerpt).split()) or lead
    if len(text) <= 1000:
        return text, []
    if not item.excerpt.strip():
        return "", []
    return text[:999].rsplit(" ", 1)[0] + "…", ["The excerpt was cut to 1,000 characters."]


def category_of(item: Item, survey: Survey) -> tuple[str, list[str]]:
    """The one category a post has here: the primary one, else the deepest of the first; and the others."""
    slugs = [slug for domain, slug, _ in item.terms if domain == "category" and slug in survey.categories]
    if not slugs:
        return "", []
    primary = survey.category_named(item.meta_value(*PRIMARY_CATEGORY))
    if primary not in slugs:
        named = [slug for slug in slugs if slug != "uncategorized"] or slugs
        below = [slug for slug in named if survey.categories[slug].parent == named[0]]
        primary = below[0] if below else named[0]
    return primary, [slug for slug in slugs if slug != primary]
