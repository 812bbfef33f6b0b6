"""What follows from a change of roles, by whatever door it came."""

from typing import Any

from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import receiver

from accounts.authors import ensure_profile
from accounts.models import User
from accounts.people import set_address
from accounts.roles import Role, at_least, follow_role


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
