"""A reply and what it answers are under the same post, and so is the comment its thread began with.

Keys over two columns on PostgreSQL, triggers on SQLite. Whatever rebuilds the table on SQLite has to make these again.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = tuple(
    f"ALTER TABLE comments_comment ADD CONSTRAINT comments_{column}_on_its_post FOREIGN KEY ({column}_id, post_id) "
    "REFERENCES comments_comment (id, post_id) DEFERRABLE INITIALLY DEFERRED"
    for column in ("parent", "root")
)
POSTGRESQL_BACK = tuple(
    f"ALTER TABLE comments_comment DROP CONSTRAINT comments_{column}_on_its_post" for column in ("parent", "root")
)
SQLITE = tuple(
    f"""
    CREATE TRIGGER comments_stay_on_their_post_{number} BEFORE {event} ON comments_comment
    WHEN NEW.parent_id IS NOT NULL AND (
        (SELECT post_id FROM comments_comment WHERE id = NEW.parent_id) <> NEW.post_id
        OR (SELECT post_id FROM comments_comment WHERE id = NEW.root_id) <> NEW.post_id)
    BEGIN SELECT RAISE(ABORT, 'comments_parent_on_its_post'); END
    """
    for number, event in enumerate(("INSERT", "UPDATE OF post_id, parent_id, root_id"))
)
SQLITE_BACK = tuple(f"DROP TRIGGER comments_stay_on_their_post_{number}" for number in range(2))


def keep(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def leave(apps: Any, schema_editor: Any) -> None:
    for statement in POSTGRESQL_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("comments", "0001_create_conversation")]
    operations = [migrations.RunPython(keep, leave)]
