"""Small WordPress exports made by hand, for tests, and the place of the real ones."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SITES = {
    "cc-labs": DATA / "wxr" / "cc-labs.wordpress.2015.xml",
    "theme-test": DATA / "wxr" / "themeunittestdata.wordpress.xml",
}
EDGES = sorted((DATA / "wxr" / "edge-cases").rglob("*.xml"))
HOSTILE = DATA / "corpora" / "imports"
OPENING = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>Quay News</title><link>https://quay.example</link><language>en-GB</language>"""
VERSION = "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://quay.example</wp:base_blog_url>"


def item(
    old_id: int = 1, title: str = "High water", body: str = "The tide came in.", more: str = "", **fields: str
) -> str:
    """One item; `fields` are wp: elements by local name, `more` is anything else."""
    values = {
        "post_id": str(old_id),
        "post_date": "2020-07-01 12:00:00",
        "post_date_gmt": "2020-07-01 11:00:00",
        "post_name": f"item-{old_id}",
        "status": "publish",
        "post_type": "post",
    } | fields
    link = more if "<link>" in more else f"<link>https://quay.example/2020/07/{values['post_name']}/</link>{more}"
    creator = "" if "<dc:creator>" in more else "<dc:creator>ada</dc:creator>"
    inner = "".join(f"<wp:{name}><![CDATA[{value}]]></wp:{name}>" for name, value in values.items())
    return (
        f"<item><title><![CDATA[{title}]]></title>{link}{creator}"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>{inner}</item>"
    )


def meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def export(folder: Path, *parts: str, head: str = VERSION, name: str = "quay.xml") -> Path:
    place = folder / name
    place.write_text(OPENING + head + "".join(parts) + "</channel></rss>", encoding="utf-8")
    return place


def shared(place: Path) -> Path:
    """A file of the shared test data; skips where that folder is absent."""
    if not place.exists():
        pytest.skip(f"The shared test data is not beside this checkout ({place.name}).")
    return place
