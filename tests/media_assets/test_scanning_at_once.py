"""Several workers meet the same files and the same outage, each over a connection of its own."""

import threading

import pytest
from django.db import connection, connections

from accounts.models import AuditEntry, Notification
from media_assets import scanning
from media_assets.models import MediaAsset, ScannerOutage
from tests.media_assets.clamd import MARK, clamd, one_clamd
from tests.media_assets.test_scanning import NOBODY, own_store, waiting_file

__all__ = ["clamd", "one_clamd", "own_store"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_once():
    """Runs something in six workers that begin together."""
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory has one connection")
    together, failed = threading.Barrier(6), []

    def run(do):
        def work():
            try:
                together.wait(30)
                do()
            except Exception as error:
                failed.append(error)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert failed == []

    return run


def test_one_outcome_for_each_file(clamd, author, at_once):
    infected, clean = waiting_file(MARK, by=author), waiting_file(b"clean", by=author)
    at_once(lambda: [scanning.scan(pk) for pk in (infected.pk, clean.pk)])
    assert dict(MediaAsset.objects.values_list("pk", "state")) == {infected.pk: "rejected", clean.pk: "ready"}
    assert AuditEntry.objects.count() == Notification.objects.count() == 1


def test_one_notice_for_an_outage(settings, admin, at_once):
    settings.SCANNER_URL = NOBODY
    rows = [waiting_file(b"%d" % number) for number in range(4)]
    at_once(lambda: [scanning.scan(row.pk) for row in rows])
    assert ScannerOutage.objects.count() == Notification.objects.count() == 1
    assert MediaAsset.objects.filter(state="scanning").count() == 4
