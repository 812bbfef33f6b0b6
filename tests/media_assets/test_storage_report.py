"""What the library takes up: the same sums on the page, by command and as JSON, in few questions."""

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.authors import ensure_profile
from media_assets.models import MediaAsset, Rendition
from media_assets.reporting import Room, report
from tests.media_assets.making_assets import make_asset

pytestmark = pytest.mark.django_db
PAGE = "admin:media_assets_mediaasset_storage"


def make(year=2026, made=0, **fields):
    asset = make_asset(**fields)
    MediaAsset.objects.filter(pk=asset.pk).update(created_at=datetime(year, 6, 1, tzinfo=UTC))
    if made:
        Rendition.objects.create(
            asset=asset, spec="w640.webp", file="x", mime_type="image/webp", width=1, height=1, size_bytes=made
        )
    return asset


@pytest.fixture
def library(author):
    """Two photographs, one of them an avatar, a drawing nobody described and a paper."""
    shown = make(2026, made=500, size_bytes=4000)
    make(2024, made=200, size_bytes=2000)
    make(2024, size_bytes=300, mime_type="image/svg+xml", alt_text="")
    make(2024, size_bytes=1000, kind="document", mime_type="application/pdf", alt_text="")
    profile = ensure_profile(author)
    profile.avatar = shown
    profile.save()
    return shown


def test_sums_by_type_and_year_are_exact(library):
    found = report()
    assert found.total == Room(4, 7300, 700)
    assert found.types == {
        ("image", "image/jpeg"): Room(2, 6000, 700),
        ("document", "application/pdf"): Room(1, 1000),
        ("image", "image/svg+xml"): Room(1, 300),
    }
    assert found.years == {2024: Room(3, 3300, 200), 2025: Room(), 2026: Room(1, 4000, 500)}
    assert [(each.asset.size_bytes, each.renditions) for each in found.largest] == [
        (4000, 500),
        (2000, 200),
        (1000, 0),
        (300, 0),
    ]
    assert found.unused == (3, 3300)
    assert found.without_words == 1


def test_new_year_is_where_the_site_is(settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    asset = make_asset()
    MediaAsset.objects.filter(pk=asset.pk).update(created_at=datetime(2025, 12, 31, 20, tzinfo=UTC))
    assert list(report().years) == [2026]


def test_an_empty_library_takes_up_nothing(client_of, editor):
    found = report()
    assert (found.total, found.types, found.years, found.largest, found.unused) == (Room(), {}, {}, [], (0, 0))
    assert "The library is empty." in client_of(editor).get(reverse(PAGE)).content.decode()


def test_the_page_shows_the_sums_a_chart_with_its_sentence_and_where_to_look(client_of, editor, library):
    page = client_of(editor).get(reverse(PAGE)).content.decode()
    assert "8 kB" in page and "KB" not in page
    assert "Files that came in in 2026 take up most: 4 kB, 4 kB of it originals." in page
    assert "Storage used by year, in kB" in page
    assert 'aria-label="Files that came in in 2026' in page
    library_page = reverse("admin:media_assets_mediaasset_changelist")
    assert f'<a href="{library_page}?used=no">3 files nothing shows</a>' in page
    assert f'<a href="{library_page}?described=no">1 picture without alt text</a>' in page
    assert page.count("<meter") == 3
    assert reverse("admin:media_assets_mediaasset_change", args=[library.pk]) in page


def test_only_those_who_look_after_all_files_see_it(client_of, author, moderator, reader, editor, admin):
    for person in (author, moderator):
        client = client_of(person)
        assert client.get(reverse(PAGE)).status_code == 403
        assert reverse(PAGE) not in client.get(reverse("admin:media_assets_mediaasset_changelist")).content.decode()
    assert client_of(reader).get(reverse(PAGE)).status_code == 302
    for person in (editor, admin):
        client = client_of(person)
        assert client.get(reverse(PAGE)).status_code == 200
        assert reverse(PAGE) in client.get(reverse("admin:media_assets_mediaasset_changelist")).content.decode()


def test_the_command_says_it_in_words_and_as_json(library):
    words = said()
    assert "Image, image/jpeg" in words
    assert words.splitlines()[-1] == "Not used: 3, 3 kB. Without alt text: 1."
    found = json.loads(said("--json"))
    assert found["total"] == {"files": 4, "original_bytes": 7300, "rendition_bytes": 700, "bytes": 8000}
    assert found["years"][1] == {"year": 2025, "files": 0, "original_bytes": 0, "rendition_bytes": 0, "bytes": 0}
    assert found["unused"] == {"files": 3, "original_bytes": 3300}
    assert found == report().as_plain()


def said(*options):
    output = io.StringIO()
    call_command("storage_report", *options, stdout=output)
    return output.getvalue().strip()


def test_ten_thousand_files_cost_the_questions_of_one(django_assert_num_queries):
    MediaAsset.objects.bulk_create(
        [
            MediaAsset(
                file="x.jpg",
                name="x",
                mime_type="image/jpeg",
                extension="jpg",
                size_bytes=number,
                sha256=f"{number:064x}",
            )
            for number in range(10_000)
        ],
        batch_size=1000,
    )
    # Originals, renditions, the largest, those without alt text, unsaved texts, and what nothing shows.
    with django_assert_num_queries(6):
        found = report()
    assert found.total.files == found.unused[0] == 10_000
    assert [each.asset.size_bytes for each in found.largest] == list(range(9999, 9989, -1))


def test_the_page_says_the_size_of_a_file_as_its_tile_does(client_of, editor):
    make_asset(size_bytes=796_364)
    client = client_of(editor)
    for address in (PAGE, "admin:media_assets_mediaasset_changelist"):
        assert "796 kB" in client.get(reverse(address)).content.decode()
