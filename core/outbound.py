"""The safe HTTP client: every request to an address that somebody typed leaves through `fetch`.

A host name is resolved once, every address it has is checked, and the connection is opened to the very address that was
checked, so a name that changes its mind between the check and the call wins nothing. Certificates are checked against
the name. Proxies of the environment are not used, redirects only when asked for (each one checked like the first),
answers are bounded in size and the whole exchange in time. Ports 80, 443 and those from 1024 are allowed, except where
another protocol (databases, caches, chat) would take a request for its own.
"""

import http.client
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings

from core.addresses import is_public

_OTHER_PROTOCOLS = frozenset(
    {2049, 3306, 3659, 4045, 5060, 5061, 5432, 5672, 6000, 6379, *range(6665, 6670), 6697, 9042, 9200, 11211, 27017}
)
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect"})
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 64 * 1024


class OutboundError(Exception):
    """A request that was not made or not answered; the message is a sentence that may be shown to staff."""


class AddressRefused(OutboundError):
    """The address may not be called: private, malformed, or of a kind that was not allowed."""


class Unreachable(OutboundError):
    """Nobody answered at the address, or what came back was not HTTP."""


class TimedOut(OutboundError):
    """The whole exchange took longer than allowed."""


class TooLarge(OutboundError):
    """The answer is larger than allowed; `status` tells what it began with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooManyRedirects(OutboundError):
    """The answer was one redirect more than asked for."""


class NotKept(OutboundError):
    """What came could not be written to the file it was meant for."""


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (names in any case), the body as sent (never decompressed), the last address."""

    status: int
    headers: http.client.HTTPMessage
    content: bytes
    url: str


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str
    url: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout: float = 10.0,
    max_bytes: int = 65_536,
    redirects: int = 0,
    allowed_schemes: tuple[str, ...] = ("http", "https"),
    into: IO[bytes] | None = None,
) -> Answer:
    """Send one HTTP request to a public address and return the answer, whatever its status.

    `timeout` is in seconds and covers everything from the name to the last byte, redirects included; `max_bytes` bounds
    the body. With `redirects=0` a redirect is an answer like any other; with more, so many are followed, never from
    https to http, and secrets stay behind when the host changes. With `into`, a file that can be emptied, the body is
    written there piece by piece instead of being held in memory, and `content` is empty.
    Raises AddressRefused, Unreachable, TimedOut, TooLarge, TooManyRedirects or NotKept, all of them OutboundError.
    """
    deadline = time.monotonic() + timeout
    given = dict(headers or {})
    if clash := [name for name in given if name.lower() in _OURS]:
        raise ValueError(f"The client itself sets these headers: {', '.join(clash)}.")
    followed = 0
    while True:
        target = _parse(url, allowed_schemes)
        if into is not None:
            into.seek(0)
            into.truncate()
        answer = _exchange(target, method, given, body, deadline, timeout, max_bytes, into)
        location = answer.headers.get("Location")
        if not redirects or answer.status not in _REDIRECTS or not location:
            return answer
        followed += 1
        if followed > redirects:
            raise TooManyRedirects(f"{target.host} redirects more than {redirects} times.")
        url = urljoin(target.url, location)
        after = _parse(url, allowed_schemes)
        if target.scheme == "https" and after.scheme == "http":
            raise AddressRefused(f"{target.host} redirects from https to http, which is not followed.")
        if (after.scheme, after.host, after.port) != (target.scheme, target.host, target.port):
            given = {name: value for name, value in given.items() if name.lower() not in _SECRETS}
        if answer.status == 303 or (answer.status in (301, 302) and method == "POST"):
            method, body = "GET", None
            given = {name: value for name, value in given.items() if name.lower() != "content-type"}


