"""Feeds as feed readers read them: three formats, one content, ids that stay, and 304 where nothing changed."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import jsonschema
import pytest
from django.core.cache import caches

from accounts.authors import ensure_profile
from blog import feeds, publishing, series, taxonomy, writing
from blog.models import Category, Post, Series, Tag, TaggedPost, TopicCluster
from core import cache, markup
from tests.core import corpora

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ENDS = ("", "atom/", "json/")
SCHEMA = json.loads((Path(__file__).parent / "schemas" / "jsonfeed-1.1.schema.json").read_text())
SITE = "http://localhost:8000"


def read(client, address):
    """A feed as a reader understands it: {id: (title, link)}, whatever the format; fails where it is not valid."""
    response = client.get(address)
    assert response.status_code == 200, address
    if address.endswith("json/"):
        assert response["Content-Type"] == "application/feed+json"
        found = json.loads(response.content)
        jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())
        assert found["feed_url"] == SITE + address
        return {item["id"]: (item["title"], item["url"]) for item in found["items"]}
    found = feedparser.parse(response.content)
    assert not found.bozo, (address, found.bozo_exception)
    assert found.version == ("atom10" if address.endswith("atom/") else "rss20")
    assert [link.href for link in found.feed.links if link.rel == "self"] == [SITE + address]
    return {entry.id: (entry.title, entry.link) for entry in found.entries}


@pytest.fixture
def parts(publish, editor, author):
    """One post in every kind of list."""
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    course = Series.objects.create(name="A week", slug="a-week")
    places = taxonomy.save_category(Category(name="Places"))
    post = publish("The harbour", at=NOON, category=places, topic_cluster=topic, tags=["ferries"], excerpt="Noon.")
    series.arrange(course, [post.pk], by=editor)
    ensure_profile(author)
    lists = ["/", "/category/places/", "/topic/hours/", "/tag/ferries/", "/series/a-week/", "/author/author/"]
    return [*lists, "/archive/2026/", "/archive/2026/5/"]


def test_every_list_has_a_feed_in_three_formats_that_say_the_same(client, parts):
    post = Post.objects.get()
    for address in parts:
        said = [read(client, f"{address}feed/{end}") for end in ENDS]
        assert said[0] == said[1] == said[2], address
        assert list(said[0].values()) == [("The harbour", f"{SITE}{post.get_absolute_url()}")]


def test_a_post_is_the_same_after_it_was_renamed_and_moved(client, parts, editor, django_capture_on_commit_callbacks):
    before = [set(read(client, f"{address}feed/{end}")) for address in parts for end in ENDS]
    post = Post.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        post.title, post.slug = "The port", "the-port"
        writing.save(post, by=editor)
        publishing.update(post, by=editor)
    after = [read(client, f"{address}feed/{end}") for address in parts for end in ENDS]
    assert [set(said) for said in after] == before and len(set.union(*before)) == 1
    assert {link for said in after for _, link in said.values()} == {f"{SITE}/blog/the-port/"}


def test_an_item_says_who_when_in_which_language_and_about_what(client, publish, editor, author):
    ensure_profile(author)
    post = publish("Der Hafen", at=NOON, tags=["ferries", "Zeit"], content_language="de", text="Text.", excerpt="Kurz.")
    post.co_authors.add(editor)
    Post.objects.update(content_changed_at=NOON + timedelta(days=1))
    names = ["author", "editor"]
    (item,) = json.loads(client.get("/feed/json/").content)["items"]
    assert [person["name"] for person in item["authors"]] == names
    assert item["authors"][0]["url"] == f"{SITE}/author/author/"
    assert item["language"] == "de" and item["tags"] == ["Zeit", "ferries"]
    assert (item["date_published"], item["date_modified"]) == ("2026-05-04T12:00:00+00:00", "2026-05-05T12:00:00+00:00")
    assert item["summary"] == "Kurz." and "Text." in item["content_html"]
    (entry,) = feedparser.parse(client.get("/feed/atom/").content).entries
    assert [person.name for person in entry.authors] == names
    assert entry.published == item["date_published"] and entry.updated == item["date_modified"]
    assert entry.content[0].language == "de" and entry.summary == "Kurz."
    (entry,) = feedparser.parse(client.get("/feed/").content).entries
    assert entry.updated == item["date_modified"] and [tag.term for tag in entry.tags] == ["Zeit", "ferries"]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_the_setting_decides_whether_the_text_is_told(client, publish, as_publication, end, whole):
    as_publication(feeds_whole=whole)
    publish("The harbour", text="The ferry leaves.\n\nNobody waves.", excerpt="At noon.")
    said = client.get(f"/feed/{end}").content.decode()
    assert "At noon." in said and ("Nobody waves" in said) is whole
    read(client, f"/feed/{end}")


@pytest.mark.parametrize("end", ENDS)
def test_the_hub_is_named_in_the_feed_and_beside_it(client, publish, as_publication, end):
    publish("The harbour")
    as_publication(websub_hub="https://hub.example/")
    response = client.get(f"/feed/{end}")
    assert response["Link"] == f'<https://hub.example/>; rel="hub", <{SITE}/feed/{end}>; rel="self"'
    if end == "json/":
        assert json.loads(response.content)["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    else:
        links = feedparser.parse(response.content).feed.links
        assert ("hub", "https://hub.example/") in [(link.rel, link.href) for link in links]


@pytest.mark.parametrize("how", ["moved away", "kept out", "summaries", "renamed"])
def test_who_knows_only_the_date_hears_of_changes_that_no_post_tells_of(
    client, publish, editor, as_publication, django_capture_on_commit_callbacks, time_machine, how
):
    time_machine.move_to(NOON, tick=False)
    places, hours = (taxonomy.save_category(Category(name=name)) for name in ("Places", "Hours"))
    publish("Stays", category=places, text="Whole text.")
    post = publish("Goes", category=places, text="Whole text.")
    first = client.get("/category/places/feed/")
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        match how:
            case "moved away":
                post.category = hours
            case "kept out":
                post.noindex = True
            case "summaries":
                as_publication(feeds_whole=False)
                cache.renew("posts")
            case "renamed":
                as_publication(name="Another name")
                cache.renew("posts")
        if post.category == hours or post.noindex:
            writing.save(post, by=editor)
            publishing.update(post, by=editor)
    again = client.get("/category/places/feed/", headers={"if-modified-since": first["Last-Modified"]})
    assert again.status_code == 200 and again.content != first.content
    time_machine.move_to(NOON + timedelta(hours=2), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        cache.renew("posts")
    later = client.get("/category/places/feed/", headers={"if-modified-since": again["Last-Modified"]})
    assert later.status_code == 304, "made anew, it is the same"


@pytest.mark.parametrize("end", ENDS)
def test_tags_are_compared_as_the_protocol_says(client, publish, end):
    publish("The harbour")
    first = client.get(f"/feed/{end}")
    old = "Mon, 01 Jan 2024 00:00:00 GMT"
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        assert client.get(f"/feed/{end}", headers={"if-none-match": known}).status_code == 304, known
        both = {"if-none-match": known, "if-modified-since": old}
        assert client.get(f"/feed/{end}", headers=both).status_code == 304, "the tag decides (RFC 9110, 13.2.2)"
    fresh = {"if-none-match": '"other"', "if-modified-since": first["Last-Modified"]}
    assert client.get(f"/feed/{end}", headers=fresh).status_code == 200
    assert client.head(f"/feed/{end}")["ETag"] == first["ETag"]


@pytest.mark.parametrize("end", ENDS)
def test_who_asks_again_is_told_that_nothing_changed(
    client, publish, end, django_assert_num_queries, django_capture_on_commit_callbacks, time_machine
):
    time_machine.move_to(NOON, tick=False)
    publish("The harbour", tags=["ferries"])
    address = f"/tag/ferries/feed/{end}"
    first = client.get(address)
    assert first["ETag"].startswith('"') and first["Last-Modified"] == "Mon, 04 May 2026 12:00:00 GMT"
    for asked in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        with django_assert_num_queries(0):
            again = client.get(address, headers=asked)
        assert again.status_code == 304 and not again.content and again["ETag"] == first["ETag"]
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        publish("The quay", tags=["ferries"])
    for asked in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        assert client.get(address, headers=asked).status_code == 200


def test_a_feed_has_changed_when_a_post_is_gone_from_it(
    client, publish, editor, django_capture_on_commit_callbacks, time_machine
):
    time_machine.move_to(NOON, tick=False)
    publish("Stays")
    post = publish("Goes")
    known = client.get("/feed/")["Last-Modified"]
    time_machine.move_to(NOON + timedelta(hours=1), tick=False)
    with django_capture_on_commit_callbacks(execute=True):
        publishing.archive(post, by=editor)
    response = client.get("/feed/", headers={"if-modified-since": known})
    assert response.status_code == 200 and b"Goes" not in response.content


def test_the_same_feed_is_the_same_to_the_byte_however_often_it_is_made(client, publish, db):
    for address in ("/feed/", "/feed/atom/", "/feed/json/"):
        tags = set()
        for _ in range(2):
            caches["kept"].clear()
            tags.add(client.get(address)["ETag"])
        assert len(tags) == 1, address


def test_translations_name_each_other(client, publish):
    group = uuid.uuid4()
    publish("The harbour", translation_group=group, content_language="en", at=NOON)
    publish("Der Hafen", translation_group=group, content_language="de", at=NOON)
    publish("Alone", translation_group=uuid.uuid4(), at=NOON - timedelta(days=1))
    english, german = f"{SITE}/blog/the-harbour/", f"{SITE}/blog/der-hafen/"
    found = {item["title"]: item for item in json.loads(client.get("/feed/json/").content)["items"]}
    assert found["The harbour"]["_hreflang"] == {"en": english, "de": german, "x-default": english}
    assert found["Der Hafen"]["_hreflang"] == found["The harbour"]["_hreflang"]
    assert "_hreflang" not in found["Alone"]
    for end in ("", "atom/"):
        entries = {entry.title: entry for entry in feedparser.parse(client.get(f"/feed/{end}").content).entries}
        related = {(link.get("hreflang"), link.href) for link in entries["Der Hafen"].links if link.rel == "related"}
        assert related == {("en", english), ("x-default", english)}
        assert entries["Der Hafen"].link == german, "nobody is sent to another language"


@pytest.mark.parametrize("how", ["draft", "scheduled", "archived", "trashed", "noindex", "page"])
@pytest.mark.parametrize("end", ENDS)
def test_what_is_not_for_everybody_is_in_no_feed(client, publish, write, editor, how, end):
    publish("A neighbour", tags=["ferries"])
    name = "Unseenwombat"
    match how:
        case "draft":
            write(name, tags=["ferries"])
        case "scheduled":
            publishing.schedule(write(name, tags=["ferries"]), by=editor, at=datetime(2099, 1, 1, tzinfo=UTC))
        case "archived":
            publishing.archive(publish(name, tags=["ferries"]), by=editor)
        case "trashed":
            publishing.trash(publish(name, tags=["ferries"]), by=editor)
        case "noindex":
            publish(name, tags=["ferries"], noindex=True)
        case "page":
            publish(name, kind="page", tags=["ferries"])
    for address in (f"/feed/{end}", f"/tag/ferries/feed/{end}"):
        text = client.get(address).content.decode().lower()
        assert "a neighbour" in text and name.lower() not in text


@pytest.mark.parametrize("end", ENDS)
def test_a_time_without_posts_has_no_feed(client, publish, write, end):
    publish("The harbour", at=NOON)
    write("A draft")
    for address in ("/archive/2025/", "/archive/2026/6/", "/archive/9999/", "/archive/9999/12/"):
        assert client.get(f"{address}feed/{end}").status_code == 404, address
    assert f'href="{SITE}/archive/2026/5/feed/' in client.get("/archive/2026/5/").content.decode()


def test_an_empty_site_has_valid_feeds(client, db):
    for end in ENDS:
        assert read(client, f"/feed/{end}") == {}
        assert read(client, f"/corrections/feed/{end}") == {}


@pytest.mark.parametrize("end", ENDS)
def test_a_feed_is_only_read(client, publish, end):
    publish("The harbour")
    assert client.post(f"/feed/{end}").status_code == 405
    whole, head = client.get(f"/feed/{end}"), client.head(f"/feed/{end}")
    assert head.status_code == 200 and not head.content and head["ETag"] == whole["ETag"]
    assert client.get(f"/tag/nowhere/feed/{end}").status_code == 404


def test_naughty_words_break_no_feed(client, db, author, monkeypatch):
    """A post for each row of the corpus, which is its title, summary, text and tag."""
    rows = [row.replace("\x00", "") for row in corpora.rows("naughty-strings")]
    rows = [row for row in rows if row.strip() and not any(0xD800 <= ord(sign) < 0xE000 for sign in row)]
    monkeypatch.setattr(feeds, "LENGTH", len(rows))
    live = {"status": "published", "published_at": NOON, "author": author}
    posts = Post.objects.bulk_create(
        Post(title=row[:300], slug=f"p{number}", excerpt=row, content_html=f"<p>{row}</p>", **live)
        for number, row in enumerate(rows)
    )
    tags = Tag.objects.bulk_create(
        Tag(name=row[:100], slug=f"t{number}", key=f"t{number}") for number, row in enumerate(rows)
    )
    TaggedPost.objects.bulk_create(
        TaggedPost(tag=tag, content_object=post) for tag, post in zip(tags, posts, strict=True)
    )
    for end in ENDS:
        assert len(read(client, f"/feed/{end}")) == len(rows) > 200


@pytest.mark.parametrize(
    ("address", "most"), [("/feed/", 4), ("/category/places/feed/atom/", 5), ("/tag/a/feed/json/", 5)]
)
def test_a_feed_asks_few_questions_however_long_it_is(
    client, publish, editor, as_publication, django_assert_num_queries, address, most
):
    as_publication()
    places = taxonomy.save_category(Category(name="Places"))
    for number in range(4):
        post = publish(f"Post {number}", category=places, tags=["a", "b"], translation_group=uuid.uuid4())
        post.co_authors.add(editor)
    Post.objects.update(translation_group=None)
    with django_assert_num_queries(most):
        assert client.get(address).status_code == 200
    with django_assert_num_queries(0):
        client.get(address)


def test_words_that_look_like_markup_stay_words_in_every_format(client, publish, as_publication):
    words = "Write <b>tea</b> & <img src=x onerror=alert(1)>, not &amp;."
    as_publication(description=words)
    publish("The harbour", excerpt=words)
    shown = words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for end in ENDS[:2]:
        found = feedparser.parse(client.get(f"/feed/{end}").content, sanitize_html=False)
        plain = found.version == "atom10"
        for said in (found.entries[0].summary, found.feed.subtitle):
            # Readers of RSS take a description for HTML, those of Atom what its type says.
            assert said == (words if plain else shown), end
        assert found.entries[0].summary_detail.type == ("text/plain" if plain else "text/html")
    assert json.loads(client.get("/feed/json/").content)["items"][0]["summary"] == words


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("/about/", f"{SITE}/about/"),
        ("../the-quay/", f"{SITE}/blog/the-quay/"),
        ("tides/", f"{SITE}/blog/the-harbour/tides/"),
        ("?page=2", f"{SITE}/blog/the-harbour/?page=2"),
        ("#noon", f"{SITE}/blog/the-harbour/#s-noon"),
        ("//elsewhere.example/a", "http://elsewhere.example/a"),
        ("https://elsewhere.example/a?b=1&c=2", "https://elsewhere.example/a?b=1&amp;c=2"),
        ("mailto:vera@example.org", "mailto:vera@example.org"),
    ],
)
def test_links_lead_to_the_same_place_away_from_the_site(written, whole):
    html = feeds.for_elsewhere(markup.render(f"[here]({written})").html, f"{SITE}/blog/the-harbour/")
    assert f'href="{whole}"' in html


def test_an_address_that_is_none_stays_as_it_is():
    assert feeds.for_elsewhere('<a href="//[a">x</a>', f"{SITE}/blog/the-harbour/") == '<a href="//[a">x</a>'
