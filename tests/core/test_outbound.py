"""Requests to addresses that somebody typed: only public hosts, bounded in size and time."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core import outbound
from core.addresses import is_public
from core.outbound import AddressRefused, NotKept, TimedOut, TooLarge, TooManyRedirects, Unreachable, fetch

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "corpora" / "ssrf" / "urls.jsonl"


class Handler(BaseHTTPRequestHandler):
    """A small host with one address for each behaviour."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.hits.append((self.path, dict(self.headers)))
        match self.path.split("?")[0]:
            case "/hello":
                self._answer(200, b"hello")
            case "/to-hello":
                self._answer(302, b"", Location="/hello")
            case "/to-private":
                self._answer(302, b"", Location=f"http://127.0.0.2:{self.server.server_port}/hello")
            case "/round":
                self._answer(302, b"", Location="/round")
            case "/endless":
                self._endless()
            case "/short":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"x")
                self.close_connection = True
            case "/drip":
                self.send_response(200)
                self.end_headers()
                self._drip()
            case "/drip-head":
                self._drip()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hits.append((self.path, dict(self.headers)))
        self._answer(200, body)

    def _answer(self, status, content, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _endless(self):
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65536)
        except OSError:
            self.close_connection = True

    def _drip(self):
        try:
            for _ in range(100):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def host():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hits = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def allowed(host, settings):
    settings.OUTBOUND_ALLOW_PRIVATE = [f"127.0.0.1:{host.server_port}"]
    return host


def test_an_allowed_host_is_called_and_answers(allowed):
    answer = fetch(f"{allowed.url}/hello?q=ä b".replace(" ", "%20"), headers={"X-Mark": "1"})
    assert (answer.status, answer.content) == (200, b"hello")
    assert answer.headers.get("content-length") == "5"
    path, headers = allowed.hits[0]
    assert path == "/hello?q=%C3%A4%20b"
    assert headers["Accept-Encoding"] == "identity" and headers["X-Mark"] == "1"


def test_a_body_is_sent_as_it_is(allowed):
    assert fetch(f"{allowed.url}/any", method="POST", body=b"\x00\xff").content == b"\x00\xff"


def test_a_private_host_is_refused_and_hears_nothing(host, settings):
    settings.OUTBOUND_ALLOW_PRIVATE = []
    with pytest.raises(AddressRefused, match="public internet"):
        fetch(f"{host.url}/hello")
    assert host.hits == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpora are not beside this checkout")
def test_every_address_of_the_corpus_is_refused(host, settings):
    settings.OUTBOUND_ALLOW_PRIVATE = []
    rows = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    for row in rows:
        url = row["url"].replace("8999", str(host.server_port))
        with pytest.raises((AddressRefused, Unreachable)):
            fetch(url, timeout=5, redirects=3)
    assert len(rows) >= 41
    assert host.hits == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9", "240.0.0.1",
        "192.88.99.1", "168.63.129.16", "::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "fc00::1", "fd00:ec2::254",
        "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "100::1", "5f00::1", "not-an-address",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_known(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101"])
def test_a_public_address_is_known(address):
    assert is_public(address)


def test_a_name_that_changes_its_mind_wins_nothing(host, settings, monkeypatch):
    settings.OUTBOUND_ALLOW_PRIVATE = []
    calls, connected = [], []

    def resolve(name, port, *args, **kwargs):
        calls.append(name)
        address = "1.1.1.1" if len(calls) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self, address):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(outbound.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outbound.socket.socket, "connect", connect)
    with pytest.raises(Unreachable):
        fetch(f"http://rebind.test:{host.server_port}/hello")
    assert (len(calls), connected) == (1, ["1.1.1.1"])


def test_one_private_address_among_public_ones_refuses_the_name(settings, monkeypatch):
    settings.OUTBOUND_ALLOW_PRIVATE = []
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *args, **kwargs: both)
    with pytest.raises(AddressRefused):
        fetch("http://mixed.test/")


def test_redirects_are_answers_unless_asked_for(allowed):
    assert fetch(f"{allowed.url}/to-hello").status == 302
    answer = fetch(f"{allowed.url}/to-hello", redirects=1)
    assert (answer.content, answer.url) == (b"hello", f"{allowed.url}/hello")
    with pytest.raises(TooManyRedirects):
        fetch(f"{allowed.url}/round", redirects=3)