def require_callable(url: str, *, allowed_schemes: tuple[str, ...] = ("http", "https")) -> None:
    """Raises AddressRefused for an address that could never be called: malformed, or private in so many numbers.

    No name is asked for: what a name means is looked at when it is called, each time.
    """
    target = _parse(url, allowed_schemes)
    if _is_excepted(target):
        return
    host = target.host.rstrip(".")
    try:
        # However they are written: 127.1, 0x7f000001, 2130706433.
        found = socket.getaddrinfo(host, target.port, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        is_private = host == "localhost" or host.endswith(".localhost")
    else:
        is_private = not all(is_public(str(address[0])) for *_, address in found)
    if is_private:
        raise AddressRefused(f"{target.host} is not an address of the public internet.")


def _parse(url: str, allowed_schemes: tuple[str, ...]) -> _Target:
    if any(ord(character) <= 32 or ord(character) == 127 or character == "\\" for character in url):
        raise AddressRefused("The address contains a space, a backslash or a control character.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("The address is not a valid URL.") from None
    scheme = parts.scheme.lower()
    if scheme not in allowed_schemes or scheme not in ("http", "https"):
        raise AddressRefused(f"The address must begin with {' or '.join(f'{name}://' for name in allowed_schemes)}.")
    if "@" in parts.netloc:
        raise AddressRefused("The address contains a user name or password; leave them out.")
    host = _ascii_host(parts.hostname or "")
    if port is None:
        port = 443 if scheme == "https" else 80
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        path += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|")
    target = _Target(scheme, host, port, path, url)
    if not _is_excepted(target) and (port in _OTHER_PROTOCOLS or (port < 1024 and port not in (80, 443))):
        raise AddressRefused(f"Port {port} belongs to another protocol and is not called.")
    return target


def _ascii_host(host: str) -> str:
    if not host or "%" in host:
        raise AddressRefused("The address names no valid host.")
    if ":" in host:
        return host
    try:
        return host.encode("ascii" if host.isascii() else "idna").decode("ascii").lower()
    except UnicodeError:
        raise AddressRefused("The address names no valid host.") from None


def _is_excepted(target: _Target) -> bool:
    """Whether the installation allows this host and port although they are private (tests, a receiver next door)."""
    return f"{target.host}:{target.port}" in getattr(settings, "OUTBOUND_ALLOW_PRIVATE", ())


def _exchange(
    target: _Target,
    method: str,
    headers: Mapping[str, str],
    body: bytes | None,
    deadline: float,
    timeout: float,
    max_bytes: int,
    into: IO[bytes] | None = None,
) -> Answer:
    late = TimedOut(f"{target.host} took longer than {timeout:g} seconds.")
    raw = _connect(target, deadline, late)
    with _ended_at(deadline, raw) as ran_out:
        connection = http.client.HTTPConnection(target.host, target.port)
        try:
            connection.sock = _secure(raw, target) if target.scheme == "https" else raw
            _send(connection, target, method, headers, body)
            response = connection.getresponse()
            if into is None:
                content = _read(response, target, method, max_bytes)
            else:
                content = _pour(response, target, method, max_bytes, into)
        except (TooLarge, NotKept):
            raise
        except (OSError, http.client.HTTPException) as error:
            if ran_out.is_set() or isinstance(error, TimeoutError):
                raise late from None
            raise Unreachable(_reason(target, error)) from None
        finally:
            connection.close()
            raw.close()
        if ran_out.is_set():
            raise late
    return Answer(response.status, response.headers, content, target.url)


def _connect(target: _Target, deadline: float, late: TimedOut) -> socket.socket:
    addresses = _resolve(target, deadline, late)
    if not _is_excepted(target) and not all(is_public(address[0]) for _, address in addresses):
        raise AddressRefused(f"{target.host} is not an address of the public internet.")
    failure: OSError | None = None
    for family, address in addresses:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise late
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(remaining)
            sock.connect(address)
            return sock
        except TimeoutError:
            sock.close()
            raise late from None
        except OSError as error:
            sock.close()
            failure = error
    raise Unreachable(_reason(target, failure))


def _resolve(target: _Target, deadline: float, late: TimedOut) -> list[tuple[int, tuple]]:
    """The addresses of the host, asked for once; the system's resolver has no time-out, so a thread waits for it."""
    answers: queue.SimpleQueue = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="outbound-resolve").start()
    try:
        found = answers.get(timeout=max(0.0, deadline - time.monotonic()))
    except queue.Empty:
        raise late from None
    if isinstance(found, Exception) or not found:
        raise Unreachable(f"The host {target.host} is not known.")
    return [(family, address) for family, _, _, _, address in found]


@contextmanager
def _ended_at(deadline: float, sock: socket.socket) -> Iterator[threading.Event]:
    """Cuts the connection at `deadline`; the time-out of a socket begins anew with every byte that trickles in."""
    handle, ran_out = sock.dup(), threading.Event()

    def cut() -> None:
        ran_out.set()
        try:
            handle.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield ran_out
    finally:
        timer.cancel()
        handle.close()


def _secure(raw: socket.socket, target: _Target) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(raw, server_hostname=target.host.rstrip("."))


def _send(
    connection: http.client.HTTPConnection, target: _Target, method: str, headers: Mapping[str, str], body: bytes | None
) -> None:
    connection.putrequest(method, target.path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", target.authority)
    connection.putheader("Accept-Encoding", "identity")
    connection.putheader("Connection", "close")
    names = {name.lower() for name in headers}
    if "user-agent" not in names:
        connection.putheader("User-Agent", f"Letterpress (+{getattr(settings, 'SITE_URL', '')})")
    for name, value in headers.items():
        connection.putheader(name, value)
    if body is not None or method in ("POST", "PUT", "PATCH"):
        connection.putheader("Content-Length", str(len(body or b"")))
    connection.endheaders(body)


def _read(response: http.client.HTTPResponse, target: _Target, method: str, max_bytes: int) -> bytes:
    promised = response.length
    content = response.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise TooLarge(f"The answer of {target.host} is larger than {max_bytes:,} bytes.", response.status)
    if promised and len(content) < promised and method != "HEAD":
        raise http.client.IncompleteRead(content, promised - len(content))
    return content


def _pour(response: http.client.HTTPResponse, target: _Target, method: str, max_bytes: int, into: IO[bytes]) -> bytes:
    """Write the body to `into`; what is announced as too large is not even begun."""
    promised, kept = response.length, 0
    too_large = TooLarge(f"The answer of {target.host} is larger than {max_bytes:,} bytes.", response.status)
    if promised and promised > max_bytes and method != "HEAD":
        raise too_large
    while piece := response.read(_PIECE):
        kept += len(piece)
        if kept > max_bytes:
            raise too_large
        try:
            into.write(piece)
        except OSError as error:
            raise NotKept(f"What {target.host} sent could not be kept ({error.strerror}).") from error
    if promised and kept < promised and method != "HEAD":
        raise http.client.IncompleteRead(b"", promised - kept)
    return b""


def _reason(target: _Target, error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {target.host} is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"{target.host} and this site found no common way to encrypt."
    if isinstance(error, ConnectionRefusedError):
        return f"{target.host} refuses connections on port {target.port}."
    if isinstance(error, http.client.HTTPException):
        return f"The answer of {target.host} is not valid HTTP."
    return f"{target.host} does not answer on port {target.port}."
