"""The home page beside the form of the site settings: as it would be, for administrators, kept nowhere."""

import pytest
from django.core.cache import caches

from accounts.models import AuditEntry
from blog.models import SiteLink, SiteSettings
from core import cache, publication
from tests.blog.test_site_settings import PAGE, menu, sent

PREVIEW = f"{PAGE}preview/"


def test_it_shows_what_is_not_saved_and_keeps_nothing(
    client, client_of, admin, publish, django_capture_on_commit_callbacks
):
    publish("The noon gun")
    before = client.get("/").content
    lines = menu("sections", ("Tides", "/tag/tides/", 2), ("Gulls", "/tag/gulls/", 1))
    with django_capture_on_commit_callbacks() as waiting:
        answer = client_of(admin).post(PREVIEW, sent(name="The Tide", ink="umber", **lines))
    page = answer.content.decode()
    assert answer.status_code == 200 and "The Tide" in page and 'data-ink="umber"' in page
    assert "The noon gun" in page and page.index("Gulls") < page.index("Tides")
    assert "no-store" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noindex"
    assert not waiting and not SiteSettings.objects.exists() and not SiteLink.objects.exists()
    assert not AuditEntry.objects.filter(target_type__model="sitesettings").exists()
    assert client.get("/").content == before


def test_it_is_the_page_of_a_stranger(client_of, admin):
    page = client_of(admin).get(PREVIEW).content.decode()
    assert "Sign in" in page and "Dashboard" not in page and "<script" not in page


def test_nothing_made_for_it_stays_in_the_cache(client_of, admin, publish):
    publish("The noon gun")
    client = client_of(admin)
    client.get(PAGE)
    kept = caches["kept"]
    if not hasattr(kept, "_cache"):
        pytest.skip("only the process's own memory can be looked into")
    before = set(kept._cache)
    client.post(PREVIEW, sent(name="The Tide", editions="de"))
    assert not [key for key in set(kept._cache) - before if "menus" in key or "publication" in key]


def test_within_it_no_group_reads_or_keeps(db):
    group = cache.Group("rehearsal", timeout=60)
    group.keep("word", "kept")
    with publication.shown_as(publication.Publication(name="The Tide")):
        assert publication.current().name == "The Tide"
        assert group.get_or_compute("word", lambda: "made anew") == "made anew"
        assert group.peek("word") is None
    assert group.peek("word") == "kept"
    assert publication.current().name != "The Tide"


def test_it_shows_what_makes_sense_and_says_what_does_not(client_of, admin, settings):
    fields = sent(name="The Tide", ink="own", own_ink_light="#ffee00", websub_hub="nowhere")
    fields |= menu("footer", ("Evil", "javascript:alert(1)", 1), ("Sound", "/sound/", 2))
    answer = client_of(admin).post(PREVIEW, fields, headers={"Accept": "application/json"}).json()
    assert "The Tide" in answer["html"] and f'data-ink="{settings.LETTERPRESS_INK}"' in answer["html"]
    assert "/sound/" in answer["html"] and "javascript:" not in answer["html"]
    assert set(answer["problems"]) == {"own_ink_light", "websub_hub"} and answer["wrong"] == 3
    assert answer["dark"].startswith("#")


@pytest.mark.parametrize("sent_anyhow", [{}, {"sections-TOTAL_FORMS": "x"}, {"logo": "1" * 40}, {"ink": ["a", "b"]}])
def test_whatever_is_sent_it_is_answered(client_of, admin, sent_anyhow):
    assert client_of(admin).post(PREVIEW, sent_anyhow).status_code == 200
