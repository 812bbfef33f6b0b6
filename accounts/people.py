"""What may be done to somebody's account by somebody else, and what follows from it."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import transaction
from django.forms import ModelForm
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import audit, tokens
from accounts.form_changes import changes_of_form
from accounts.models import User
from accounts.roles import Role, may, role_of, set_role
from core.refusals import Refusal

# What everybody changes of themselves without asking anybody.
OF_ONESELF = ("timezone", "digest_hour", "shows_presence")


def roles_to_give(actor: User) -> list[Role]:
    """The roles `actor` may give: none above their own."""
    ordered = list(Role)
    return ordered[: ordered.index(role_of(actor)) + 1]


def refuse_touching(actor: User, user: User) -> None:
    """Refusal unless `actor` may change this account at all."""
    if not may(actor, "accounts.change_user"):
        raise Refusal("Only administrators change accounts.")
    ranks = list(Role)
    if ranks.index(role_of(user)) > ranks.index(role_of(actor)) or (user.is_superuser and not actor.is_superuser):
        raise Refusal(f"{user.display_name} stands above you here; you cannot change that account.")


def change_role(actor: User, user: User, role: Role) -> None:
    """Give `user` exactly this role on behalf of `actor`.

    Refusal: a role above one's own, one's own role, or the last administrator's.
    """
    with transaction.atomic():
        _lock_administrators()
        refuse_touching(actor, user)
        if role == role_of(user):
            return
        if role not in roles_to_give(actor):
            raise Refusal(f"You are {role_of(actor).label}; you cannot make somebody {role.label}.", field="role")
        if user.pk == actor.pk:
            raise Refusal("You cannot change your own role. Ask another administrator.", field="role")
        if user.is_superuser:
            raise Refusal(f"{user.display_name} is a superuser and is always an administrator.", field="role")
        _refuse_losing_last_administrator(user, field="role")
        set_role(user, role)


def deactivate(actor: User, user: User) -> None:
    """Close an account: its sessions end, its work stays. Refusal: oneself, or the last administrator."""
    with transaction.atomic():
        _lock_administrators()
        refuse_touching(actor, user)
        if user.pk == actor.pk:
            raise Refusal("You cannot close your own account. Ask another administrator.", field="is_active")
        _refuse_losing_last_administrator(user, field="is_active")
        User.objects.filter(pk=user.pk).update(is_active=False)
        user.is_active = False
        tokens.end_all(user, tokens.End.CLOSED)
        transaction.on_commit(lambda: end_sessions(user))


def reactivate(actor: User, user: User) -> None:
    refuse_touching(actor, user)
    User.objects.filter(pk=user.pk).update(is_active=True)
    user.is_active = True


def refuse_deleting(actor: User, user: User) -> None:
    """Refusal unless `actor` may delete this account."""
    if not may(actor, "accounts.delete_user"):
        raise Refusal("Only administrators delete accounts.")
    refuse_touching(actor, user)
    if user.pk == actor.pk:
        raise Refusal("You cannot delete your own account here.")
    _refuse_losing_last_administrator(user)


def set_address(user: User, email: str) -> None:
    """Make `email` the one confirmed address of `user`; used where somebody vouches for it, as administrators do."""
    email = email.lower()
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).exclude(email__iexact=email).delete()
        if email:
            EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
        User.objects.filter(pk=user.pk).update(email=email)
        user.email = email


def end_sessions(user: User) -> int:
    """Sign somebody out everywhere; returns how many sessions ended.

    Reads every live session, so it is for rare occasions.
    """
    store = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            store(session_key=session.session_key).delete()
            ended += 1
    return ended


def _lock_administrators() -> None:
    """Two administrators who remove each other at the same moment take turns here."""
    list(Group.objects.select_for_update().filter(name=Role.ADMINISTRATOR))


def _refuse_losing_last_administrator(user: User, field: str | None = None) -> None:
    if not user.is_active or role_of(user) != Role.ADMINISTRATOR:
        return
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    if not (others.filter(is_superuser=True).exists() or others.filter(groups__name=Role.ADMINISTRATOR).exists()):
        raise Refusal(
            f"{user.display_name} is the last administrator. Make somebody else one before that.", field=field
        )


def change_oneself(user: User, said: Mapping[str, Any]) -> None:
    """Write what somebody wants of themselves, and this alone: what else is known may have changed meanwhile."""
    known = {name: value for name, value in said.items() if name in OF_ONESELF and getattr(user, name) != value}
    if known:
        User.objects.filter(pk=user.pk).update(**known)


def change_author_page(user: User, form: ModelForm) -> None:
    """Save a form of somebody's own author page that was found good."""
    with transaction.atomic():
        form.save()
        if changes := changes_of_form(form):
            audit.record(user, "changed", form.instance, changes=changes)
