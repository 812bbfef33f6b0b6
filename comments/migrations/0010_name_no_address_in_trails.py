"""What was written down of bans named guests by their address; a trail outlives the ban and is handed out."""

from django.db import migrations

ENDS = " may not write here"
GUEST = f"A guest{ENDS}"


def forget_addresses(apps, schema_editor):
    # A member's name may have an "@" in it, an address has no blank.
    for app, model, name in (("accounts", "AuditEntry", "target_name"), ("admin", "LogEntry", "object_repr")):
        rows = apps.get_model(app, model).objects.using(schema_editor.connection.alias)
        kind = "target_type" if app == "accounts" else "content_type"
        of_bans = {f"{kind}__app_label": "comments", f"{kind}__model": "ban"}
        rows.filter(**of_bans, **{f"{name}__regex": rf"^[^ ]+@[^ ]+\.[^ ]+{ENDS}$"}).update(**{name: GUEST})


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0009_close_conversations"),
        ("accounts", "0007_add_notifications_audit_and_filters"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # What was forgotten stays forgotten.
    operations = [migrations.RunPython(forget_addresses, migrations.RunPython.noop)]
