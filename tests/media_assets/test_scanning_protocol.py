"""What clamd says of a file is believed only when it says it plainly."""

import io
import socket
import time

import pytest

from media_assets import clamd as asking
from tests.media_assets.clamd import EICAR, LIMIT, MARK, READ, clamd, exactly, heard, one_clamd, stand_in

__all__ = ["clamd", "one_clamd"]


def ask(content: bytes, **options: float) -> str:
    return asking.ask(io.BytesIO(content), **options)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_a_real_clamd_tells_clean_from_infected(clamd, settings, over):
    settings.SCANNER_URL = clamd.url if over == "tcp" else clamd.socket_url
    assert ask(b"a harmless text") == ""
    assert ask(b"") == ""
    assert ask(b"before" + MARK + b"after").startswith("Letterpress.Test")
    assert ask(EICAR.encode()).startswith("Eicar.Test")
    assert asking.is_there()


def test_a_mark_on_the_border_of_two_pieces_is_found(clamd):
    assert ask(b"x" * (asking.PIECE - 5) + MARK).startswith("Letterpress.Test")


@pytest.mark.parametrize("size", [READ + 1, LIMIT + 1, 20 * LIMIT])
def test_what_a_real_clamd_does_not_take_or_not_read_to_the_end_is_too_large(clamd, size):
    assert ask(b"x" * READ) == ""
    with pytest.raises(asking.TooLarge):
        ask(b"x" * size)


def test_nobody_at_the_address_is_silence(clamd, settings, tmp_path):
    clamd.stop()
    for url in (clamd.url, f"unix://{tmp_path}/nothing.ctl"):
        settings.SCANNER_URL = url
        with pytest.raises(asking.Silent, match="cannot be reached"):
            ask(b"x")
        assert not asking.is_there()


def test_the_file_goes_over_in_pieces_of_bounded_size(settings):
    got = []

    def listen(connection: socket.socket, command: bytes) -> None:
        assert command == b"zINSTREAM\0"
        while length := int.from_bytes(exactly(connection, 4)):
            exactly(connection, length)
            got.append(length)
        connection.sendall(b"stream: OK\0")

    with stand_in(listen) as settings.SCANNER_URL:
        assert ask(b"x" * 150_000) == ""
    assert (sum(got), max(got)) == (150_000, asking.PIECE)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",  # broken off before its end
        b"stream: OKAY\0",
        b"OK\0",
        b"stream: OK\nstream: X FOUND\0",
        b"\xff\xfe\0",
        b"UNKNOWN COMMAND\0",
        b"stream: Can't allocate memory ERROR\0",
        b"x" * 10_000,
    ],
)
def test_an_answer_that_is_not_plain_lets_nothing_pass(settings, answer):
    def say(connection: socket.socket, command: bytes) -> None:
        heard(connection)
        connection.sendall(answer)

    with stand_in(say) as settings.SCANNER_URL, pytest.raises(asking.Silent):
        ask(b"content")


def test_a_connection_cut_in_the_middle_is_silence(settings):
    with stand_in(lambda connection, command: None) as settings.SCANNER_URL, pytest.raises(asking.Silent):
        ask(b"x" * 5_000_000)


@pytest.mark.parametrize("reads", [True, False])
def test_one_that_says_nothing_is_left_after_the_time_allowed(settings, reads):
    def be_slow(connection: socket.socket, command: bytes) -> None:
        if reads:
            heard(connection)
        connection.settimeout(20)
        for _ in range(400):  # takes the file a byte at a time, and hangs up in the end
            if not connection.recv(1) or reads:
                break
            time.sleep(0.05)

    # Who waits until it hangs up hears an empty answer instead.
    with stand_in(be_slow) as settings.SCANNER_URL, pytest.raises(asking.Silent, match="in time"):
        ask(b"x" * 10_000_000, seconds=0.5)
