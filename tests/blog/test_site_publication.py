"""What the row says is read once, is never old, and never breaks a page whatever is in it."""

import pytest
from django.db import OperationalError, transaction

from accounts.models import OutgoingMail
from blog import contact, site_settings
from blog import publication as rows
from blog.models import SiteLink, SiteSettings
from core import cache, publication


def test_it_is_asked_for_once_and_then_known(db, django_assert_num_queries):
    rows._kept.forget("said", generation=rows.GENERATION)
    with django_assert_num_queries(2):
        publication.current()
    with django_assert_num_queries(0):
        publication.current()


def test_a_request_never_speaks_with_two_voices(db, django_capture_on_commit_callbacks):
    rows._begin()
    try:
        before = publication.current().name
        SiteSettings.objects.create(name="Meanwhile")
        with django_capture_on_commit_callbacks(execute=True):
            cache.renew(*rows.GENERATIONS)
        assert publication.current().name == before
    finally:
        rows._end()
    assert publication.current().name == "Meanwhile"


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_is_seen_after_the_commit_and_lists_are_made_anew(admin):
    before = {name: cache.generation(name) for name in rows.GENERATIONS}
    publication.current()
    site_settings.save(SiteSettings(name="The Tide"), [], by=admin)
    assert publication.current().name == "The Tide"
    assert all(cache.generation(name) != token for name, token in before.items())


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_was_never_said(admin, settings):
    publication.current()
    with pytest.raises(RuntimeError), transaction.atomic():
        site_settings.save(SiteSettings(name="The Tide"), [], by=admin)
        raise RuntimeError
    assert publication.current().name == settings.SITE_NAME


def test_without_a_database_the_environment_speaks(db, settings, monkeypatch):
    def gone():
        raise OperationalError("no such table")

    monkeypatch.setattr(rows, "_ask", gone)
    assert publication.current().name == settings.SITE_NAME


def test_what_another_release_kept_is_asked_for_again(db, monkeypatch):
    SiteSettings.objects.create(name="The Tide")
    monkeypatch.setattr(rows._kept, "get_or_compute", lambda *args, **named: {"colour": "red"})
    assert publication.current().name == "The Tide"


BROKEN = {
    "ink": "pink",
    "own_ink_light": "#zzzzzz",
    "own_ink_dark": "#000000",
    "editions": {"de": 1},
    "websub_hub": "http://hub.example.org/",
    "name": "   ",
}


def test_a_row_full_of_nonsense_breaks_nothing(client, db, settings):
    SiteSettings.objects.create(**BROKEN)
    SiteLink.objects.create(place="sections", label="Here", address="javascript:alert(1)")
    SiteLink.objects.create(place="sections", label="There", address="//evil.example/")
    SiteLink.objects.create(place="footer", label="Sound", address="/about/")
    found = publication.current()
    assert (found.name, found.ink, found.editions) == (settings.SITE_NAME, settings.LETTERPRESS_INK, ())
    assert found.websub_hub == "" and found.sections == ()
    assert [link.address for link in found.footer_links] == ["/about/"]
    for address in ("/", "/feed/", "/sitemap.xml", "/robots.txt", "/site.webmanifest", "/nowhere/"):
        answer = client.get(address)
        assert answer.status_code in {200, 404}
        assert b"javascript:" not in answer.content and b"evil.example" not in answer.content
    SiteSettings.objects.update(ink="own")
    cache.groups["publication"].forget("said", generation=rows.GENERATION)
    assert publication.current().ink == settings.LETTERPRESS_INK


NASTY = '"><script>alert(1)</script>'


def test_no_text_of_the_settings_becomes_markup(client, db, admin, write):
    # As an editor could never save it: straight into the row.
    SiteSettings.objects.create(name=NASTY, tagline=NASTY, description=NASTY, footer=NASTY, robots_rules="")
    for place in SiteLink.Place:
        SiteLink.objects.create(place=place, label=NASTY[:60], address="https://example.org/")
    for address in ("/", "/blog/", "/archive/", "/feed/about/", "/contact/", "/nowhere/", "/accounts/login/"):
        assert "<script>alert(1)" not in client.get(address).content.decode(), address
    for address in ("/feed/", "/site.webmanifest", "/robots.txt"):
        answer = client.get(address)
        assert "<script>alert(1)" not in answer.content.decode() or "json" in answer["Content-Type"]
    client.force_login(admin)
    for address in ("/admin/", "/admin/blog/sitesettings/", "/admin/blog/post/add/"):
        assert "<script>alert(1)" not in client.get(address).content.decode(), address


def test_the_name_in_the_subject_of_a_mail_is_one_line(db):
    SiteSettings.objects.create(name="Tide\r\nBcc: all@example.org", contact_email="desk@example.org")
    contact.receive(name="Vera", email="vera@example.org", subject="Tides", message="When?")
    mail = OutgoingMail.objects.get()
    assert mail.subject == "[Tide Bcc: all@example.org] Message from Vera: Tides"
    assert mail.recipient == "desk@example.org"
