"""robots.txt, llms.txt and the manifest: what the settings say, and never what nobody may read."""

import re
from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser

import pytest

from blog import publishing, robots, taxonomy
from blog.models import Category, TopicCluster

SITE = "http://localhost:8000"


def rules_of(client):
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt").content.decode().splitlines())
    return parser


def test_everybody_may_read_what_is_public_and_nobody_the_desk(client, as_publication):
    as_publication()
    rules = rules_of(client)
    assert rules.can_fetch("GPTBot", f"{SITE}/blog/the-harbour/") and rules.can_fetch("Anybot", f"{SITE}/feed/")
    for path in ("/admin/", "/accounts/login/", "/me/", "/api/v1/posts/"):
        assert not rules.can_fetch("Anybot", SITE + path), path
    assert rules.site_maps() == [f"{SITE}/sitemap.xml"]


def test_those_who_learn_are_asked_to_stay_away_when_editors_wish_it(client, as_publication):
    as_publication(machines_may_learn=False)
    rules = rules_of(client)
    for name in ("GPTBot", "CCBot", "Google-Extended", "Bytespider"):
        assert not rules.can_fetch(name, f"{SITE}/blog/the-harbour/"), name
    for name in ("Googlebot", "Bingbot", "Anybot"):
        assert rules.can_fetch(name, f"{SITE}/blog/the-harbour/"), name
        assert not rules.can_fetch(name, f"{SITE}/admin/"), name


def test_lines_of_editors_are_added_and_what_is_none_is_left_out(client, as_publication):
    as_publication(
        robots_rules="Disallow: /drafts/\n<script>\nUser-agent: Badbot\nDisallow: /\n# A remark", is_news=True
    )
    text = client.get("/robots.txt").content.decode()
    rules = rules_of(client)
    assert "script" not in text and "# A remark" in text
    assert not rules.can_fetch("Anybot", f"{SITE}/drafts/x") and rules.can_fetch("Anybot", f"{SITE}/blog/x/")
    assert not rules.can_fetch("Badbot", f"{SITE}/blog/x/")


@pytest.mark.parametrize(
    "line", ["Disallow: /a", "allow: *", "", "# words", "Crawl-delay: 5", "Sitemap: https://a.example/"]
)
def test_rules_are_known(line):
    assert robots.is_rule(line)


@pytest.mark.parametrize("line", ["words", "Disallow /a", "Disallow: a", "Set-Cookie: a", "Allow: /\x00", "#\x07"])
def test_what_is_no_rule_is_known_as_well(line):
    assert not robots.is_rule(line)


@pytest.fixture
def site(publish):
    places = taxonomy.save_category(Category(name="Places"))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    publish("The [harbour]", category=places, topic_cluster=topic, excerpt="Two *clocks*\nand a bell.")
    publish("About us", kind="page")


def test_programs_are_guided_to_what_there_is(client, site, as_publication):
    as_publication(name="Quoin", description="On places.")
    response = client.get("/llms.txt")
    assert response["Content-Type"].startswith("text/plain")
    text = response.content.decode()
    assert text.startswith("# Quoin\n\n> On places.\n\n## ")
    assert text.count("\n# ") == 0, "one heading of the first order"
    links = dict(re.findall(r"^- \[(.+?)\]\((\S+)\)", text, re.MULTILINE))
    assert links["About us"] == f"{SITE}/about-us/" and links["Places"] == f"{SITE}/category/places/"
    assert links["Hours"] == f"{SITE}/topic/hours/" and links["RSS"] == f"{SITE}/feed/"
    assert rf"- [The \[harbour\]]({SITE}/blog/the-harbour/): Two \*clocks\* and a bell." in text


def test_programs_are_told_when_they_are_not_to_learn(client, site, as_publication):
    as_publication(machines_may_learn=False)
    text = client.get("/llms.txt").content.decode()
    assert "asks language models not to" in text and "harbour" not in text


@pytest.mark.parametrize("how", ["draft", "scheduled", "archived", "trashed", "noindex"])
def test_what_is_not_for_everybody_is_not_in_the_guide(client, site, write, publish, editor, how):
    name = "Unseenwombat"
    match how:
        case "draft":
            write(name)
        case "scheduled":
            publishing.schedule(write(name), by=editor, at=datetime(2099, 1, 1, tzinfo=UTC))
        case "archived":
            publishing.archive(publish(name), by=editor)
        case "trashed":
            publishing.trash(publish(name), by=editor)
        case "noindex":
            publish(name, noindex=True)
    text = client.get("/llms.txt").content.decode()
    assert "harbour" in text and name not in text


def test_the_manifest_speaks_as_the_publication(client, as_publication):
    as_publication(name="Quoin", icon=("/media/a/icon.png", 640, 640))
    response = client.get("/site.webmanifest")
    assert response["Content-Type"] == "application/manifest+json"
    said = response.json()
    assert said["name"] == "Quoin" and said["start_url"] == "/"
    assert said["icons"] == [{"src": "/media/a/icon.png", "sizes": "640x640", "type": "image/png"}]
    as_publication(icon=("", 0, 0))
    assert {icon["sizes"] for icon in client.get("/site.webmanifest").json()["icons"]} == {"any", "180x180", "512x512"}


@pytest.mark.parametrize("address", ["/robots.txt", "/llms.txt", "/site.webmanifest", "/favicon.ico"])
def test_these_files_are_only_read(client, as_publication, db, address):
    as_publication()
    assert client.post(address).status_code == 405
    assert client.head(address).status_code in {200, 302}
    assert not client.get(address).cookies
