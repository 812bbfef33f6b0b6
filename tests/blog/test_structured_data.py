"""What pages tell machines in their heads: one linked graph, share cards, canonical addresses, feeds."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.templatetags.static import static

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, Correction, Post
from core.publication import Link
from media_assets.models import MediaAsset
from tests.media_assets.making_assets import make_asset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SITE = "http://localhost:8000"


def head_of(client, address):
    return client.get(address).content.decode().split("</head>")[0]


def graph_of(client, address):
    """The nodes of a page's one graph by @id; every link in it must lead to one of them or to an address."""
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head_of(client, address), re.DOTALL)
    data = json.loads(text)
    assert data["@context"] == "https://schema.org" and set(data) == {"@context", "@graph"}
    nodes = {node["@id"]: node for node in data["@graph"]}
    assert len(nodes) == len(data["@graph"])
    named = set(nodes) | set(re.findall(r'"@id": "([^"]+#picture)", "url"', text))
    for link in re.findall(r'\{"@id": "([^"]+)"\}', text):
        assert link in named, link
    assert '""' not in text and "null" not in text
    return nodes


def metas(head):
    return dict(re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', head))


@pytest.fixture
def post(publish, author, editor):
    profile = ensure_profile(author)
    profile.website, profile.links = "https://author.example/", ["https://x.com/author_x"]
    profile.save()
    places = taxonomy.save_category(Category(name="Places"))
    picture = make_asset(alt_text="A harbour")
    made = publish("The harbour", at=NOON, category=places, tags=["ferries"], excerpt="Noon.", featured_image=picture)
    made.co_authors.add(editor)
    return made


def test_a_post_is_one_linked_graph(client, post, as_publication):
    as_publication(
        name="Quoin",
        logo=("/media/logo.png", 480, 120),
        social=(Link("X", "https://x.com/quoin"), Link("About", "/about/")),
    )
    address = SITE + post.get_absolute_url()
    nodes = graph_of(client, post.get_absolute_url())
    kinds = {node["@type"]: node for node in nodes.values()}
    assert set(kinds) == {"Organization", "WebSite", "WebPage", "Article", "BreadcrumbList", "Person"}
    publisher = nodes[f"{SITE}/#organization"]
    assert publisher["sameAs"] == ["https://x.com/quoin"]
    assert publisher["logo"] == {"@type": "ImageObject", "url": f"{SITE}/media/logo.png", "width": 480, "height": 120}
    article = nodes[f"{address}#article"]
    assert article["publisher"]["@id"] == publisher["@id"] and article["isPartOf"] == {"@id": address}
    assert [person["name"] for person in article["author"]] == ["author", "editor"]
    assert article["author"][0]["@id"] == f"{SITE}/author/author/#person"
    assert nodes[f"{SITE}/author/author/#person"]["sameAs"] == ["https://author.example/", "https://x.com/author_x"]
    page = nodes[address]
    assert page["mainEntity"] == {"@id": article["@id"]} and page["isPartOf"] == {"@id": f"{SITE}/#website"}
    assert page["breadcrumb"] == {"@id": kinds["BreadcrumbList"]["@id"]}
    assert page["primaryImageOfPage"]["@id"] == article["image"][0]["@id"]
    assert article["dateModified"] >= article["datePublished"]


def test_pictures_are_told_with_the_size_they_have(client, post):
    article = graph_of(client, post.get_absolute_url())[f"{SITE}{post.get_absolute_url()}#article"]
    assert {picture["@type"] for picture in article["image"]} == {"ImageObject"}
    for picture in article["image"]:
        shape = re.search(r"-(?:(16x9|1x1)-|w)(\d+)\.", picture["url"])
        assert int(shape[2]) == picture["width"], picture
        if shape[1] == "1x1":
            assert picture["width"] == picture["height"]
        if shape[1] == "16x9":
            assert abs(picture["width"] / picture["height"] - 16 / 9) < 0.01


def test_a_news_publication_writes_news(client, post, as_publication):
    as_publication(is_news=True)
    kinds = {node["@type"] for node in graph_of(client, post.get_absolute_url()).values()}
    assert "NewsArticle" in kinds and "Article" not in kinds


def test_what_was_put_right_is_told(client, post, editor):
    Correction.objects.create(
        post=post, note="The bell rings at one.", wrong_version=1, right_version=1, by=editor, at=NOON
    )
    article = graph_of(client, post.get_absolute_url())[f"{SITE}{post.get_absolute_url()}#article"]
    (told,) = article["correction"]
    assert told["@type"] == "CorrectionComment" and told["text"] == "The bell rings at one."


def test_a_list_names_its_posts_in_order_with_their_places(client, publish, settings):
    settings.POSTS_PER_PAGE = 2
    for number in range(3):
        publish(f"Piece {number}", at=NOON + timedelta(days=number))
    nodes = graph_of(client, "/blog/?page=2")
    page = nodes[f"{SITE}/blog/?page=2"]
    assert page["@type"] == "CollectionPage"
    (item,) = nodes[page["mainEntity"]["@id"]]["itemListElement"]
    assert item == {"@type": "ListItem", "position": 3, "name": "Piece 0", "url": f"{SITE}/blog/piece-0/"}
    head = head_of(client, "/blog/?page=2")
    assert f'<link rel="canonical" href="{SITE}/blog/?page=2">' in head
    assert f'<link rel="prev" href="{SITE}/blog/">' in head and 'rel="next"' not in head
    assert f'<link rel="next" href="{SITE}/blog/?page=2">' in head_of(client, "/blog/")


@pytest.mark.parametrize("address", ["/", "/blog/", "/category/places/", "/corrections/", "/archive/", "/search/"])
def test_a_page_with_nothing_on_it_leads_to_nothing_it_does_not_say(client, db, address):
    taxonomy.save_category(Category(name="Places"))
    page = graph_of(client, address)[SITE + address]
    assert "mainEntity" not in page


def test_a_picture_that_is_not_ready_is_shown_on_no_large_card(client, publish):
    coming = make_asset(state=MediaAsset.State.SCANNING)
    post = publish("The harbour", featured_image=coming)
    said = metas(head_of(client, post.get_absolute_url()))
    assert said["twitter:card"] == "summary" and said["og:image"].endswith("icon-512.png")


def test_the_page_of_somebody_who_writes_is_about_them(client, post, author):
    address = ensure_profile(author).get_absolute_url()
    page = graph_of(client, address)[SITE + address]
    assert page["@type"] == "ProfilePage" and page["isPartOf"] == {"@id": f"{SITE}/#website"}
    assert page["mainEntity"]["@id"] == f"{SITE}{address}#person"
    assert "https://author.example/" in page["mainEntity"]["sameAs"]
    assert metas(head_of(client, address))["og:type"] == "profile"


def test_home_says_how_to_search(client, post):
    nodes = graph_of(client, "/")
    site = nodes[f"{SITE}/#website"]
    assert site["publisher"] == {"@id": f"{SITE}/#organization"}
    action = site["potentialAction"]
    assert action["target"]["urlTemplate"] == f"{SITE}/search/?q={{search_term_string}}"
    assert action["query-input"] == "required name=search_term_string"


def test_share_cards_are_complete(client, post, as_publication):
    as_publication(name="Quoin", social=(Link("X", "https://x.com/quoin"),))
    said = metas(head_of(client, post.get_absolute_url()))
    assert said["og:title"] == "The harbour" and said["og:site_name"] == "Quoin" and said["og:type"] == "article"
    assert said["og:url"] == SITE + post.get_absolute_url() and said["og:description"] == "Noon."
    assert said["og:image"] == said["twitter:image"] and said["og:image"].endswith("card.jpg")
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    assert said["og:image:alt"] == said["twitter:image:alt"] == "A harbour"
    assert said["twitter:card"] == "summary_large_image"
    assert (said["twitter:site"], said["twitter:creator"]) == ("@quoin", "@author_x")
    assert said["article:author"].startswith(f"{SITE}/author/") and said["article:tag"] == "ferries"


def test_a_page_without_a_picture_shows_the_mark_of_the_publication(client, publish, as_publication):
    plain = publish("Plain").get_absolute_url()
    said = metas(head_of(client, plain))
    assert said["og:image"] == said["twitter:image"] == SITE + static("img/icon-512.png")
    assert (said["og:image:width"], said["og:image:height"], said["twitter:card"]) == ("512", "512", "summary")
    as_publication(logo=("/media/logo.png", 480, 120))
    assert metas(head_of(client, plain))["og:image"] == f"{SITE}/media/logo.png"


def test_feeds_are_named_in_every_format(client, post):
    found = re.findall(
        r'<link rel="alternate" type="([^"]+)" title="([^"]+)" href="([^"]+)">', head_of(client, "/category/places/")
    )
    kinds = ["application/rss+xml", "application/atom+xml", "application/feed+json"]
    ends = ["", "atom/", "json/"]
    addresses = [f"{SITE}{path}feed/{end}" for path in ("/", "/category/places/") for end in ends]
    assert [(kind, address) for kind, _, address in found] == list(zip(kinds * 2, addresses, strict=True))
    assert len({title for _, title, _ in found}) == 6
    for _, _, address in found:
        assert client.get(address.removeprefix(SITE)).status_code == 200


def test_what_is_kept_out_of_search_engines_says_so_and_no_more(client, publish, client_of, editor, write):
    hidden = publish("Hidden", noindex=True).get_absolute_url()
    head = head_of(client, hidden)
    assert '<meta name="robots" content="noindex">' in head and "ld+json" not in head
    assert '<meta name="robots" content="noindex">' in head_of(client, "/nowhere/at/all/")
    draft = write("Draft").get_absolute_url()
    assert "ld+json" not in head_of(client_of(editor), draft)


def test_no_words_of_people_leave_the_script(client, publish):
    evil = "</script><script>alert(1)</script>"
    post = publish(f"A {evil}", slug="a", excerpt=evil, tags=[evil])
    text = client.get(post.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    article = graph_of(client, post.get_absolute_url())[f"{SITE}/blog/a/#article"]
    assert article["headline"] == f"A {evil}"
    assert Post.objects.get().title == article["headline"]
