from django.db import migrations, models


def forget_those_of_files(apps, schema_editor):
    """The older rule knows no such notices."""
    apps.get_model("accounts", "Notification").objects.filter(category="media").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_grant_audit_permissions"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="accounts_notification_category",
        ),
        migrations.AlterField(
            model_name="notification",
            name="category",
            field=models.CharField(
                choices=[
                    ("comment", "Comment"),
                    ("reply", "Reply"),
                    ("like", "Like"),
                    ("follow", "Follow"),
                    ("publication", "Publication"),
                    ("review", "Review"),
                    ("media", "Media"),
                ],
                max_length=11,
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("category__in", ["comment", "reply", "like", "follow", "publication", "review", "media"])
                ),
                name="accounts_notification_category",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_those_of_files),
    ]
