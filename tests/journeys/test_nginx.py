"""deploy/nginx.conf as it is filled in: what it hands on to the web process, what it serves, and whom it believes."""

import base64
import http.client
import http.server
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

import pytest
from django.conf import settings

from tests.core.test_secret_addresses import ADDRESSES, SECRET
from tests.journeys.conftest import free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

AROUND = """
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
${user}
events {}
http {
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    ${site}
}
"""
HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(b"sixteen letters!").decode(),
}


class Front:
    """A running nginx: `get` answers status, headers and body."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        upgraded = response.status == 101
        answer = response.status, response.headers, b"" if upgraded else response.read()
        connection.close()
        return answer


@contextmanager
def nginx_before(upstream: int, folder: Path, **variables: str) -> Iterator[Front]:
    port = free_port()
    filled = {
        "LETTERPRESS_UPSTREAM": f"127.0.0.1:{upstream}",
        "LETTERPRESS_PORT": f"127.0.0.1:{port}",
        "LETTERPRESS_FILES": str(folder),
        "LETTERPRESS_SCHEME": "http",
        "LETTERPRESS_TLS_PROXY": "127.0.0.1",
        "LETTERPRESS_UPLOAD_LIMIT": "25m",
        "LETTERPRESS_RECORDING_LIMIT": "510m",
        **variables,
    }
    site = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text()
    for name, value in filled.items():
        site = site.replace(f"${{{name}}}", value)
    site = site.replace("/var/log/nginx/access.log", str(folder / "access.log"))
    assert "${LETTERPRESS" not in site.partition("upstream letterpress_web")[2]
    whole = Template(AROUND).substitute(folder=folder, site=site, user="user root;" if os.getuid() == 0 else "")
    (folder / "nginx.conf").write_text(whole)
    process = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
    try:
        for _ in range(100):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield Front(port)
    finally:
        process.terminate()
        process.wait(10)


class TellHeaders(http.server.BaseHTTPRequestHandler):
    """In place of the web process: answers with the headers that reach it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        told = json.dumps([self.path, [[name.lower(), value] for name, value in self.headers.items()]]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def teller() -> Iterator[int]:
    """Its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), TellHeaders) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def reached(front: Front, path: str, **headers: str) -> dict[str, list[str]]:
    """The headers of the request as they came out behind nginx: name → all its values."""
    status, _, body = front.get(path, **headers)
    assert status == 200
    found: dict[str, list[str]] = {}
    for name, value in json.loads(body)[1]:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/ws/", "/static/css/base.css"])
def test_the_tls_end_is_believed_about_visitor_and_scheme(teller, tmp_path, path):
    with nginx_before(teller, tmp_path) as front:
        said = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https", "Host": "letterpress.example"}
        behind = reached(front, path, **said)
        assert behind["x-forwarded-for"] == ["203.0.113.7"]  # what the visitor wrote before it counts for nothing
        assert behind["x-forwarded-proto"] == ["https"]
        assert behind["host"] == ["letterpress.example"]
        assert len(behind["x-request-id"]) == 1
        assert reached(front, path, **{"X-Forwarded-Proto": "gopher"})["x-forwarded-proto"] == ["http"]


def test_anybody_else_is_not_believed(teller, tmp_path):
    with nginx_before(teller, tmp_path, LETTERPRESS_TLS_PROXY="192.0.2.1", LETTERPRESS_SCHEME="https") as front:
        behind = reached(front, "/", **{"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"})
        assert behind["x-forwarded-for"] == ["127.0.0.1"]
        assert behind["x-forwarded-proto"] == ["https"]


def test_visitors_behind_one_tls_end_do_not_share_the_brakes(teller, tmp_path):
    with nginx_before(teller, tmp_path) as front:

        def ask(visitor: int) -> int:
            return front.get("/accounts/login/", **{"X-Forwarded-For": f"203.0.113.{visitor}"})[0]

        assert {ask(visitor) for visitor in range(1, 60)} == {200}
        assert 429 in {ask(99) for _ in range(60)}


def lines_of_the_log(folder: Path, many: int) -> str:
    """What nginx wrote, once it wrote so many lines: it does so after the answer."""
    log = folder / "access.log"
    for _ in range(100):
        if log.exists() and log.read_text().count("\n") >= many:
            break
        time.sleep(0.05)
    return log.read_text()


def test_a_key_in_an_address_is_in_no_line(teller, tmp_path):
    odd = [f"/comments/1/mine/?key={SECRET}&token={SECRET}", f"/comments/confirm/{SECRET}/?key={SECRET}&x={SECRET}"]
    quiet = [address for address in ADDRESSES if address.startswith("/media/signed/")]
    asked = [address for address in [*ADDRESSES, *odd] if address not in quiet]
    with nginx_before(teller, tmp_path) as front:
        for address in [*quiet, *asked]:
            assert front.get(address)[0] == 200
            assert front.get("/about/", Referer=f"https://letterpress.example{address}")[0] == 200
        lines = lines_of_the_log(tmp_path, 2 * len(asked) + len(quiet))
    assert lines.count("GET ") == 2 * len(asked) + len(quiet) and "nobody-knows" not in lines and "s3cret" not in lines
    assert '"GET /comments/confirm/... HTTP/1.1" 200' in lines and "/comments/1/edit/?back=1&key=..." in lines
    assert '"https://letterpress.example/calendar/..."' in lines


def test_other_addresses_are_read_as_they_were_asked_for(teller, tmp_path):
    asked = ["/search/?q=tides&page=2", "/comments/hear/a-post/", "/comments/1/mine/?monkey=1", "/me/feed/", "/"]
    with nginx_before(teller, tmp_path) as front:
        for address in asked:
            front.get(address, Referer=f"https://letterpress.example{address}", **{"User-Agent": "Tester"})
        lines = lines_of_the_log(tmp_path, len(asked)).splitlines()
    for address, line in zip(asked, lines, strict=True):
        assert f'"GET {address} HTTP/1.1" 200 ' in line
        assert line.endswith(f'"https://letterpress.example{address}" "Tester"')


def test_open_sockets_make_no_page_wait_and_have_a_measure_of_their_own(tmp_path):
    with socket.create_server(("127.0.0.1", 0), backlog=400) as silent:
        with nginx_before(silent.getsockname()[1], tmp_path) as front:
            ask = b"GET /ws/posts/a/ HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
            opened = [socket.create_connection(("127.0.0.1", front.port)) for _ in range(200)]
            for each in opened:
                each.sendall(ask)
            time.sleep(1)
            for each in opened:
                each.setblocking(False)
                with pytest.raises(BlockingIOError):
                    each.recv(1)  # nobody was refused: all wait for the web process
            assert front.get("/nginx-alive")[0] == 200
            assert front.get("/ws/posts/a/", Connection="Upgrade", Upgrade="websocket")[0] == 503
            for each in opened:
                each.close()


def test_a_static_file_that_nginx_has_not_is_asked_for_by_its_public_address(teller, tmp_path):
    here = tmp_path / "static-collected" / "css"
    here.mkdir(parents=True)
    (here / "here.css").write_text("p { color: red }")
    with nginx_before(teller, tmp_path) as front:
        assert json.loads(front.get("/static/css/base.css")[2])[0] == "/static/css/base.css"
        status, headers, body = front.get("/static/css/here.css")
        assert (status, body) == (200, b"p { color: red }")
        assert "immutable" in headers["Cache-Control"]


@pytest.mark.slow
def test_a_publication_is_whole_behind_nginx(publication, tmp_path):
    publication.env |= {"PROXY_ADDRESSES": "127.0.0.1"}
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    with nginx_before(int(publication.env["PORT"]), tmp_path) as front:
        assert front.get("/nginx-alive")[0] == 200
        status, _, home = front.get("/")
        assert status == 200 and b"<html" in home
        status, headers, _ = front.get("/static/css/base.css")
        assert status == 200 and headers["Content-Type"].startswith("text/css")
        assert front.get("/static/css/none.css")[0] == 404
        assert front.get("/accounts/login/")[0] == 200
        # nobody listens at any socket address yet, and it is the application that says so, not nginx with a 400
        assert front.get("/ws/unknown/", Origin=f"http://127.0.0.1:{front.port}", **HANDSHAKE)[0] in {101, 403}
        assert front.get("/ws/unknown/", Origin="https://elsewhere.example", **HANDSHAKE)[0] == 403


@pytest.mark.slow
def test_production_behind_a_tls_end_is_not_sent_to_https_for_ever(empty_publication, tmp_path):
    empty_publication.env |= {
        "ENVIRONMENT": "production",
        "DEBUG": "0",
        "SECRET_KEY": "nothing but a test knows this key of fifty letters and more",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": "https://letterpress.example",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "PROXY_ADDRESSES": "127.0.0.1",
    }
    empty_publication.start("manage.py", "migrate", "--verbosity", "0").wait(120)
    empty_publication.start("-m", "config.serve")
    empty_publication.wait_until_listening()
    with nginx_before(int(empty_publication.env["PORT"]), tmp_path) as front:
        assert front.get("/robots.txt", **{"X-Forwarded-Proto": "https"})[0] == 200
        status, headers, _ = front.get("/robots.txt", **{"X-Forwarded-Proto": "http"})
        assert status == 301 and headers["Location"].startswith("https://127.0.0.1")
