from django.db import migrations

from accounts.granting import grant_permissions


class Migration(migrations.Migration):
    dependencies = [("blog", "0004_add_editors_desk")]

    operations = [migrations.RunPython(grant_permissions("blog"), migrations.RunPython.noop)]
