"""The language of a page comes from its address: lists under a code, posts at one address in their own language."""

import json
import re
from dataclasses import replace

import pytest
from django.utils import translation

from blog import publishing, translations
from blog.models import Category, Post
from blog.taxonomy import save_category
from core import languages, publication
from tests.blog.maps import map_of


@pytest.fixture(autouse=True)
def editions(monkeypatch):
    """German and Arabic have lists of their own; French could have and has none."""
    whole = replace(publication.from_environment(), editions=("de", "ar"))
    monkeypatch.setattr(publication, "_read", lambda: whole)


@pytest.fixture
def harbour(publish) -> Post:
    return publish("The harbour", content_language="en", tags=["boats"])


@pytest.fixture
def hafen(publish) -> Post:
    return publish("Der Hafen", content_language="de-AT", tags=["boats"])


def html(client, path: str, **headers) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, path
    return response.content.decode()


def language_of(page: str) -> tuple[str, ...]:
    return re.search(r'<html lang="([^"]+)" dir="([^"]+)"', page).groups()


def alternates(page: str) -> dict[str, str]:
    return dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)"', page))


@pytest.mark.parametrize("place", ["", "blog/", "tag/boats/", "archive/", "feed/"])
def test_an_edition_lists_its_language_and_the_main_lists_the_rest(client, harbour, hafen, publish, place):
    publish("qach", content_language="tlh", tags=["boats"])
    publish("Le port", content_language="fr", tags=["boats"])
    main, german = html(client, f"/{place}"), html(client, f"/de/{place}")
    if place != "archive/":
        assert "Der Hafen" in german and "The harbour" not in german and "qach" not in german
        assert "Der Hafen" not in main and all(title in main for title in ("The harbour", "qach", "Le port"))
    if place != "feed/":
        assert (language_of(main), language_of(german)) == (("en-gb", "ltr"), ("de", "ltr"))
        assert f'<link rel="canonical" href="{languages_home()}de/{place}"' in german
        assert "Alle Beiträge" in html(client, "/de/blog/") and "Alle Beiträge" not in html(client, "/blog/")


def languages_home() -> str:
    return publication.current().url + "/"


def test_a_feed_says_its_language(client, hafen):
    assert "<language>de</language>" in html(client, "/de/feed/")
    assert "<language>en-gb</language>" in html(client, "/feed/")


@pytest.mark.parametrize(
    "path", ["/en-gb/", "/en/", "/fr/", "/fr/blog/", "/xx/", "/de/blog/der-hafen/", "/de/admin/", "/DE/", "/de/de/"]
)
def test_what_is_no_edition_is_nowhere(client, hafen, path):
    assert client.get(path).status_code == 404


def test_neither_cookies_nor_browsers_choose(client, harbour, hafen):
    client.cookies["django_language"] = "de"
    page = client.get("/", headers={"accept-language": "de,ar;q=0.9"})
    assert language_of(page.content.decode()) == ("en-gb", "ltr")
    assert "Accept-Language" not in page.headers.get("Vary", "")
    assert "The harbour" in page.content.decode()


def test_a_post_has_one_address_and_speaks_its_language(client, hafen):
    page = html(client, hafen.get_absolute_url())
    assert language_of(page) == ("de", "ltr")
    assert 'href="/de/archive/"' in page
    assert "Teilen" in page and "Share</" not in page
    assert translation.get_language() == "en-gb"


def test_a_language_nobody_here_speaks_is_that_of_the_text_alone(client, publish):
    page = html(client, publish("qach", content_language="tlh").get_absolute_url())
    assert language_of(page) == ("en-gb", "ltr")
    assert 'lang="tlh"' in page


def test_arabic_is_written_from_the_right_and_code_from_the_left(client, publish):
    post = publish("الميناء", content_language="ar", text="نص\n\n```\nprint(1)\n```\n")
    assert language_of(html(client, post.get_absolute_url())) == ("ar", "rtl")
    assert language_of(html(client, "/ar/")) == ("ar", "rtl")
    missing = client.get("/ar/nothing/")
    assert (missing.status_code, language_of(missing.content.decode())) == (404, ("ar", "rtl"))


def test_an_arabic_text_runs_from_the_right_though_it_begins_with_a_latin_word(client, publish):
    post = publish("GPS في الميناء", content_language="ar", text="GPS نظام\n", excerpt="GPS هنا")
    page = html(client, post.get_absolute_url())
    assert '<h1 dir="rtl" lang="ar">' in page and 'class="dek" dir="rtl"' in page
    assert re.search(r'<div class="prose[^"]*" dir="rtl" lang="ar">', page)
    assert '<h3 class="ttl" dir="rtl" lang="ar">' in html(client, "/ar/blog/")
    unknown = html(client, publish("qach", content_language="tlh").get_absolute_url())
    assert '<h1 dir="auto" lang="tlh">' in unknown


