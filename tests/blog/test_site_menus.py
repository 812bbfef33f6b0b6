"""What editors put into the menus, at the head and the foot of every page."""

import re

import pytest

from blog import site_settings, taxonomy, translations
from blog.models import Category, SiteLink, SiteSettings
from blog.site_addresses import is_address, place_of
from media_assets.models import MediaAsset
from tests.blog.test_site_settings import PAGE, menu, sent


def nav(page: str) -> str:
    return page.split('<nav class="nav"')[1].split("</nav>")[0]


def test_without_lines_of_its_own_it_offers_the_categories(client, publish, db):
    publish("The noon gun", category=taxonomy.save_category(Category(name="Places")))
    assert "/category/places/" in nav(client.get("/").content.decode())


def test_lines_stand_in_their_order_and_the_current_one_is_marked(
    client, client_of, admin, publish, django_capture_on_commit_callbacks
):
    publish("The noon gun", category=taxonomy.save_category(Category(name="Places")))
    lines = menu(
        "sections", ("Elsewhere", "https://example.org/", 3), ("All", "/blog/", 2), ("Where", "/category/places/", 1)
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(admin).post(PAGE, sent(**lines)).status_code == 302
    assert [link.label for link in SiteLink.objects.all()] == ["Where", "All", "Elsewhere"]
    head = nav(client.get("/category/places/").content.decode())
    assert head.index("Where") < head.index("All") < head.index("Elsewhere") and "/archive/" not in head
    assert '<a href="/category/places/" aria-current="true">Where</a>' in head and head.count("aria-current") == 1


def test_a_line_goes_by_its_box_or_by_being_emptied(client_of, admin):
    for label in ("One", "Two", "Three"):
        SiteLink.objects.create(place="footer", label=label, address="/about/")
    lines = menu("footer", ("One", "/about/", 1), ("", "", 2), ("Three", "/about/", 3))
    lines |= {"footer-INITIAL_FORMS": "3", "footer-0-DELETE": "on"}
    client_of(admin).post(PAGE, sent(**lines))
    assert [link.label for link in SiteLink.objects.all()] == ["Three"]


def test_places_elsewhere_are_named_by_their_host_and_say_who_they_are(client, admin):
    line = SiteLink(place="social", label="", address="https://mastodon.social/@quoin")
    site_settings.save(SiteSettings(), [line], by=admin)
    foot = client.get("/").content.decode().split("<footer")[1]
    assert '<a href="https://mastodon.social/@quoin" rel="me noopener">Mastodon</a>' in foot


@pytest.mark.parametrize(
    ("place", "label", "address", "says"),
    [
        ("sections", "Here", "javascript:alert(1)", "Write a path of this site"),
        ("sections", "Here", "JaVaScRiPt:alert(1)", "Write a path of this site"),
        ("footer", "Here", "data:text/html,x", "Write a path of this site"),
        ("footer", "Here", "//evil.example/", "Write a path of this site"),
        ("footer", "Here", "/\\evil.example/", "Write a path of this site"),
        ("footer", "Here", "http://example.org/", "Write a path of this site"),
        ("footer", "Here", "https://me:secret@example.org/", "Write a path of this site"),
        ("footer", "", "/about/", "Give the line a name"),
        ("social", "Here", "/about/", "Write the whole address"),
        ("social", "Here", "javascript:alert(1)//https://x.com", "Write the whole address"),
    ],
)
def test_an_address_that_leads_astray_is_refused_beside_its_line(client_of, admin, place, label, address, says):
    answer = client_of(admin).post(PAGE, sent(**menu(place, (label, address, 1))))
    assert answer.status_code == 422 and says in answer.content.decode()
    assert not SiteLink.objects.exists()


def test_what_is_an_address_and_how_places_are_called():
    assert all(map(is_address, ["/", "/about/", "/search/?q=a", "https://example.org", "https://example.org:8443/a#b"]))
    assert not any(
        map(is_address, ["", "about", "/a b", "/a\nb", "https://", "https://localhost", "https://[", "/" * 2])
    )
    assert place_of("https://www.youtube.com/@quoin") == "YouTube"
    assert place_of("https://social.example.org/@quoin") == "Mastodon"
    assert place_of("https://www.example.org/us") == "example.org"


def test_a_logo_stands_for_the_name_and_says_it(client, db):
    logo = MediaAsset.objects.create(
        name="Logo",
        kind="image",
        mime_type="image/svg+xml",
        extension="svg",
        size_bytes=9,
        width=300,
        height=60,
        sha256="a" * 64,
        file="2026/11/logo.svg",
    )
    SiteSettings.objects.create(name="The Tide", logo=logo)
    head = client.get("/").content.decode().split("<header")[1].split("</header>")[0]
    assert 'alt="The Tide" width="300" height="60"' in head


def test_a_logo_that_is_not_ready_is_not_shown(client, db):
    logo = MediaAsset.objects.create(
        name="Logo",
        kind="image",
        mime_type="image/png",
        extension="png",
        size_bytes=9,
        sha256="b" * 64,
        state="pending",
    )
    SiteSettings.objects.create(name="The Tide", logo=logo)
    assert '<img class="logo"' not in client.get("/").content.decode()


def test_in_an_edition_a_line_leads_to_the_same_list_or_translation_there_if_there_is_one(
    client, admin, editor, publish, django_capture_on_commit_callbacks
):
    places = taxonomy.save_category(Category(name="Places"))
    said = ("/category/places/", "/category/tools/", "/about/", "/search/?q=tide", "/blog/#top", "https://example.org/")
    lines = [
        SiteLink(place=place, label=f"Line {number}", address=address, position=number)
        for place in ("sections", "footer")
        for number, address in enumerate(said)
    ]
    with django_capture_on_commit_callbacks(execute=True):
        site_settings.save(SiteSettings(editions=["de"]), lines, by=admin)
    about = publish("About", kind="page")
    ueber = publish("Über uns", kind="page", content_language="de")
    with django_capture_on_commit_callbacks(execute=True):
        translations.link(about, ueber, by=editor)
        publish("Der Hafen", content_language="de", category=places)
        publish("English only", category=taxonomy.save_category(Category(name="Tools")))

    def led(page: str, what: str) -> list[str]:
        return re.findall(r'href="([^"]+)"[^>]*>Line', page.split(what)[1])[: len(said)]

    page = client.get("/de/").content.decode()
    there = ["/de/category/places/", "/category/tools/", ueber.get_absolute_url(), "/de/search/?q=tide", *said[4:]]
    assert led(page, '<nav class="nav"') == there and led(page, "<footer") == there
    assert led(client.get("/").content.decode(), '<nav class="nav"') == list(said)
