"""The one place that answers “may this user do this to that?”, for admin, site and API.

Roles are Django groups, each with all permissions of the roles below it. They can be edited at run time in the admin;
`manage.py sync_roles` brings them back to what is declared here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission
from django.db import models, transaction

from accounts.models import User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Role(models.TextChoices):
    """In ascending order: each role may do what those before it may."""

    READER = "Reader", "Reader"
    AUTHOR = "Author", "Author"
    MODERATOR = "Moderator", "Moderator"
    EDITOR = "Editor", "Editor"
    ADMINISTRATOR = "Administrator", "Administrator"


STAFF_ROLES = frozenset({Role.AUTHOR, Role.MODERATOR, Role.EDITOR, Role.ADMINISTRATOR})

# What each role gains over the one before it. "change_others_post" and its kin widen a permission from one's own
# objects to all.
GAINS: dict[Role, tuple[str, ...]] = {
    Role.READER: (),
    Role.AUTHOR: (
        "blog.view_post",
        "blog.add_post",
        "blog.change_post",
        "blog.submit_post",
        "blog.trash_post",
        "blog.view_postversion",
        "blog.view_category",
        "blog.view_tag",
        "blog.view_topiccluster",
        "blog.view_series",
        "blog.view_snippet",
        "blog.add_snippet",
        "blog.change_snippet",
        "blog.delete_snippet",
        "media_assets.view_mediaasset",
        "media_assets.add_mediaasset",
        "media_assets.change_mediaasset",
    ),
    Role.MODERATOR: (
        "blog.view_contactmessage",
        "blog.change_contactmessage",
        "comments.view_comment",
        "comments.change_comment",
        "comments.moderate_comment",
        "comments.view_commentreport",
        "comments.view_ban",
        "comments.add_ban",
        "comments.change_ban",
        "comments.delete_ban",
    ),
    Role.EDITOR: (
        "blog.change_others_post",
        "blog.publish_post",
        "blog.override_gate_post",
        "blog.delete_post",
        "blog.add_category",
        "blog.change_category",
        "blog.delete_category",
        "blog.add_tag",
        "blog.change_tag",
        "blog.delete_tag",
        "blog.add_topiccluster",
        "blog.change_topiccluster",
        "blog.delete_topiccluster",
        "blog.add_series",
        "blog.change_series",
        "blog.delete_series",
        "blog.change_others_snippet",
        "blog.view_checksetting",
        "blog.view_gateoverride",
        "blog.view_redirect",
        "blog.add_redirect",
        "blog.change_redirect",
        "blog.delete_redirect",
        "blog.view_redirectrule",
        "blog.add_redirectrule",
        "blog.change_redirectrule",
        "blog.delete_redirectrule",
        "blog.view_missingpath",
        "blog.delete_missingpath",
        "blog.view_ignoredpath",
        "blog.add_ignoredpath",
        "blog.change_ignoredpath",
        "blog.delete_ignoredpath",
        "blog.view_correction",
        "blog.change_correction",
        "blog.view_searchmiss",
        "blog.delete_searchmiss",
        "blog.delete_contactmessage",
        "media_assets.change_others_mediaasset",
        "media_assets.delete_mediaasset",
        "accounts.view_user",
        "accounts.view_authorprofile",
        "accounts.change_authorprofile",
    ),
    Role.ADMINISTRATOR: (
        "accounts.add_user",
        "accounts.change_user",
        "accounts.delete_user",
        "accounts.add_authorprofile",
        "accounts.delete_authorprofile",
        "accounts.view_outgoingmail",
        "accounts.view_auditentry",
        "blog.change_checksetting",
        "blog.view_sitesettings",
        "blog.change_sitesettings",
        "comments.delete_comment",
        "comments.view_conversationsettings",
        "comments.change_conversationsettings",
        "comments.view_spamword",
        "blog.view_ping",
        "webhooks.view_endpoint",
        "webhooks.add_endpoint",
        "webhooks.change_endpoint",
        "webhooks.delete_endpoint",
        "webhooks.view_delivery",
        "auth.view_group",
        "auth.change_group",
    ),
}


def permissions_of(role: Role) -> set[str]:
    """All permissions of a role, those of lower roles included, as "app_label.codename"."""
    ordered = list(Role)
    return {permission for lower in ordered[: ordered.index(role) + 1] for permission in GAINS[lower]}


def role_of(user: User) -> Role:
    """The highest role somebody has; whoever has none is a reader."""
    if user.is_superuser:
        return Role.ADMINISTRATOR
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role.value in names), Role.READER)


def at_least(user: User | AnonymousUser, role: Role) -> bool:
    """Whether somebody's role is this one or higher."""
    if not isinstance(user, User) or not user.is_active:
        return False
    ordered = list(Role)
    return ordered.index(role_of(user)) >= ordered.index(role)


def set_role(user: User, role: Role) -> None:
    """Give somebody exactly this role; the staff flag follows (`accounts.receivers`)."""
    with transaction.atomic():
        group = Group.objects.get(name=role)
        others = user.groups.filter(name__in=Role.values).exclude(pk=group.pk)
        # In this order nobody passes through a lower role than either.
        user.groups.add(group)
        user.groups.remove(*others)


def follow_role(user: User) -> None:
    """Bring the staff flag in line with the groups; called after every change of groups."""
    staff = user.is_superuser or user.groups.filter(name__in=STAFF_ROLES).exists()
    User.objects.filter(pk=user.pk).exclude(is_staff=staff).update(is_staff=staff)
    user.is_staff = staff


def may(user: User | AnonymousUser, permission: str, thing: Any = None) -> bool:
    """Whether `user` may do `permission` ("blog.change_post"), to `thing` when one is given.

    A thing that has owners (a method `is_owned_by`) needs, from anybody else, the wider permission
    ("blog.change_others_post") as well. A thing somebody does not own is never theirs by accident: the wider permission
    is looked up by the name of the thing's model.
    """
    if not user.is_active or not user.has_perm(permission):
        return False
    if thing is None or not hasattr(thing, "is_owned_by") or thing.pk is None:
        return True
    # The wider permission first: it is remembered for the whole request, ownership may be a query.
    return user.has_perm(f"{thing._meta.app_label}.change_others_{thing._meta.model_name}") or thing.is_owned_by(user)


def synchronise(role: Role | None = None) -> dict[str, int]:
    """Create the groups and give each exactly its declared permissions; returns the count per role."""
    counts: dict[str, int] = {}
    with transaction.atomic():
        known = list(Permission.objects.values_list("pk", "content_type__app_label", "codename"))
        for each in [role] if role else list(Role):
            group, _ = Group.objects.get_or_create(name=each.value)
            wanted = permissions_of(each)
            permissions = [pk for pk, app_label, codename in known if f"{app_label}.{codename}" in wanted]
            group.permissions.set(permissions)
            counts[each.value] = len(permissions)
    return counts
