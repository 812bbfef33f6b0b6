"""The cast: one real person per role, and everything set so that tests neither wait nor meet each other."""

import gc
import hashlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.db import connection, transaction
from django.dispatch import receiver
from django.test import Client, TransactionTestCase, override_settings
from django.test.signals import setting_changed
from django.urls import clear_url_caches
from django.utils.text import slugify

from accounts import rates
from accounts.models import AuthorProfile, User
from accounts.roles import STAFF_ROLES, Role, set_role, synchronise
from blog import publication
from core import background, files, live

PASSWORD = "a-long-password"

# Speed is measured in bench/; a busy machine is no fault of the code.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run of the stories for a browser opens no other test files, and a run without them none of theirs."""
    if collection_path.parent != Path(__file__).parent or not collection_path.is_dir():
        return None
    asked, of_stories = config.option.markexpr, collection_path.name == "browser"
    passed_over = asked.startswith("not browser") if of_stories else asked == "browser"
    return passed_over or None


def pytest_collection_finish() -> None:
    """What is loaded stays loaded: looking through all of it for rubbish, again and again, was a sixth of the suite."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def make_person(name: str, role: Role = Role.READER, **fields: object) -> User:
    """Somebody who can sign in: a role, a confirmed address, the password of the cast."""
    group = Group.objects.filter(name=role).first()
    if group is None:
        synchronise()  # a test with real transactions empties every table behind it, the roles' too
        group = Group.objects.get(name=role)
    if fields:
        user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, **fields)
        set_role(user, role)
    else:
        # What `set_role` leaves (test_roles.py compares them), without its questions: they were a quarter of each test.
        is_staff = role in STAFF_ROLES
        user = User.objects.create_user(name, f"{name}@example.org", PASSWORD, is_staff=is_staff)
        User.groups.through.objects.bulk_create([User.groups.through(user=user, group=group)])
        if is_staff:
            AuthorProfile.objects.bulk_create([AuthorProfile(user=user, slug=slugify(name, allow_unicode=True))])
    EmailAddress.objects.bulk_create([EmailAddress(user=user, email=user.email, verified=True, primary=True)])
    return User.objects.get(pk=user.pk)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file of its own per worker.

    One in memory is one connection for all threads of the server under test, and two of them lock each other for ever
    when one is within a function written in Python (dates cut to days) and the other binds a value.
    """
    if settings.USES_SQLITE:
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(name)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test with real transactions the database becomes again what the migrations made it.

    Django's own way empties every table and writes content types and permissions anew, which takes far longer.
    """
    with django_db_blocker.unblock():
        put_back = _remember_sqlite() if settings.USES_SQLITE else _remember_postgresql()
    with pytest.MonkeyPatch.context() as patch:
        if put_back is not None:
            patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: put_back())
        yield


def _remember_sqlite() -> Callable[[], None]:
    connection.ensure_connection()
    pristine = sqlite3.connect(":memory:")
    connection.connection.backup(pristine)

    def put_back() -> None:
        connection.ensure_connection()
        pristine.backup(connection.connection)

    return put_back


def _remember_postgresql() -> Callable[[], None] | None:
    """Only tables with rows are emptied; neither foreign keys nor rules are asked, which a superuser alone may wish."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser')")
        if cursor.fetchone() != ("on",):
            return None
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [f'"{name}"' for (name,) in cursor.fetchall() if name != "django_migrations"]
        with_rows = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)
        cursor.execute(with_rows)
        filled = [name for (name,) in cursor.fetchall()]
        cursor.execute("DROP SCHEMA IF EXISTS pristine CASCADE")
        cursor.execute("CREATE SCHEMA pristine")
        for name in filled:
            cursor.execute(f"CREATE TABLE pristine.{name} AS TABLE {name}")

    def put_back() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(with_rows)
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {name}")
            for name in filled:
                cursor.execute(f"INSERT INTO {name} TABLE pristine.{name}")

    return put_back


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


@pytest.fixture(autouse=True)
def nothing_left_alone(monkeypatch):
    """No service is passed over because it did not answer in the test before."""
    for module in (background, live, rates):
        monkeypatch.setitem(module._away, "until", 0.0)


@receiver(setting_changed)
def forget_addresses(setting: str, **facts: object) -> None:
    """Addresses are kept with the code of their language, and the main one has none."""
    if setting == "LANGUAGE_CODE":
        clear_url_caches()


@pytest.fixture(autouse=True)
def settings_row_known(request, quick_and_apart):
    """Where questions are counted: what the settings' row says is asked after each change of it, not on each page."""
    if any(name.startswith("django_assert_") for name in request.fixturenames):
        publication._kept.get_or_compute("said", lambda: publication.menus_of([]), generation=publication.GENERATION)


# What a child said of a file, by its content and the limits: its facts, and the bytes of its clean form.
_examined: dict[tuple[str, object], tuple[dict, bytes]] = {}


@pytest.fixture(autouse=True)
def examined_once(request, monkeypatch):
    """A small file that was examined in this run is not examined again, except where examining is what is tested."""
    if request.path.name.startswith(("test_files", "test_intake")):
        return
    ask = files._ask_child

    def remember(source, target, limits):
        content = source.read_bytes() if source.stat().st_size < 200_000 else b""
        key = (hashlib.sha256(content).hexdigest(), limits)
        if content and key in _examined:
            found, clean = _examined[key]
            target.write_bytes(clean)
            return dict(found)
        found = ask(source, target, limits)
        if content:
            _examined[key] = (dict(found), target.read_bytes())
        return found

    monkeypatch.setattr(files, "_ask_child", remember)


@pytest.fixture(autouse=True)
def queued(monkeypatch) -> list[tuple[str, tuple[object, ...]]]:
    """What was handed to the queue: (name of the task, its arguments). No worker runs behind the tests."""
    sent: list[tuple[str, tuple[object, ...]]] = []
    monkeypatch.setattr("core.background._send", lambda task, args: sent.append((task.name, args)))
    return sent


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