def test_linked_posts_lead_to_each_other(client, harbour, hafen, publish, editor):
    translations.link(harbour, hafen, by=editor)
    here = publication.current().url
    expected = {
        "en": here + harbour.get_absolute_url(),
        "de-AT": here + hafen.get_absolute_url(),
        "x-default": here + harbour.get_absolute_url(),
    }
    for post, other in ((harbour, hafen), (hafen, harbour)):
        page = html(client, post.get_absolute_url())
        assert alternates(page) == expected
        link = re.search(r'class="told in-languages">.*?</p>', page, re.DOTALL)[0]
        assert f'href="{other.get_absolute_url()}"' in link
        assert f'hreflang="{other.content_language}"' in link
    german = re.search(r'<nav class="editions".*?</nav>', html(client, harbour.get_absolute_url()), re.DOTALL)[0]
    assert f'href="{hafen.get_absolute_url()}" lang="de"' in german
    assert 'href="/ar/" lang="ar" dir="rtl"' in german


@pytest.mark.parametrize("step", ["draft", "trashed", "archived"])
def test_a_translation_that_is_not_live_is_nowhere(client, harbour, write, publish, editor, step):
    hidden = (write if step == "draft" else publish)("Geheimer Hafen", content_language="de")
    translations.link(harbour, hidden, by=editor)
    if step == "trashed":
        publishing.trash(Post.objects.get(pk=hidden.pk), by=editor)
    if step == "archived":
        publishing.archive(Post.objects.get(pk=hidden.pk), by=editor)
    page = html(client, harbour.get_absolute_url())
    assert not alternates(page)
    assert hidden.slug not in page
    assert "Geheimer Hafen" not in html(client, "/de/") + html(client, "/de/feed/")


def test_the_switch_leads_to_the_same_list_where_there_is_one(client, harbour, hafen, publish):
    places = save_category(Category(name="Places"))
    publish("Only here", content_language="en", category=places)
    tag, category = html(client, "/tag/boats/"), html(client, places.get_absolute_url())
    assert 'href="/de/tag/boats/" lang="de"' in tag
    assert set(alternates(tag)) == {"en-gb", "de", "x-default"}
    assert 'href="/de/" lang="de"' in category
    assert "de" not in alternates(category)


def test_without_editions_there_is_no_switch_and_all_is_listed(client, harbour, hafen, monkeypatch):
    monkeypatch.setattr(publication, "_read", publication.from_environment)
    page = html(client, "/")
    assert "Der Hafen" in page and "The harbour" in page
    assert 'class="editions"' not in page
    assert client.get("/de/").status_code == 404
    assert language_of(html(client, hafen.get_absolute_url())) == ("en-gb", "ltr")


def test_a_page_cannot_take_the_address_of_an_edition(write):
    from blog.addresses import RESERVED

    assert {"de", "fr", "ar", "en", "en-gb"} <= RESERVED
    assert write("De", kind="page").slug == "de-2"


def test_a_german_publication_keeps_an_english_edition(client, harbour, hafen, settings, monkeypatch):
    from config.spoken import languages as spoken

    settings.LANGUAGE_CODE = "de"
    settings.LANGUAGES = spoken("de")
    monkeypatch.setattr(publication, "_read", lambda: replace(publication.from_environment(), editions=("en",)))
    assert [code for code, _ in languages.known()] == ["de", "en", "fr", "ar"]
    german, english = html(client, "/"), html(client, "/en/")
    assert (language_of(german), language_of(english)) == (("de", "ltr"), ("en", "ltr"))
    assert "Der Hafen" in german and "The harbour" not in german
    assert "The harbour" in english and "Der Hafen" not in english
    assert language_of(html(client, harbour.get_absolute_url())) == ("en", "ltr")
    assert client.get("/de/").status_code == 404


def nodes(page: str) -> dict[str, dict]:
    graph = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])["@graph"]
    return {node["@type"]: node for node in graph}


def test_linked_data_tells_the_original_and_its_translations_apart(client, hafen, harbour, publish, editor):
    lonely = html(client, harbour.get_absolute_url())
    assert not {"workTranslation", "translationOfWork"} & nodes(lonely)["Article"].keys()
    translations.link(harbour, hafen, by=editor)
    first, second = sorted((harbour, hafen), key=lambda post: post.pk)
    original = nodes(html(client, first.get_absolute_url()))["Article"]
    translated = nodes(html(client, second.get_absolute_url()))["Article"]
    (told,) = original["workTranslation"]
    assert told["@id"] == translated["@id"] and told["inLanguage"] == second.content_language
    assert translated["translationOfWork"]["@id"] == original["@id"]
    assert translated["translationOfWork"]["inLanguage"] == first.content_language
    assert "translationOfWork" not in original and "workTranslation" not in translated


