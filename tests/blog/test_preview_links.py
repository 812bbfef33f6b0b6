"""Secret links: they show one version to whoever has them, end, are counted and revoked, and tell nobody else."""

import hashlib
import logging
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from blog import pending, preview_links, publishing, versions, writing
from blog.models import Post, PreviewLink
from core.refusals import Refusal

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def draft(write):
    return write("The noon gun", text="It fires at *noon*.", tags=["Clocks"])


@pytest.fixture
def link_to(author):
    """Make a link to the newest version; returns the link and the path of its address."""

    def make(post, **fields):
        wanted = {"by": author, "expires_at": timezone.now() + WEEK, "name": "Agnes", **fields}
        link, address = preview_links.make(post, wanted.pop("version", None) or versions.latest(post), **wanted)
        return link, urlsplit(address).path

    return make


def gone(response, post="The noon gun"):
    text = response.content.decode()
    return response.status_code == 410 and "no longer works" in text and post not in text and "Agnes" not in text


# --- reading -----------------------------------------------------------------------------------------------------
def test_a_stranger_reads_the_version_with_a_bar_that_says_what_it_is(draft, link_to):
    link, path = link_to(draft)
    response = Client().get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert "It fires at <em>noon</em>." in page
    assert "Not published yet." in page
    assert "For Agnes" in page
    assert f"{timezone.localtime(link.expires_at):%H:%M}" in page
    assert "Clocks" in page
    assert "only you and editors" not in page
    assert "/admin/" not in page


def test_nobody_keeps_finds_or_passes_it_on(draft, link_to):
    _, path = link_to(draft)
    for response in (Client().get(path), Client().head(path), Client().get("/blog/preview/nonsense/")):
        assert response["Cache-Control"] == "private, no-store"
        assert "noindex" in response["X-Robots-Tag"]
        assert response["Referrer-Policy"] == "no-referrer"
    page = Client().get(path).content.decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
    assert "ld+json" not in page
    assert path not in page


def test_it_shows_the_version_it_was_made_for_and_no_later_one(draft, link_to, author):
    _, path = link_to(draft)
    draft.title, draft.content_markdown = "The evening gun", "It fires at six."
    writing.save(draft, by=author, tags=["Guns"])
    page = Client().get(path).content.decode()
    assert "The noon gun" in page
    assert "evening" not in page
    assert "Guns" not in page


def test_it_shows_what_waits_for_a_live_post_which_readers_do_not_see(publish, link_to, editor):
    post = publish("The noon gun", text="It fires at noon.")
    post.content_markdown = "It fires at one."
    writing.save(post, by=editor)
    _, path = link_to(post, by=editor)
    assert "It fires at one." in Client().get(path).content.decode()
    assert "It fires at one." not in Client().get(post.get_absolute_url()).content.decode()
    assert pending.change_of(Post.objects.get(pk=post.pk)) is not None


def test_the_live_version_is_said_to_be_only_shown_by_a_link(publish, link_to, editor):
    post = publish()
    _, path = link_to(post, by=editor)
    page = Client().get(path).content.decode()
    assert "Shown by a secret link." in page
    assert "Not published yet" not in page


def test_a_page_is_shown_as_a_page(write, link_to):
    page = write("About us", kind="page")
    _, path = link_to(page)
    assert 'id="share"' not in Client().get(path).content.decode()


def test_co_authors_of_the_version_are_named(draft, link_to, author, moderator, editor):
    draft.refresh_from_db()
    writing.save(draft, by=author, co_authors=[moderator])
    _, path = link_to(draft)
    writing.save(draft, by=author, co_authors=[])
    assert moderator.display_name in Client().get(path).content.decode()


def test_looking_changes_nothing_of_the_post(draft, link_to):
    before = Post.objects.values().get(pk=draft.pk)
    _, path = link_to(draft)
    Client().get(path)
    assert Post.objects.values().get(pk=draft.pk) == before
    assert draft.versions.count() == 1


# --- ending ------------------------------------------------------------------------------------------------------
def test_links_that_ended_were_revoked_or_never_were_answer_alike(draft, link_to, author):
    link, path = link_to(draft)
    assert preview_links.open(path.split("/")[-2], link.expires_at) is None
    assert preview_links.open(path.split("/")[-2], link.expires_at - timedelta(seconds=1)) == link
    PreviewLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    ended = Client().get(path)
    PreviewLink.objects.update(expires_at=timezone.now() + WEEK)
    preview_links.revoke(link, by=author)
    revoked = Client().get(path)
    unknown = Client().get("/blog/preview/" + "x" * 32 + "/")
    assert gone(ended) and gone(revoked) and gone(unknown)
    assert ended.content == revoked.content == unknown.content


