"""An author's own picture: chosen by its author, kept by the one intake, shown as a square."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry, AuthorProfile
from core.refusals import Refusal
from media_assets import portraits
from media_assets.models import MediaAsset
from tests.media_assets.test_intake import picture

pytestmark = pytest.mark.django_db
PAGE, HERE = "/me/author-page/picture/", "/me/author-page/"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_an_author_chooses_a_picture_and_readers_see_it(client_of, author, client):
    answer = client_of(author).post(PAGE, {"picture": picture("JPEG", size=(400, 300))}, follow=True)
    assert answer.redirect_chain == [(HERE, 302)]
    profile = AuthorProfile.objects.select_related("avatar").get(user=author)
    assert (profile.avatar.name, profile.avatar.alt_text) == (f"Portrait of {author}", author.display_name)
    assert "1x1-" in answer.content.decode()
    assert AuditEntry.objects.filter(action="changed", target_id=profile.pk, actor=author).count() == 1


def test_the_first_letter_comes_back_and_the_picture_stays_in_the_library(client_of, author):
    client = client_of(author)
    client.post(PAGE, {"picture": picture()})
    client.post(PAGE, {"remove": "1"})
    assert AuthorProfile.objects.get(user=author).avatar is None
    assert MediaAsset.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose a picture first."),
        ({"picture": SimpleUploadedFile("me.png", b"<script>")}, "This is "),
        ({"picture": SimpleUploadedFile("me.jpg", b"%PDF-1.7\n%%EOF")}, ""),
    ],
)
def test_what_is_no_picture_is_refused_and_the_old_one_stays(client_of, author, sent, said):
    client = client_of(author)
    client.post(PAGE, {"picture": picture()})
    answer = client.post(PAGE, sent, follow=True)
    assert said in answer.content.decode()
    assert AuthorProfile.objects.get(user=author).avatar == MediaAsset.objects.get()


def test_readers_and_strangers_have_none_and_nobody_sets_another_s(client, client_of, reader, author, moderator):
    assert client_of(reader).post(PAGE, {"picture": picture()}).status_code == 404
    assert client.post(PAGE, {"picture": picture()}).status_code == 302
    assert client_of(author).get(PAGE).status_code == 405
    with pytest.raises(Refusal, match="Only an author and the editors"):
        portraits.set_portrait(author.author_profile, picture(), by=moderator)
    assert not MediaAsset.objects.exists()


def test_a_picture_that_waits_for_the_scanner_is_not_shown(client_of, author, settings):
    settings.SCANNER_URL = "tcp://127.0.0.1:1"
    answer = client_of(author).post(PAGE, {"picture": picture()}, follow=True)
    assert "once the scanner has found it clean" in answer.content.decode()
    assert "1x1-" not in answer.content.decode()
