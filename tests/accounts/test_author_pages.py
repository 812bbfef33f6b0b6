"""Author profiles: changed by their owner and by editors, by nobody else."""

import pytest
from django.utils import timezone

from accounts.models import AuditEntry, AuthorProfile, User
from blog.models import Post
from config.spoken import languages as spoken

pytestmark = pytest.mark.django_db
PAGE = "/me/author-page/"


def test_an_author_changes_the_own_page(client_of, author):
    fields = {
        "bio": "Tides.",
        "expertise": "tides, clocks",
        "website": "vera.example",
        "links": "https://a.example\nb.example",
    }
    assert client_of(author).post(PAGE, fields)["Location"] == "/me/"
    profile = AuthorProfile.objects.get(user=author)
    assert profile.web_links == ["https://vera.example", "https://a.example", "https://b.example"]
    assert profile.expertise_topics == ["tides", "clocks"]


def test_a_change_of_the_own_page_is_in_the_trail_and_a_save_without_one_is_not(client_of, author):
    client = client_of(author)
    trail = AuditEntry.objects.filter(action="changed")
    client.post(PAGE, {"bio": "Tides.", "links": "https://a.example"})
    entry = trail.get()
    assert (entry.actor, entry.target_id) == (author, author.author_profile.pk)
    assert ["", "Tides."] in entry.changes.values()
    assert entry.changes["other addresses"] == ["", "https://a.example"]
    client.post(PAGE, {"bio": "Tides.", "links": "https://a.example"})
    assert trail.count() == 1


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://a.example", "data:text/html,x", "not an address", "//"]
)
@pytest.mark.parametrize("field", ["website", "linkedin_url", "links"])
def test_only_web_addresses_are_taken(client_of, author, field, address):
    page = client_of(author).post(PAGE, {field: address})
    assert page.status_code == 200 and b'aria-invalid="true"' in page.content
    assert AuthorProfile.objects.get(user=author).web_links == []


def test_readers_and_strangers_have_no_author_page(client, client_of, reader):
    assert client_of(reader).get(PAGE).status_code == 404
    assert client.get(PAGE).status_code == 302


def test_the_slug_and_the_owner_cannot_be_smuggled_in(client_of, author, editor):
    client_of(author).post(PAGE, {"bio": "x", "slug": "editor-2", "user": str(editor.pk)})
    profile = AuthorProfile.objects.get(user=author)
    assert (profile.slug, profile.bio) == ("author", "x")


def test_editors_keep_pages_in_order_and_authors_do_not(client_of, author, editor):
    address = f"/admin/accounts/authorprofile/{author.author_profile.pk}/change/"
    fields = {"slug": "the-author", "bio": "Set right.", "links": "[]"}
    assert client_of(author).post(address, fields).status_code == 403
    assert client_of(editor).post(address, fields).status_code == 302
    assert User.objects.get(pk=author.pk).author_profile.slug == "the-author"


def test_one_s_own_author_page_is_linked_once_readers_can_see_it(client_of, author):
    desk, address = client_of(author), author.author_profile.get_absolute_url()
    for page in ("/me/", PAGE):
        text = desk.get(page).content.decode()
        assert "once something of yours is published" in text.lower() and f'href="{address}"' not in text
    Post.objects.create(title="Tides", slug="tides", author=author, status="published", published_at=timezone.now())
    for page in ("/me/", PAGE):
        assert f'href="{address}"' in desk.get(page).content.decode()
    assert desk.get(address).status_code == 200


def test_the_page_and_what_it_answers_speak_the_main_language(client_of, author, settings):
    settings.LANGUAGE_CODE, settings.LANGUAGES = "de", spoken("de")
    desk = client_of(author)
    text = desk.get(PAGE).content.decode()
    for words in ("Ihre Autorenseite", "Über Sie", "Weitere Adressen", "Themen, durch Kommas", "Ein Bild von Ihnen"):
        assert words in text
    for words in ("Your author page", "Biography", "A picture of you", "Save the page"):
        assert words not in text
    assert "Wählen Sie zuerst ein Bild." in desk.post(f"{PAGE}picture/", follow=True).content.decode()
    many = "\n".join(["https://a.example"] * 11)
    assert "Höchstens zehn; das sind 11." in desk.post(PAGE, {"links": many}).content.decode()
