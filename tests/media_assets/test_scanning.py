"""Files wait for the virus scanner: what is clean passes, what is not goes, what nobody judged goes on waiting."""

import hashlib
import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from accounts.models import AuditEntry, Notification
from core.refusals import Refusal
from media_assets import intake, scanning, storage
from media_assets.models import MediaAsset, ScannerOutage, new_key
from media_assets.signals import asset_ready
from tests.media_assets.clamd import LIMIT, MARK, clamd, heard, one_clamd, stand_in

__all__ = ["clamd", "one_clamd"]
pytestmark = pytest.mark.django_db
NOBODY = "tcp://127.0.0.1:1"
State = MediaAsset.State


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media-originals"


@pytest.fixture
def readied(monkeypatch):
    """The ids announced as ready."""
    ids = []

    def hear(asset_id, **facts):
        ids.append(asset_id)

    asset_ready.connect(hear)
    yield ids
    asset_ready.disconnect(hear)


def waiting_file(content, by=None, state=State.SCANNING, **fields):
    key = new_key()
    return MediaAsset.objects.create(
        file=storage.originals().save(f"{key}.png", ContentFile(content)),
        key=key,
        extension="png",
        name=fields.pop("name", "Harbour"),
        mime_type="image/png",
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        state=state,
        **fields,
    )


def state_of(asset):
    return MediaAsset.objects.get(pk=asset.pk).state


def picture():
    output = io.BytesIO()
    Image.effect_noise((60, 40), 80).convert("RGB").save(output, "PNG")
    return ContentFile(output.getvalue(), name="Harbour.png")


def later():
    return timezone.now() + timedelta(minutes=1)


def test_a_clean_picture_waits_is_found_clean_and_only_then_its_renditions_are_made(
    clamd, author, queued, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        asset = intake.take_in(picture(), by=author)
    assert asset.state == State.SCANNING
    assert queued == [("media_assets.tasks.scan", (asset.pk,))]
    queued.clear()
    with django_capture_on_commit_callbacks(execute=True):
        scanning.scan(asset.pk)
    assert state_of(asset) == State.READY
    assert queued == [("media_assets.tasks.make_renditions", (asset.pk,))]
    assert not AuditEntry.objects.exists()
    assert not Notification.objects.exists()


def test_an_infected_picture_is_rejected_deleted_and_its_uploader_told(
    clamd, author, editor, own_store, readied, django_capture_on_commit_callbacks
):
    infected = picture()
    with intake.examined(infected) as clean:
        content = clean.path.read_bytes()
    clamd.find_too("Letterpress.Picture", content)
    asset = intake.take_in(infected, by=author)
    with django_capture_on_commit_callbacks(execute=True):
        scanning.scan(asset.pk)
    asset.refresh_from_db()
    assert asset.state == State.REJECTED
    assert "Letterpress.Picture" in asset.rejection
    assert not asset.file
    assert [path for path in own_store.rglob("*") if path.is_file()] == []
    (notice,) = Notification.objects.all()
    assert notice.recipient == author
    assert "“Harbour”" in notice.text
    assert "Letterpress.Picture" in notice.text
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.target_name) == ("rejected", None, "Harbour")
    assert "Letterpress.Picture" in entry.note
    assert readied == []
    with pytest.raises(Refusal, match=r"Letterpress\.Picture"):
        intake.take_in(infected, by=editor)


