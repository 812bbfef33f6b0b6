"""However many files come in at once, pages are answered; whoever is not served is told at once to come again."""

import asyncio
import threading

import pytest
from django.urls import reverse

from config.pages import PagesAndFiles
from core import files
from media_assets import intake
from media_assets.models import MediaAsset
from tests.media_assets.library_files import UPLOAD, file

THREADS = 4


class Slow:
    """In place of the examination: lasts until `end` is set; counts those who are inside."""

    def __init__(self):
        self.end, self.lock, self.inside = threading.Event(), threading.Lock(), 0

    def clean(self, *args, **facts):
        with self.lock:
            self.inside += 1
        self.end.wait(60)
        raise files.FileError("It was long enough.")


@pytest.fixture
def slow(monkeypatch):
    slow = Slow()
    monkeypatch.setattr(intake.files, "clean", slow.clean)
    yield slow
    slow.end.set()


@pytest.fixture
def examining(slow):
    """All that are examined at once in this process are."""
    threads = [threading.Thread(target=upload) for _ in range(intake.AT_ONCE)]
    for thread in threads:
        thread.start()
    while slow.inside < intake.AT_ONCE:
        threading.Event().wait(0.01)
    yield
    slow.end.set()
    for thread in threads:
        thread.join()


def upload():
    """The sentence it is refused with."""
    try:
        with intake.examined(b"a film"):
            return ""
    except intake.IntakeRefused as refusal:
        return refusal.sentence


def site(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [upload().encode() if environ["PATH_INFO"] == "/upload" else b"a page"]


async def ask(pages, path):
    parts = []
    asked = asyncio.Event()

    async def receive():
        if asked.is_set():
            await asyncio.Event().wait()
        asked.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        parts.append(message.get("body", b""))

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "http_version": "1.1"}
    await pages(scope, receive, send)
    return b"".join(parts).decode()


def test_a_page_is_answered_while_many_files_are_examined(slow, monkeypatch, settings):
    assert settings.WEB_THREADS == THREADS
    monkeypatch.setattr(intake, "TURN", 60)

    async def story():
        pages = PagesAndFiles(site, workers=THREADS)
        uploads = [asyncio.ensure_future(ask(pages, "/upload")) for _ in range(3 * THREADS)]
        while slow.inside < intake.AT_ONCE:
            await asyncio.sleep(0.01)
        assert await asyncio.wait_for(ask(pages, "/"), 10) == "a page"
        assert slow.inside == intake.AT_ONCE == 2
        slow.end.set()
        return await asyncio.gather(*uploads)

    said = asyncio.run(story())
    # two were examined and one waited for its turn; the others were told at once
    assert said.count("It was long enough.") == 3
    assert said.count(intake.BUSY) == 9


def test_a_turn_that_does_not_come_is_waited_for_a_moment(examining, monkeypatch):
    monkeypatch.setattr(intake, "TURN", 0.01)
    assert upload() == intake.BUSY


def test_whoever_has_the_turn_has_it_for_all_that_belongs_to_it(slow):
    slow.end.set()
    with intake.turn():
        assert [upload() for _ in range(intake.AT_ONCE + intake.MOST_WAITING)] == ["It was long enough."] * 3
    assert slow.inside == 3


def test_the_library_says_when_to_send_it_again(client_of, author, examining, monkeypatch, db):
    monkeypatch.setattr(intake, "TURN", 0.01)
    response = client_of(author).post(reverse(UPLOAD), {"file": file()}, headers={"Accept": "application/json"})
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response.json() == {"error": intake.BUSY}
    assert not MediaAsset.objects.exists()
