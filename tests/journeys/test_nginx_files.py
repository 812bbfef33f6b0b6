"""Files behind deploy/nginx.conf: pictures from its disk, originals only when the web process lets them pass."""

import http.server
import re
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from tests.journeys.test_nginx import NGINX, nginx_before

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KEY = "2026/11/" + "0f" * 12


class Web(http.server.BaseHTTPRequestHandler):
    """In place of the web process: notes who came, and lets a signed address pass."""

    protocol_version = "HTTP/1.1"
    came: list[str]

    def do_GET(self) -> None:
        self.came.append(f"{self.command} {self.path}")
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(403 if "unknown" in self.path else 200)
        if self.path.startswith("/media/signed/"):
            self.send_header("X-Accel-Redirect", "/letterpress-originals/2026/11/a%20film.mp4")
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Disposition", "inline; filename=Film.mp4")
            self.send_header("Cache-Control", "private, max-age=60")
            self.send_header("Content-Security-Policy", "default-src 'none'; sandbox")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[tuple[int, list[str]]]:
    """Its port, and the requests that reached it."""
    came: list[str] = []
    handler = type("Noting", (Web,), {"came": came})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], came
        server.shutdown()


@pytest.fixture
def front(web, tmp_path):
    for name, content in {
        f"media/{KEY}/0a1b2c3d-w640.avif": b"avif" * 100,
        f"media/{KEY}.jpg": b"the copy at its own address",
        f"media/{KEY}.svg": b"<svg/>",
        "media/page.html": b"<script>",
        "media/note": b"a note",
        "media-originals/2026/11/a film.mp4": bytes(range(256)) * 4,
    }.items():
        path = tmp_path / "var" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    limits = {"LETTERPRESS_UPLOAD_LIMIT": "2k", "LETTERPRESS_RECORDING_LIMIT": "8k"}
    with nginx_before(web[0], tmp_path, **limits) as running:
        yield running


def test_a_rendition_on_the_disk_never_reaches_the_web_process(front, web):
    status, headers, body = front.get(f"/media/{KEY}/0a1b2c3d-w640.avif")
    assert (status, body) == (200, b"avif" * 100)
    assert headers["Content-Type"] == "image/avif"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == ALONE
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert web[1] == []


def test_the_copy_at_an_assets_own_address_is_kept_for_minutes(front, web):
    status, headers, _ = front.get(f"/media/{KEY}.jpg")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=600"
    assert front.get(f"/media/{KEY}.jpg", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert web[1] == []


def test_a_part_of_a_file_is_had_without_the_rest(front):
    status, headers, body = front.get(f"/media/{KEY}/0a1b2c3d-w640.avif", Range="bytes=4-7")
    assert (status, body, headers["Content-Range"]) == (206, b"avif", "bytes 4-7/400")
    assert front.get(f"/media/{KEY}/0a1b2c3d-w640.avif", Range="bytes=400-")[0] == 416


def test_what_is_not_on_the_disk_is_asked_for_by_its_public_address(front, web):
    assert front.get(f"/media/{KEY}/0a1b2c3d-w320.avif")[0] == 200
    assert front.get("/media/2026/11/report.pdf")[0] == 200
    assert web[1] == [f"GET /media/{KEY}/0a1b2c3d-w320.avif", "GET /media/2026/11/report.pdf"]


def test_nothing_on_the_disk_runs_as_a_page(front, web):
    assert front.get("/media/page.html")[0] == 404
    assert front.get("/media/note")[1]["Content-Type"] == "application/octet-stream"
    drawing = front.get(f"/media/{KEY}.svg")[1]
    assert (drawing["Content-Type"], drawing["Content-Security-Policy"]) == ("image/svg+xml", ALONE)
    assert web[1] == []


def test_an_original_is_sent_when_the_web_process_lets_it_pass_and_never_else(front, web):
    status, headers, body = front.get("/media/signed/a-token", Range="bytes=254-257")
    assert (status, body, headers["Content-Range"]) == (206, b"\xfe\xff\x00\x01", "bytes 254-257/1024")
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Disposition"] == "inline; filename=Film.mp4"
    assert headers["Cache-Control"] == "private, max-age=60"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for address in (
        "/letterpress-originals/2026/11/a%20film.mp4",
        "/media/../media-originals/2026/11/a%20film.mp4",
        "/media/%2e%2e/media-originals/2026/11/a%20film.mp4",
        "/media/signed/../../letterpress-originals/2026/11/a%20film.mp4",
    ):
        assert b"\xfe\xff" not in front.get(address)[2], address
    assert front.get("/letterpress-originals/2026/11/a%20film.mp4")[0] == 404


def test_sound_and_film_may_be_larger_where_they_come_in(front, web):
    film = b"x" * 4096
    assert front.get("/admin/", "POST", film)[0] == 413
    assert front.get("/media/uploads/5f1c/", "POST", film)[0] == 200
    assert front.get("/media/uploads/5f1c/", "POST", film * 3)[0] == 413
    assert web[1] == ["GET /media/uploads/5f1c/", "POST /media/uploads/5f1c/"]


def test_nothing_is_taken_of_a_file_nobody_waits_for(front, web, tmp_path):
    """The head alone is sent: whoever is refused now has not been listened to any further."""
    with socket.create_connection(("127.0.0.1", front.port), timeout=10) as line:
        line.sendall(b"POST /media/uploads/unknown/ HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n" + b"x" * 100)
        assert line.recv(1000).startswith(b"HTTP/1.1 403")
    assert web[1] == ["GET /media/uploads/unknown/"]


def test_one_visitor_sends_four_files_at_once_and_is_told_when_to_go_on(front, web):
    head = b"POST /media/uploads/5f1c/ HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n"
    lines = [socket.create_connection(("127.0.0.1", front.port), timeout=10) for _ in range(4)]
    try:
        for line in lines:
            line.sendall(head)
        deadline = time.monotonic() + 10
        while len(web[1]) < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        status, headers, _ = front.get("/media/uploads/5f1c/", "POST", b"x")
        assert (status, headers["Retry-After"]) == (429, "5")
        assert front.get("/media/2026/11/report.pdf")[0] == 200
    finally:
        for line in lines:
            line.close()
    assert "POST /media/uploads/5f1c/" not in web[1]


@pytest.mark.slow
def test_a_missing_rendition_is_made_once_and_is_the_front_s_from_then_on(publication, tmp_path):
    media = tmp_path / "var" / "media"
    media.parent.mkdir()
    media.symlink_to(publication.env["MEDIA_ROOT"])
    publication.env |= {"PROXY_ADDRESSES": "127.0.0.1", "FILES_BY_NGINX": "1"}
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    with nginx_before(int(publication.env["PORT"]), tmp_path) as front:
        home = front.get("/")[2].decode()
        address = re.search(r"/media/[\w/.-]+-w\d+\.webp", home)[0]
        lying = tmp_path / "var" / address.removeprefix("/")
        lying.unlink(missing_ok=True)
        made, headers, _ = front.get(address)
        assert (made, headers["Content-Type"]) == (200, "image/webp")
        assert "X-Request-ID" in headers  # the web process made and sent it
        assert lying.exists()
        answers = [front.get(address) for _ in range(5)]
        assert {status for status, _, _ in answers} == {200}
        assert not any("X-Request-ID" in headers for _, headers, _ in answers)
        assert formatdate(lying.stat().st_mtime, usegmt=True) == answers[0][1]["Last-Modified"]
        assert answers[0][1]["ETag"] == headers["ETag"]  # whoever answers, the same tag
