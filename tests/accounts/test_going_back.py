"""The migrations of notices go back and forth over rows of every kind."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = ("accounts", "0010_add_follows_and_devices")


def migrate(*targets):
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection).loader.project_state(list(targets)).apps


def test_notices_of_every_kind_do_not_stand_in_the_way(reader, author):
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    from accounts.models import Notification, NotificationChoice

    now = timezone.now()
    for number, category in enumerate(Notification.Category.values):
        facts = {"recipient": reader, "actor": author, "category": category, "text": category, "created_at": now}
        Notification.objects.create(**facts, mail="daily", group_key=f"a:{number}", count=3, actor_ids=[author.pk])
        NotificationChoice.objects.create(user=reader, category=category, mail="never")
    try:
        for name in ("0012_count_each_actor_of_a_notice_once", "0011_group_notifications_and_choose_mail"):
            apps = migrate(("accounts", name))
            kinds = set(apps.get_model("accounts", "Notification").objects.values_list("category", flat=True))
            assert kinds == set(Notification.Category.values) - {"news"}
            chosen = set(apps.get_model("accounts", "NotificationChoice").objects.values_list("category", flat=True))
            assert chosen == kinds
        old = migrate(BEFORE).get_model("accounts", "Notification")
        assert old.objects.count() == len(Notification.Category.values) - 1
    finally:
        migrate(*newest)
    assert Notification.objects.count() == len(Notification.Category.values) - 1
    assert set(Notification.objects.values_list("count", "mail", "group_key")) == {(1, "", "")}
