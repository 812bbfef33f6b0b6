from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_remember_that_moderators_were_told")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["-report_count", "-created_at", "-id"],
                condition=models.Q(report_count__gt=0),
                name="comments_reported",
            ),
        ),
    ]
