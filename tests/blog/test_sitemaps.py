"""The map of the site: an index of pages search engines can read, with what may be found and nothing else."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from lxml import etree

from accounts.authors import ensure_profile
from accounts.roles import Role
from blog import publishing, sitemaps, taxonomy
from blog.models import Category, Post, PostAsset
from tests.blog.maps import map_of
from tests.conftest import make_person
from tests.core import corpora
from tests.media_assets.making_assets import make_asset

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SITE = "http://localhost:8000"
SPACES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "i": "http://www.google.com/schemas/sitemap-image/1.1",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}
XSD = corpora.SHARED / "corpora" / "schemas" / "sitemap-0.9.xsd"


def read(client, address):
    """A page of the map as a tree, once it is sound: each line a whole address of this site, none twice."""
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"].startswith("application/xml")
    assert len(response.content) < 50 * 2**20
    root = etree.fromstring(response.content)
    found = [line.text for line in root.iterfind("*/s:loc", SPACES)]
    assert all(line.startswith(f"{SITE}/") and line.isascii() for line in found)
    assert len(found) == len(set(found)) <= 50_000
    for moment in root.iterfind("*/s:lastmod", SPACES):
        assert datetime.fromisoformat(moment.text).tzinfo
    return root


def locations(root):
    return [line.text.removeprefix(SITE) for line in root.iterfind("*/s:loc", SPACES)]


def whole(client):
    """Every address of every page of the map."""
    return [line for page in locations(read(client, "/sitemap.xml")) for line in locations(read(client, page))]


@pytest.fixture
def site(publish, author):
    ensure_profile(author)
    places = taxonomy.save_category(Category(name="Places"))
    publish("The harbour", category=places, tags=["ferries"], at=NOON)
    publish("About", kind="page")


def test_the_index_leads_to_everything_that_may_be_found(client, site):
    pages = locations(read(client, "/sitemap.xml"))
    kinds = {re.sub(r"-\d+", "-N", page) for page in pages}
    assert kinds == {f"/sitemap-{name}.xml" for name in ("posts-N", "pages-N", "lists", "tags-N", "authors-N")}
    assert set(whole(client)) >= {
        *("/", "/blog/", "/archive/", "/blog/the-harbour/", "/about/"),
        *("/category/places/", "/tag/ferries/", "/author/author/"),
    }


@pytest.mark.skipif(not XSD.exists(), reason="the shared schemas are not beside this checkout")
def test_posts_follow_the_schema_of_sitemaps(client, site):
    schema = etree.XMLSchema(etree.parse(str(XSD)))
    for page in locations(read(client, "/sitemap.xml")):
        root = read(client, page)
        for other in root.xpath("//*[namespace-uri() != $own]", own=SPACES["s"]):
            other.getparent().remove(other)  # the schema asks for the schemas of the others, which are not public
        schema.assertValid(root)


@pytest.mark.parametrize("how", ["draft", "scheduled", "archived", "trashed", "noindex", "elsewhere"])
def test_what_is_not_to_be_found_is_on_no_page_of_the_map(client, site, write, publish, editor, as_publication, how):
    as_publication(is_news=True)
    publish("Fresh")
    name, tags = "Unseenwombat", ["ferries", "unseenwombats"]
    match how:
        case "draft":
            write(name, tags=tags)
        case "scheduled":
            publishing.schedule(write(name, tags=tags), by=editor, at=datetime(2099, 1, 1, tzinfo=UTC))
        case "archived":
            publishing.archive(publish(name, tags=tags), by=editor)
        case "trashed":
            publishing.trash(publish(name, tags=tags), by=editor)
        case "noindex":
            publish(name, tags=tags, noindex=True)
        case "elsewhere":
            publish(name, tags=tags, canonical_url="https://elsewhere.example/")
    pages = locations(read(client, "/sitemap.xml"))
    assert "/sitemap-news.xml" in pages
    for page in ["/sitemap.xml", *pages]:
        assert name.lower() not in client.get(page).content.decode().lower(), page


def test_pages_of_the_map_keep_their_posts_whatever_is_written_later(client, publish, monkeypatch):
    monkeypatch.setattr(sitemaps, "BLOCK", 3)
    posts = [publish(f"Post {number}") for number in range(7)]
    found = {}
    for page in locations(read(client, "/sitemap.xml")):
        if "posts" in page:
            number = int(re.findall(r"\d+", page)[0])
            found[number] = locations(read(client, page))
    expected: dict[int, list[str]] = {}
    for post in posts:
        expected.setdefault(post.pk // 3 + 1, []).append(post.get_absolute_url())
    assert found == expected and len(found) > 1


def test_a_page_says_when_something_in_it_last_changed(client, publish):
    post = publish("The harbour", at=NOON)
    Post.objects.filter(pk=post.pk).update(content_changed_at=NOON + timedelta(days=2))
    index = read(client, "/sitemap.xml")
    moments = {m.getparent()[0].text: m.text for m in index.iterfind("*/s:lastmod", SPACES)}
    (page,) = moments
    assert moments[page] == "2026-05-06T12:00:00+00:00"
    assert [m.text for m in read(client, page.removeprefix(SITE)).iterfind("*/s:lastmod", SPACES)] == [moments[page]]


def test_pictures_of_a_post_come_with_it_each_once(client, publish):
    shown, in_text, not_ready = make_asset(), make_asset(), make_asset()
    post = publish("The harbour", featured_image=shown)
    for asset in (shown, in_text, not_ready):
        PostAsset.objects.create(post=post, asset=asset)
    type(not_ready).objects.filter(pk=not_ready.pk).update(state="pending")
    (page,) = [page for page in locations(read(client, "/sitemap.xml")) if "posts" in page]
    pictures = [line.text for line in read(client, page).iterfind("*/i:image/i:loc", SPACES)]
    assert sorted(pictures) == sorted(f"{SITE}/media/{asset.public_name}" for asset in (shown, in_text))


def test_translations_are_named_with_one_for_everybody_else(client, publish):
    group = uuid.uuid4()
    publish("Der Hafen", translation_group=group, content_language="de")
    publish("The harbour", translation_group=group, content_language="en")
    publish("Le port", translation_group=group, content_language="fr", noindex=True)
    publish("Alone", translation_group=uuid.uuid4())
    (page,) = [page for page in locations(read(client, "/sitemap.xml")) if "posts" in page]
    told = {}
    for line in read(client, page):
        links = line.iterfind("x:link", SPACES)
        told[line[0].text] = {link.get("hreflang"): link.get("href") for link in links}
    english, german = f"{SITE}/blog/the-harbour/", f"{SITE}/blog/der-hafen/"
    assert told[english] == told[german] == {"en": english, "de": german, "x-default": english}
    assert told[f"{SITE}/blog/alone/"] == {}


def test_news_are_what_was_published_in_two_days(client, publish, as_publication):
    now = timezone.now()
    publish("Old", at=now - timedelta(hours=49))
    publish("Fresh & new", at=now - timedelta(hours=47), content_language="de-AT")
    assert client.get("/sitemap-news.xml").status_code == 404
    assert "news" not in client.get("/sitemap.xml").content.decode()
    as_publication(is_news=True, name="Quoin & Co")
    (line,) = read(client, "/sitemap-news.xml")
    said = {element.tag.split("}")[1]: element.text for element in line.iter()}
    assert (said["title"], said["name"], said["language"]) == ("Fresh & new", "Quoin & Co", "de")
    assert said["loc"] == f"{SITE}/blog/fresh-and-new/" and datetime.fromisoformat(said["publication_date"])


def test_each_edition_has_its_own_home_on_the_map(client, publish, as_publication):
    as_publication(editions=("de",))
    publish("Der Hafen", content_language="de", category=taxonomy.save_category(Category(name="Orte")))
    root = read(client, "/sitemap-lists.xml")
    found = locations(root)
    assert "/de/" in found and "/de/category/orte/" in found and "/category/orte/" not in found
    home = next(line for line in root if line[0].text == f"{SITE}/de/")
    told = {link.get("hreflang"): link.get("href") for link in home.iterfind("x:link", SPACES)}
    assert told == {"en-gb": f"{SITE}/", "de": f"{SITE}/de/", "x-default": f"{SITE}/"}


def test_lists_stand_in_each_edition_that_has_something_in_them_as_their_pages_say(
    client, publish, as_publication, editor, django_assert_num_queries
):
    as_publication(editions=("de", "fr"))
    second = make_person("second", Role.AUTHOR)
    places = taxonomy.save_category(Category(name="Places"))
    both = publish("The harbour", category=places, tags=["sea", "ferries"])
    german = publish("Der Hafen", category=places, tags=["sea", "Watt"], content_language="de-AT")
    german.co_authors.add(second)
    publish("Le port", tags=["marée"], content_language="fr", noindex=True, by=editor)
    told = {}
    for page in locations(read(client, "/sitemap.xml")):
        if page.startswith(("/sitemap-tags", "/sitemap-authors")):
            with django_assert_num_queries(1):
                client.get(page)
        for line in read(client, page):
            links = {link.get("hreflang"): link.get("href") for link in line.iterfind("x:link", SPACES)}
            told[line[0].text.removeprefix(SITE)] = links
    lists = {address for address in told if re.search(r"/(category|tag|author)/", address)}
    assert lists == {
        *("/category/places/", "/de/category/places/", "/tag/sea/", "/de/tag/sea/", "/tag/ferries/", "/de/tag/watt/"),
        *("/author/author/", "/de/author/author/", "/de/author/second/"),
    }
    assert both.get_absolute_url() in told
    sea = {"en-gb": f"{SITE}/tag/sea/", "de": f"{SITE}/de/tag/sea/", "x-default": f"{SITE}/tag/sea/"}
    assert told["/tag/sea/"] == told["/de/tag/sea/"] == sea
    for address in sorted(lists):
        head = client.get(address).content.decode().split("</head>")[0]
        assert "noindex" not in head, address
        on_page = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', head))
        assert on_page == told[address], address
    assert "noindex" in client.get("/tag/watt/").content.decode().split("</head>")[0]


@pytest.mark.parametrize(
    "name", ["posts", "posts-0", "posts-01", "posts-999999999", "posts-1e3", "lists-1", "news-1", "drafts-1", "-1", "٣"]
)
def test_no_other_page_is_there(client, site, name):
    assert client.get(f"/sitemap-{name}.xml").status_code == 404


def test_the_map_is_only_read(client, site):
    for address in ("/sitemap.xml", "/sitemap-lists.xml"):
        assert client.post(address).status_code == 405
        assert client.head(address).status_code == 200


def test_naughty_titles_break_no_map(client, db, author, as_publication):
    """They stand among the news."""
    as_publication(is_news=True)
    rows = [row.replace("\x00", "")[:300] for row in corpora.rows("naughty-strings")]
    rows = [row for row in rows if row.strip() and not any(0xD800 <= ord(sign) < 0xE000 for sign in row)]
    live = {"status": "published", "published_at": timezone.now(), "author": author}
    Post.objects.bulk_create(Post(title=row, slug=f"p{number}", **live) for number, row in enumerate(rows))
    assert len(read(client, "/sitemap-news.xml")) == len(rows) > 200


def test_the_map_asks_few_questions_and_none_once_made(client, publish, as_publication, django_assert_num_queries):
    as_publication(is_news=True)
    for number in range(5):
        publish(f"Post {number}", tags=["a"], translation_group=uuid.uuid4(), featured_image=make_asset())
    with django_assert_num_queries(3):
        pages = locations(read(client, "/sitemap.xml"))
    for page in pages:
        most = 3 if "posts" in page else 1
        with django_assert_num_queries(most):
            client.get(page)
        with django_assert_num_queries(0):
            client.get(page)


def test_a_page_of_the_map_keeps_its_addresses_and_leaves_out_pictures_before_it_grows_too_long(
    client, publish, monkeypatch
):
    posts = [publish(f"Post {number}", featured_image=make_asset()) for number in range(4)]
    whole_page = read(client, f"/sitemap-{map_of(posts[0])}.xml")
    assert len(whole_page.findall("*/i:image", SPACES)) == 4
    monkeypatch.setattr(sitemaps, "MOST_WITH_PICTURES", 800)
    page = etree.fromstring(sitemaps.page(map_of(posts[0])).encode())
    assert len(page.findall("*/s:loc", SPACES)) == len(posts)
    assert 0 < len(page.findall("*/i:image", SPACES)) < 4