def test_the_contact_form_has_its_text_and_its_address_in_each_edition(client, publish, write, editor):
    page = publish("Contact", kind="page", content_language="en", text="Write to us.")
    assert page.slug == "contact"
    german = publish("So erreichen Sie uns", kind="page", content_language="de", text="Schreiben Sie uns.")
    hidden = write("Arabisch", kind="page", content_language="ar", text="GEHEIM")
    assert "Schreiben Sie uns." not in html(client, "/de/contact/")
    for other in (german, hidden):
        translations.link(page, other, by=editor)
    main, there, arabic = (html(client, f"/{code}contact/") for code in ("", "de/", "ar/"))
    assert "Write to us." in main and "Schreiben" not in main
    assert "Schreiben Sie uns." in there and "Write to us." not in there and '<form class="form"' in there
    assert "GEHEIM" not in arabic and "Write to us." not in arabic
    here = publication.current().url
    expected = {"en-gb": f"{here}/contact/", "de": f"{here}/de/contact/", "ar": f"{here}/ar/contact/"}
    for shown in (main, there, arabic):
        assert alternates(shown) == {**expected, "x-default": f"{here}/contact/"}
    assert not alternates(html(client, german.get_absolute_url()))
    assert "hreflang" not in client.get(f"/sitemap-{map_of(page)}.xml").content.decode()


def test_a_list_that_has_nothing_in_an_edition_leads_to_the_one_that_has(client, publish, author):
    places = save_category(Category(name="Places"))
    publish("Only here", content_language="en", category=places, tags=["boats"])
    for path in ("/tag/boats/", places.get_absolute_url(), f"/author/{author.author_profile.slug}/"):
        empty = html(client, f"/de{path}")
        assert '<meta name="robots" content="noindex">' in empty and not alternates(empty)
        assert f'<a href="{path}" lang="en-gb"' in empty and "Only here" not in empty
        assert "de" not in alternates(html(client, path))
        assert "<item>" not in html(client, f"/de{path}feed/")


def test_the_name_of_what_only_drafts_have_is_no_edition_s(client, write):
    write("Unsaid", tags=["merger"])
    assert client.get("/tag/merger/").status_code == client.get("/de/tag/merger/").status_code == 404
    assert client.get("/de/tag/merger/feed/").status_code == 404


def in_map(client, name: str) -> dict[str, dict[str, str]]:
    lines = re.findall(r"<url><loc>([^<]+)</loc>(.*?)</url>", client.get(f"/sitemap-{name}.xml").content.decode())
    return {place: dict(re.findall(r'hreflang="([^"]+)" href="([^"]+)"', rest)) for place, rest in lines}


def test_page_feed_and_map_name_the_same_translations_both_ways(client, harbour, hafen, publish, write, editor):
    mina = publish("الميناء", content_language="ar")
    draft = write("Le port", content_language="fr")
    for other in (hafen, mina, draft):
        translations.link(harbour, other, by=editor)
    here = publication.current().url
    shown = {here + post.get_absolute_url(): post for post in (harbour, hafen, mina)}
    told = in_map(client, map_of(harbour))
    for address, post in shown.items():
        page = alternates(html(client, post.get_absolute_url()))
        assert page == told[address] and set(page.values()) == set(shown)
        assert page["x-default"] == here + harbour.get_absolute_url()
        assert f'<link rel="canonical" href="{address}">' in html(client, post.get_absolute_url())
    for code in ("", "de/", "ar/"):
        feed = html(client, f"/{code}feed/atom/")
        assert draft.slug not in feed
        assert set(re.findall(r'hreflang="([^"]+)"', feed)) >= {"en", "de-AT", "ar"}


@pytest.mark.parametrize("kept_out", [{"noindex": True}, {"canonical_url": "https://elsewhere.example/hafen"}])
def test_what_search_engines_are_kept_from_is_nobody_s_translation(client, harbour, hafen, publish, editor, kept_out):
    for other in (hafen, publish("الميناء", content_language="ar")):
        translations.link(harbour, other, by=editor)
    here = publication.current().url
    Post.objects.filter(pk=hafen.pk).update(**kept_out)
    assert set(in_map(client, map_of(harbour))[here + harbour.get_absolute_url()]) == {"en", "ar", "x-default"}
    assert set(alternates(html(client, harbour.get_absolute_url()))) == {"en", "ar", "x-default"}
    assert not alternates(html(client, hafen.get_absolute_url()))


def test_the_lists_of_the_map_are_those_the_pages_name(client, harbour, hafen):
    here = publication.current().url
    told = in_map(client, "lists")
    for path in ("/", "/blog/", "/archive/"):
        for code in ("", "/de", "/ar"):
            assert told[f"{here}{code}{path}"] == alternates(html(client, f"{code}{path}"))
