"""Whoever was banned as a member went on in the same browser as a guest with any other address, and the other way round."""

from django.db import migrations, models
from django.db.models import Q

IS_GUEST = Q(user__isnull=True) & (~Q(fingerprint_hash="") | ~Q(guest_email=""))


def forget_browsers(apps, schema_editor):
    bans = apps.get_model("comments", "Ban").objects.using(schema_editor.connection.alias)
    bans.filter(user__isnull=False).update(fingerprint_hash="")


class Migration(migrations.Migration):
    dependencies = [("comments", "0012_remember_when_a_guest_confirmed")]

    operations = [
        migrations.RemoveConstraint(model_name="ban", name="comments_ban_one_person"),
        migrations.AddConstraint(
            model_name="ban",
            constraint=models.CheckConstraint(
                condition=(Q(user__isnull=False) & Q(guest_email="")) | IS_GUEST, name="comments_ban_one_person"
            ),
        ),
        migrations.AddField(
            model_name="ban",
            name="address_is_proved",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="ban",
            constraint=models.CheckConstraint(
                condition=Q(address_is_proved=False) | ~Q(guest_email=""), name="comments_ban_proves_an_address"
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_browsers),
    ]
