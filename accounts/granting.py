"""Role permissions inside migrations, where Django has not yet made the permission rows."""

from typing import Any

from django.apps import apps as real_apps
from django.contrib.auth.management import create_permissions

from accounts.roles import Role, permissions_of


def grant_permissions(app_label: str) -> Any:
    """A function for RunPython: gives the roles their declared permissions of one app."""

    def grant(apps: Any, schema_editor: Any) -> None:
        using = schema_editor.connection.alias
        create_permissions(real_apps.get_app_config(app_label), verbosity=0, using=using)
        Group = apps.get_model("auth", "Group")
        Permission = apps.get_model("auth", "Permission")
        known = {
            f"{permission.content_type.app_label}.{permission.codename}": permission
            for permission in Permission.objects.using(using)
            .filter(content_type__app_label=app_label)
            .select_related("content_type")
        }
        for role in Role:
            group, _ = Group.objects.using(using).get_or_create(name=role.value)
            group.permissions.add(*(known[name] for name in permissions_of(role) if name in known))

    return grant
