"""Files leave from the event loop: a slow reader holds no thread, one who has gone is not read for."""

import asyncio

import pytest
from django.http import HttpRequest

from config.pages import PagesAndFiles, send_part
from core import downloads


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "film"
    path.write_bytes(bytes(range(256)) * 4096)  # 1 MB
    return path


def application(path):
    """Pages at /, the film elsewhere; as Django's handler answers."""

    def answer(environ, start_response):
        if environ["PATH_INFO"] == "/":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"a page"]
        request = HttpRequest()
        request.META, request.method = environ, "GET"
        response = downloads.answer(request, str(path), {"Content-Type": "video/mp4"})
        start_response(f"{response.status_code} OK", list(response.items()))
        return response

    return answer


class Caller:
    """One request; `take` lets so many messages through, all when it is None."""

    def __init__(self, app, path, take=None, **headers):
        self.app, self.messages, self.gone = app, [], asyncio.Event()
        self.free = asyncio.Semaphore(take) if take is not None else None
        named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self.scope = {"type": "http", "method": "GET", "path": path, "headers": named}
        self.scope |= {"query_string": b"", "http_version": "1.1"}
        self.asked = False

    async def receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        if self.free is not None:
            await self.free.acquire()
        self.messages.append(message)

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.messages)

    def run(self):
        return self.app(self.scope, self.receive, self.send)


def test_a_film_arrives_whole_and_the_answer_ends(film):
    async def story():
        caller = Caller(PagesAndFiles(application(film), workers=1), "/film")
        await caller.run()
        assert caller.messages[0]["status"] == 200
        assert caller.body == film.read_bytes()
        assert not caller.messages[-1].get("more_body")
        assert all(message["more_body"] for message in caller.messages[1:-1])

    asyncio.run(story())


def test_a_part_is_sent_and_nothing_else(film):
    async def story():
        caller = Caller(PagesAndFiles(application(film), workers=1), "/film", Range="bytes=255-257")
        await caller.run()
        assert (caller.messages[0]["status"], caller.body) == (206, b"\xff\x00\x01")

    asyncio.run(story())


def test_readers_who_stopped_leave_the_threads_to_everybody_else(film):
    async def story():
        app = PagesAndFiles(application(film), workers=1)
        slow = [Caller(app, "/film", take=2) for _ in range(5)]
        waiting = [asyncio.ensure_future(caller.run()) for caller in slow]
        page = Caller(app, "/")
        await asyncio.wait_for(page.run(), 5)
        assert page.body == b"a page"
        for caller in slow:
            caller.gone.set()
            caller.free.release()
        await asyncio.wait_for(asyncio.gather(*waiting), 5)
        assert all(len(caller.body) < 3 * downloads.BLOCK for caller in slow)

    asyncio.run(story())


def test_a_file_is_closed_when_its_reader_is_cut_off(film):
    async def story():
        part = downloads.Part(film.open("rb"), range(film.stat().st_size))

        async def cut_off(message):
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await send_part(part, asyncio.Event().wait, cut_off)
        assert part.closed

    asyncio.run(story())