def test_a_post_in_the_trash_is_not_shown(draft, link_to, author):
    _, path = link_to(draft)
    publishing.trash(draft, by=author)
    assert gone(Client().get(path))


def test_the_links_of_a_deleted_post_are_gone(draft, link_to):
    _, path = link_to(draft)
    Post.objects.get(pk=draft.pk).delete()
    assert gone(Client().get(path))


@pytest.mark.parametrize("token", ["'", "%00", "ü", "x" * 5000, "..", "%F0%9F%94%AB"])
def test_odd_tokens_are_unknown_ones(db, token):
    assert Client().get(f"/blog/preview/{token}/").status_code in (404, 410)


def test_only_reading_is_answered(draft, link_to):
    _, path = link_to(draft)
    assert Client().post(path).status_code == 405


def test_no_log_keeps_a_token(caplog, draft, link_to):
    _, path = link_to(draft)
    with caplog.at_level(logging.DEBUG):
        Client().get(path)
        Client().get(path + "?utm_source=mail")
        Client().get("/blog/preview/a-token-that-failed/")
    said = caplog.text + str([record.__dict__ for record in caplog.records])
    assert "request_finished" in said
    assert path.split("/")[-2] not in said
    assert "a-token-that-failed" not in said


# --- counting ----------------------------------------------------------------------------------------------------
def test_openings_are_counted_but_not_those_of_who_may_edit_it_nor_a_look_at_the_head(
    draft, link_to, client_of, author, editor, reader
):
    link, path = link_to(draft)
    Client().head(path)
    client_of(author).get(path)
    client_of(editor).get(path)
    link.refresh_from_db()
    assert (link.opened_count, link.last_opened_at) == (0, None)
    Client().get(path)
    client_of(reader).get(path)
    link.refresh_from_db()
    assert link.opened_count == 2
    assert link.last_opened_at is not None


# --- making and revoking -----------------------------------------------------------------------------------------
def test_only_a_digest_of_a_long_token_is_kept(draft, link_to):
    link, path = link_to(draft)
    token = path.split("/")[-2]
    assert len(token) >= 32
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    kept = PreviewLink.objects.values().get()
    assert token not in str(kept)
    assert token not in str(list(AuditEntry.objects.values()))
    assert link_to(draft)[1] != path


def test_making_and_revoking_are_written_down(draft, link_to, author):
    link, _ = link_to(draft)
    assert preview_links.revoke(link, by=author)
    assert not preview_links.revoke(link, by=author)
    actions = list(AuditEntry.objects.filter(target_id=draft.pk, actor=author).values_list("action", flat=True))
    assert actions.count("made a preview link") == actions.count("revoked a preview link") == 1


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_a_link_ends_within_three_months(draft, link_to, days):
    now = timezone.now()
    with pytest.raises(Refusal):
        link_to(draft, at=now, expires_at=now + timedelta(days=days))
    assert not PreviewLink.objects.exists()


def test_a_link_shows_a_version_of_its_own_post(draft, write, link_to):
    with pytest.raises(Refusal):
        link_to(draft, version=versions.latest(write("Another")))


def test_no_link_leads_into_the_trash(draft, link_to, author):
    publishing.trash(draft, by=author)
    with pytest.raises(Refusal):
        link_to(draft)


def test_links_are_made_and_revoked_by_who_may_change_the_post(write, link_to, author, editor, reader, moderator):
    post = write("Theirs", by=editor)
    for person in (author, moderator, reader):
        with pytest.raises(Refusal):
            link_to(post, by=person)
    link, _ = link_to(post, by=editor)
    for person in (author, moderator, reader):
        with pytest.raises(Refusal):
            preview_links.revoke(link, by=person)
    link.refresh_from_db()
    assert link.revoked_at is None


