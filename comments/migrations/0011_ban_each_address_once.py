"""A guest who wrote in two browsers had two bans, and lifting one let nobody write again."""

from django.db import migrations, models
from django.db.models import Count, F, Q


def keep_the_longest(apps, schema_editor):
    bans = apps.get_model("comments", "Ban").objects.using(schema_editor.connection.alias)
    of_guests = bans.exclude(guest_email="").order_by().values_list("guest_email")
    for address, _number in of_guests.annotate(number=Count("pk")).filter(number__gt=1):
        same = bans.filter(guest_email=address).order_by(F("until").desc(nulls_first=True), "-pk")
        bans.filter(pk__in=list(same.values_list("pk", flat=True))[1:]).delete()


class Migration(migrations.Migration):
    dependencies = [("comments", "0010_name_no_address_in_trails")]

    operations = [
        migrations.RunPython(keep_the_longest, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="ban", name="comments_ban_of_address"),
        migrations.AddConstraint(
            model_name="ban",
            constraint=models.UniqueConstraint(
                fields=["guest_email"], condition=~Q(guest_email=""), name="comments_ban_of_guest"
            ),
        ),
    ]
