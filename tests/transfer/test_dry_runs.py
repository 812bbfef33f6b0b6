"""A dry run promises what the real run then does, to the last count."""

import pytest

from accounts.models import User
from blog.models import Category, Post, Tag
from media_assets.models import MediaAsset
from tests.transfer.test_importing_files import png
from tests.transfer.test_importing_wordpress import ADA, category, everything, in_category
from tests.transfer.wxr import VERSION, export, item, meta
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db
TAGS = ("tide", "Tide"), ("tide-2", "TIDE"), ("ebb", "Ebb"), ("known", "Known"), ("ebb-2", "ebb ")


@pytest.fixture
def uploads(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MAX_UPLOAD_BYTES = 50_000
    place = tmp_path / "uploads"
    place.mkdir()
    (place / "boat.png").write_bytes(png())
    (place / "page.png").write_bytes(b"<html>")
    (place / "huge.png").write_bytes(b"x" * 50_001)
    (place / "loop.png").symlink_to(place / "loop.png")
    return place


def file(number: int, name: str, url: str = "") -> str:
    fields = {"attachment_url": url or f"https://quay.example/uploads/{name}"}
    return item(number, name, "", meta("_wp_attached_file", name), post_type="attachment", **fields)


def everything_odd(tmp_path, body: str = "Here."):
    twice = ADA.replace(">ada<", ">ada2<").replace("Ada@", "ADA@")
    wrong = [ADA.replace(">ada<", f">bad{n}<").replace("Ada@quay.example", "no address") for n in (1, 2)]
    readers = [ADA.replace(">ada<", f">r{n}<").replace("Ada@quay.example", "reader@example.org") for n in (1, 2)]
    filing = [category("sea"), category("Sea"), category("tides", "sea"), category("lost", "gone"), category("feed")]
    tags = "".join(
        f'<category domain="post_tag" nicename="{slug}"><![CDATA[{name}]]></category>' for slug, name in TAGS
    )
    files = [file(50 + n, name) for n, name in enumerate(("boat.png", "page.png", "huge.png", "loop.png", "none.png"))]
    return export(
        tmp_path,
        VERSION,
        ADA,
        twice,
        *wrong,
        *readers,
        *filing,
        *files,
        file(60, "", "http://[::1"),
        item(
            1, body=f'{body} <img src="https://quay.example/uploads/boat.png">', more=tags + in_category("tides", "new")
        ),
        item(2, post_date="0001-01-01 00:00:00", status="future", post_date_gmt="x"),
        item(3, more="<dc:creator></dc:creator>", status=""),
        item(4, post_type="page", more=meta("_thumbnail_id", "50")),
        item(5, body="word " * 250_000),
        head="",
    )


def both(place, **ways):
    before = everything()
    planned = import_wordpress(place, dry_run=True, **ways)
    assert everything() == before and planned.dry_run
    return planned, import_wordpress(place, **ways)


@pytest.mark.parametrize("with_files", [True, False])
def test_the_table_of_a_dry_run_is_the_table_of_the_real_one(tmp_path, reader, uploads, with_files):
    User.objects.filter(pk=reader.pk).update(email="reader@example.org")
    reader.emailaddress_set.all().delete()
    Tag.objects.create(name="known", slug="known")
    Category.objects.create(name="Lost", slug="lost", path="lost")
    planned, done = both(everything_odd(tmp_path), uploads=uploads if with_files else None)
    assert planned.counts == done.counts
    assert done.counts["tags", "created"] == 2 and done.counts["categories", "created"] == 4
    assert done.counts["files", "created"] == with_files and done.counts["authors", "created"] == 5


def test_a_second_dry_run_tells_the_truth_as_well(tmp_path, uploads):
    import_wordpress(everything_odd(tmp_path))
    planned, done = both(everything_odd(tmp_path, "There."), uploads=uploads)
    assert planned.counts == done.counts and done.counts["pages", "updated"] == done.counts["posts", "updated"] == 1


def test_a_dry_run_fetches_nothing_and_says_what_would_be_fetched(tmp_path, uploads, old_site):
    old_site.files["/uploads/none.png"] = png("red")
    place = everything_odd(tmp_path)
    place.write_text(place.read_text().replace("https://quay.example", old_site.url))
    planned = import_wordpress(place, uploads=uploads, fetch_media=True, dry_run=True)
    assert not old_site.asked and "would be fetched" in planned.table() and not MediaAsset.objects.exists()
    assert planned.counts == import_wordpress(place, uploads=uploads, fetch_media=True).counts
    assert old_site.asked == ["/uploads/none.png"] and Post.objects.count() == 4
