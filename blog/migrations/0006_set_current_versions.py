from typing import Any

from django.db import migrations
from django.db.models import F


def set_current_versions(apps: Any, schema_editor: Any) -> None:
    """Until now every row said what its newest version says."""
    posts = apps.get_model("blog", "Post").objects.using(schema_editor.connection.alias)
    posts.update(current_version=F("content_version"))


class Migration(migrations.Migration):
    dependencies = [("blog", "0005_grant_desk_permissions")]

    operations = [migrations.RunPython(set_current_versions, migrations.RunPython.noop)]
