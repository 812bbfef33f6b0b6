from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import migrations, models

keeping = import_module("comments.migrations.0002_keep_replies_on_their_post")


def keep_again(apps: Any, schema_editor: Any) -> None:
    """SQLite makes the table anew for a new rule, and loses what kept replies on their post with the old one."""
    if schema_editor.connection.vendor == "sqlite":
        keeping.keep(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0015_add_likes_of_posts"),
        ("comments", "0006_index_comments_by_state"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_again),
        migrations.AddField(
            model_name="comment",
            name="erased_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("erased_at__isnull", False)), fields=["id"], name="comments_erased"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("content", ""),
                        ("guest_name", ""),
                        ("status__in", ["spam", "rejected", "deleted"]),
                        ("user__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="comments_erased_is_empty",
            ),
        ),
        migrations.RunPython(keep_again, migrations.RunPython.noop),
    ]
