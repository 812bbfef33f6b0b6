"""Triggers that note every write to what the change feed tells, in the very transaction that writes.

The database does it, so that a bulk update, a cascade or a merge is noted as a save is, and what is committed late is
noted late. What a note means is decided when it is taken in (`blog.changes`), so a trigger only names what may look
different now. Remaking a table drops its triggers on SQLite: they are looked for after every migration.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connections

PREFIX = "blog_change_"
# Columns of which readers see something. Counters are not told: they change with every reader.
POST = (
    *("kind", "title", "slug", "content_html", "excerpt", "automatic_excerpt", "status", "author_id", "category_id"),
    *("topic_cluster_id", "featured_image_id", "featured_image_alt", "featured_image_caption", "og_image_id"),
    *("og_title", "og_description", "meta_title", "meta_description", "canonical_url", "noindex", "is_featured"),
    *("content_language", "translation_group", "word_count", "reading_time_minutes", "table_of_contents"),
    *("published_at", "trashed_at", "content_changed_at"),
)
CATEGORY = ("name", "slug", "path", "description", "parent_id", "meta_title", "meta_description")
TAG = ("name", "slug")
TOPIC = ("name", "slug", "description")
MEDIA = (
    *("key", "extension", "kind", "mime_type", "size_bytes", "width", "height", "duration_seconds", "alt_text"),
    *("is_decorative", "caption", "credit", "focal_x", "focal_y", "placeholder_colour", "state"),
)


class Watched(NamedTuple):
    """`of` is what each row is about, and `left` what it may leave when it changes or goes: (kind, column)."""

    table: str
    of: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    left: tuple[tuple[str, str], ...] = ()
    # Other rows are nobody's business.
    condition: str = ""


WATCHED = (
    Watched(
        "blog_post",
        (("post", "id"),),
        POST,
        (
            *(("media", "featured_image_id"), ("media", "og_image_id")),
            *(("category", "category_id"), ("topic", "topic_cluster_id")),
        ),
        "{row}.status = 'published' AND {row}.trashed_at IS NULL",
    ),
    Watched("blog_taggedpost", (("post", "content_object_id"), ("tag", "tag_id")), ("content_object_id", "tag_id")),
    Watched("blog_post_co_authors", (("post", "post_id"),), ("post_id", "user_id")),
    Watched("blog_postasset", (("media", "asset_id"),), ("asset_id", "post_id")),
    Watched("blog_category", (("category", "id"),), CATEGORY, (("category", "parent_id"),)),
    Watched("blog_tag", (("tag", "id"),), TAG),
    Watched("blog_topiccluster", (("topic", "id"),), TOPIC),
    Watched("media_assets_mediaasset", (("media", "id"),), MEDIA),
)


def statements(vendor: str, watched: Watched) -> dict[str, tuple[str, ...]]:
    """The name of each trigger of a table, and what makes it."""
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    changed = " OR ".join(f'OLD."{name}" {differs} NEW."{name}"' for name in watched.columns)
    old, new = (watched.condition.format(row=row) for row in ("OLD", "NEW"))
    either = f"({changed}) AND (({old}) OR ({new}))" if watched.condition else changed
    events = {
        "added": ("INSERT", new, (("NEW", watched.of),)),
        "gone": ("DELETE", old, (("OLD", (*watched.of, *watched.left)),)),
        "changed": (
            "UPDATE OF " + ", ".join(f'"{name}"' for name in watched.columns),
            either,
            (("NEW", watched.of), ("OLD", (*watched.of, *watched.left))),
        ),
    }
    found: dict[str, tuple[str, ...]] = {}
    for event, (what, condition, noted) in events.items():
        name = f"{PREFIX}{watched.table}_{event}"
        # A change notes both ends of what it joins; where these are one and the same, being noted twice does no harm.
        body = " ".join(
            f"INSERT INTO blog_changenote (kind, object_id) SELECT '{kind}', {row}.\"{column}\" "
            f'WHERE {row}."{column}" IS NOT NULL;'
            for row, things in noted
            for kind, column in things
        )
        when = f"WHEN ({condition})" if condition else ""
        if vendor == "postgresql":
            function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$"
            found[name] = (
                f"{function} BEGIN {body} RETURN NULL; END $body$",
                f"CREATE TRIGGER {name} AFTER {what} ON {watched.table} FOR EACH ROW {when} EXECUTE FUNCTION {name}()",
            )
        else:
            found[name] = (f"CREATE TRIGGER {name} AFTER {what} ON {watched.table} {when} BEGIN {body} END",)
    return found


def known(using: str = "default") -> set[str]:
    """The triggers there are."""
    question = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgname LIKE %s",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s",
    }[connections[using].vendor]
    with connections[using].cursor() as cursor:
        cursor.execute(question, [f"{PREFIX}%"])
        return {name for (name,) in cursor.fetchall()}


def make_missing(using: str = "default", **facts: Any) -> int:
    """Make those that are not there, where there is something to note in; how many."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if not {"blog_changenote", *(each.table for each in WATCHED)} <= set(
            connection.introspection.table_names(cursor)
        ):
            return 0
        there, made = known(using), 0
        for watched in WATCHED:
            for name, parts in statements(connection.vendor, watched).items():
                if name not in there:
                    made += 1
                    for part in parts:
                        cursor.execute(part)
    return made
