"""Pictures of the old site: from a folder or fetched, through the one safe door, never from where they must not be."""

import socket
import threading
from io import BytesIO

import pytest
from PIL import Image

from blog.models import Post, Redirect
from media_assets.models import MediaAsset
from tests.transfer.wxr import HOSTILE, export, item, meta, shared
from transfer.importing import import_wordpress

pytestmark = pytest.mark.django_db
URL = "https://quay.example/wp-content/uploads/2020/07/boat.png"


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")


def png(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (600, 400), colour).save(out, "PNG")
    return out.getvalue()


def attachment(url: str = URL, **fields: str) -> str:
    more = meta("_wp_attachment_image_alt", "A boat") + "<link>https://quay.example/2020/07/tide/boat/</link>"
    return item(50, "Boat", "", more, post_type="attachment", status="inherit", attachment_url=url, **fields)


@pytest.fixture
def uploads(tmp_path):
    place = tmp_path / "uploads" / "2020" / "07"
    place.mkdir(parents=True)
    (place / "boat.png").write_bytes(png())
    return tmp_path / "uploads"


def test_a_featured_picture_comes_from_the_uploads_folder(tmp_path, uploads):
    import_wordpress(export(tmp_path, item(more=meta("_thumbnail_id", "50")), attachment()), uploads=uploads)
    post = Post.objects.get()
    assert post.featured_image.alt_text == post.featured_image_alt == "A boat"


def test_texts_show_the_new_address_of_a_picture_in_any_size(tmp_path, uploads):
    body = f'<img src="{URL.replace(".png", "-300x200.png")}" alt="x"> <img src="{URL.replace("https", "http")}?w=30">'
    import_wordpress(export(tmp_path, item(body=body), attachment()), uploads=uploads)
    text = Post.objects.get().content_markdown
    assert text.count(MediaAsset.objects.get().url) == 2 and "quay.example" not in text


def test_files_stay_where_they_are_when_nobody_asks_for_them(tmp_path, monkeypatch):
    monkeypatch.setattr("transfer.fetching.fetch", lambda *args, **kwargs: pytest.fail("nobody asked"))
    report = import_wordpress(export(tmp_path, item(body=f'<img src="{URL}">'), attachment()))
    assert report.counts["files", "skipped"] == 1 and URL in Post.objects.get().content_markdown


@pytest.mark.parametrize("path", ["../../secret.png", "/etc/passwd", "link.png"])
def test_nothing_outside_the_uploads_folder_is_read(tmp_path, uploads, path):
    (tmp_path / "secret.png").write_bytes(png("red"))
    (uploads / "link.png").symlink_to(tmp_path / "secret.png")
    place = export(
        tmp_path,
        attachment("https://quay.example/x.png").replace("</item>", meta("_wp_attached_file", path) + "</item>"),
    )
    report = import_wordpress(place, uploads=uploads)
    assert not MediaAsset.objects.exists() and report.counts["files", "lost"] == 1


def test_pictures_that_arrive_later_are_put_into_the_texts(tmp_path, uploads):
    place = export(tmp_path, item(body=f'<img src="{URL}">'), attachment())
    import_wordpress(place)
    assert import_wordpress(place, uploads=uploads).counts["posts", "updated"] == 1
    assert MediaAsset.objects.get().url in Post.objects.get().content_markdown
    assert import_wordpress(place, uploads=uploads).counts["posts", "unchanged"] == 1


def test_the_page_of_a_file_leads_to_the_post_it_was_in(tmp_path, client):
    import_wordpress(export(tmp_path, item(1), attachment(post_parent="1")))
    assert client.get("/2020/07/tide/boat/")["Location"] == "/blog/item-1/"


def test_a_link_to_the_page_of_a_file_leads_to_the_file_or_its_post(tmp_path, uploads):
    body = '<a href="https://quay.example/2020/07/tide/boat/">Boat</a>'
    place = export(tmp_path, item(1, body=body), attachment(post_parent="1"))
    import_wordpress(place)
    assert Post.objects.get().content_markdown == "[Boat](/blog/item-1/)"


def test_an_address_inside_the_own_network_is_never_called(tmp_path):
    """The hostile export names 127.0.0.1:8999; somebody listens there and must hear nothing."""
    place = shared(HOSTILE / "wxr-ssrf-attachment-one.xml")
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        own = tmp_path / "ssrf.xml"
        own.write_text(place.read_text().replace(":8999", f":{port}"))
        listener = threading.Thread(target=lambda: heard.append(server.accept()), daemon=True)
        listener.start()
        report = import_wordpress(own, fetch_media=True)
        listener.join(0.2)
        assert heard == [] and report.counts["files", "lost"] == 1
    assert not MediaAsset.objects.exists() and not Redirect.objects.exists()
