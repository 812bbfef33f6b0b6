from django.db import migrations

from accounts.granting import grant_permissions


class Migration(migrations.Migration):
    dependencies = [("blog", "0010_add_reader_site")]

    operations = [migrations.RunPython(grant_permissions("blog"), migrations.RunPython.noop)]
