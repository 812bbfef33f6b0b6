"""Direct uploads: a ticket, the file straight into the store, and nothing believed until it was looked at."""

import base64
import hashlib
import json
import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from core.refusals import Refusal
from media_assets import intake, storage, tasks, uploads
from media_assets.incoming import Closed, NotAllowed, NotNow, TooLarge
from media_assets.intake import IntakeRefused
from media_assets.models import MediaAsset, UploadTicket
from media_assets.uploads import TooManyOpen, TypeNotTaken, ask, complete, sweep
from tests.media_assets.sending import BLUE, RED, asked, later, lying, put, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def in_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_a_picture_goes_straight_into_the_store_and_becomes_an_asset(store, author):
    ticket, form = asked(author, sha256=hashlib.sha256(RED).hexdigest())
    assert send(form, RED) == 204
    assert lying() == [ticket.key]
    asset = complete(ticket.pk, author, alt_text="A red field")
    assert (asset.name, asset.width, asset.uploaded_by, asset.alt_text) == ("harbour", 40, author, "A red field")
    assert lying() == [asset.file.name]
    ticket.refresh_from_db()
    assert (ticket.state, ticket.asset) == ("completed", asset)


def test_completing_again_answers_with_the_same_asset(store, author):
    ticket, form = asked(author)
    send(form, RED)
    assert complete(ticket.pk, author) == complete(ticket.pk, author)
    assert MediaAsset.objects.count() == 1


def test_another_persons_ticket_is_not_there(store, author, editor):
    ticket, form = asked(author)
    send(form, RED)
    with pytest.raises(UploadTicket.DoesNotExist):
        complete(ticket.pk, editor)
    assert not MediaAsset.objects.exists()
    assert complete(ticket.pk, author)


def test_completing_before_anything_arrived_says_so_and_leaves_the_ticket_open(store, author):
    ticket, form = asked(author)
    with pytest.raises(Closed, match="not arrived"):
        complete(ticket.pk, author)
    assert send(form, RED) == 204
    assert complete(ticket.pk, author)


@pytest.mark.parametrize("content", [RED + b"x", RED[:-1], b""], ids=["more", "less", "nothing"])
def test_another_size_is_refused_for_good(store, author, content):
    ticket, _ = asked(author)
    put(content, ticket)
    for _ in range(2):
        with pytest.raises(IntakeRefused, match="another size"):
            complete(ticket.pk, author)
    assert lying() == []
    assert not MediaAsset.objects.exists()


def test_another_content_of_the_same_size_is_refused_when_a_digest_was_given(store, author):
    ticket, form = asked(author, sha256=hashlib.sha256(RED).hexdigest())
    forged = bytearray(RED)
    forged[-20] ^= 1
    assert send(form, bytes(forged)) == 204
    with pytest.raises(IntakeRefused, match="digest differs"):
        complete(ticket.pk, author)
    assert lying() == []


def test_a_program_called_a_picture_is_refused_with_the_reason(store, author):
    program = b"MZ\x90\x00" + b"\0" * 400
    ticket, form = asked(author, program, "holiday.jpg", "image/jpeg")
    assert send(form, program) == 204
    with pytest.raises(IntakeRefused) as refused:
        complete(ticket.pk, author)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.refusal) == ("refused", refused.value.sentence)
    assert lying() == []


