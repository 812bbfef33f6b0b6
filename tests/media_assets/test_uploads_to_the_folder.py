"""The folder takes what a bucket would take, and nothing else: one key, one type, one size, once, for a short time."""

import errno
import io
import os
import tracemalloc

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.utils import timezone

from media_assets import incoming
from media_assets.models import UploadTicket
from media_assets.uploads import FORM_SECONDS, complete, sweep
from tests.media_assets.sending import BLUE, RED, asked, lying, multipart, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def answer(form, body, kind, **headers):
    return Client(enforce_csrf_checks=True).post(form["url"], body, content_type=kind, **headers)


def test_the_form_has_the_shape_of_a_buckets(author):
    ticket, form = asked(author)
    assert form["method"] == "POST"
    assert form["url"] == f"/media/uploads/{ticket.pk}/"
    assert form["fields"]["key"] == ticket.key
    assert form["fields"]["Content-Type"] == "image/png"


@pytest.mark.parametrize("content", [RED + b"x", RED[:-1], b""], ids=["more", "less", "nothing"])
def test_another_size_leaves_nothing(author, content):
    _, form = asked(author)
    assert send(form, content) in {400, 413}
    assert lying() == []


def test_a_much_larger_file_is_refused_before_it_is_read(author):
    _, form = asked(author)

    class Unread(io.BytesIO):
        def read(self, *size):
            raise AssertionError("it was read")

    body, kind = multipart(form["fields"], RED)
    meta = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(RED) + incoming.FORM_ROOM + 1)}
    with pytest.raises(incoming.TooLarge):
        incoming.receive(UploadTicket.objects.get().pk, meta, Unread(body))


@pytest.mark.parametrize("changed", [{"key": "incoming/another"}, {"Content_Type": "text/html"}, {"policy": ""}])
def test_another_key_type_or_no_policy_is_refused(author, changed):
    _, form = asked(author)
    assert send(form, RED, **changed) == 403
    assert lying() == []


def test_a_policy_that_was_touched_or_made_elsewhere_is_refused(author):
    ticket, form = asked(author)
    policy = incoming._policy_of(ticket, 2**40)
    given = form["fields"]["policy"]
    for forged in (
        signing.Signer(salt="another purpose").sign_object(policy),
        signing.Signer(key="another key", salt=incoming._SIGNER).sign_object(policy),
        given[:-1] + ("A" if given[-1] != "A" else "B"),
        "é",
    ):
        assert send(form, RED, policy=forged) == 403
    assert lying() == []


def test_the_policy_of_another_upload_is_refused(author, editor):
    mine, theirs = asked(author)[1], asked(editor)[1]
    assert send({**theirs, "fields": mine["fields"]}, RED) == 403
    assert lying() == []


def test_fields_behind_the_file_come_too_late(author):
    _, form = asked(author)
    body, kind = multipart({}, RED, after=form["fields"])
    assert answer(form, body, kind).status_code == 403
    assert lying() == []


def test_a_form_runs_out(author):
    _, form = asked(author)
    with time_machine.travel(timezone.now().timestamp() + FORM_SECONDS + 1, tick=False):
        assert send(form, RED) == 403
    assert lying() == []


def test_a_form_is_good_for_one_file(author):
    ticket, form = asked(author)
    assert send(form, RED) == 204
    assert send(form, RED) == 409
    asset = complete(ticket.pk, author)
    assert send(form, RED) == 409
    assert lying() == [asset.file.name]


def test_the_first_file_stays_when_another_of_its_size_is_sent(author):
    ticket, form = asked(author, BLUE)
    assert send(form, BLUE) == 204
    assert send(form, RED.ljust(len(BLUE))[: len(BLUE)]) == 409
    assert complete(ticket.pk, author)


