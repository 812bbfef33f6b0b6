"""The media library: seen by all who write, changed by whom it belongs to, and never emptied under a post."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.authors import ensure_profile
from media_assets.intake import take_in
from media_assets.models import MediaAsset

pytestmark = pytest.mark.django_db
LIST, UPLOAD = "admin:media_assets_mediaasset_changelist", "admin:media_assets_mediaasset_upload"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def file(colour="red", name="harbour.png"):
    output = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(output, "PNG")
    return SimpleUploadedFile(name, output.getvalue(), "image/png")


def said(response):
    return [str(message) for message in response.context["messages"]]


def change_address(asset):
    return reverse("admin:media_assets_mediaasset_change", args=[asset.pk])


def described(asset, **changes):
    fields = {"name": asset.name, "alt_text": "", "caption": "", "credit": "", "focal_x": 0.5, "focal_y": 0.5}
    return fields | changes


def test_one_picture_is_uploaded_with_its_description(client_of, author):
    data = {"files": [file()], "alt_text": "A harbour"}
    response = client_of(author).post(reverse(UPLOAD), data, follow=True)
    asset = MediaAsset.objects.get()
    assert (asset.alt_text, asset.uploaded_by) == ("A harbour", author)
    assert said(response) == ["“harbour” is in the library."]


def test_of_several_the_good_are_kept_and_the_bad_are_named(client_of, author):
    files = [file("red"), file("blue", "sky.png"), SimpleUploadedFile("trap.png", b"<svg>")]
    response = client_of(author).post(reverse(UPLOAD), {"files": files}, follow=True)
    assert MediaAsset.objects.count() == 2
    assert "“trap.png” was not kept." in said(response)[0]
    assert "2 of them have no description yet." in said(response)[1]


def test_an_upload_of_nothing_says_what_to_do(client_of, author):
    page = client_of(author).post(reverse(UPLOAD), {}).content.decode()
    assert "Choose at least one picture." in page


def test_a_reader_neither_looks_nor_uploads(client_of, reader):
    assert client_of(reader).get(reverse(LIST)).status_code == 302
    assert client_of(reader).post(reverse(UPLOAD), {"files": [file()]}).status_code == 302
    assert not MediaAsset.objects.exists()


def test_an_author_sees_all_and_changes_only_their_own(client_of, author, editor):
    own, foreign = take_in(file("red"), by=author), take_in(file("blue"), by=editor)
    client = client_of(author)
    page = client.get(reverse(LIST)).content.decode()
    assert change_address(own) in page and change_address(foreign) in page
    client.post(change_address(own), described(own, alt_text="Red"))
    assert client.post(change_address(foreign), described(foreign, alt_text="Mine")).status_code == 403
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.alt_text, foreign.alt_text) == ("Red", "")
    assert client.get(change_address(foreign)).status_code == 200


def test_decorative_and_described_at_once_is_an_error_in_words(client_of, author):
    asset = take_in(file(), by=author)
    data = described(asset, alt_text="Red", is_decorative="on")
    assert "says nothing" in client_of(author).post(change_address(asset), data).content.decode()


def test_a_picture_in_use_says_where_and_is_not_deleted(client_of, author, editor):
    asset = take_in(file(), by=author)
    profile = ensure_profile(author)
    profile.avatar = asset
    profile.save()
    assert str(profile) in client_of(editor).get(change_address(asset)).content.decode()
    address = reverse("admin:media_assets_mediaasset_delete", args=[asset.pk])
    response = client_of(editor).post(address, {"post": "yes"}, follow=True)
    assert "Take it out there first." in said(response)[0]
    assert MediaAsset.objects.filter(pk=asset.pk).exists()


def test_an_unused_picture_is_deleted_by_an_editor_only(client_of, author, editor):
    asset = take_in(file(), by=author)
    address = reverse("admin:media_assets_mediaasset_delete", args=[asset.pk])
    assert client_of(author).post(address, {"post": "yes"}).status_code == 403
    client_of(editor).post(address, {"post": "yes"})
    assert not MediaAsset.objects.exists()


def test_the_chooser_finds_by_words(client_of, author):
    take_in(file("red"), by=author, alt_text="A harbour clock")
    take_in(file("blue", "sky.png"), by=author)
    answer = client_of(author).get(reverse("admin:media_assets_mediaasset_choose"), {"q": "clock harbour"}).json()
    assert [row["alt"] for row in answer["pictures"]] == ["A harbour clock"]


def test_the_library_stays_within_its_queries(client_of, author, django_assert_max_num_queries):
    for number in range(5):
        take_in(file((number, 0, 0)), by=author)
    client = client_of(author)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(8):
        client.get(reverse(LIST))
