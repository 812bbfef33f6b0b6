"""The protocol of direct uploads as pages and programs speak it: JSON in, JSON or a problem document out."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from media_assets import intake, uploads
from media_assets.intake import IntakeRefused, take_in
from media_assets.models import MediaAsset, UploadTicket
from tests.media_assets.sending import BLUE, RED, asked, send

pytestmark = pytest.mark.django_db
ASK = "/api/v1/media/uploads/"


@pytest.fixture(autouse=True)
def in_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def post(client, address, said=None, **headers):
    body = said if isinstance(said, str | bytes) else json.dumps({} if said is None else said)
    return client.post(address, body, content_type="application/json", **headers)


def facts(content=RED, **changed):
    return {"name": "harbour.png", "type": "image/png", "size": len(content)} | changed


def problem(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    said = response.json()
    assert (said["type"], said["status"]) == ("about:blank", status)
    assert said["detail"].endswith(".")
    return said


def completing(ticket_id):
    return f"{ASK}{ticket_id}/complete/"


def test_asking_sending_and_completing(client_of, author):
    client = client_of(author)
    response = post(client, ASK, facts())
    assert response.status_code == 201
    ticket = response.json()
    assert ticket["expires_at"] == UploadTicket.objects.get().expires_at.isoformat()
    assert send(ticket["upload"], RED) == 204
    response = post(client, completing(ticket["id"]), {"alt_text": "A red field"})
    asset = MediaAsset.objects.get()
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert response.json() == {
        "id": asset.pk,
        "url": asset.url,
        "cdn_url": asset.cdn_url,
        "name": "harbour",
        "kind": "image",
        "width": 40,
        "height": 30,
        "alt_text": "A red field",
        "is_decorative": False,
        "state": "ready",
        "thumbnail": response.json()["thumbnail"],
        "admin_url": reverse("admin:media_assets_mediaasset_change", args=[asset.pk]),
        "was_there": False,
    }
    assert asset.key in response.json()["thumbnail"]


def test_completing_again_says_the_same_and_a_picture_of_before_was_there(client_of, author, editor):
    client = client_of(author)
    asset = take_in(RED, by=editor)
    ticket, form = asked(author)
    send(form, RED)
    answers = [post(client, completing(ticket.pk)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert (answers[0]["id"], answers[0]["was_there"]) == (asset.pk, True)
    other, form = asked(author, BLUE)
    send(form, BLUE)
    assert [post(client, completing(other.pk)).json()["was_there"] for _ in range(2)] == [False, False]


def test_whoever_is_not_signed_in_is_told_so(db):
    problem(post(Client(), ASK, facts()), 401)
    problem(post(Client(), completing(uuid.uuid4())), 401)


def test_a_request_from_another_site_is_refused(client_of, author):
    client = client_of(author, enforce_csrf_checks=True)
    problem(post(client, ASK, facts()), 403)
    assert not UploadTicket.objects.exists()
    client.get(reverse("admin:index"))
    token = client.cookies["csrftoken"].value
    assert post(client, ASK, facts(), headers={"X-CSRFToken": token}).status_code == 201


def test_a_role_without_leave_is_refused(client_of, reader):
    said = problem(post(client_of(reader), ASK, facts()), 403)
    assert said["detail"] == "Your role does not let you upload files."


def test_another_persons_ticket_looks_like_none(client_of, author, editor):
    ticket, _ = asked(author)
    client = client_of(editor)
    theirs, none = post(client, completing(ticket.pk)), post(client, completing(uuid.uuid4()))
    assert problem(theirs, 404) == problem(none, 404)


def test_completing_too_early_is_a_conflict(client_of, author):
    ticket, _ = asked(author)
    problem(post(client_of(author), completing(ticket.pk)), 409)


def test_what_is_not_kept_says_why_every_time(client_of, author):
    ticket, form = asked(author, b"MZ" + b"\0" * 100, "a.png")
    send(form, b"MZ" + b"\0" * 100)
    said = [problem(post(client_of(author), completing(ticket.pk)), 422)["detail"] for _ in range(2)]
    assert said[0] == said[1] == UploadTicket.objects.get().refusal


def test_too_large_a_file_is_refused_before_it_is_sent(client_of, author):
    assert problem(post(client_of(author), ASK, facts(size=10**30)), 413)["field"] == "size"


def test_a_type_that_is_not_kept_is_refused(client_of, author):
    problem(post(client_of(author), ASK, facts(type="text/html")), 415)


def test_too_many_at_once_says_when_to_come_again(client_of, author, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 0)
    response = post(client_of(author), ASK, facts())
    problem(response, 429)
    assert response["Retry-After"] == "900"


@pytest.mark.parametrize(("refusal", "seconds"), [(intake.Busy(), "2"), (IntakeRefused(intake.NO_ROOM), "60")])
def test_a_busy_or_full_server_says_when_to_come_again(client_of, author, monkeypatch, refusal, seconds):
    ticket, form = asked(author)
    send(form, RED)

    def refuse(*args, **facts):
        raise refusal

    monkeypatch.setattr(intake, "take_in", refuse)
    response = post(client_of(author), completing(ticket.pk))
    problem(response, 503)
    assert response["Retry-After"] == seconds


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (facts(name=""), "name"),
        ({"type": "image/png", "size": 3}, "name"),
        ({"name": "a.png"}, "size"),
        (facts(size="12"), "size"),
        (facts(size=True), "size"),
        (facts(size=0), "size"),
        (facts(name=7), "name"),
        (facts(name="a\0.png"), "name"),
        (facts(sha256="short"), "sha256"),
        (facts(alt_text="said too early"), "alt_text"),
    ],
)
def test_a_wrong_field_is_named(client_of, author, said, field):
    assert problem(post(client_of(author), ASK, said), 422)["field"] == field
    assert not UploadTicket.objects.exists()


def test_half_a_character_is_no_text(client_of, author):
    said = '{"name": "a\\ud800.png", "type": "image/png", "size": 3}'
    assert problem(post(client_of(author), ASK, said), 422)["field"] == "name"


@pytest.mark.parametrize("said", ["", "{", "[]", '"name"', b"\xff\xfe", "[" * 9000])
def test_what_is_no_object_of_json_is_refused(client_of, author, said):
    response = post(client_of(author), ASK, said)
    problem(response, 422 if said == "" else 400)


def test_other_kinds_of_bodies_and_very_long_ones_are_refused(client_of, author):
    client = client_of(author)
    problem(client.post(ASK, facts()), 415)
    problem(post(client, ASK, facts(name="n" * 20_000)), 413)


def test_other_methods_are_refused(client_of, author):
    response = client_of(author).get(ASK)
    problem(response, 405)
    assert response["Allow"] == "POST"


def test_asking_and_completing_stay_within_their_questions(client_of, author, django_assert_max_num_queries):
    client = client_of(author)
    post(client, ASK, facts())
    with django_assert_max_num_queries(9):
        ticket = post(client, ASK, facts()).json()
    send(ticket["upload"], RED)
    with django_assert_max_num_queries(20):
        post(client, completing(ticket["id"]))
