"""Exports are read as a stream, whatever shape they have, and refused in words where they are broken."""

from datetime import UTC, datetime

import pytest

from tests.transfer.wxr import EDGES, HOSTILE, OPENING, SITES, VERSION, export, item, meta, shared
from transfer.records import Author, BrokenFile, Item, Site, SiteClock, Term
from transfer.wordpress import read_wxr

NOT_WHOLE = {
    "sample.xml",
    "sample-no-slug.xml",
    "crazy-cdata.xml",
    "malformed.xml",
    "malformed-simple.xml",
    "invalid-version-tag.xml",
    "missing-version-tag.xml",
}


def items(place):
    return [record for record in read_wxr(place) if isinstance(record, Item)]


def test_an_item_arrives_with_everything_it_says(tmp_path):
    category = '<category domain="category" nicename="sea"><![CDATA[The sea]]></category>'
    place = export(tmp_path, item(7, more=category + meta("_wp_old_slug", "tide"), is_sticky="1"))
    site, found = list(read_wxr(place))
    assert isinstance(site, Site) and site.base_url == "https://quay.example"
    assert (found.old_id, found.slug, found.author, found.is_sticky) == ("7", "item-7", "ada", True)
    assert found.terms == [("category", "sea", "The sea")] and found.meta["_wp_old_slug"] == ["tide"]
    assert found.utc == datetime(2020, 7, 1, 11, tzinfo=UTC)


def test_the_site_comes_first_and_authors_and_terms_before_items(tmp_path):
    head = (
        "<wp:author><wp:author_login>ada</wp:author_login></wp:author>"
        "<wp:category><wp:category_nicename>caf%C3%A9</wp:category_nicename><wp:cat_name>Café</wp:cat_name></wp:category>"
    )
    kinds = [type(record) for record in read_wxr(export(tmp_path, VERSION, head, item(), head=""))]
    assert kinds == [Site, Author, Term, Item]


def test_slugs_in_percent_signs_are_read_as_letters(tmp_path):
    assert items(export(tmp_path, item(post_name="caf%C3%A9-noir")))[0].slug == "café-noir"


def test_namespaces_are_known_by_prefix_whatever_their_address(tmp_path):
    place = export(tmp_path, item())
    place.write_text(place.read_text().replace("http://wordpress.org/export/1.2/", "https://wordpress.org/export/1.0/"))
    assert items(place)[0].old_id == "1"


def test_renamed_prefixes_are_known_by_address(tmp_path):
    place = export(tmp_path, item())
    text = place.read_text().replace("wp:", "ns3:").replace("content:encoded", "ns1:encoded")
    place.write_text(text.replace("xmlns:content", "xmlns:ns1").replace("xmlns:wp=", "xmlns:ns3="))
    assert (items(place)[0].old_id, items(place)[0].body) == ("1", "The tide came in.")


def test_text_split_over_several_sections_is_one_text(tmp_path):
    assert items(export(tmp_path, item(body="a ]]]]><![CDATA[> b")))[0].body == "a ]]> b"


def test_control_characters_and_broken_bytes_do_not_stop_it(tmp_path):
    place = export(tmp_path, item(body="one\x0b two"))
    place.write_bytes(b"\xef\xbb\xbf" + place.read_bytes().replace(b"High water", b"High \xe9\x00\x1bwater"))
    assert (items(place)[0].title, items(place)[0].body) == ("High �water", "one two")


def test_other_encodings_are_read_as_declared(tmp_path):
    place = export(tmp_path, item(title="Café"))
    place.write_bytes(place.read_text(encoding="utf-8").replace("UTF-8", "ISO-8859-1").encode("latin-1"))
    assert items(place)[0].title == "Café"


ENCODINGS = "hex zlib base64 bz2 rot13 uu quopri idna undefined punycode unicode_escape utf-16 utf-16le utf-32 utf-7"


@pytest.mark.parametrize("name", [*ENCODINGS.split(), "no-such", "cp037", "mbcs", "oem"])
def test_an_encoding_that_cannot_be_is_refused_in_words_or_read(tmp_path, name):
    place = export(tmp_path, item(title="Café +2AA- \\ud800 &#233; tide"))
    place.write_text(place.read_text().replace("UTF-8", name))
    try:
        assert items(place)
    except BrokenFile as refusal:
        assert "Nothing was imported" in str(refusal)


