"""The report of an import says what the publish checks would; nothing is held back for it."""

import pytest

from blog.models import Post
from tests.transfer.wxr import export, item
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db


def test_what_the_checks_find_is_told_and_the_posts_are_live_all_the_same(tmp_path):
    source = export(
        tmp_path,
        item(
            1, title="First", body='<a href="/none/">nowhere</a> <a href="https://quay.example/2020/07/item-2/">on</a>'
        ),
        item(2, title="Second", body='<a href="https://quay.example/2020/07/item-1/">back</a>'),
        item(3, title="Draft", body='<a href="/none/">nowhere</a>', status="draft"),
    )
    report = import_wordpress(source)
    assert Post.objects.published().count() == 2
    assert report.findings["Broken internal links", "blocking"] == 1
    told = {entry["title"]: entry["findings"] for entry in report.as_json()["publish_checks"]}
    assert any("/none/" in sentence for sentence in told["First"])
    assert not any("readers find nothing" in sentence for sentence in told.get("Second", []))
    assert "Draft" not in told
    assert "Broken internal links (blocking)" in report.table()


def test_what_did_not_change_is_not_looked_at_again(tmp_path):
    source = export(tmp_path, item(1, body='<a href="/none/">nowhere</a>'))
    import_wordpress(source)
    assert not import_wordpress(source).findings


def test_a_dry_run_has_nothing_to_look_at(tmp_path):
    source = export(tmp_path, item(1, body='<a href="/none/">nowhere</a>'))
    assert not import_wordpress(source, dry_run=True).findings
