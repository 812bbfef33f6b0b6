from django.db import migrations

from accounts.granting import grant_permissions


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_grant_role_permissions"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(grant_permissions("auth"), migrations.RunPython.noop)]
