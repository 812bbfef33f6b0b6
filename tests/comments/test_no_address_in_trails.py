"""A guest's address stays where moderators need it; trails and downloads never have it."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection
from django.utils import timezone

from accounts import audit, personal_data
from accounts.models import AuditEntry
from comments import moderation, posting
from comments.models import Ban
from comments.rules import Writer

pytestmark = pytest.mark.django_db
GUEST = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)


def test_a_ban_of_a_guest_is_written_down_without_their_address(publish, moderator, client_of):
    said = posting.post_comment(publish("Tides"), GUEST, "Hello there").comment
    ban = moderation.ban(said, by=moderator, until=None)
    client_of(moderator).post(
        f"/admin/comments/ban/{ban.pk}/change/", {"reason": "Again", "until_0": "", "until_1": ""}
    )
    moderation.unban(ban, by=moderator)
    assert AuditEntry.objects.filter(target_name="A guest may not write here").count() >= 2
    assert "gina@" not in "".join(personal_data.as_json(moderator, timezone.now()))
    assert not LogEntry.objects.filter(object_repr__contains="@").exists()


def test_a_ban_of_a_member_still_names_them(publish, moderator, reader):
    said = posting.post_comment(publish("Tides"), Writer(user=reader), "Hello there").comment
    moderation.ban(said, by=moderator, until=None)
    assert AuditEntry.objects.get(action="banned").target_name == f"{reader.display_name} may not write here"


def test_what_was_written_down_before_is_rewritten(moderator):
    ban = Ban.objects.create(guest_email="gina@example.net", created_at=timezone.now())
    entry = audit.record(moderator, "banned", ban)
    other = audit.record(moderator, "changed", moderator)
    for row in (entry, other):
        AuditEntry.objects.filter(pk=row.pk).update(target_name="gina@example.net may not write here")
    named = audit.record(moderator, "banned", ban)
    AuditEntry.objects.filter(pk=named.pk).update(target_name="Ana Lima @sea may not write here")
    LogEntry.objects.log_actions(moderator.pk, [ban], CHANGE)
    LogEntry.objects.update(object_repr="gina@example.net may not write here")

    migration = import_module("comments.migrations.0010_name_no_address_in_trails")
    migration.forget_addresses(apps, SimpleNamespace(connection=connection))

    said = dict(AuditEntry.objects.values_list("pk", "target_name"))
    assert said[entry.pk] == "A guest may not write here"
    assert said[other.pk] == "gina@example.net may not write here"
    assert said[named.pk] == "Ana Lima @sea may not write here"
    assert LogEntry.objects.get().object_repr == "A guest may not write here"
