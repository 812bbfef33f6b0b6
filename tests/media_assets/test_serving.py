"""What is answered at the address of a picture, and what is not."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from media_assets import making, renditions, storage
from media_assets.intake import take_in
from media_assets.models import MediaAsset
from media_assets.replacing import replace

pytestmark = pytest.mark.django_db
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def picture(kind="JPEG", size=(3000, 2000), colour=(200, 10, 30), **options):
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, kind, **options)
    return ContentFile(output.getvalue(), name=f"A field.{kind.lower()}")


@pytest.fixture
def photograph(author):
    return take_in(picture(), by=author)


def address_of(asset, spec_name):
    spec = next(spec for spec in renditions.specs_of(asset) if spec.name == spec_name)
    return f"/media/{renditions.file_name(asset, spec)}"


def image(response):
    return Image.open(io.BytesIO(response.getvalue()))


def test_its_own_address_shows_a_copy_no_wider_than_readers_need(photograph, client):
    response = client.get(photograph.url)
    assert response.status_code == 200
    assert image(response).size == (2560, 1707)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600"
    assert storage.public().exists(photograph.public_name)


def test_a_rendition_is_made_when_it_is_first_asked_for_and_kept_for_ever(photograph, client, monkeypatch):
    address = address_of(photograph, "w480.webp")
    response = client.get(address)
    assert (response.status_code, image(response).width) == (200, 480)
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    monkeypatch.setattr(making, "make", lambda *args: pytest.fail("it was made once more"))
    assert client.get(address).status_code == 200


def test_head_says_of_a_missing_rendition_what_get_would(photograph, client):
    address = address_of(photograph, "w480.webp")
    head, got = client.head(address), client.get(address)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Last-Modified"):
        assert head[name] == got[name]


def test_a_file_that_lies_there_costs_one_query(photograph, client, django_assert_num_queries):
    addresses = [photograph.url, address_of(photograph, "w480.webp")]
    for address in addresses:
        client.get(address)
        with django_assert_num_queries(1):
            client.get(address)


def test_nothing_of_a_visitor_is_asked_for_or_remembered(photograph, client_of, reader):
    browser = client_of(reader)
    for address in (photograph.url, address_of(photograph, "w320.jpg")):
        response = browser.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert not response.cookies
        for name in ("Vary", "Set-Cookie", "Content-Encoding"):
            assert not response.has_header(name), name


def test_whatever_a_file_holds_it_runs_nothing_and_is_what_we_say(photograph, client):
    response = client.get(photograph.url)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == ALONE
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response["Content-Disposition"] == "inline"


def test_a_drawing_is_shown_as_it_is_and_shut_in(author, client):
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    asset = take_in(ContentFile(drawing, name="A sign.svg"), by=author)
    response = client.get(asset.url)
    assert (response["Content-Type"], response["Content-Security-Policy"]) == ("image/svg+xml", ALONE)
    assert b"<rect" in response.getvalue()


def test_what_moves_keeps_moving(author, client):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    output = io.BytesIO()
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:], duration=100)
    asset = take_in(ContentFile(output.getvalue(), name="moving.gif"), by=author)
    response = client.get(asset.url)
    assert response["Content-Type"] == "image/gif"
    assert image(response).n_frames == 3


@pytest.mark.parametrize(
    "spec", ["w481.webp", "w3000.jpg", "w480.gif", "w480.exe", "16x9-1.jpg", "web.jpg", "card.png", "4x3-640.jpg"]
)
def test_a_size_that_is_not_declared_is_not_made(photograph, client, spec):
    address = f"/media/{photograph.key}/{renditions.revision(photograph)}-{spec}"
    assert client.get(address).status_code == 404
    assert not photograph.renditions.exists()


def test_an_old_revision_leads_to_the_one_of_now(photograph, client):
    response = client.get(f"/media/{photograph.key}/00000000-w480.webp")
    assert (response.status_code, response["Location"]) == (302, address_of(photograph, "w480.webp"))
    assert response["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600"
    assert not photograph.renditions.exists()


def test_where_the_focal_point_moved_its_old_crop_leads_to_the_new(photograph, client):
    old = address_of(photograph, "1x1-320.jpg")
    MediaAsset.objects.update(focal_x=0.1)
    photograph.refresh_from_db()
    assert client.get(old)["Location"] == address_of(photograph, "1x1-320.jpg") != old


def test_a_replaced_picture_keeps_its_address_and_gets_other_renditions(photograph, author, client):
    url, old = photograph.url, address_of(photograph, "w480.webp")
    before = client.get(url)
    replaced = replace(photograph, picture(colour=(0, 0, 250)), by=author, shown=photograph.sha256)
    making.make_all(replaced)
    after = client.get(url)
    assert image(after).getpixel((5, 5))[2] > 200
    assert after["ETag"] != before["ETag"]
    assert client.get(old)["Location"] == address_of(replaced, "w480.webp")


def lead_to(client, address):
    """Where an address leads; fails unless a picture is there."""
    response = client.get(address)
    assert response.status_code == 302, address
    assert response["Cache-Control"] == storage.FOR_MINUTES
    assert client.get(response["Location"]).status_code == 200, address
    return response["Location"].rpartition("-")[2]


@pytest.mark.parametrize(
    ("former", "kind", "size", "now"),
    [
        ("w1920.webp", "JPEG", (800, 600), "w800.webp"),
        ("w2560.avif", "JPEG", (800, 600), "w800.avif"),
        ("16x9-1600.jpg", "JPEG", (800, 600), "800.jpg"),
        ("1x1-640.avif", "JPEG", (800, 500), "500.avif"),
        ("card.jpg", "JPEG", (800, 600), "card.jpg"),
        ("w1080.jpg", "PNG", (3000, 2000), "w1080.png"),
        ("w480.jpg", "PNG", (3000, 2000), "w1080.png"),
        ("16x9-960.jpg", "PNG", (3000, 2000), "1600.png"),
        ("w720.jpg", "WEBP", (3000, 2000), "w720.webp"),
    ],
)
def test_a_size_the_former_file_had_leads_to_the_nearest_of_now(photograph, author, client, former, kind, size, now):
    address = address_of(photograph, former)
    replace(photograph, picture(kind, size, (0, 0, 250)), by=author, shown=photograph.sha256)
    assert lead_to(client, address) == now


def test_no_address_of_a_former_file_is_lost_whatever_takes_its_place(photograph, author, client):
    addresses = [address_of(photograph, spec.name) for spec in renditions.specs_of(photograph)]
    replaced = replace(photograph, picture("PNG", (700, 300)), by=author, shown=photograph.sha256)
    making.make_all(replaced)
    for address in addresses:
        lead_to(client, address)


def test_a_picture_without_sizes_answers_at_its_own_address(photograph, client):
    addresses = [address_of(photograph, name) for name in ("w1920.webp", "16x9-960.avif", "card.jpg")]
    MediaAsset.objects.update(is_animated=True, sha256="f" * 64)
    assert {client.get(address)["Location"] for address in addresses} == {photograph.url}


@pytest.mark.parametrize("spec", ["w480.exe", "4x3-640.jpg", "w12345.jpg", "poster.jpg"])
def test_what_no_file_ever_had_is_not_found_under_an_old_revision_either(photograph, client, spec):
    response = client.get(f"/media/{photograph.key}/00000000-{spec}")
    assert (response.status_code, photograph.renditions.exists()) == (404, False)


@pytest.mark.parametrize("state", ["pending", "scanning", "rejected"])
def test_nothing_but_what_is_ready_is_shown(photograph, client, state):
    addresses = [photograph.url, address_of(photograph, "w480.webp"), f"/media/{photograph.key}/00000000-w480.webp"]
    for address in addresses:
        client.get(address)
    MediaAsset.objects.update(state=state, rejection="A virus." if state == "rejected" else "")
    for address in addresses:
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "{key}.png",
        "{key}",
        "{key}.jpg/",
        "{key}.jpg.php",
        "{key}/",
        "../media-originals/{key}.jpg",
        "2026/11/000000000000000000000000.jpg",
        "uploads/old.jpg",
        "%00.jpg",
        "{key}%00.jpg",
        "{key}/0a1b2c3d-w480.webp%0a",
        "é.jpg",
        "a" * 3000,
    ],
)
def test_anything_else_is_not_found_in_the_face_of_the_site(photograph, client, name):
    response = client.get(f"/media/{name.format(key=photograph.key)}")
    assert response.status_code == 404
    assert b"<html" in response.content


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_files_are_read_and_nothing_else(photograph, client, method):
    assert getattr(client, method)(photograph.url).status_code == 405


def test_what_cannot_be_made_now_is_no_error_of_ours_for_ever(photograph, client, caplog):
    storage.originals().delete(photograph.file.name)
    for address in (photograph.url, address_of(photograph, "w480.webp")):
        response = client.get(address)
        assert response.status_code == 503
        assert (response["Retry-After"], response["Cache-Control"]) == ("60", "no-store")
    assert "cannot be shown" in caplog.text


def test_a_cdn_that_fetches_from_here_is_not_sent_to_itself(photograph, client, settings):
    settings.MEDIA_CDN_URL = "https://cdn.example.org/media/"
    assert photograph.cdn_url.startswith("https://cdn.example.org/media/")
    assert client.get(photograph.url).status_code == 200
    assert client.get(address_of(photograph, "w480.webp")).status_code == 200


def test_a_download_goes_on_where_it_was_cut(photograph, client):
    whole = client.get(photograph.url).getvalue()
    rest = client.get(photograph.url, headers={"Range": f"bytes={len(whole) - 10}-"})
    assert (rest.status_code, rest.getvalue()) == (206, whole[-10:])
    known = client.get(photograph.url)["ETag"]
    assert client.get(photograph.url, headers={"If-None-Match": known}).status_code == 304
