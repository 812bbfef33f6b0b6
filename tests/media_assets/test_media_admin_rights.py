"""Who may do what in the library: seen by all who write, changed by whom it belongs to, never emptied under a post."""

import pytest
from django.urls import reverse

from accounts.authors import ensure_profile
from accounts.models import AuditEntry
from media_assets.models import MediaAsset
from tests.media_assets.library_files import LIST, UPLOAD, change_address, file, kept, page_of, said, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_a_reader_neither_looks_nor_uploads(client_of, reader):
    assert client_of(reader).get(reverse(LIST)).status_code == 302
    assert client_of(reader).post(reverse(UPLOAD), {"files": [file()]}).status_code == 302
    assert not MediaAsset.objects.exists()


def test_an_author_sees_all_and_changes_only_their_own(client_of, author, editor):
    own, foreign = kept(author, "red"), kept(editor, "blue")
    client = client_of(author)
    page = client.get(reverse(LIST)).content.decode()
    assert change_address(own) in page and change_address(foreign) in page
    client.post(change_address(own), sent(own, alt_text="Red"))
    assert client.post(change_address(foreign), sent(foreign, alt_text="Mine")).status_code == 403
    own.refresh_from_db()
    foreign.refresh_from_db()
    assert (own.alt_text, foreign.alt_text) == ("Red", "")


def test_what_is_somebody_elses_is_shown_without_fields_and_without_deeds(client_of, author, editor):
    foreign = kept(editor, "blue", alt_text="A blue square")
    page = client_of(author).get(change_address(foreign)).content.decode()
    assert "A blue square" in page and "editors may change it" in page
    assert 'name="alt_text"' not in page and "/replace/" not in page and "/delete/" not in page
    assert "Download original" in page


@pytest.mark.parametrize("deed", ["replace", "delete"])
def test_an_author_neither_replaces_nor_deletes_what_is_not_theirs(client_of, author, editor, deed):
    foreign = kept(editor, "blue")
    address = page_of(foreign, deed)
    assert client_of(author).get(address).status_code == 403
    assert client_of(author).post(address, {"file": file("red"), "shown": foreign.sha256}).status_code == 403
    assert MediaAsset.objects.get().sha256 == foreign.sha256


def test_words_for_what_is_not_theirs_are_refused_in_a_sentence(client_of, author, editor):
    foreign = kept(editor, "blue")
    answer = client_of(author).post(page_of(foreign, "words"), {"alt_text": "Mine"})
    assert answer.status_code == 422 and "does not let you" in answer.json()["error"]
    foreign.refresh_from_db()
    assert foreign.alt_text == ""


def test_a_picture_in_use_is_refused_with_the_list_and_kept(client_of, author, editor):
    asset = kept(author)
    profile = ensure_profile(author)
    profile.avatar = asset
    profile.save()
    client = client_of(editor)
    assert str(profile) in client.get(change_address(asset)).content.decode()
    page = client.get(page_of(asset, "delete")).content.decode()
    assert str(profile) in page and "Delete it anyway" in page
    assert "Take it out there first" in client.post(page_of(asset, "delete"), {}).content.decode()
    assert MediaAsset.objects.filter(pk=asset.pk).exists()


def test_an_editor_who_saw_the_list_deletes_it_anyway(client_of, author, editor):
    asset = kept(author)
    profile = ensure_profile(author)
    profile.avatar = asset
    profile.save()
    response = client_of(editor).post(page_of(asset, "delete"), {"anyway": "on"}, follow=True)
    assert said(response) == ["“harbour” is deleted."]
    profile.refresh_from_db()
    assert profile.avatar is None and not MediaAsset.objects.exists()
    assert AuditEntry.objects.filter(action="deleted", target_name="harbour").count() == 1


def test_what_is_gone_already_is_said_so(client_of, editor):
    response = client_of(editor).get("/admin/media_assets/mediaasset/999/delete/", follow=True)
    assert said(response) == ["It is not in the library any more."]


def test_the_chooser_finds_by_words(client_of, author):
    kept(author, "red", alt_text="A harbour clock")
    kept(author, "blue", name="sky.png")
    answer = client_of(author).get(reverse("admin:media_assets_mediaasset_choose"), {"q": "clock harbour"}).json()
    assert [row["alt"] for row in answer["pictures"]] == ["A harbour clock"]