def test_a_redirect_to_a_private_host_is_refused(allowed):
    with pytest.raises(AddressRefused):
        fetch(f"{allowed.url}/to-private", redirects=3)
    assert [path for path, _ in allowed.hits] == ["/to-private"]


def test_an_endless_answer_is_cut(allowed):
    with pytest.raises(TooLarge) as caught:
        fetch(f"{allowed.url}/endless", max_bytes=100_000)
    assert caught.value.status == 200


@pytest.mark.parametrize("path", ["/drip", "/drip-head"])
def test_an_answer_that_trickles_ends_with_the_deadline(allowed, path):
    started = time.monotonic()
    with pytest.raises(TimedOut):
        fetch(allowed.url + path, timeout=0.5)
    assert time.monotonic() - started < 1.5


def test_an_answer_that_breaks_off_is_not_taken_for_whole(allowed):
    with pytest.raises(Unreachable):
        fetch(f"{allowed.url}/short")


def test_a_body_can_go_to_a_file_instead_of_memory(allowed, tmp_path):
    with (tmp_path / "body").open("w+b") as place:
        place.write(b"something longer that was here before")
        answer = fetch(f"{allowed.url}/to-hello", redirects=1, into=place)
        assert (answer.status, answer.content) == (200, b"")
        place.seek(0)
        assert place.read() == b"hello"


def test_a_body_for_a_file_is_bounded_and_must_be_whole_as_well(allowed, tmp_path):
    with (tmp_path / "body").open("w+b") as place:
        with pytest.raises(TooLarge):
            fetch(f"{allowed.url}/endless", max_bytes=100_000, into=place)
        assert place.tell() <= 100_000
        with pytest.raises(TooLarge):
            fetch(f"{allowed.url}/hello", max_bytes=4, into=place)
        assert place.tell() == 0
        with pytest.raises(Unreachable):
            fetch(f"{allowed.url}/short", into=place)


def test_a_full_disk_is_not_taken_for_a_silent_host(allowed):
    with open("/dev/full", "r+b", buffering=0) as place:
        place.truncate = lambda: None
        with pytest.raises(NotKept, match="No space left"):
            fetch(f"{allowed.url}/hello", into=place)


def test_a_resolver_that_hangs_ends_with_the_deadline(monkeypatch):
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *args, **kwargs: time.sleep(2))
    with pytest.raises(TimedOut):
        fetch("http://slow.test/", timeout=0.2)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "http://u:p@example.org/", "http://example.org:25/", "http://example.org:6379/", "http://",
     "http://example.org:99999/", "//example.org/", "javascript:alert(1)", "http://exa mple.org/", "http://[::1/"],
)  # fmt: skip
def test_an_address_of_the_wrong_kind_is_refused_before_any_name_is_asked(url, monkeypatch):
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *args, **kwargs: pytest.fail("asked for a name"))
    with pytest.raises(AddressRefused):
        fetch(url)


def test_only_the_schemes_that_were_allowed(allowed):
    with pytest.raises(AddressRefused, match="https://"):
        fetch(f"{allowed.url}/hello", allowed_schemes=("https",))


def test_proxies_of_the_environment_are_not_used(allowed, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert fetch(f"{allowed.url}/hello").content == b"hello"


def test_a_certificate_is_checked_against_the_name(settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings.OUTBOUND_ALLOW_PRIVATE = [f"127.0.0.1:{port}"]
        threading.Thread(target=lambda: listener.accept()[0].sendall(b"not TLS at all\r\n\r\n"), daemon=True).start()
        with pytest.raises(Unreachable, match="encrypt"):
            fetch(f"https://127.0.0.1:{port}/", timeout=3)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_https_works_with_a_known_certificate_and_with_no_other(settings, tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        + ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.hits = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = server.server_port
    settings.OUTBOUND_ALLOW_PRIVATE = [f"localhost:{port}", f"127.0.0.1:{port}"]
    with pytest.raises(Unreachable, match="certificate of localhost is not valid"):
        fetch(f"https://localhost:{port}/hello")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetch(f"https://localhost:{port}/hello").content == b"hello"
    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1 is not valid"):
        fetch(f"https://127.0.0.1:{port}/hello")
    server.shutdown()
    server.server_close()
