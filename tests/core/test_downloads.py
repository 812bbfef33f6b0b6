"""Files by parts and on conditions, as RFC 9110 has it."""

import os

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from core.downloads import BLOCK, SERVER_SENDS_PARTS, HandedOver, OutOfRange, answer, wanted_part

CONTENT = bytes(range(100))


@pytest.fixture
def ask(tmp_path):
    path = tmp_path / "a file"
    path.write_bytes(CONTENT)
    os.utime(path, (1_700_000_000, 1_700_000_000))

    def get(method="GET", environment=None, **headers):
        request = getattr(RequestFactory(headers=headers), method.lower())("/", **(environment or {}))
        return answer(request, str(path), {"Content-Type": "text/x-test", "Content-Disposition": "attachment"})

    return get


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=10-19", range(10, 20)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=-1000", range(100)),
        ("bytes=99-4000", range(99, 100)),
        ("Bytes= 3-4 ", range(3, 5)),
    ],
)
def test_one_part(header, part):
    assert wanted_part(header, 100) == part


@pytest.mark.parametrize(
    "header", ["", "bytes", "bytes=", "bytes=-", "bytes=5-4", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b", "bytes=٣-٤"]
)
def test_what_is_no_single_part_means_the_whole(header):
    assert wanted_part(header, 100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_what_is_beyond_the_file(header, size):
    with pytest.raises(OutOfRange):
        wanted_part(header, size)


@given(st.text(max_size=40) | st.from_regex(r"bytes=\d*-\d*", fullmatch=True), st.integers(0, 10**12))
def test_whatever_is_asked_lies_inside_the_file(header, size):
    try:
        part = wanted_part(header, size)
    except OutOfRange:
        return
    assert part is None or (part.step == 1 and 0 <= part.start < part.stop <= size)


def test_the_whole_file_says_how_long_it_is_and_that_it_comes_in_parts(ask):
    response = ask()
    assert (response.status_code, response.getvalue()) == (200, CONTENT)
    assert (response["Content-Length"], response["Accept-Ranges"]) == ("100", "bytes")
    assert response["Content-Type"] == "text/x-test"
    assert response["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert response["ETag"] == f'"{1_700_000_000:x}-64"'  # as nginx makes it


def test_a_part_of_a_file(ask):
    response = ask(Range="bytes=10-19")
    assert (response.status_code, response.getvalue()) == (206, CONTENT[10:20])
    assert (response["Content-Range"], response["Content-Length"]) == ("bytes 10-19/100", "10")


def test_beyond_the_end_there_is_nothing_to_keep(ask):
    response = ask(Range="bytes=100-")
    assert (response.status_code, response.content) == (416, b"")
    assert (response["Content-Range"], response["Cache-Control"]) == ("bytes */100", "no-store")


def test_head_is_answered_as_get_without_the_bytes(ask):
    response = ask("HEAD", Range="bytes=10-19")
    assert (response.status_code, response.content, response["Content-Length"]) == (200, b"", "100")


@pytest.mark.parametrize("name", ["If-None-Match", "If-Modified-Since"])
def test_who_has_it_gets_nothing_again(ask, name):
    known = ask()["ETag" if name == "If-None-Match" else "Last-Modified"]
    response = ask(**{name: known})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == ask()["ETag"]
    assert not response.has_header("Content-Type") and not response.has_header("Content-Disposition")
    assert ask(**{name: '"other"' if name == "If-None-Match" else "Tue, 14 Nov 2023 22:13:19 GMT"}).status_code == 200


def test_a_download_is_taken_up_again_only_if_it_is_still_the_same_file(ask):
    for same in (ask()["ETag"], ask()["Last-Modified"]):
        assert ask(**{"If-Range": same, "Range": "bytes=50-"}).status_code == 206
    for other in ('"other"', f"W/{ask()['ETag']}", "Tue, 14 Nov 2023 22:13:21 GMT", "nonsense"):
        assert ask(**{"If-Range": other, "Range": "bytes=50-"}).status_code == 200


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        answer(RequestFactory().get("/"), str(tmp_path / "none"), {})


def test_no_more_than_a_block_is_read_at_once(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"x" * (BLOCK * 3))
    pieces = [len(piece) for piece in answer(RequestFactory().get("/"), str(path), {}).streaming_content]
    assert pieces == [BLOCK] * 3


def test_a_server_that_sends_files_gets_the_part_and_the_response_is_empty(ask):
    response = ask(environment={SERVER_SENDS_PARTS: True}, Range="bytes=10-19")
    assert isinstance(response, HandedOver)
    assert (response.status_code, response.content, response["Content-Length"]) == (206, b"", "10")
    assert response.part.read() == CONTENT[10:20]
    response.part.close()
