"""The library as a list: found, narrowed, sorted, turned, and asked for in a fixed number of questions."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from accounts.authors import ensure_profile
from media_assets.models import MediaAsset, MediaTag
from tests.media_assets.library_files import LIST, row

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
State, Kind = MediaAsset.State, MediaAsset.Kind


def names(client, **query):
    return [asset.name for asset in client.get(reverse(LIST), query).context["cl"].result_list]


def test_every_word_is_looked_for_in_name_alt_caption_credit_and_tags(client_of, author):
    row(1, name="Harbour", credit="Ada Sinclair")
    row(2, name="Bridge", caption="By Ada")
    tagged = row(3, name="Loom", alt_text="A weaver")
    tagged.tags.add(MediaTag.objects.create(name="Harbour"))
    client = client_of(author)
    assert names(client, q="harbour") == ["Loom", "Harbour"]
    assert names(client, q="ADA harbour") == ["Harbour"]
    assert names(client, q="weaver") == ["Loom"]
    assert names(client, q="nothing") == []
    assert names(client, q="%") == [] and names(client, q="har\0bour") == ["Loom", "Harbour"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "document"}, ["Paper"]),
        ({"described": "no"}, ["Bare"]),
        ({"described": "yes"}, ["Paper", "Decorative", "Wide", "Heavy", "Waiting", "Rejected"]),
        ({"large": "yes"}, ["Wide", "Heavy"]),
        ({"state": "waiting"}, ["Waiting"]),
        ({"state": "rejected"}, ["Rejected"]),
        ({"kind": "nonsense", "tag": "x", "by": "x", "added": "x"}, None),
    ],
)
def test_the_filters(client_of, author, query, found):
    every = [
        row(1, name="Bare"),
        row(2, name="Paper", kind=Kind.DOCUMENT, extension="pdf", width=None, height=None),
        row(3, name="Decorative", is_decorative=True),
        row(4, name="Wide", width=4000, alt_text="x"),
        row(5, name="Heavy", size_bytes=2_000_000, alt_text="x"),
        row(6, name="Waiting", state=State.SCANNING, alt_text="x"),
        row(7, name="Rejected", state=State.REJECTED, alt_text="x"),
    ]
    wanted = {asset.name for asset in every} if found is None else set(found)
    assert set(names(client_of(author), **query)) == wanted


def test_used_and_unused(client_of, author):
    used = row(1, name="Face")
    row(2, name="Left over")
    profile = ensure_profile(author)
    profile.avatar = used
    profile.save()
    client = client_of(author)
    assert (names(client, used="no"), names(client, used="yes")) == (["Left over"], ["Face"])
    page = client.get(reverse(LIST)).content.decode()
    assert "1 use<" in page and page.count("Not used</small>") == 1


def test_by_uploader_tag_and_day(client_of, author, editor):
    with time_machine.travel(NOW - timedelta(days=40), tick=False):
        row(1, author, name="Old").tags.add(tag := MediaTag.objects.create(name="press day"))
    with time_machine.travel(NOW, tick=False):
        row(2, editor, name="New")
        client = client_of(author)
        cache.clear()
        assert names(client, by=str(author.pk)) == ["Old"]
        assert names(client, tag=str(tag.pk)) == ["Old"] and names(client, tag="none") == ["New"]
        assert names(client, added="today") == ["New"] == names(client, added="month")
        assert names(client, added="year") == ["New", "Old"]


def test_sorting(client_of, author):
    row(1, name="b", size_bytes=10)
    row(2, name="a", size_bytes=30)
    row(3, name="c", size_bytes=20)
    client = client_of(author)
    assert names(client) == ["c", "a", "b"] and names(client, sort="oldest") == ["b", "a", "c"]
    assert names(client, sort="name") == ["a", "b", "c"] and names(client, sort="largest") == ["a", "c", "b"]
    assert names(client, sort="smallest") == ["b", "c", "a"] and names(client, sort="; drop") == ["c", "a", "b"]


def test_how_somebody_looks_at_it_is_kept_for_them(client_of, author, editor):
    row(1)
    client = client_of(author)
    assert 'class="lpm-tiles"' in client.get(reverse(LIST)).content.decode()
    client.get(reverse(LIST), {"view": "list", "per": "120"})
    page = client.get(reverse(LIST))
    assert "lpm-files" in page.content.decode() and page.context["cl"].list_per_page == 120
    assert 'class="lpm-tiles"' in client_of(editor).get(reverse(LIST)).content.decode()


def test_pages_and_their_numbers(client_of, author):
    MediaAsset.objects.bulk_create(
        MediaAsset(
            key=f"k{n}", file="x.jpg", extension="jpg", name=f"{n}", mime_type="image/jpeg", size_bytes=1, sha256=f"{n}"
        )
        for n in range(61)
    )
    client = client_of(author)
    assert "1–60 of 61" in client.get(reverse(LIST)).content.decode()
    page = client.get(reverse(LIST), {"p": 2}).content.decode()
    assert "61–61 of 61" in page and "61 files</p>" in page and "61 media" not in page


def test_an_empty_library_says_what_to_do_and_an_empty_search_what_was_sought(client_of, author):
    client = client_of(author)
    assert "The library is empty. Drop files anywhere" in client.get(reverse(LIST)).content.decode()
    page = client.get(reverse(LIST), {"q": "<whale>"}).content.decode()
    assert "Nothing in the library matches “&lt;whale&gt;”" in page and "<whale>" not in page


def test_it_says_what_the_scanner_holds_back(client_of, author):
    row(1, state=State.SCANNING)
    row(2, state=State.SCANNING)
    row(3, state=State.REJECTED)
    page = client_of(author).get(reverse(LIST)).content.decode()
    assert "2 files are looked at before readers get them" in page
    assert "The scanner found something in 1 file; readers get nothing of it." in page
    assert page.count("<img") == 0


def test_no_picture_of_the_list_is_the_picture_itself(client_of, author):
    asset = row(1)
    page = client_of(author).get(reverse(LIST)).content.decode()
    assert "-1x1-320." in page and f'src="{asset.url}"' not in page
    assert 'width="320" height="320" loading="lazy"' in page


def test_views_are_saved_and_rows_exported(client_of, author):
    row(1, alt_text="=danger", name="Harbour")
    client = client_of(author)
    client.post(reverse("admin:media_assets_mediaasset_views"), {"name": "Mine", "query": "described=no&sort=name"})
    assert ">Mine</a>" in client.get(reverse(LIST)).content.decode()
    answer = client.get(reverse("admin:media_assets_mediaasset_csv"), {"sort": "name"})
    lines = b"".join(answer.streaming_content).decode()
    assert "Harbour" in lines and "'=danger" in lines


@pytest.mark.parametrize(("view", "questions"), [("grid", 14), ("list", 15)])
def test_the_questions_do_not_grow_with_the_library(client_of, author, django_assert_num_queries, view, questions):
    client = client_of(author)
    for count in (1, 40):
        for number in range(count):
            row(count * 100 + number, author, kind=Kind.IMAGE).tags.add(
                MediaTag.objects.get_or_create(name=f"tag {number % 3}")[0]
            )
        client.get(reverse(LIST), {"view": view})
        with django_assert_num_queries(questions):
            client.get(reverse(LIST))
