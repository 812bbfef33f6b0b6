"""The newest entries with a word are looked for stretch by stretch, from the newest, until there are enough.

A word that half of 100,000 entries have is then looked for in a few thousand of them. The plan is made once and knows no
word, so that the index of words is always asked and never each entry.
"""

from typing import Any

from django.db import migrations

BY_STRETCHES = (
    "DROP FUNCTION blog_search_newest(tsquery, bigint, integer)",
    """
    CREATE FUNCTION blog_search_newest(asked tsquery, most integer, stretches tsquery[])
    RETURNS TABLE (place bigint, filed text) LANGUAGE plpgsql STABLE
    SET enable_seqscan = off SET enable_indexscan = off SET plan_cache_mode = force_generic_plan
    AS $$
    DECLARE
        stretch tsquery;
        more integer;
    BEGIN
        FOREACH stretch IN ARRAY stretches LOOP
            RETURN QUERY SELECT entry.place, entry.filed FROM blog_searchentry AS entry
                WHERE entry.vector @@ (asked && stretch) ORDER BY entry.place DESC LIMIT most;
            GET DIAGNOSTICS more = ROW_COUNT;
            most := most - more;
            EXIT WHEN most <= 0;
        END LOOP;
    END
    $$
    """,
)
AT_ONCE = (
    "DROP FUNCTION blog_search_newest(tsquery, integer, tsquery[])",
    """
    CREATE FUNCTION blog_search_newest(asked tsquery, before bigint, most integer)
    RETURNS TABLE (place bigint, filed text) LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off
    AS $$
        SELECT entry.place, entry.filed FROM blog_searchentry AS entry
        WHERE entry.vector @@ asked AND entry.place < before ORDER BY entry.place DESC LIMIT most
    $$
    """,
)


def _execute(schema_editor: Any, statements: tuple[str, ...]) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


def look_by_stretches(apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, BY_STRETCHES)


def look_at_once(apps: Any, schema_editor: Any) -> None:
    _execute(schema_editor, AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("blog", "0013_keep_filing_of_search")]
    operations = [migrations.RunPython(look_by_stretches, look_at_once)]
