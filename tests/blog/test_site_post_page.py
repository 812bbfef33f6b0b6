"""The page of one post, and what it tells machines."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from blog import taxonomy
from blog.models import Category, Post, TopicCluster
from blog.related import companions

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def linked_data(response):
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL)
    return {node["@type"]: node for node in json.loads(found)["@graph"]}


@pytest.fixture
def category(db):
    return taxonomy.save_category(Category(name="Places"))


def test_a_post_says_who_wrote_it_and_when(client, publish, category):
    post = publish("The harbour", excerpt="Two clocks.", category=category, at=NOON, tags=["ferries"])
    text = client.get(post.get_absolute_url()).content.decode()
    assert "<title>The harbour · Quoin</title>" in text
    assert '<meta name="description" content="Two clocks.">' in text
    assert '<link rel="canonical" href="http://localhost:8000/blog/the-harbour/">' in text
    assert '<meta property="og:type" content="article">' in text
    assert "2026-05-04T13:00:00+01:00" in text and "4 May 2026" in text
    assert 'rel="author"' in text and 'rel="tag"' in text and 'href="/category/places/"' in text


def test_linked_data_names_the_article_and_the_way_to_it(client, publish, category):
    post = publish("The harbour", excerpt="Two clocks.", category=category, at=NOON)
    data = linked_data(client.get(post.get_absolute_url()))
    assert data["Article"]["headline"] == "The harbour"
    assert data["Article"]["datePublished"].startswith("2026-05-04T13:00:00")
    assert data["Article"]["author"][0]["@type"] == "Person"
    steps = data["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Quoin", "Places", "The harbour"]


def test_a_post_without_a_summary_is_described_by_its_beginning(client, publish):
    response = client.get(publish("The harbour", text="The ferry leaves at noon.").get_absolute_url())
    text = response.content.decode()
    assert '<meta name="description" content="The ferry leaves at noon.">' in text
    assert '<meta property="og:description" content="The ferry leaves at noon.">' in text
    assert linked_data(response)["Article"]["description"] == "The ferry leaves at noon."
    assert '<p class="dek"' not in text, "its own page does not say the same words twice"


def test_fields_for_search_and_sharing_win_over_the_title(client, publish):
    post = publish("Plain", meta_title="For search", og_title="For friends", twitter_title="For X", noindex=True)
    post.canonical_url = "https://elsewhere.example/original/"
    post.save()
    text = client.get(post.get_absolute_url()).content.decode()
    assert "<title>For search</title>" in text
    assert 'property="og:title" content="For friends"' in text and 'name="twitter:title" content="For X"' in text
    assert '<link rel="canonical" href="https://elsewhere.example/original/">' in text
    assert '<meta name="robots" content="noindex">' in text


def test_contents_are_listed_only_when_there_are_some(client, publish):
    long = publish("Long", text="## One\n\nText.\n\n## Two\n\nText.")
    short = publish("Short", text="## One\n\nText.")
    switched_off = publish("Off", text="## One\n\nText.\n\n## Two\n\nText.", table_of_contents_enabled=False)
    assert "On this page" in client.get(long.get_absolute_url()).content.decode()
    assert "On this page" not in client.get(short.get_absolute_url()).content.decode()
    assert "On this page" not in client.get(switched_off.get_absolute_url()).content.decode()


def test_a_post_in_another_language_says_so(client, publish):
    post = publish("Der Hafen", content_language="de")
    text = client.get(post.get_absolute_url()).content.decode()
    assert '<html lang="en-gb"' in text and '<h1 dir="auto" lang="de">' in text
    assert re.search(r'class="prose[^"]*" dir="auto" lang="de"', text)


def test_tags_come_before_the_section_and_the_topic_has_its_own_list(publish, category):
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    post = publish("This", category=category, topic_cluster=topic, tags=["a", "b"], at=NOON)
    publish("Same section", category=category, at=NOON + timedelta(days=4))
    publish("One tag", tags=["a"], at=NOON + timedelta(days=3))
    publish("Two tags", tags=["a", "b"], at=NOON + timedelta(days=2))
    publish("Same topic", topic_cluster=topic, at=NOON + timedelta(days=1))
    publish("Nothing in common", at=NOON - timedelta(days=9))
    found = companions(post, list(post.tags.all()), count=9)
    assert [other.title for other in found.topic] == ["Same topic"]
    assert [other.title for other in found.nearest] == ["Two tags", "One tag", "Same section"]


def test_earlier_and_later_are_the_neighbours_in_time(client, publish):
    first, second, third = (publish(name, at=NOON + timedelta(days=day)) for day, name in enumerate("ABC"))
    near = companions(second, [])
    assert (near.earlier, near.later) == (first, third)
    assert companions(first, []).earlier is None and companions(third, []).later is None
    text = client.get(second.get_absolute_url()).content.decode()
    assert 'href="/blog/a/" rel="prev"' in text and 'href="/blog/c/" rel="next"' in text


def test_sharing_needs_no_script_of_others(client, publish):
    post = publish("One & all", slug="one-all")
    text = client.get(post.get_absolute_url()).content.decode()
    assert 'href="mailto:?subject=One%20%26%20all&amp;body=http%3A%2F%2Flocalhost%3A8000%2Fblog%2Fone-all%2F"' in text
    assert "share.joinmastodon.org" in text and "linkedin.com/sharing" in text
    assert re.findall(r'<script[^>]* src="(?!/static/)', text) == []


def test_nothing_on_the_page_needs_a_looser_policy(client, publish):
    post = publish("Code", text="```python\nx = 1\n```\n\n| a | b |\n|--:|---|\n| 1 | 2 |")
    for address in ("/", "/blog/", post.get_absolute_url(), "/contact/", "/nowhere/"):
        text = client.get(address).content.decode()
        assert " style=" not in text and "<style" not in text and not re.search(r"\son\w+=", text), address
        assert re.findall(r"<script(?! src=| type=\"module\" src=| type=\"application/ld\+json\")", text) == []


def test_a_post_under_review_says_when_it_was_last_found_right_until_it_changes(client, publish):
    post = publish("One", at=NOON, review_after_days=90)
    day = NOON + timedelta(days=40)
    Post.objects.filter(pk=post.pk).update(last_reviewed_at=day, content_changed_at=NOON)
    address = post.get_absolute_url()
    assert "last reviewed" in client.get(address).content.decode()
    Post.objects.filter(pk=post.pk).update(content_changed_at=day + timedelta(days=1))
    assert "last reviewed" not in client.get(address).content.decode()
    Post.objects.filter(pk=post.pk).update(content_changed_at=NOON, review_due_at=None)
    assert "last reviewed" not in client.get(address).content.decode()


def test_a_text_written_with_a_machine_says_so(client, publish):
    one, other = publish("One", ai_generated_flag=True), publish("Other")
    assert "help of a machine" in client.get(one.get_absolute_url()).content.decode()
    assert "help of a machine" not in client.get(other.get_absolute_url()).content.decode()
