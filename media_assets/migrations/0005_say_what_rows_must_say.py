from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

NO_FILE = "There is no file behind it. Replace it with the file it was, or delete it."
NO_REASON = "The scanner did not let it pass."


def mend(apps: Any, schema_editor: Any) -> None:
    """What was written before there were these rules says what it can; what nobody can use any more is made anew."""
    alias = schema_editor.connection.alias

    def rows_of(name: str) -> Any:
        return apps.get_model("media_assets", name)._base_manager.using(alias)

    assets = rows_of("MediaAsset")
    for pk, file in assets.filter(extension="").exclude(file="").values_list("pk", "file"):
        _, dot, extension = file.rpartition("/")[2].rpartition(".")
        if dot and len(extension) <= 5:
            assets.filter(pk=pk).update(extension=extension)
    assets.filter(Q(file="") | Q(extension=""), state="ready").update(state="rejected", rejection=NO_FILE)
    assets.filter(state="rejected", rejection="").update(rejection=NO_REASON)
    assets.filter(Q(width=None) | Q(height=None)).exclude(width=None, height=None).update(width=None, height=None)

    empty = rows_of("Rendition").filter(Q(width=0) | Q(height=0) | Q(size_bytes=0))
    assets.filter(pk__in=empty.values("asset_id")).update(renditions_made_at=None)
    empty.delete()

    tickets = rows_of("UploadTicket")
    tickets.filter(Q(size_bytes=0) | Q(expires_at__lte=F("created_at"))).delete()
    tickets.filter(state__in=["completed", "refused"], completed_at=None).update(completed_at=F("expires_at"))
    rows_of("ScannerOutage").filter(ended_at__lt=F("began_at")).update(ended_at=F("began_at"))


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0004_remember_scanner_outages")]

    operations = [
        migrations.RunPython(mend, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="mediaasset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(models.Q(("file", ""), _negated=True), models.Q(("extension", ""), _negated=True)),
                    _connector="OR",
                ),
                name="media_ready_has_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaasset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "rejected"), _negated=True),
                    models.Q(("rejection", ""), _negated=True),
                    _connector="OR",
                ),
                name="media_rejected_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediaasset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("height__isnull", True), ("width__isnull", True)),
                    models.Q(("height__isnull", False), ("width__isnull", False)),
                    _connector="OR",
                ),
                name="media_both_sides_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.CheckConstraint(
                condition=models.Q(("height__gt", 0), ("size_bytes__gt", 0), ("width__gt", 0)),
                name="media_rendition_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="scanneroutage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                ),
                name="media_outage_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadticket",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["completed", "refused"]), _negated=True),
                    ("completed_at__isnull", False),
                    _connector="OR",
                ),
                name="media_ticket_outcome_has_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadticket",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))), name="media_ticket_lasts_a_while"
            ),
        ),
        migrations.AddConstraint(
            model_name="uploadticket",
            constraint=models.CheckConstraint(condition=models.Q(("size_bytes__gt", 0)), name="media_ticket_not_empty"),
        ),
    ]