def test_without_a_scanner_nothing_waits(author, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        asset = intake.take_in(picture(), by=author)
    assert asset.state == State.READY
    assert queued == [("media_assets.tasks.make_renditions", (asset.pk,))]
    assert not scanning.waiting()


def test_two_workers_at_once_have_one_outcome(clamd, author, readied, monkeypatch, django_capture_on_commit_callbacks):
    asset = waiting_file(MARK, by=author)
    really_ask = scanning.clamd.ask

    def ask_twice(content):
        monkeypatch.setattr(scanning.clamd, "ask", really_ask)
        scanning.scan(asset.pk)  # the other one is quicker
        return really_ask(content)

    monkeypatch.setattr(scanning.clamd, "ask", ask_twice)
    with django_capture_on_commit_callbacks(execute=True):
        scanning.scan(asset.pk)
    assert state_of(asset) == State.REJECTED
    assert Notification.objects.count() == AuditEntry.objects.count() == 1
    assert readied == []


def test_what_is_no_longer_the_file_that_was_scanned_does_not_pass(clamd, author, monkeypatch):
    asset = waiting_file(b"clean")
    really_ask = scanning.clamd.ask

    def ask(content):
        MediaAsset.objects.filter(pk=asset.pk).update(sha256="f" * 64)
        return really_ask(content)

    monkeypatch.setattr(scanning.clamd, "ask", ask)
    scanning.scan(asset.pk)
    assert state_of(asset) == State.SCANNING


@pytest.mark.parametrize("state", [State.READY, State.REJECTED, State.PENDING])
def test_only_what_waits_is_scanned(clamd, state):
    asset = waiting_file(MARK, state=state, rejection="Eicar." if state == State.REJECTED else "")
    scanning.scan(asset.pk)
    assert state_of(asset) == state


def test_a_scanner_that_is_away_makes_files_wait_and_tells_administrators_once(admin, editor, author, settings):
    settings.SCANNER_URL = NOBODY
    first, second = waiting_file(b"one", by=author), waiting_file(b"two", by=author)
    assert not scanning.scan(first.pk)
    assert not scanning.scan(second.pk)
    for _ in range(3):
        assert scanning.scan_waiting(now=later()) == 0
    assert {state_of(first), state_of(second)} == {State.SCANNING}
    (notice,) = Notification.objects.all()
    assert (notice.recipient, notice.priority) == (admin, "high")
    assert "cannot be reached" in notice.text
    waiting = scanning.waiting()
    assert (waiting.number, waiting.since) == (2, first.created_at)
    assert "cannot be reached" in waiting.reason


def test_an_outage_is_over_when_nothing_waits_and_the_next_one_is_told_anew(admin, clamd, settings):
    settings.SCANNER_URL = NOBODY
    waiting_file(b"one")
    scanning.scan_waiting(now=later())
    settings.SCANNER_URL = clamd.url
    assert scanning.scan_waiting(now=later()) == 1
    (outage,) = ScannerOutage.objects.all()
    assert outage.ended_at
    assert Notification.objects.get().expires_at  # nobody has to read of it any more
    settings.SCANNER_URL = NOBODY
    waiting_file(b"two")
    scanning.scan_waiting(now=later())
    assert Notification.objects.count() == 2


def test_a_file_the_scanner_chokes_on_holds_up_no_other_and_keeps_the_outage_open(admin, settings):
    poison, others = waiting_file(b"poison"), [waiting_file(b"%d" % number) for number in range(3)]

    def answer(connection, command):
        if command == b"zPING\0":
            connection.sendall(b"PONG\0")
        else:
            connection.sendall(b"?\0" if heard(connection) == b"poison" else b"stream: OK\0")

    with stand_in(answer) as settings.SCANNER_URL:
        assert scanning.scan_waiting(now=later()) == 3
        assert [state_of(other) for other in others] == [State.READY] * 3
        assert state_of(poison) == State.SCANNING
        newest = waiting_file(b"newest")
        later_still = later() + timedelta(minutes=1)
        scanning.scan_waiting(now=later_still)
        assert state_of(newest) == State.READY
    assert Notification.objects.count() == 1
    assert ScannerOutage.objects.get().ended_at is None


def test_the_line_begins_with_what_was_touched_longest_ago(settings, monkeypatch):
    rows = [waiting_file(b"%d" % number) for number in range(4)]
    scanning_order = []
    monkeypatch.setattr(scanning, "scan", lambda pk, now: scanning_order.append(pk) or True)
    MediaAsset.objects.filter(pk=rows[0].pk).update(updated_at=later())
    scanning.scan_waiting(now=later())
    assert scanning_order == [rows[1].pk, rows[2].pk, rows[3].pk, rows[0].pk]


def test_a_sweep_leaves_new_files_to_their_own_task_and_is_bounded(clamd, monkeypatch):
    monkeypatch.setattr(scanning, "FILES_IN_A_SWEEP", 2)
    rows = [waiting_file(b"%d" % number) for number in range(3)]
    assert scanning.scan_waiting() == 0
    assert scanning.scan_waiting(now=later()) == 2
    assert state_of(rows[2]) == State.SCANNING


def test_a_file_larger_than_the_scanner_takes_is_rejected_with_the_way_out_and_can_be_asked_about_again(
    clamd, author, settings
):
    asset = waiting_file(b"x" * (LIMIT + 1), by=author)
    scanning.scan(asset.pk)
    asset.refresh_from_db()
    assert asset.state == State.REJECTED
    assert "StreamMaxLength" in asset.rejection
    assert "StreamMaxLength" in Notification.objects.get().text
    assert storage.originals().exists(asset.file.name)
    infected = waiting_file(MARK)
    scanning.scan(infected.pk)
    assert scanning.ask_again() == 1
    assert (state_of(asset), state_of(infected)) == (State.SCANNING, State.REJECTED)


def test_an_original_the_store_does_not_give_waits_as_well(clamd, admin):
    asset = waiting_file(b"x")
    storage.originals().delete(asset.file.name)
    assert scanning.scan(asset.pk)
    assert state_of(asset) == State.SCANNING
    assert "cannot be read" in Notification.objects.get().text


def test_taking_the_scanner_away_lets_nothing_pass_by_itself(admin, settings, readied):
    settings.SCANNER_URL = ""
    asset = waiting_file(b"x")
    for _ in range(2):
        scanning.scan_waiting(now=later())
    assert state_of(asset) == State.SCANNING
    assert "SCANNER_URL is empty" in Notification.objects.get().text
    assert readied == []


def test_an_administrator_releases_what_nobody_scanned_and_that_is_written_down(
    admin, editor, settings, readied, django_capture_on_commit_callbacks
):
    settings.SCANNER_URL = ""
    asset = waiting_file(b"x")
    scanning.scan_waiting(now=later())
    with pytest.raises(Refusal, match="administrators"):
        scanning.release(asset, by=editor)
    settings.SCANNER_URL = NOBODY
    with pytest.raises(Refusal, match="SCANNER_URL"):
        scanning.release(asset, by=admin)
    assert state_of(asset) == State.SCANNING
    settings.SCANNER_URL = ""
    with django_capture_on_commit_callbacks(execute=True):
        scanning.release(asset, by=admin)
    assert state_of(asset) == State.READY
    assert readied == [asset.pk]
    (entry,) = AuditEntry.objects.all()
    assert (entry.actor, entry.action) == (admin, "released without a scan")
    assert ScannerOutage.objects.get().ended_at
    with pytest.raises(Refusal, match="does not wait"):
        scanning.release(asset, by=admin)


def test_what_waits_is_known_in_two_queries(django_assert_num_queries):
    for number in range(5):
        waiting_file(b"%d" % number)
    with django_assert_num_queries(2):
        assert scanning.waiting().number == 5
    MediaAsset.objects.all().delete()
    with django_assert_num_queries(1):
        assert not scanning.waiting()


def test_an_outage_told_of_while_a_sweep_was_at_work_does_not_end_before_it_began(db):
    began = timezone.now()
    ScannerOutage.objects.create(reason="It says nothing.", began_at=began)
    scanning.settle(began - timedelta(seconds=40))
    assert ScannerOutage.objects.get().ended_at == began
