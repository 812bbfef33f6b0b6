"""What an export does not say clearly is never public by accident, and dates nobody lived in stop nothing."""

from datetime import UTC, datetime

import pytest

from blog.models import Post
from tests.transfer.wxr import VERSION, export, item
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db
NEVER = "0000-00-00 00:00:00"


def notes_of(report) -> str:
    return " ".join(note for entry in report.items for note in entry["notes"])


@pytest.mark.parametrize("status", ["", "  ", "nonsense", "Publish"])
def test_a_state_nobody_knows_is_a_draft(tmp_path, client, status):
    report = import_wordpress(export(tmp_path, item(status=status)))
    assert Post.objects.get().status == "draft" and "it is a draft here" in notes_of(report)
    assert client.get("/blog/item-1/").status_code == 404


def test_an_item_without_any_state_is_a_draft(tmp_path):
    place = export(tmp_path, item())
    place.write_text(place.read_text().replace("<wp:status><![CDATA[publish]]></wp:status>", ""))
    import_wordpress(place)
    assert Post.objects.get().status == "draft"


@pytest.mark.parametrize(("local", "utc"), [(NEVER, NEVER), ("soon", "tomorrow"), ("3120-07-01 12:00:00", NEVER)])
def test_what_waited_for_a_time_nobody_can_read_is_a_draft(tmp_path, local, utc):
    report = import_wordpress(export(tmp_path, item(status="future", post_date=local, post_date_gmt=utc)))
    post = Post.objects.get()
    assert (post.status, post.published_at, post.scheduled_at) == ("draft", None, None)
    assert "waited for a time" in notes_of(report)


ODD = ("0001-01-01 00:00:00", "0999-12-31 23:59:59", "3000-01-01 00:00:00", "9999-12-31 23:59:59")


@pytest.mark.parametrize("odd", ODD)
def test_a_date_outside_the_years_we_use_stops_nothing(tmp_path, client, odd):
    report = import_wordpress(export(tmp_path, item(1, post_date=odd, post_date_gmt=odd), item(2)))
    assert Post.objects.get(slug="item-1").is_public and odd in notes_of(report)
    for path in ("/archive/", "/blog/", "/blog/item-1/", "/archive/2020/7/"):
        assert client.get(path).status_code == 200, path


def test_the_other_date_of_an_item_is_taken_where_one_is_odd(tmp_path):
    import_wordpress(
        export(tmp_path, item(1, post_date_gmt="9999-12-31 23:59:59"), item(2, post_date="0001-01-01 00:00:00"))
    )
    assert Post.objects.get(slug="item-1").published_at == datetime(2020, 7, 1, 12, tzinfo=UTC)
    assert Post.objects.get(slug="item-2").published_at == datetime(2020, 7, 1, 11, tzinfo=UTC)


def test_an_item_without_any_date_gets_the_one_of_the_export(tmp_path):
    head = "<pubDate>Fri, 03 Jul 2020 10:00:00 +0000</pubDate>" + VERSION
    report = import_wordpress(export(tmp_path, item(post_date=NEVER, post_date_gmt=NEVER), head=head))
    assert Post.objects.get().published_at == datetime(2020, 7, 3, 10, tzinfo=UTC)
    assert "the time the export was made" in notes_of(report)
