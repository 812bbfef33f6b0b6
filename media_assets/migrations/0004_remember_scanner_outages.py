from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("media_assets", "0003_add_keys_renditions_and_tickets"),
    ]

    operations = [
        migrations.CreateModel(
            name="ScannerOutage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-began_at"],
                "constraints": [
                    models.UniqueConstraint(
                        models.ExpressionWrapper(
                            models.Q(("ended_at__isnull", True)), output_field=models.BooleanField()
                        ),
                        condition=models.Q(("ended_at__isnull", True)),
                        name="media_one_open_outage",
                    )
                ],
            },
        ),
    ]