def test_what_is_put_there_after_completion_is_never_read_and_goes(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    asset = complete(ticket.pk, author)
    put(BLUE, ticket)
    assert complete(ticket.pk, author) == asset
    assert MediaAsset.objects.get().sha256 == asset.sha256
    sweep()
    assert lying() == [asset.file.name]


def test_what_is_put_there_while_it_is_examined_changes_nothing(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    examine = intake.take_in

    def exchanged(file, **facts):
        put(BLUE, ticket)
        return examine(file, **facts)

    monkeypatch.setattr(intake, "take_in", exchanged)
    asset = complete(ticket.pk, author)
    with Image.open(storage.originals().open(asset.file.name)) as kept:
        assert kept.convert("RGB").getpixel((5, 5)) == (255, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_that_complete_at_once_get_the_same_asset(store, author, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("threads share one connection to a database in memory")
    ticket, form = asked(author)
    send(form, RED)
    found, examined, barrier, examine = [], [], threading.Barrier(2), intake.take_in

    def counted(file, **facts):
        examined.append(1)
        return examine(file, **facts)

    monkeypatch.setattr(intake, "take_in", counted)

    def run():
        barrier.wait()
        try:
            found.append(complete(ticket.pk, author).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(examined) == 1
    assert found == [MediaAsset.objects.get().pk] * 2


def test_completing_while_it_is_examined_waits_a_while_and_says_so(store, author, monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE", 0)
    ticket, form = asked(author)
    send(form, RED)
    examine, said = intake.take_in, []

    def meanwhile(file, **facts):
        with pytest.raises(NotNow) as later:
            complete(ticket.pk, author)
        said.append(later.value.sentence)
        return examine(file, **facts)

    monkeypatch.setattr(intake, "take_in", meanwhile)
    assert complete(ticket.pk, author)
    assert said == ["This file is being examined. Complete the upload again in a moment."]


def test_after_an_error_of_ours_it_can_be_completed_again(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    with monkeypatch.context() as broken:
        broken.setattr(intake, "take_in", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            complete(ticket.pk, author)
    assert complete(ticket.pk, author)


@pytest.mark.parametrize("refusal", [IntakeRefused(intake.NO_ROOM), intake.Busy()])
def test_a_full_disk_or_a_busy_server_refuses_no_file_for_good(store, author, monkeypatch, refusal):
    ticket, form = asked(author)
    send(form, RED)

    def refuse(*args, **facts):
        raise refusal

    with monkeypatch.context() as full:
        full.setattr(intake, "take_in", refuse)
        with pytest.raises(NotNow):
            complete(ticket.pk, author)
    assert complete(ticket.pk, author)


def test_a_completion_that_was_killed_is_taken_up_by_the_next(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    UploadTicket.objects.update(completed_at=timezone.now())
    monkeypatch.setattr(uploads, "PATIENCE", 0)
    with pytest.raises(NotNow, match="being examined"):
        complete(ticket.pk, author)
    later(monkeypatch, minutes=11)
    assert complete(ticket.pk, author)


def test_the_same_picture_by_two_tickets_is_one_asset(store, author, editor):
    assets = []
    for person in (author, editor):
        ticket, form = asked(person)
        send(form, RED)
        assets.append(complete(ticket.pk, person))
    assert assets[0] == assets[1]
    assert lying() == [assets[0].file.name]


def test_a_ticket_that_ran_out_is_not_completed(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    later(monkeypatch, minutes=76)
    with pytest.raises(Closed, match="not completed in time"):
        complete(ticket.pk, author)
    assert not MediaAsset.objects.exists()


def test_what_nobody_completed_is_swept(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    assert sweep() == 0
    assert lying() == [ticket.key]
    later(monkeypatch, minutes=76)
    tasks.sweep_uploads()
    assert UploadTicket.objects.get().state == "abandoned"
    assert lying() == []
    with pytest.raises(Closed):
        complete(ticket.pk, author)


def test_what_a_killed_completion_or_a_stranger_left_is_swept(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    kept = complete(ticket.pk, author)
    put(RED, ticket)
    for name in ("no-ticket", f"{uuid.uuid4()}", f"{uuid.uuid4()}.0a1b2c3d"):
        storage.originals().save(f"incoming/{name}", ContentFile(b"x"))
    sweep()
    assert lying() == [kept.file.name]


def test_a_completion_under_way_is_not_swept_from_under(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    later(monkeypatch, minutes=74)
    examine = intake.take_in

    def swept(file, **facts):
        later(monkeypatch, minutes=3)
        assert sweep() == 0
        return examine(file, **facts)

    monkeypatch.setattr(intake, "take_in", swept)
    assert complete(ticket.pk, author)


def test_old_tickets_are_forgotten_and_their_assets_stay(store, author, monkeypatch):
    ticket, form = asked(author)
    send(form, RED)
    complete(ticket.pk, author)
    later(monkeypatch, days=29)
    sweep()
    assert UploadTicket.objects.exists()
    later(monkeypatch, days=2)
    sweep()
    assert not UploadTicket.objects.exists()
    assert MediaAsset.objects.exists()


def test_a_reader_asks_in_vain_and_so_does_who_lost_the_role(in_folder, reader, author):
    with pytest.raises(NotAllowed):
        asked(reader)
    ticket, form = asked(author)
    send(form, RED)
    author.groups.clear()
    with pytest.raises(NotAllowed):
        complete(ticket.pk, type(author).objects.get(pk=author.pk))
    assert not MediaAsset.objects.exists()


@pytest.mark.parametrize(
    "mime_type", ["application/x-msdownload", "text/html", "image/tiff", "application/octet-stream"]
)
def test_types_the_library_does_not_keep_get_no_ticket(in_folder, author, mime_type):
    with pytest.raises(TypeNotTaken):
        ask(author, "setup.exe", mime_type, 100)
    assert not UploadTicket.objects.exists()


@pytest.mark.parametrize(
    ("name", "said", "kept"),
    [
        ("IMG_1.HEIC", "", "image/heic"),
        ("a.m4a", "audio/x-m4a", "audio/mp4"),
        ("a.jpg", "image/jpg", "image/jpeg"),
        ("paper.pdf", "application/octet-stream", "application/pdf"),
        ("a.svg", "image/svg+xml; charset=utf-8", "image/svg+xml"),
    ],
)
def test_types_are_known_by_all_their_names(in_folder, author, name, said, kept):
    assert ask(author, name, said, 10)[0].mime_type == kept


def test_drawings_are_not_taken_where_they_are_refused(in_folder, author, settings):
    settings.SVG_UPLOADS = "refuse"
    with pytest.raises(TypeNotTaken):
        ask(author, "a.svg", "image/svg+xml", 10)


def test_each_kind_has_its_own_limit(in_folder, author, settings):
    settings.MAX_UPLOAD_BYTES, settings.MAX_RECORDING_BYTES = 1000, 5000
    assert ask(author, "a.mp4", "video/mp4", 5000)
    for name, mime_type, size in (("a.png", "image/png", 1001), ("a.mp4", "video/mp4", 5001), ("b.pdf", "", 2**70)):
        with pytest.raises(TooLarge):
            ask(author, name, mime_type, size)


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_file_gets_no_ticket(in_folder, author, size):
    with pytest.raises(Refusal, match="empty"):
        ask(author, "a.png", "image/png", size)


def test_names_lose_what_cannot_be_seen_and_never_lead_anywhere(in_folder, author):
    ticket, _ = asked(author, name="../\0etc/\u202egnp.exe.png")
    assert ticket.name == "../etc/gnp.exe.png"
    assert ticket.key == f"incoming/{ticket.pk}"
    with pytest.raises(Refusal) as refused:
        asked(author, name="\u202e\0 ")
    assert refused.value.field == "name"


def test_one_person_has_so_many_uploads_at_once_and_others_have_theirs(in_folder, author, editor, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    for _ in range(2):
        asked(author)
    with pytest.raises(TooManyOpen):
        asked(author)
    assert asked(editor)
    later(monkeypatch, minutes=16)
    assert asked(author)


def test_one_person_has_so_many_bytes_on_their_way(in_folder, author, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN_BYTES", 1000)
    ask(author, "a.png", "image/png", 600)
    with pytest.raises(TooManyOpen):
        ask(author, "a.png", "image/png", 401)
    assert ask(author, "a.png", "image/png", 400)


def test_the_form_of_a_bucket_is_bound_to_key_type_size_and_time(s3, author):
    ticket, form = asked(author)
    policy = json.loads(base64.b64decode(form["fields"]["policy"]))
    conditions = policy["conditions"]
    assert {"key": ticket.key} in conditions and {"bucket": s3.private} in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert ["content-length-range", len(RED), len(RED)] in conditions
    runs_out = datetime.fromisoformat(policy["expiration"])
    assert abs(runs_out - ticket.expires_at) < timedelta(seconds=10)


def test_completing_leans_on_nothing_a_store_should_have_refused(s3, author):
    """The server of the tests takes any form: another size, type or key, out of date, with another signature."""
    larger, form = asked(author)
    assert send(form, RED + b"x", x_amz_signature="0" * 64) == 204
    with pytest.raises(IntakeRefused, match="another size"):
        complete(larger.pk, author)
    elsewhere, form = asked(author)
    assert send(form, RED, key="incoming/another") == 204
    with pytest.raises(Closed, match="not arrived"):
        complete(elsewhere.pk, author)
    other, form = asked(author)
    assert send(form, b"<svg onload=alert(1)>".ljust(len(RED)), Content_Type="text/html") == 204
    with pytest.raises(IntakeRefused):
        complete(other.pk, author)
    sweep()
    assert lying() == []
    assert not MediaAsset.objects.exists()
