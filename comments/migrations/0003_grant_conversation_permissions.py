from django.db import migrations

from accounts.granting import grant_permissions


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_keep_replies_on_their_post")]

    operations = [migrations.RunPython(grant_permissions("comments"), migrations.RunPython.noop)]
