from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_let_programs_in")]

    operations = [
        migrations.AddField(
            model_name=model,
            name="password_mark",
            # Of tokens made before it: nobody's, so whoever has one logs in anew.
            field=models.CharField(default="", editable=False, max_length=32),
            preserve_default=False,
        )
        for model in ("tokenfamily", "personaltoken")
    ]
