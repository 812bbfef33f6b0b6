from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0005_index_reported_comments")]

    operations = [
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["status", "-created_at", "-id"], name="comments_in_state"),
        ),
    ]
