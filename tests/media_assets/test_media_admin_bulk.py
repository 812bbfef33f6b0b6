"""One deed for many files: asked first, done on confirmation, the refused named."""

import pytest
from django.urls import reverse

from accounts.authors import ensure_profile
from media_assets.admin.bulk import MOST
from media_assets.models import MediaAsset, MediaTag
from tests.media_assets.library_files import BULK, LIST, row, said

pytestmark = pytest.mark.django_db


def ask(client, action, assets, **more):
    return client.post(
        reverse(LIST), {"action": action, "index": "0", "_selected_action": [each.pk for each in assets], **more}
    )


def do(client, deed, assets, **more):
    ids = ",".join(str(each.pk) for each in assets)
    return client.post(reverse(BULK), {"deed": deed, "ids": ids, **more}, follow=True)


def test_asking_changes_nothing_and_says_what_would_happen(client_of, editor):
    assets = [row(1, name="Harbour"), row(2)]
    page = ask(client_of(editor), "mark_decorative", assets).content.decode()
    assert "Mark as decorative: 2 files" in page and "Harbour" in page and 'value="mark_decorative"' in page
    assert not MediaAsset.objects.filter(is_decorative=True).exists()


def test_nothing_chosen_is_said_in_our_words(client_of, editor):
    row(1)
    client = client_of(editor)
    address = reverse(LIST) + "?q=Picture"
    response = client.post(address, {"action": "mark_decorative", "index": "0"}, follow=True)
    assert said(response) == ["Choose some files first."]
    assert response.redirect_chain == [(address, 302)]


def test_a_tag_is_added_and_removed_whatever_its_case(client_of, editor):
    assets = [row(1), row(2)]
    assets[0].tags.add(MediaTag.objects.create(name="Harbour"))
    client = client_of(editor)
    assert said(do(client, "add_tag", assets, tag="harbour")) == ["1 file tagged."]
    assert [[tag.name for tag in each.tags.all()] for each in assets] == [["Harbour"], ["Harbour"]]
    assert said(do(client, "remove_tag", assets, tag="HARBOUR")) == ["2 files without the tag."]
    assert not MediaAsset.objects.filter(tags__isnull=False).exists()


def test_a_tag_without_a_name_is_asked_for_again(client_of, editor):
    asset = row(1)
    assert "1 to 60 characters" in do(client_of(editor), "add_tag", [asset], tag="  ").content.decode()
    assert "1 to 60 characters" in do(client_of(editor), "add_tag", [asset], tag="x" * 61).content.decode()
    assert not MediaTag.objects.exists()


def test_only_pictures_are_marked_as_decorative(client_of, editor):
    assets = [row(1, alt_text="Words"), row(2, kind="document", extension="pdf")]
    assert said(do(client_of(editor), "mark_decorative", assets)) == ["1 file marked as decorative."]
    assert [(each.is_decorative, each.alt_text) for each in MediaAsset.objects.order_by("pk")] == [
        (True, ""),
        (False, ""),
    ]


def test_what_is_not_theirs_is_named_and_stays(client_of, author, editor):
    assets = [row(1, author, name="Mine"), row(2, editor, name="Hers")]
    told = said(do(client_of(author), "mark_decorative", assets))
    assert told[0] == "1 file marked as decorative." and told[1].startswith("“Hers”: Your role does not let you")
    assert list(MediaAsset.objects.filter(is_decorative=True)) == [assets[0]]


def test_the_unused_are_deleted_and_the_used_are_named(client_of, author, editor):
    assets = [row(1, name="Face"), row(2, name="Left over")]
    profile = ensure_profile(author)
    profile.avatar = assets[0]
    profile.save()
    client = client_of(editor)
    assert "1 of them is used and will be kept." in ask(client, "delete_unused", assets).content.decode()
    told = said(do(client, "delete_unused", assets))
    assert told[0] == "1 file deleted." and "“Face” is used in" in told[1]
    assert list(MediaAsset.objects.all()) == [assets[0]]


def test_an_author_is_neither_offered_nor_granted_deletion(client_of, author):
    asset = row(1, author)
    client = client_of(author)
    assert "delete_unused" not in client.get(reverse(LIST)).content.decode()
    assert do(client, "delete_unused", [asset]).status_code == 403
    assert ask(client, "delete_selected", [asset], post="yes").status_code == 302
    assert MediaAsset.objects.exists()


def test_everything_found_is_chosen_across_pages_and_the_filters_are_kept(client_of, editor):
    for number in range(3):
        row(number)
    row(9, alt_text="Described")
    client = client_of(editor)
    page = client.post(
        reverse(LIST) + "?described=no", {"action": "add_tag", "select_across": "1", "index": "0"}
    ).content.decode()
    assert "Add the tag: 3 files" in page and 'name="back" value="?described=no"' in page


def test_too_many_are_not_begun(client_of, editor):
    ids = ",".join(str(number) for number in range(1, MOST + 3))
    page = client_of(editor).post(reverse(BULK), {"deed": "mark_decorative", "ids": ids}).content.decode()
    assert "at most 500 at once" in page


@pytest.mark.parametrize("ids", ["", "x", "9" * 40, "0"])
def test_ids_that_are_none_change_nothing(client_of, editor, ids):
    asset = row(1)
    assert do(client_of(editor), "mark_decorative", [], ids=ids).status_code == 200
    asset.refresh_from_db()
    assert not asset.is_decorative


def test_the_way_back_leads_nowhere_else(client_of, editor):
    asset = row(1)
    response = client_of(editor).post(
        reverse(BULK), {"deed": "mark_decorative", "ids": asset.pk, "back": "//evil.example/?q=x"}
    )
    assert response["Location"].startswith(reverse(LIST))
