"""The change feed. What is there already is noted; the triggers that note the rest are made after any migration
(`blog.change_triggers`) and taken away here before the table they write to goes."""

from typing import Any

import blog.models.change
from django.db import migrations, models

NOTED = (
    ("category", "blog_category"),
    ("tag", "blog_tag"),
    ("topic", "blog_topiccluster"),
    ("media", "media_assets_mediaasset"),
    ("post", "blog_post"),
)
POSTGRESQL_TRIGGERS = """
    SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE tgname LIKE 'blog_change_%'
"""
SQLITE_TRIGGERS = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'blog_change_%'"


def note_what_is_there(apps: Any, editor: Any) -> None:
    for kind, table in NOTED:
        editor.execute(
            f"INSERT INTO blog_changenote (kind, object_id) SELECT '{kind}', id FROM {table} ORDER BY id"  # noqa: S608
        )


def take_triggers_away(apps: Any, editor: Any) -> None:
    is_postgresql = editor.connection.vendor == "postgresql"
    with editor.connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS)
        for name, table in cursor.fetchall():
            if is_postgresql:
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
                cursor.execute(f"DROP FUNCTION {name}()")
            else:
                cursor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0016_remember_what_followers_are_to_be_told"),
        ("media_assets", "0005_say_what_rows_must_say"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("category", "Category"),
                            ("tag", "Tag"),
                            ("topic", "Topic"),
                            ("media", "Media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                    ),
                ),
                ("object_id", models.BigIntegerField()),
                ("position", models.BigIntegerField(unique=True)),
                ("is_gone", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ["position"],
                "indexes": [
                    models.Index(condition=models.Q(("is_gone", True)), fields=["at"], name="blog_change_gone")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "object_id"), name="blog_change_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["category", "tag", "topic", "media", "post"])),
                        name="blog_change_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(default=blog.models.change.new_name, max_length=8)),
                ("position", models.BigIntegerField(default=0)),
                ("forgotten", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("pk", 1)), name="blog_change_feed_once"),
                    models.CheckConstraint(
                        condition=models.Q(("forgotten__lte", models.F("position"))), name="blog_change_feed_order"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("category", "Category"),
                            ("tag", "Tag"),
                            ("topic", "Topic"),
                            ("media", "Media"),
                            ("post", "Post"),
                        ],
                        max_length=10,
                    ),
                ),
                ("object_id", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["category", "tag", "topic", "media", "post"])),
                        name="blog_change_note_kind",
                    )
                ],
            },
        ),
        migrations.RunPython(note_what_is_there, take_triggers_away),
    ]
