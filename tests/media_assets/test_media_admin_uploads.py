"""Files coming into the library: by the plain form, and one by one as JSON for the page that watches them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from media_assets.models import MediaAsset
from tests.media_assets.library_files import LIST, UPLOAD, file, kept, page_of, said

pytestmark = pytest.mark.django_db
JSON = {"headers": {"accept": "application/json"}}


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_one_picture_is_uploaded_with_its_description(client_of, author):
    data = {"files": [file()], "alt_text": "A harbour"}
    response = client_of(author).post(reverse(UPLOAD), data, follow=True)
    asset = MediaAsset.objects.get()
    assert (asset.alt_text, asset.uploaded_by) == ("A harbour", author)
    assert said(response) == ["“harbour” is in the library."]


def test_of_several_the_good_are_kept_and_the_bad_are_named(client_of, author):
    files = [file("red"), file("blue", "sky.png"), SimpleUploadedFile("trap.png", b"no picture at all")]
    response = client_of(author).post(reverse(UPLOAD), {"files": files}, follow=True)
    assert MediaAsset.objects.count() == 2
    assert "“trap.png” was not kept." in said(response)[0]
    assert "2 of them have no description yet." in said(response)[1]


def test_an_upload_of_nothing_says_what_to_do(client_of, author):
    assert "Choose at least one file." in client_of(author).post(reverse(UPLOAD), {}).content.decode()


def test_one_by_one_a_file_is_answered_with_its_tile(client_of, author):
    answer = client_of(author).post(reverse(UPLOAD), {"file": file(name="<b>.png"), "view": "grid"}, **JSON)
    asset = MediaAsset.objects.get()
    told = answer.json()
    assert answer.status_code == 201 and (told["id"], told["needs_words"]) == (asset.pk, True)
    assert f'data-asset="{asset.pk}"' in told["tile"] and "<b>.png" not in told["tile"]
    assert told["words"] == page_of(asset, "words")
    assert AuditEntry.objects.filter(action="added").count() == 1


def test_what_was_there_already_is_said_so_and_kept_once(client_of, author, editor):
    asset = kept(editor)
    answer = client_of(author).post(reverse(UPLOAD), {"file": file()}, **JSON)
    assert answer.status_code == 200 and answer.json()["was_there"] and answer.json()["id"] == asset.pk
    assert not answer.json()["needs_words"]  # it is an editor's, whose words an author does not change
    assert MediaAsset.objects.count() == 1 and not AuditEntry.objects.filter(action="added").exists()


def test_a_refusal_is_a_sentence_and_leaves_nothing(client_of, author):
    trap = SimpleUploadedFile("trap.png", b"no picture at all")
    answer = client_of(author).post(reverse(UPLOAD), {"file": trap}, **JSON)
    assert answer.status_code == 422 and answer.json()["error"].endswith(".")
    assert client_of(author).post(reverse(UPLOAD), {}, **JSON).status_code == 400
    assert not MediaAsset.objects.exists()


def test_a_page_without_a_token_uploads_nothing(author, client_of):
    client = client_of(author, enforce_csrf_checks=True)
    assert client.post(reverse(UPLOAD), {"file": file()}, **JSON).status_code == 403
    token = client.get(reverse(UPLOAD), **JSON).json()["token"]
    data = {"file": file(), "csrfmiddlewaretoken": token}
    assert client.post(reverse(UPLOAD), data, **JSON).status_code == 201


def test_what_came_in_directly_is_drawn_by_its_id(client_of, author):
    asset = kept(author)
    client = client_of(author)
    assert client.post(reverse(UPLOAD), {"asset": asset.pk}, **JSON).json()["id"] == asset.pk
    for wrong in ("0", "x", "9" * 40):
        assert client.post(reverse(UPLOAD), {"asset": wrong}, **JSON).status_code == 404


def test_words_are_kept_without_leaving_the_page(client_of, author):
    asset = kept(author)
    client = client_of(author)
    told = client.post(page_of(asset, "words"), {"alt_text": " A red\nsquare ", "view": "list"}).json()
    assert told["alt"] == "A red square" and "<tr" in told["tile"] and "No description" not in told["tile"]
    told = client.post(page_of(asset, "words"), {"is_decorative": "1", "alt_text": "ignored"}).json()
    assert (told["alt"], told["decorative"]) == ("", True)
    assert client.get(page_of(asset, "words")).status_code == 405
    assert client.post("/admin/media_assets/mediaasset/999/words/").status_code == 404


def test_what_the_scanner_has_not_seen_has_no_picture_in_its_tile(client_of, author, settings):
    settings.SCANNER_URL = "tcp://127.0.0.1:1"
    told = client_of(author).post(reverse(UPLOAD), {"file": file()}, **JSON).json()
    assert told["held_back"] == "Waiting for the scanner" and "<img" not in told["tile"]


def test_the_page_says_how_files_are_sent(client_of, author):
    page = client_of(author).get(reverse(LIST)).content.decode()
    assert f'data-send="{reverse(UPLOAD)}"' in page and 'data-direct="/api/v1/media/uploads/"' in page
    assert f'data-direct-from="{8 * 1024 * 1024}"' in page