# --- in the admin ------------------------------------------------------------------------------------------------
def test_the_address_is_shown_once(client_of, author, draft):
    client, address = client_of(author), reverse("admin:blog_post_preview_links", args=[draft.pk])
    assert "Nobody has a link" in client.get(address).content.decode()
    made = client.post(address, {"version": "1", "days": "3", "name": "  The   printer "})
    assert (made.status_code, made.url) == (302, address)
    response = client.get(address)
    page = response.content.decode()
    link = PreviewLink.objects.get()
    assert (link.name, link.version.number) == ("The printer", 1)
    assert timedelta(days=3) - timedelta(minutes=1) < link.expires_at - timezone.now() <= timedelta(days=3)
    assert "no-store" in response["Cache-Control"]
    token = page.split("/blog/preview/")[1].split("/")[0]
    assert Client().get(f"/blog/preview/{token}/").status_code == 200
    later = client.get(address).content.decode()
    assert "The printer" in later
    assert token not in later
    assert not any(token in str(value) for value in client.session.values())
    assert PreviewLink.objects.count() == 1


def test_a_new_address_waits_on_the_page_of_its_post_for_who_made_it(client_of, author, editor, write, draft):
    other = write("Another")
    maker, page = client_of(author), reverse("admin:blog_post_preview_links", args=[draft.pk])
    maker.post(page, {"version": "1", "days": "3"})
    elsewhere = reverse("admin:blog_post_preview_links", args=[other.pk])
    assert "/blog/preview/" not in maker.get(elsewhere).content.decode()
    assert "/blog/preview/" not in client_of(editor).get(page).content.decode()
    maker.post(page, {"version": "9", "days": "3"})
    assert "/blog/preview/" in maker.get(page).content.decode()


def test_the_address_of_a_link_revoked_meanwhile_is_not_shown(client_of, author, draft):
    maker, page = client_of(author), reverse("admin:blog_post_preview_links", args=[draft.pk])
    maker.post(page, {"version": "1", "days": "3"})
    preview_links.revoke(PreviewLink.objects.get(), by=author)
    assert "/blog/preview/" not in maker.get(page).content.decode()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ({"version": "9", "days": "3"}, "There is no such version."),
        ({"version": "x", "days": "3"}, "Choose a version."),
        ({"version": "1", "days": "0"}, "at most 90 days"),
        ({"version": "1", "days": "99999999999"}, "for how many days"),
        ({"version": "1", "days": "3", "name": "x" * 101}, "100 characters"),
        ({"version": "9" * 30, "days": "3"}, "Choose a version."),
    ],
)
def test_what_cannot_be_made_says_why_and_makes_nothing(client_of, author, draft, said, shown):
    response = client_of(author).post(reverse("admin:blog_post_preview_links", args=[draft.pk]), said)
    assert response.status_code == 422
    assert shown in response.content.decode()
    assert not PreviewLink.objects.exists()


def test_revoking_asks_before(client_of, author, draft, link_to):
    link, path = link_to(draft)
    client, address = client_of(author), reverse("admin:blog_post_revoke_preview_link", args=[draft.pk, link.pk])
    assert "Revoke the link for Agnes?" in client.get(address).content.decode()
    assert Client().get(path).status_code == 200
    client.post(address)
    assert gone(Client().get(path))
    assert client.get(address).status_code == 404


def test_the_rail_shows_the_links_that_work(client_of, author, draft, link_to):
    link_to(draft, name="Agnes <b>")
    ended, _ = link_to(draft, name="The printer")
    preview_links.revoke(ended, by=author)
    page = client_of(author).get(reverse("admin:blog_post_change", args=[draft.pk])).content.decode()
    assert "Agnes &lt;b&gt;" in page
    assert "The printer" not in page


def test_side_views_ask_for_this_very_post(client_of, write, link_to, author, editor, moderator, reader):
    post = write("Theirs", by=editor)
    link, _ = link_to(post, by=editor)
    mine, _ = link_to(write("Mine"))
    pages = [
        reverse("admin:blog_post_preview_links", args=[post.pk]),
        reverse("admin:blog_post_revoke_preview_link", args=[post.pk, link.pk]),
    ]
    for person, status in ((author, 404), (moderator, 404), (reader, 302)):
        for page in pages:
            for response in (client_of(person).get(page), client_of(person).post(page, {"version": "1", "days": "3"})):
                assert response.status_code == status, (person, page)
    # A link of another post is not reached through one's own.
    stolen = reverse("admin:blog_post_revoke_preview_link", args=[mine.post_id, link.pk])
    assert client_of(author).post(stolen).status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None
    assert PreviewLink.objects.count() == 2


def test_links_are_listed_with_few_questions(client_of, author, draft, link_to, django_assert_max_num_queries):
    for _ in range(20):
        link_to(draft)
    client, address = client_of(author), reverse("admin:blog_post_preview_links", args=[draft.pk])
    client.get(address)
    with django_assert_max_num_queries(14):
        client.get(address)
