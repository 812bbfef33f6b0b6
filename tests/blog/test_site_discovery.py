"""Feeds, the map, the robots and the marks."""

import re
from datetime import UTC, datetime
from xml.etree import ElementTree

from blog import taxonomy
from blog.models import Category

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def feed(client, address="/feed/"):
    response = client.get(address)
    assert response["Content-Type"].startswith("application/rss+xml")
    return ElementTree.fromstring(response.content)


def test_the_feed_carries_whole_texts_with_whole_addresses(client, publish):
    publish("About", kind="page")
    publish("A piece", text="See [there](/about/) and [below](#end).\n\n## End", excerpt="Short.", at=NOON)
    item = feed(client).find("channel/item")
    assert item.findtext("link") == "http://localhost:8000/blog/a-piece/"
    assert item.findtext("description") == "Short."
    assert 'href="http://localhost:8000/about/"' in item.findtext(CONTENT)
    assert 'href="http://localhost:8000/blog/a-piece/#s-end"' in item.findtext(CONTENT)


def test_the_feed_describes_a_post_without_a_summary_by_its_beginning(client, publish):
    publish("A piece", text="The ferry leaves at noon.")
    assert feed(client).find("channel/item").findtext("description") == "The ferry leaves at noon."


def test_addresses_come_from_the_settings_and_not_from_the_host(client, publish, settings):
    settings.ALLOWED_HOSTS = ["*"]
    publish("A piece")
    for address in ("/feed/", "/sitemap.xml", "/robots.txt", "/", "/blog/a-piece/"):
        assert b"evil.example" not in client.get(address, headers={"host": "evil.example"}).content, address


def test_every_list_has_its_own_feed(client, publish):
    category = taxonomy.save_category(Category(name="Places"))
    publish("Here", category=category, tags=["ferries"])
    publish("Elsewhere")
    for address in ("/category/places/feed/", "/tag/ferries/feed/"):
        assert [item.findtext("title") for item in feed(client, address).iter("item")] == ["Here"]
    assert client.get("/tag/none/feed/").status_code == 404


def test_people_who_want_to_follow_are_told_how(client, publish):
    publish("Here", category=taxonomy.save_category(Category(name="Places")))
    text = client.get("/feed/about/").content.decode()
    assert "http://localhost:8000/feed/" in text and "/category/places/feed/" in text


def test_the_map_has_what_may_be_found(client, publish):
    category = taxonomy.save_category(Category(name="Places"))
    publish("Here", category=category)
    publish("About", kind="page")
    publish("Private", noindex=True)
    publish("First printed elsewhere", canonical_url="https://elsewhere.example/")
    index = client.get("/sitemap.xml").content.decode()
    maps = re.findall(r"<loc>http://localhost:8000(/sitemap-[a-z0-9-]+\.xml)</loc>", index)
    text = "".join(client.get(address).content.decode() for address in maps)
    for path in ("/", "/blog/here/", "/about/", "/category/places/", "/blog/"):
        assert f"<loc>http://localhost:8000{path}</loc>" in text
    assert "private" not in text and "first-printed" not in text


def test_robots_are_shown_the_map_and_kept_from_the_desk(client, db):
    text = client.get("/robots.txt").content.decode()
    assert "Sitemap: http://localhost:8000/sitemap.xml" in text and "Disallow: /admin/" in text


def test_marks_are_where_browsers_look(client, db):
    assert client.get("/favicon.ico").url.endswith("img/favicon.ico")
    assert client.get("/site.webmanifest").json()["name"] == "Quoin"
