"""Direct uploads by programs: as pages do it, with a token in place of a session.

What the protocol refuses, and with which status, is in tests/media_assets/test_uploads_over_http.py."""

import json

import pytest

from media_assets.models import MediaAsset, UploadTicket
from tests.media_assets.sending import RED, send

pytestmark = pytest.mark.django_db
ASK = "/media/uploads/"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def facts(**changed):
    return {"name": "harbour.png", "type": "image/png", "size": len(RED)} | changed


@pytest.mark.parametrize("scopes", [None, ["write"]])
def test_a_program_with_a_token_asks_sends_and_completes(program, author, scopes):
    mine = program(author, scopes)
    ticket = mine.post(ASK, facts())
    assert ticket.status_code == 201 and ticket["RateLimit"] and ticket["Cache-Control"] == "no-store"
    assert send(ticket.json()["upload"], RED) == 204
    done = mine.post(f"{ASK}{ticket.json()['id']}/complete/", {"alt_text": "A red field"})
    assert done.status_code == 200 and done.json()["alt_text"] == "A red field"
    assert MediaAsset.objects.get().uploaded_by == author


def test_a_token_without_leave_gets_no_ticket(program, author, reader):
    said = program(author, ["read", "talk"]).post(ASK, facts())
    assert said.status_code == 403 and said.json()["code"] == "scope"
    assert program(reader).post(ASK, facts()).json()["detail"] == "Your role does not let you upload files."
    stranger = program().post(ASK, facts())
    assert stranger.status_code == 401 and stranger["WWW-Authenticate"].startswith("Bearer")
    assert not UploadTicket.objects.exists()


def test_another_persons_ticket_is_not_there(program, author, editor):
    ticket = program(author).post(ASK, facts()).json()
    assert send(ticket["upload"], RED) == 204
    assert program(editor).post(f"{ASK}{ticket['id']}/complete/").status_code == 404
    assert not MediaAsset.objects.exists()


def test_a_problem_has_one_shape_and_names_its_field_in_both_ways(program, author):
    said = program(author).post(ASK, facts(size=-1)).json()
    assert {"type", "title", "status", "detail", "code", "field", "errors"} == set(said)
    assert said["errors"] == {"size": [said["detail"]]} and said["field"] == "size"


@pytest.mark.parametrize("body", [b'{"name": "a", "name": "b", "size": 1}', b'{"size": NaN}', b'{"\\ud800": 1}'])
def test_what_only_looks_like_json_is_refused(program, author, body):
    assert program(author).post(ASK, body).status_code == 400


def test_a_number_of_many_digits_is_refused_in_words(program, author):
    assert program(author).post(ASK, json.dumps(facts()).encode()[:-1] + b', "sha256": 1}').status_code == 422
    assert program(author).post(ASK, facts(size=10**300)).status_code == 413


def test_a_key_sent_along_changes_nothing(program, author):
    answers = [program(author).post(ASK, facts(), Idempotency_Key="one") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201] and UploadTicket.objects.count() == 2
