from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

# SQLite makes the table anew for a new rule.
keep_again = import_module("comments.migrations.0007_erase_comments").keep_again


class Migration(migrations.Migration):
    dependencies = [("comments", "0011_ban_each_address_once")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_again),
        migrations.AddField(
            model_name="comment",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(is_unconfirmed=False, user__isnull=True),
                name="comments_guests_confirm_once",
            ),
        ),
        migrations.RunPython(keep_again, migrations.RunPython.noop),
    ]
