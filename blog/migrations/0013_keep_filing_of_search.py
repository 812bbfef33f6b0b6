"""What an entry is filed under, kept narrow beside its texts, so that facets of thousands are counted in milliseconds.

It is the beginning of `marks`, up to the words of the title.
"""

from typing import Any

from django.db import migrations

# In one statement, or the column would be written beside the row with the texts. The function looks for words in their
# index alone: PostgreSQL does not know how dear it is to open a vector, and would open all of them for a rare word.
POSTGRESQL = (
    """
    ALTER TABLE blog_searchentry
        ADD COLUMN filed text GENERATED ALWAYS AS (split_part(marks, ' zzw', 1)) STORED,
        ALTER COLUMN filed SET STORAGE MAIN
    """,
    """
    CREATE FUNCTION blog_search_newest(asked tsquery, before bigint, most integer)
    RETURNS TABLE (place bigint, filed text) LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off
    AS $$
        SELECT entry.place, entry.filed FROM blog_searchentry AS entry
        WHERE entry.vector @@ asked AND entry.place < before ORDER BY entry.place DESC LIMIT most
    $$
    """,
)
POSTGRESQL_BACK = (
    "DROP FUNCTION blog_search_newest(tsquery, bigint, integer)",
    "ALTER TABLE blog_searchentry DROP COLUMN filed",
)
SQLITE = (
    """
    CREATE INDEX blog_search_entry_filed
    ON blog_searchentry (place, substr(marks, 1, instr(marks || ' zzw', ' zzw') - 1))
    """,
)
SQLITE_BACK = ("DROP INDEX blog_search_entry_filed",)


def keep(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def leave(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("blog", "0012_add_search")]
    operations = [migrations.RunPython(keep, leave)]
