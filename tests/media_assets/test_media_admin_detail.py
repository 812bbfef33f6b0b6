"""The page of one file: described, pointed at, downloaded, replaced."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from blog.models import Post
from media_assets.models import MediaAsset, MediaTag
from tests.media_assets.library_files import change_address, file, kept, page_of, row, said, sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def test_words_and_tags_are_saved_and_leave_one_entry_in_the_trail(client_of, author):
    MediaTag.objects.create(name="Harbour")
    asset = kept(author)
    data = sent(asset, alt_text="Red", credit="Ada", tag_names="harbour, press day ,, press day")
    client_of(author).post(change_address(asset), data)
    asset.refresh_from_db()
    assert (asset.alt_text, asset.credit) == ("Red", "Ada")
    assert [tag.name for tag in asset.tags.all()] == ["Harbour", "press day"]
    entry = AuditEntry.objects.get(action="changed")
    assert entry.changes["Alt text"] == ["", "Red"] and "press day" in entry.changes["Tags"][1]


@pytest.mark.parametrize(("button", "leads_to"), [("_save", "/admin/media_assets/mediaasset/"), ("_continue", "")])
def test_saving_is_said_in_our_words(client_of, author, button, leads_to):
    asset = kept(author)
    response = client_of(author).post(change_address(asset), sent(asset, credit="Ada", **{button: "1"}), follow=True)
    assert said(response) == ["“harbour” is saved."]
    assert response.redirect_chain == [(leads_to or change_address(asset), 302)]


def test_its_history_is_the_audit_trail_for_those_who_may_read_it(client_of, admin, author):
    asset = kept(author)
    history = page_of(asset, "history")
    trail = reverse("admin:accounts_auditentry_changelist")
    assert client_of(admin).get(history).url == f"{trail}?target=mediaasset:{asset.pk}"
    assert client_of(admin).get(history, follow=True).status_code == 200
    assert client_of(author).get(history).url == change_address(asset)
    assert history in client_of(admin).get(change_address(asset)).content.decode()
    assert history not in client_of(author).get(change_address(asset)).content.decode()
    assert client_of(admin).get(history.replace(str(asset.pk), "no-id")).status_code == 404


def test_the_words_come_before_the_crops_and_their_numbers(client_of, author):
    page = client_of(author).get(change_address(kept(author))).content.decode()
    assert (
        page.index("data-focal")
        < page.index('name="alt_text"')
        < page.index('name="focal_x"')
        < page.index("data-crop")
    )


def test_a_page_saved_without_a_change_leaves_no_entry(client_of, author):
    asset = kept(author)
    client_of(author).post(change_address(asset), sent(asset))
    assert not AuditEntry.objects.filter(action="changed").exists()


def test_decorative_and_described_at_once_is_an_error_in_words(client_of, author):
    asset = kept(author)
    data = sent(asset, alt_text="Red", is_decorative="on")
    assert "says nothing" in client_of(author).post(change_address(asset), data).content.decode()
    asset.refresh_from_db()
    assert asset.alt_text == ""


def test_more_tags_than_a_file_may_have_keep_what_was_typed(client_of, author):
    asset = kept(author)
    many = ", ".join(f"tag {number}" for number in range(30))
    page = client_of(author).post(change_address(asset), sent(asset, tag_names=many, caption="Kept")).content.decode()
    assert "at most 20" in page and "tag 29" in page and "Kept" in page
    assert not asset.tags.exists()


def test_the_focal_point_is_two_numbers_without_a_script(client_of, author):
    asset = row(1, author)
    page = client_of(author).get(change_address(asset)).content.decode()
    assert 'name="focal_x"' in page and 'd="M0.50 0V1M0 0.50H1"' in page
    client_of(author).post(change_address(asset), sent(asset, focal_x="0.25", focal_y="1"))
    asset.refresh_from_db()
    assert (asset.focal_x, asset.focal_y) == (0.25, 1)
    refused = client_of(author).post(change_address(asset), sent(asset, focal_x="1.5")).content.decode()
    assert "less than or equal to 1" in refused


def test_the_page_shows_a_smaller_copy_and_its_crops(client_of, author):
    asset = row(1, author, width=4000, height=3000)
    page = client_of(author).get(change_address(asset)).content.decode()
    assert "-w1440." in page and page.count("data-crop=") == 3
    assert f'src="{asset.url}"' not in page


def test_facts_in_words(client_of, author):
    asset = row(1, author, width=4032, height=3024, size_bytes=2_345_678)
    page = client_of(author).get(change_address(asset)).content.decode()
    for fact in ("4,032 × 3,024 pixels", "2.3 MB", "JPEG", author.display_name, "Being made", asset.url):
        assert fact in page


def test_sound_is_played_and_has_no_alt_text(client_of, author):
    facts = {"kind": "audio", "extension": "mp3", "mime_type": "audio/mpeg", "duration_seconds": 187}
    asset = row(1, author, width=None, height=None, **facts)
    page = client_of(author).get(change_address(asset)).content.decode()
    assert f'<audio controls preload="metadata" src="{asset.url}"' in page and "3:07" in page
    assert 'name="alt_text"' not in page


def test_what_is_not_ready_is_neither_shown_nor_downloaded(client_of, editor):
    asset = row(1, editor, state="rejected", rejection="Eicar-Test-Signature was found.")
    client = client_of(editor)
    page = client.get(change_address(asset)).content.decode()
    assert "Eicar-Test-Signature was found." in page and "<img" not in page and "Download original" not in page
    assert "cannot be read" in said(client.get(page_of(asset, "original"), follow=True))[0]


def test_the_original_is_downloaded_by_a_signed_address(client_of, author):
    asset = kept(author)
    answer = client_of(author).get(page_of(asset, "original"))
    assert answer.status_code == 302 and answer["Location"].startswith("/media/signed/")


def test_uses_are_told_twenty_at_a_time(client_of, author):
    asset = row(1, author)
    for number in range(21):
        Post.objects.create(title=f"Post {number:02}", slug=f"post-{number}", author=author, featured_image=asset)
    client = client_of(author)
    first = client.get(change_address(asset)).content.decode()
    assert "1–20 of 21" in first and first.count("/admin/blog/post/") >= 20
    assert "21–21 of 21" in client.get(change_address(asset), {"uses": "2"}).content.decode()
    assert "1–20 of 21" in client.get(change_address(asset), {"uses": "x"}).content.decode()


def test_replacing_says_what_stays_and_keeps_it(client_of, author):
    asset = kept(author, alt_text="A square")
    Post.objects.create(title="The noon gun", slug="noon", author=author, featured_image=asset)
    client = client_of(author)
    page = client.get(page_of(asset, "replace")).content.decode()
    assert "Its address, alt text" in page and "The noon gun" in page and f'value="{asset.sha256}"' in page
    data = {"file": file("blue", "other.png"), "shown": asset.sha256}
    response = client.post(page_of(asset, "replace"), data, follow=True)
    assert "shows the new file" in said(response)[0]
    now = MediaAsset.objects.get()
    assert (now.url, now.alt_text, now.name) == (asset.url, "A square", "harbour") and now.sha256 != asset.sha256


def test_what_somebody_replaced_meanwhile_is_not_replaced_unseen(client_of, author):
    asset = kept(author)
    data = {"file": file("blue"), "shown": "0" * 64}
    assert "meanwhile" in client_of(author).post(page_of(asset, "replace"), data).content.decode()
    assert MediaAsset.objects.get().sha256 == asset.sha256


def test_replacing_by_nothing_or_by_trash_says_why(client_of, author):
    asset = kept(author)
    client = client_of(author)
    assert "No file is chosen" in client.post(page_of(asset, "replace"), {"shown": asset.sha256}).content.decode()
    trash = file("red")
    trash.file.seek(0)
    trash.file.truncate(30)
    page = client.post(page_of(asset, "replace"), {"shown": asset.sha256, "file": trash}).content.decode()
    assert 'role="alert"' in page and MediaAsset.objects.get().sha256 == asset.sha256


def test_the_questions_of_the_page_do_not_grow_with_its_uses(client_of, author, django_assert_num_queries):
    asset = row(1, author)
    client = client_of(author)
    for begin, end in ((0, 2), (2, 19)):
        for number in range(begin, end):
            Post.objects.create(title=f"Post {number}", slug=f"post-{number}", author=author, featured_image=asset)
        client.get(change_address(asset))
        with django_assert_num_queries(12):
            client.get(change_address(asset))
