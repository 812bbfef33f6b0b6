"""One and the same life of a file on the disk of this machine and in buckets that speak S3."""

import io

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from media_assets import making, removing, renditions, signed, storage
from media_assets.intake import take_in
from media_assets.models import MediaAsset
from media_assets.replacing import replace

pytestmark = pytest.mark.django_db


def photograph(colour=(200, 10, 30), name="A field.jpg"):
    output = io.BytesIO()
    Image.new("RGB", (700, 500), colour).save(output, "JPEG")
    return ContentFile(output.getvalue(), name=name)


def small(asset):
    return next(spec for spec in renditions.specs_of(asset) if spec.name == "w320.webp")


def test_the_original_is_kept_private_and_its_renditions_public(store, author):
    asset = take_in(photograph(), by=author)
    making.make_all(asset)
    assert storage.originals().exists(asset.file.name)
    assert not storage.originals().exists(renditions.file_name(asset, small(asset)))
    assert storage.public().exists(asset.public_name)
    assert storage.public().exists(renditions.file_name(asset, small(asset)))
    if store:
        assert store.names(store.private) == [asset.file.name]
        assert asset.public_name in store.names(store.public)


def test_the_address_in_texts_is_the_same_wherever_the_bytes_are(store, author, settings):
    asset = take_in(photograph(), by=author)
    assert asset.url == f"/media/{asset.key}.jpg"
    at = f"{store.endpoint}/{store.public}" if store else "/media"
    assert asset.cdn_url == f"{at}/{asset.key}.jpg"
    settings.MEDIA_CDN_URL = "https://files.example.org/pictures/"
    assert asset.cdn_url == f"https://files.example.org/pictures/{asset.key}.jpg"
    assert asset.url == f"/media/{asset.key}.jpg"


def test_a_reader_gets_a_rendition_nobody_made_before(store, author, client):
    asset = take_in(photograph(), by=author)
    name = renditions.file_name(asset, small(asset))
    answer = client.get(f"/media/{name}")
    if store:
        assert (answer.status_code, answer["Location"]) == (302, f"{store.endpoint}/{store.public}/{name}")
        assert answer["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600"
        status, headers, content = store.get(answer["Location"])
    else:
        status, headers, content = answer.status_code, answer.headers, answer.getvalue()
    assert status == 200
    assert headers["Content-Type"] == "image/webp"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(content)).width == 320


def test_the_copy_at_its_own_address_may_be_replaced_so_it_is_kept_for_minutes(store, author, client):
    asset = take_in(photograph(), by=author)
    answer = client.get(asset.url)
    headers = store.get(answer["Location"])[1] if store else answer.headers
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600"


def test_what_is_replaced_keeps_its_address_and_leaves_no_former_original(
    store, author, django_capture_on_commit_callbacks
):
    asset = take_in(photograph(), by=author)
    making.make_all(asset)
    url, former = asset.url, asset.file.name
    with django_capture_on_commit_callbacks(execute=True):
        asset = replace(asset, photograph((0, 0, 250)), by=author, shown=asset.sha256)
    making.make_all(asset)
    assert asset.url == url
    assert storage.originals().exists(asset.file.name)
    assert not storage.originals().exists(former)
    with storage.public().open(asset.public_name) as copy:
        assert Image.open(copy).getpixel((5, 5))[2] > 200


def test_what_is_deleted_leaves_nothing_behind(store, editor, django_capture_on_commit_callbacks):
    asset = take_in(photograph(), by=editor)
    making.make_all(asset)
    names = [asset.public_name, *(str(row.file.name) for row in asset.renditions.all())]
    original = asset.file.name
    with django_capture_on_commit_callbacks(execute=True):
        removing.remove(asset, by=editor)
    assert not storage.originals().exists(original)
    assert [name for name in names if storage.public().exists(name)] == []
    if store:
        assert store.names(store.public) == store.names(store.private) == []


def test_a_signed_address_opens_the_original_and_says_what_it_is(store, author, client):
    asset = take_in(photograph(), by=author, name="Überblick.jpg")
    address = signed.address_of(asset, download_name="Überblick.jpg")
    if store:
        status, headers, content = store.get(address)
    else:
        answer = client.get(address)
        status, headers, content = answer.status_code, answer.headers, answer.getvalue()
    assert status == 200
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"] == "attachment; filename*=utf-8''%C3%9Cberblick.jpg"
    with storage.originals().open(asset.file.name) as original:
        assert content == original.read()


def test_an_original_in_a_bucket_is_for_nobody_without_a_signature(s3, author):
    asset = take_in(photograph(), by=author)
    assert s3.get(f"{s3.endpoint}/{s3.private}/{asset.file.name}")[0] == 403
    kept = s3.client.head_object(Bucket=s3.private, Key=asset.file.name)
    assert (kept["ContentType"], kept["ContentDisposition"]) == ("application/octet-stream", "attachment")


def test_an_original_in_a_folder_is_no_public_file(settings, tmp_path, author, client):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    asset = take_in(photograph(), by=author)
    assert not storage.originals().path(asset.file.name).startswith(str(tmp_path / "media") + "/")
    with pytest.raises(ValueError, match="no address"):
        storage.originals().url(asset.file.name)
    for name in (asset.file.name.replace(".jpg", ".png"), f"../media-originals/{asset.file.name}"):
        assert client.get(f"/media/{name}").status_code == 404


def test_pages_name_the_site_until_the_bucket_has_every_size(s3, author):
    asset = take_in(photograph(), by=author)
    assert renditions.address(asset, small(asset)).startswith("/media/")
    making.make_all(asset)
    asset.refresh_from_db()
    assert renditions.address(asset, small(asset)).startswith(f"{s3.endpoint}/{s3.public}/")


def test_a_size_the_bucket_lost_is_made_once_more(s3, author, client):
    asset = take_in(photograph(), by=author)
    making.make_all(asset)
    name = renditions.file_name(asset, small(asset))
    storage.public().delete(name)
    assert client.get(f"/media/{name}").status_code == 302
    assert storage.public().exists(name)
    assert MediaAsset.objects.count() == 1
