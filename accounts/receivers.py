"""What follows from a change of roles, by whatever door it came, and from coming and going."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import audit, devices, online, tokens
from accounts.authors import ensure_profile
from accounts.lockout import account_named
from accounts.models import User
from accounts.people import set_address
from accounts.roles import Role, at_least, follow_role, role_of
from accounts.sockets import tell_signed_out

TOTP = Authenticator.Type.TOTP


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
    if action in {"pre_remove", "pre_clear"}:
        note_roles(instance, instance.__dict__.get("_leaving", pk_set))
    if action not in {"post_add", "post_remove", "post_clear"}:
        return
    if isinstance(instance, Group):
        left = instance.__dict__.pop("_leaving", ())
        people = list(User.objects.filter(pk__in=pk_set or left))
    else:
        people = [instance]
    before = instance.__dict__.pop("_roles_before", {})
    for user in people:
        follow_role(user)
        end_where_demoted(user, before.get(user.pk))
        if at_least(user, Role.AUTHOR):
            ensure_profile(user)


def note_roles(instance: User | Group, pks: set[int] | None) -> None:
    """Remember who had which role, until the change is made."""
    people = [instance] if isinstance(instance, User) else User.objects.filter(pk__in=pks or ())
    instance.__dict__["_roles_before"] = {user.pk: role_of(user) for user in people}


def end_where_demoted(user: User, before: Role | None) -> None:
    """Whoever may do less than before logs in anew: what was opened with more rights is closed."""
    ranks = list(Role)
    if before is not None and ranks.index(role_of(User.objects.get(pk=user.pk))) < ranks.index(before):
        tokens.end_all(user, tokens.End.ROLE)
        devices.sign_out_others(user)


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
    tokens.end_all(user, tokens.End.PASSWORD)
    if request.user == user:
        devices.touch(request, user)
    if user.is_staff:
        audit.record(user, "changed the password of", user)


@receiver(authenticator_added)
def second_factor_on(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    """Whoever came in without it is out: another browser or program may be the reason it was switched on."""
    if authenticator.type == TOTP:
        devices.sign_out_others(user, request)
        tokens.end_others(user)
        audit.record(user, "switched on the second factor of", user)


@receiver(authenticator_removed)
def second_factor_off(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    if authenticator.type == TOTP:
        audit.record(user, "switched off the second factor of", user)


@receiver(authenticator_reset)
def recovery_codes_made(sender: Any, request: HttpRequest, user: User, **kw: Any) -> None:
    audit.record(user, "made recovery codes for", user)
