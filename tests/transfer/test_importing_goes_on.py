"""Whatever one thing of an export is like, the rest of it comes in and the report says what became of that one."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from blog.models import Category, Post, Tag
from media_assets.models import MediaAsset
from tests.transfer.test_importing_files import attachment, png
from tests.transfer.test_importing_wordpress import category, in_category
from tests.transfer.wxr import VERSION, export, item, meta
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploads(tmp_path, settings):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    (tmp_path / "uploads").mkdir()
    return tmp_path / "uploads"


def with_path(path: str, **fields: str) -> str:
    return attachment(**fields).replace("</item>", meta("_wp_attached_file", path) + "</item>")


# Categories


def test_a_category_whose_parent_is_missing_is_the_top_one_of_its_name(tmp_path):
    sea = Category.objects.create(name="Sea", slug="sea", path="sea")
    import_wordpress(export(tmp_path, item(more=in_category("sea")), head=VERSION + category("sea", "gone")))
    assert Category.objects.get() == sea and Post.objects.get().category == sea


def test_a_category_called_feed_gets_a_number_at_every_run(tmp_path):
    place = export(tmp_path, item(more=in_category("feed")), head=VERSION + category("sea") + category("feed", "sea"))
    import_wordpress(place)
    assert Post.objects.get().category.path == "sea/feed-2"
    assert import_wordpress(place).counts["categories", "unchanged"] == 2


def test_categories_deeper_than_trees_go_here_hang_higher_up(tmp_path):
    chain = "".join(category(f"c{n}", f"c{n - 1}" if n else "") for n in range(12))
    report = import_wordpress(export(tmp_path, item(), head=VERSION + chain))
    assert Category.objects.count() == 12 == report.counts["categories", "created"]
    assert max(path.count("/") for path in Category.objects.values_list("path", flat=True)) == 7


def test_a_tag_with_a_very_long_name_and_slug_comes_in(tmp_path):
    tag = f'<category domain="post_tag" nicename="{"t" * 300}"><![CDATA[ ]]></category>'
    import_wordpress(export(tmp_path, item(more=tag)))
    assert Tag.objects.get().name == "t" * 100


# Files


@pytest.mark.parametrize("path", ["loop.png", "a" * 300 + ".png", "folder/" * 2000 + "x.png"])
def test_a_file_that_cannot_be_read_is_lost_with_a_reason(tmp_path, uploads, path):
    (uploads / "loop.png").symlink_to(uploads / "loop.png")
    report = import_wordpress(
        export(tmp_path, item(), with_path(path, url="https://quay.example/x.png")), uploads=uploads
    )
    assert report.counts["files", "lost"] == 1 and Post.objects.exists() and not MediaAsset.objects.exists()


def test_a_file_nobody_may_read_is_lost_with_a_reason(tmp_path, uploads, monkeypatch):
    (uploads / "boat.png").write_bytes(png())

    def refuse(self, *_args):
        raise PermissionError(13, "Permission denied")

    place = export(tmp_path, item(), with_path("boat.png"))
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *args: (refuse if self.suffix == ".png" else opened)(self, *args))
    report = import_wordpress(place, uploads=uploads)
    assert "Permission denied" in report.items[0]["notes"][0] and Post.objects.exists()


@pytest.mark.parametrize("url", ["http://[::1", "https://quay.example/uploads/\u2100.png", "http://[x]/a.png"])
def test_a_file_whose_address_is_none_is_lost_with_a_reason(tmp_path, uploads, url):
    place = export(tmp_path, item(more=meta("_thumbnail_id", "50")), attachment(url))
    for ways in ({"uploads": uploads}, {"fetch_media": True}, {}):
        assert import_wordpress(place, **ways).counts["files", "created"] == 0
    assert Post.objects.count() == 1


# The report


@pytest.mark.parametrize("name", ["nowhere/report.json", "."])
def test_a_report_that_cannot_be_written_is_known_before_anything_is(tmp_path, name):
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("import_wordpress", export(tmp_path, item()), report=tmp_path / name, verbosity=0)
    assert not Post.objects.exists() and not os.path.exists(tmp_path / "nowhere")


def test_a_site_whose_own_address_is_none_comes_in(tmp_path):
    head = "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>http://[::1</wp:base_blog_url>"
    import_wordpress(export(tmp_path, item(), head=head))
    assert Post.objects.get().is_public
