"""What follows from a change of roles, by whatever door it came, and from coming and going."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, devices, online
from accounts.authors import ensure_profile
from accounts.lockout import account_named
from accounts.models import User
from accounts.people import set_address
from accounts.roles import Role, at_least, follow_role
from accounts.sockets import tell_signed_out


@receiver(post_save, sender=User)
def superuser_made(sender: Any, instance: User, created: bool, raw: bool, **kw: Any) -> None:
    """Whoever makes a superuser stands at the machine and vouches for the address; no mail may be able to leave yet."""
    if created and not raw and instance.is_superuser and instance.email:
        set_address(instance, instance.email)


@receiver(m2m_changed, sender=User.groups.through)
def roles_changed(
    sender: Any, instance: User | Group, action: str, reverse: bool, pk_set: set[int] | None, **kw: Any
) -> None:
    if action == "pre_clear" and isinstance(instance, Group):
        # once the group is empty nobody can say who left it
        instance.__dict__["_leaving"] = set(instance.user_set.values_list("pk", flat=True))
    if action not in {"post_add", "post_remove", "post_clear"}:
        return
    if isinstance(instance, Group):
        left = instance.__dict__.pop("_leaving", ())
        people = list(User.objects.filter(pk__in=pk_set or left))
    else:
        people = [instance]
    for user in people:
        follow_role(user)
        if at_least(user, Role.AUTHOR):
            ensure_profile(user)


@receiver(user_logged_in)
def came_in(sender: Any, request: HttpRequest, user: User, **kw: Any) -> None:
    devices.touch(request, user)
    if user.is_staff:
        audit.record(user, "logged in", user)


@receiver(user_logged_out)
def went_away(sender: Any, request: HttpRequest | None, user: User | None, **kw: Any) -> None:
    if user is None:
        return
    session_key = getattr(getattr(request, "session", None), "session_key", None)
    online.forget(user)
    if session_key:
        tell_signed_out(user, session_key)
        devices.forget(session_key)
    if user.is_staff:
        audit.record(user, "logged out", user)


@receiver(user_login_failed)
def failed_to_come_in(sender: Any, credentials: dict[str, str], request: HttpRequest | None = None, **kw: Any) -> None:
    """Who tried is not known, only at whose door. An account that is locked already is knocked at without an entry."""
    if getattr(request, "axes_locked_out", False):
        return
    user = User.objects.filter(username__iexact=account_named(request, credentials), is_staff=True).first()
    if user is not None:
        audit.record(None, "failed to log in as", user)


@receiver([password_changed, password_set, password_reset])
def password_made_anew(sender: Any, request: HttpRequest, user: User, **kw: Any) -> None:
    """Whoever knew the old password is out everywhere; the session that changed it has a new key by now."""
    devices.sign_out_others(user, request)
    if request.user == user:
        devices.touch(request, user)
    if user.is_staff:
        audit.record(user, "changed the password of", user)
