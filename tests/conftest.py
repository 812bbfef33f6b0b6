"""The cast: one real person per role, and everything set so that tests neither wait nor meet each other."""

import os
from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.test import Client, override_settings

from accounts.models import User
from accounts.roles import Role, set_role, synchronise

PASSWORD = "a-long-password"


def make_person(name: str, role: Role = Role.READER, **fields: object) -> User:
    """Somebody who can sign in: a role, a confirmed address, the password of the cast."""
    if not Group.objects.filter(name=role).exists():
        synchronise()  # a test with real transactions empties every table behind it, the roles' too
    user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, **fields)
    set_role(user, role)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return User.objects.get(pk=user.pk)


@pytest.fixture(scope="session", autouse=True)
def own_caches():
    """Parallel workers on one Redis keep apart by prefix."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "only")
    named = {
        alias: {**config, "KEY_PREFIX": f"letterpress-tests:{os.getppid()}:{worker}:{alias}"}
        for alias, config in settings.CACHES.items()
    }
    with override_settings(CACHES=named):
        yield


@pytest.fixture(autouse=True)
def quick_and_apart(settings, own_caches):
    """Cheap hashing, mails in memory, no counts or pages left over from the test before."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.KEEP_MAIL_BODIES = True
    for alias in settings.CACHES:
        cache = caches[alias]
        if hasattr(cache, "delete_pattern"):
            cache.delete_pattern("*")
        else:
            cache.clear()


@pytest.fixture
def admin(db) -> User:
    return make_person("admin", Role.ADMINISTRATOR)


@pytest.fixture
def editor(db) -> User:
    return make_person("editor", Role.EDITOR)


@pytest.fixture
def moderator(db) -> User:
    return make_person("moderator", Role.MODERATOR)


@pytest.fixture
def author(db) -> User:
    return make_person("author", Role.AUTHOR)


@pytest.fixture
def reader(db) -> User:
    return make_person("reader")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A browser in which somebody is signed in."""

    def sign_in(user: User, **defaults: object) -> Client:
        client = Client(**defaults)
        client.force_login(user, backend="accounts.backends.RoleBackend")
        return client

    return sign_in