@pytest.mark.parametrize("name", ["hex", "zlib", "rot13", "idna", "undefined", "unicode_escape"])
def test_what_is_no_encoding_of_texts_is_called_unknown(tmp_path, name):
    place = export(tmp_path, item())
    place.write_text(place.read_text().replace("UTF-8", name))
    with pytest.raises(BrokenFile, match="which is unknown"):
        list(read_wxr(place))


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-32", "utf-16-be"])
def test_wide_encodings_are_read_or_refused_in_words(tmp_path, name):
    place = export(tmp_path, item(title="Café"))
    place.write_bytes(place.read_text().replace("UTF-8", name).encode(name))
    try:
        assert items(place)[0].title == "Café"
    except BrokenFile as refusal:
        assert "Nothing was imported" in str(refusal)


def test_never_published_drafts_have_no_time(tmp_path):
    zero = "0000-00-00 00:00:00"
    draft = item(post_date=zero, post_date_gmt=zero, more="<pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate>")
    found = items(export(tmp_path, draft))[0]
    assert found.utc is None and found.local is None


def test_the_zone_is_learnt_from_items_that_have_both_times():
    clock = SiteClock()
    clock.learn(datetime(2020, 1, 1, 12), datetime(2020, 1, 1, 12, tzinfo=UTC))
    clock.learn(datetime(2020, 7, 1, 12), datetime(2020, 7, 1, 11, tzinfo=UTC))
    assert clock.to_utc(datetime(2020, 7, 9, 8)) == datetime(2020, 7, 9, 7, tzinfo=UTC)
    assert clock.to_utc(datetime(2020, 2, 9, 8)) == datetime(2020, 2, 9, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (OPENING + VERSION + "<item><title>Fish & chips</title></item></channel></rss>", "bare &"),
        (OPENING + VERSION + "<item><title>a</title>", "cut off"),
        (OPENING + "<item></item></channel></rss>", "wxr_version"),
        ("<html></html>", "not a WordPress export"),
        ("", "empty"),
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss></rss>', "refused for safety"),
        (OPENING + VERSION + "<a>" * 100, "nested"),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path, text, words):
    place = tmp_path / "broken.xml"
    place.write_text(text)
    with pytest.raises(BrokenFile, match=words) as refusal:
        list(read_wxr(place))
    assert "broken.xml" in str(refusal.value) and "Nothing was imported" in str(refusal.value)


def test_the_place_of_the_fault_is_named(tmp_path):
    place = tmp_path / "broken.xml"
    place.write_text(OPENING + VERSION + "\n<item>\n<title>Fish & chips</title></item></channel></rss>")
    with pytest.raises(BrokenFile, match=r"line 6, column 14"):
        list(read_wxr(place))


def test_an_item_larger_than_memory_should_hold_is_marked_and_dropped(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.wordpress.MAX_RECORD", 5_000)
    big, small = items(export(tmp_path, item(1, body="x" * 9_000), item(2)))
    assert big.too_large and len(big.body) < 9_000 and not small.too_large


@pytest.mark.parametrize("place", EDGES, ids=lambda place: place.stem)
def test_every_edge_case_is_read_or_refused_in_words(place):
    if place.name in NOT_WHOLE:
        with pytest.raises(BrokenFile, match="line"):
            list(read_wxr(place))
    else:
        assert any(isinstance(record, Site) for record in read_wxr(place))


@pytest.mark.parametrize(
    "name",
    ["wxr-billion-laughs", "wxr-quadratic", "wxr-xxe-file", "patt-Classic-XXE", "patt-Classic-XXE-etc-passwd"],
)
def test_entities_are_refused_at_once(name):
    with pytest.raises(BrokenFile, match="refused for safety"):
        next(read_wxr(shared(HOSTILE / f"{name}.xml")))


@pytest.mark.parametrize(("site", "posts", "pages"), [("cc-labs", 219, 5), ("theme-test", 58, 21)])
def test_real_sites_are_read_whole(site, posts, pages):
    kinds = [record.kind for record in items(shared(SITES[site]))]
    assert (kinds.count("post"), kinds.count("page")) == (posts, pages)
