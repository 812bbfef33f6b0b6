"""Saving the site settings: what is kept, what is refused, what readers see afterwards."""

import re

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from blog import site_settings
from blog.models import SiteLink, SiteSettings
from core import publication
from core.refusals import Refusal

PAGE = "/admin/blog/sitesettings/"


@pytest.fixture
def save(admin, django_capture_on_commit_callbacks):
    """Save and let the commit be heard, as outside of tests."""

    def save(row=None, links=()):
        with django_capture_on_commit_callbacks(execute=True):
            return site_settings.save(row or SiteSettings(), list(links), by=admin)

    return save


def sent(**fields):
    """The form as a browser sends it when nothing was touched, with these changes."""
    data = {"home_layout": "lead", "feed_text": "full", "comments_enabled": "on", "analytics_enabled": "on"}
    data |= {"machines_may_learn": "on", "drop_initials": "on", "ink": ""}
    for place in SiteLink.Place:
        data |= {f"{place}-TOTAL_FORMS": "0", f"{place}-INITIAL_FORMS": "0"}
    return data | fields


def menu(place, *lines):
    data = {f"{place}-TOTAL_FORMS": str(len(lines)), f"{place}-INITIAL_FORMS": "0"}
    for index, (label, address, order) in enumerate(lines):
        data |= {f"{place}-{index}-label": label, f"{place}-{index}-address": address}
        data |= {f"{place}-{index}-ORDER": str(order)}
    return data


def test_nothing_is_there_at_first_and_the_environment_speaks(db, settings):
    settings.SITE_NAME = "The Evening Ferry"
    assert publication.current().name == "The Evening Ferry"
    assert publication.current().ink == settings.LETTERPRESS_INK


def test_what_is_saved_is_seen_at_once(client, client_of, admin, django_capture_on_commit_callbacks):
    assert "The Tide" not in client.get("/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = client_of(admin).post(PAGE, sent(name="The Tide", tagline="Twice a day", ink="bottle"))
    assert answer.status_code == 302
    page = client.get("/").content.decode()
    assert "The Tide" in page and "Twice a day" in page and 'data-ink="bottle"' in page


def test_emptying_a_field_gives_it_back_to_the_environment(save, settings):
    save(SiteSettings(name="The Tide"))
    assert publication.current().name == "The Tide"
    save(SiteSettings(name=""))
    assert publication.current().name == settings.SITE_NAME


def test_every_change_is_in_the_trail_in_words(admin):
    line = SiteLink(place="footer", label="Imprint", address="/imprint/")
    site_settings.save(SiteSettings(name="The Tide", is_news=True), [line], by=admin)
    changes = AuditEntry.objects.get().changes
    assert changes["name"] == ["", "The Tide"]
    assert changes["a news publication"] == ["No", "Yes"]
    assert changes["menu: foot of every page"] == ["", "Imprint (/imprint/)"]


def test_saving_the_same_again_changes_nothing(admin):
    line = SiteLink(place="footer", label="Imprint", address="/imprint/")
    assert site_settings.save(SiteSettings(name="The Tide"), [line], by=admin)
    again = SiteLink(place="footer", label="Imprint", address="/imprint/")
    assert not site_settings.save(SiteSettings(name="The Tide"), [again], by=admin)
    assert AuditEntry.objects.count() == 1


def test_what_somebody_else_saved_in_between_is_not_written_over(client_of, admin):
    form = client_of(admin).get(PAGE).content.decode()
    site_settings.save(SiteSettings(name="First"), [], by=admin)
    seen = SiteSettings.objects.get().updated_at.isoformat()
    site_settings.save(SiteSettings(name="Second"), [], by=admin)
    client = client_of(admin)
    answer = client.post(PAGE, sent(name="Third", seen=seen))
    assert answer.status_code == 422 and "saved these settings while you were at them" in answer.content.decode()
    assert SiteSettings.objects.get().name == "Second"
    fresh = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())[1]
    assert client.post(PAGE, sent(name="Third", seen=fresh)).status_code == 302
    assert 'name="seen"' in form


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("contact_email", "nobody", "valid email"),
        ("ink", "pink", "valid choice"),
        ("editions", "xx", "valid choice"),
        ("home_layout", "carousel", "valid choice"),
        ("websub_hub", "http://hub.example.org/", "https only"),
        ("websub_hub", "javascript:alert(1)", "https only"),
        ("robots_rules", "Disallow: /a/\nBe nice", "Line 2 is no rule"),
        ("robots_rules", "Disallow: drafts/", "begins with a slash"),
        ("robots_rules", "Crawl-delay: soon", "number of seconds"),
        ("robots_rules", "Sitemap: /other.xml", "whole address"),
        ("name", "x" * 81, "at most 80"),
        ("name", "The \u202etide", "nobody can see"),
        ("logo", "99999999999999999999999999", "no such picture"),
        ("icon", "x", "no such picture"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(client_of, admin, field, value, says):
    answer = client_of(admin).post(PAGE, sent(**{field: value}))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not SiteSettings.objects.exists()


@pytest.mark.parametrize(
    "rules", ["", "# a note\nUser-agent: Example\nDisallow: /", "Allow: /*.css$ # styles\ncrawl-delay: 2.5"]
)
def test_rules_for_robots_are_kept_as_they_are(save, rules):
    save(SiteSettings(robots_rules=rules.replace("\n", "\r\n")))
    assert publication.current().robots_rules == rules


def test_a_key_is_made_when_search_engines_are_to_be_told(save):
    save(SiteSettings(tell_indexnow=True))
    key = publication.current().indexnow_key
    assert re.fullmatch(r"[0-9a-zA-Z-]{8,128}", key)
    row = SiteSettings.objects.get()
    row.tell_indexnow = False
    save(row)
    assert publication.current().indexnow_key == ""
    assert SiteSettings.objects.get().indexnow_key == key


def test_only_administrators_come_in(client, client_of, admin, editor, author, reader):
    for path in (PAGE, f"{PAGE}preview/"):
        assert client_of(admin).get(path).status_code == 200
        for person in (editor, author):
            assert client_of(person).get(path).status_code == 403
            assert client_of(person).post(path, sent(name="Mine")).status_code == 403
        assert client_of(reader).get(path).status_code == 302
        assert client.get(path).status_code == 302
    assert not SiteSettings.objects.exists()
    assert PAGE in client_of(admin).get("/admin/").content.decode()
    assert PAGE not in client_of(editor).get("/admin/").content.decode()


def test_the_number_of_lines_of_a_menu_has_an_end(admin):
    lines = [SiteLink(place="footer", label=f"{n}", address="/a/") for n in range(site_settings.MOST_LINKS + 1)]
    with pytest.raises(Refusal, match="more than 12"):
        site_settings.save(SiteSettings(), lines, by=admin)


def test_a_form_without_its_counts_is_answered_in_words(client_of, admin):
    answer = client_of(admin).post(PAGE, {"name": "x", "home_layout": "lead", "feed_text": "full"})
    assert answer.status_code == 422
    assert reverse("admin:blog_sitesettings_changelist") == PAGE
