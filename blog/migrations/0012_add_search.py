"""What search reads: entries, the words in them, and the full-text index of whichever database there is.

What is live already gets an empty entry that is due; the clock reads it (`entries.keep_waiting`), or `rebuild_search`.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

# The texts stand outside the rows, so that many rows can be put in order without reading them; and the vectors as they
# are, so that looking into many for a phrase opens none.
POSTGRESQL = (
    "ALTER TABLE blog_searchentry SET (toast_tuple_target = 128)",
    """
    ALTER TABLE blog_searchentry ADD COLUMN vector tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', about), 'B') ||
        setweight(to_tsvector('simple', body), 'C') || setweight(to_tsvector('simple', marks), 'D')
    ) STORED
    """,
    "ALTER TABLE blog_searchentry ALTER COLUMN vector SET STORAGE EXTERNAL",
    "CREATE INDEX blog_search_entry_words ON blog_searchentry USING gin (vector) WITH (fastupdate = off)",
)
POSTGRESQL_BACK = (
    "DROP INDEX blog_search_entry_words",
    "ALTER TABLE blog_searchentry DROP COLUMN vector",
    "ALTER TABLE blog_searchentry RESET (toast_tuple_target)",
)
# As FTS5 asks for it: whoever changes a row hands in what the index had of it.
TAKE_OUT = """
    INSERT INTO blog_searchindex (blog_searchindex, rowid, title, about, marks, body)
    VALUES ('delete', old.place, old.title, old.about, old.marks, old.body);
"""
PUT_IN = """
    INSERT INTO blog_searchindex (rowid, title, about, marks, body)
    VALUES (new.place, new.title, new.about, new.marks, new.body);
"""
SQLITE = (
    """
    CREATE VIRTUAL TABLE blog_searchindex USING fts5(
        title, about, marks, body, content = 'blog_searchentry', content_rowid = 'place', tokenize = 'ascii'
    )
    """,
    f"CREATE TRIGGER blog_search_entry_added AFTER INSERT ON blog_searchentry BEGIN {PUT_IN} END",
    f"CREATE TRIGGER blog_search_entry_removed AFTER DELETE ON blog_searchentry BEGIN {TAKE_OUT} END",
    f"""
    CREATE TRIGGER blog_search_entry_changed AFTER UPDATE OF place, title, about, marks, body ON blog_searchentry
    BEGIN {TAKE_OUT} {PUT_IN} END
    """,
)
SQLITE_BACK = (
    "DROP TRIGGER blog_search_entry_added",
    "DROP TRIGGER blog_search_entry_removed",
    "DROP TRIGGER blog_search_entry_changed",
    "DROP TABLE blog_searchindex",
)


# Their places are makeshifts, below that of any time.
WHAT_IS_LIVE = """
    INSERT INTO blog_searchentry (place, post_id, is_due, title, about, marks, body, text)
    SELECT id, id, true, '', '', '', '', '' FROM blog_post WHERE status = 'published' AND trashed_at IS NULL
"""


def make_index(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop_index(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_add_follows_and_devices"),
        ("blog", "0011_grant_reader_site_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("word", models.CharField(max_length=40, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.BigIntegerField(unique=True)),
                ("is_due", models.BooleanField(default=False)),
                ("title", models.TextField()),
                ("about", models.TextField()),
                ("marks", models.TextField()),
                ("body", models.TextField()),
                ("text", models.TextField()),
                (
                    "person",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="accounts.authorprofile",
                    ),
                ),
                (
                    "post",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="blog.post",
                    ),
                ),
                (
                    "topic",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entry",
                        to="blog.topiccluster",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("is_due", True)), fields=["place"], name="blog_search_entry_due")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", True), ("post__isnull", False), ("topic__isnull", True)),
                            models.Q(("person__isnull", False), ("post__isnull", True), ("topic__isnull", True)),
                            models.Q(("person__isnull", True), ("post__isnull", True), ("topic__isnull", False)),
                            _connector="OR",
                        ),
                        name="blog_search_entry_one_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchGram",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gram", models.CharField(max_length=3)),
                (
                    "word",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="grams", to="blog.searchword"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("gram", "word"), name="blog_search_gram_once_per_word")
                ],
            },
        ),
        migrations.RunPython(make_index, drop_index),
        migrations.RunSQL(WHAT_IS_LIVE, migrations.RunSQL.noop),
    ]
