"""Documents, sound and film: an address that stays leads to one that is signed, and that one opens the original."""

import pytest
from django.core.files.base import ContentFile

from media_assets import storage
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db
FILM = bytes(range(256)) * 8


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def stored(content, **fields):
    asset = make_asset(width=None, height=None, size_bytes=len(content), **fields)
    storage.originals().save(asset.file.name, ContentFile(content))
    return asset


@pytest.fixture
def report():
    return stored(
        b"%PDF-1.7 a report", name="Bericht für Ämter", extension="pdf", kind="document", mime_type="application/pdf"
    )


@pytest.fixture
def film():
    return stored(FILM, name="Harbour", extension="mp4", kind="video", mime_type="video/mp4")


def test_the_address_of_a_document_leads_to_a_signed_one(report, client):
    response = client.get(report.url)
    assert response.status_code == 302
    assert response["Location"].startswith("/media/signed/")
    assert response["Cache-Control"] == "private, max-age=300"  # the signature holds for hours
    assert client.get(report.url)["Location"] == response["Location"]


def test_a_document_is_saved_under_its_name_and_shut_in(report, client):
    response = client.get(report.url, follow=True)
    assert response.getvalue() == b"%PDF-1.7 a report"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Bericht%20f%C3%BCr%20%C3%84mter.pdf"
    assert response["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies and not response.has_header("Vary")


def test_a_film_is_played_in_place_and_jumped_in(film, client):
    address = client.get(film.url)["Location"]
    part = client.get(address, headers={"Range": "bytes=254-257"})
    assert (part.status_code, part.getvalue()) == (206, b"\xfe\xff\x00\x01")
    assert part["Content-Range"] == f"bytes 254-257/{len(FILM)}"
    assert part["Content-Disposition"].startswith("inline")
    assert part["Content-Security-Policy"] == "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
    assert client.get(address, headers={"Range": f"bytes={len(FILM)}-"}).status_code == 416


def test_a_browser_may_keep_it_as_long_as_the_signature_holds(film, client, time_machine):
    time_machine.move_to("2026-11-20 12:00:00+00:00", tick=False)
    address = client.get(film.url)["Location"]
    time_machine.move_to("2026-11-20 13:00:00+00:00", tick=False)
    assert client.get(address)["Cache-Control"] == f"private, max-age={3 * 3600}"
    time_machine.move_to("2026-11-20 16:00:00+00:00", tick=False)
    assert client.get(address).status_code == 404


def test_a_touched_address_opens_nothing(film, client):
    address = client.get(film.url)["Location"]
    for other in (
        address[:-1] + ("a" if address[-1] != "a" else "b"),
        address.replace("/signed/", "/signed/x"),
        "/media/signed/x",
    ):
        assert client.get(other).status_code == 404
    assert client.post(address).status_code == 405


def test_an_original_that_is_gone_is_not_found(film, client):
    address = client.get(film.url)["Location"]
    storage.originals().delete(film.file.name)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("state", ["pending", "scanning", "rejected"])
def test_a_document_that_is_not_ready_leads_nowhere(report, client, state):
    MediaAsset.objects.update(state=state, rejection="Eicar." if state == "rejected" else "")
    assert client.get(report.url).status_code == 404


def test_behind_nginx_the_bytes_are_left_to_it(report, client, settings):
    settings.FILES_BY_NGINX = True
    response = client.get(report.url, follow=True)
    assert response.content == b""
    assert response["X-Accel-Redirect"] == f"/letterpress-originals/{report.file.name}"
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"].endswith("sandbox")
    assert response["Cache-Control"].startswith("private, max-age=")


def test_in_buckets_the_address_is_the_buckets_own(s3, client):
    report = make_asset(name="Zahlen", extension="pdf", kind="document", mime_type="application/pdf")
    storage.originals().save(report.file.name, ContentFile(b"%PDF-1.7"))
    response = client.get(report.url)
    assert (response.status_code, response["Cache-Control"]) == (302, "private, max-age=300")
    assert response["Location"].startswith(f"{s3.endpoint}/{s3.private}/{report.file.name}?")
    status, headers, content = s3.get(response["Location"])
    assert (status, content, headers["Content-Type"]) == (200, b"%PDF-1.7", "application/pdf")
    assert headers["Content-Disposition"] == 'attachment; filename="Zahlen.pdf"'