def test_a_file_that_was_cut_on_its_way_leaves_nothing_and_can_be_sent_again(author):
    ticket, form = asked(author)
    body, kind = multipart(form["fields"], RED)
    for end in (len(body) - 60, len(body) // 2, 40):
        meta = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
        with pytest.raises(incoming.Refusal):
            incoming.receive(ticket.pk, meta, io.BytesIO(body[:end]))
        assert lying() == []
    assert send(form, RED) == 204


def test_a_connection_that_breaks_leaves_nothing(author):
    ticket, form = asked(author)
    body, kind = multipart(form["fields"], RED)

    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > len(body) // 2:
                raise ConnectionResetError
            return super().read(min(size, 100))

    with pytest.raises(ConnectionResetError):
        incoming.receive(ticket.pk, {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}, Broken(body))
    assert lying() == []


def test_a_full_disk_leaves_nothing_and_says_so(author, monkeypatch):
    _, form = asked(author)

    def no_room(*args):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as full:
        full.setattr(incoming.os, "link", no_room)
        body, kind = multipart(form["fields"], RED)
        response = answer(form, body, kind)
    assert response.status_code == 503
    assert "no room left" in response.json()["detail"]
    assert lying() == []
    assert send(form, RED) == 204


def test_what_is_no_form_is_refused(author):
    _, form = asked(author)
    body, kind = multipart(form["fields"], RED)
    assert answer(form, RED, "image/png").status_code == 400
    assert answer(form, b"", kind).status_code == 400
    assert answer(form, body, "multipart/form-data").status_code == 400
    assert answer(form, body.replace(b' filename="harbour.png"', b" "), kind).status_code in {400, 403}
    assert lying() == []


def test_two_files_in_one_form_are_refused(author):
    _, form = asked(author)
    body, kind = multipart(form["fields"], RED[:10])
    boundary = kind.partition("=")[2]
    second = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="b.png"\r\n\r\n'.encode()
    end = f"--{boundary}--".encode()
    response = answer(form, body.replace(end, second + RED[10:] + b"\r\n" + end), kind)
    assert (response.status_code, response.json()["detail"]) == (400, "Send one file.")
    assert lying() == []


def test_a_ticket_nobody_has_is_not_found():
    response = Client().post("/media/uploads/7b1c8f0e-0000-4000-8000-000000000000/", {})
    assert response.status_code == 404
    assert Client().put("/media/uploads/7b1c8f0e-0000-4000-8000-000000000000/").status_code == 405


def test_where_a_bucket_is_the_store_the_folder_takes_nothing(s3, author):
    ticket, form = asked(author)
    local = {"url": f"/media/uploads/{ticket.pk}/", "fields": {}}
    assert send(local, RED) == 404


def test_a_large_film_is_never_held_in_memory(author):
    size = 64 * 1024 * 1024
    ticket, form = asked(author, b"\0" * size, "film.mp4", "video/mp4")
    head, kind = multipart(form["fields"], b"")
    at = head.rindex(b"\r\n--")

    class Stream:
        """The form with `size` bytes in the place of its file, made as they are read."""

        def __init__(self):
            self.rest = [head[:at], *[b"\0" * (1024 * 1024)] * 64, head[at:]]

        def read(self, most=-1):
            if not self.rest:
                return b""
            first = self.rest.pop(0)
            if 0 <= most < len(first):
                self.rest.insert(0, first[most:])
            return first[:most] if most >= 0 else first

    tracemalloc.start()
    incoming.receive(ticket.pk, {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(head) + size)}, Stream())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert incoming._folder().size(ticket.key) == size
    assert most < 16 * 1024 * 1024


def test_the_front_is_told_whether_a_file_is_awaited(author, client, monkeypatch):
    ticket, form = asked(author)
    assert client.get(form["url"]).status_code == 204
    with time_machine.travel(timezone.now() + timezone.timedelta(seconds=FORM_SECONDS + 1), tick=False):
        assert client.get(form["url"]).status_code == 403
    send(form, RED)
    complete(ticket.pk, author)
    assert client.get(form["url"]).status_code == 403
    assert client.get("/media/uploads/00000000-0000-4000-8000-000000000000/").status_code == 403


def test_what_a_killed_process_left_where_files_are_examined_is_swept(settings, tmp_path):
    place = tmp_path / "incoming"
    settings.FILE_UPLOAD_TEMP_DIR = str(place)
    old = timezone.now().timestamp() - 7200
    for name in ("intake-old", "intake-new"):
        (place / name).mkdir(parents=True)
    for name in ("old.upload", "intake-old/source", "new.upload"):
        (place / name).write_bytes(b"a film")
    for name in ("old.upload", "intake-old"):
        os.utime(place / name, (old, old))
    sweep()
    assert sorted(path.name for path in place.iterdir()) == ["intake-new", "new.upload"]
    settings.FILE_UPLOAD_TEMP_DIR = None
    sweep()
