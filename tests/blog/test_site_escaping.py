"""Words by people stay words, wherever they are shown."""

from xml.etree import ElementTree

import pytest

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, TopicCluster

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def evil(publish, author):
    author.first_name, author.last_name = "</script><script>alert(1)", "<img src=x onerror=alert(1)>"
    author.save()
    profile = ensure_profile(author)
    profile.bio = profile.expertise = EVIL
    profile.links = ["javascript:alert(1)", 'https://example.org/"><script>alert(1)</script>']
    profile.save()
    category = taxonomy.save_category(Category(name=f"C{EVIL}", slug="c", description=EVIL))
    topic = TopicCluster.objects.create(name=f"T{EVIL}", slug="t", description=EVIL)
    fields = dict.fromkeys(
        [
            "excerpt",
            "meta_title",
            "meta_description",
            "og_title",
            "og_description",
            "twitter_title",
            "twitter_description",
        ],
        EVIL,
    )
    fields["meta_title"] = fields["og_title"] = fields["twitter_title"] = EVIL[:120]
    post = publish(f"P{EVIL}", slug="p", category=category, topic_cluster=topic, tags=["<b>tag</b>"], **fields)
    publish(f"Q{EVIL}", slug="q", category=category, topic_cluster=topic)
    return post


def addresses(post, author):
    return [
        "/",
        "/blog/",
        post.get_absolute_url(),
        "/category/c/",
        "/topic/t/",
        post.tags.first().get_absolute_url(),
        ensure_profile(author).get_absolute_url(),
        "/blog/px/",
    ]


def test_no_name_or_title_becomes_markup(client, evil, author):
    for address in addresses(evil, author):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text and "<img src=x" not in text and "<b>tag" not in text, address
        assert 'href="javascript:' not in text, address


def test_feeds_stay_well_formed_and_escaped(client, evil, author):
    for address in [
        "/feed/",
        "/category/c/feed/",
        "/topic/t/feed/",
        ensure_profile(author).get_absolute_url() + "feed/",
    ]:
        content = client.get(address).content
        root = ElementTree.fromstring(content)
        assert b"<script>" not in content
        assert any(EVIL in item.findtext("title") for item in root.iter("item"))


def test_characters_that_xml_has_no_place_for_do_not_break_a_feed(client, publish):
    post = publish("Plain")
    type(post).objects.filter(pk=post.pk).update(title="Bell \x07 and \x1b escape", excerpt="\ufffe")
    root = ElementTree.fromstring(client.get("/feed/").content)
    assert root.findtext("channel/item/title") == "Bell \ufffd and \ufffd escape"
    assert client.get("/").status_code == 200


def test_what_is_asked_for_is_not_repeated_as_markup(client, db):
    for address in [
        '/blog/"><script>alert(1)</script>/',
        "/x/?q=<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E/",
    ]:
        response = client.get(address)
        assert response.status_code == 404 and b"<script>alert" not in response.content
