from django.db import migrations

from accounts.granting import grant_permissions


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_add_notifications_audit_and_filters")]

    operations = [migrations.RunPython(grant_permissions("accounts"), migrations.RunPython.noop)]
