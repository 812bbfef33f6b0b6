"""The socket door is there: strangers' origins are refused, unknown addresses close, the channel layer delivers."""

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer

from config.asgi import application


def knock(path: str, origin: bytes) -> dict:
    async def talk() -> dict:
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"origin", origin)],
            "subprotocols": [],
        }
        door = ApplicationCommunicator(application, scope)
        await door.send_input({"type": "websocket.connect"})
        answer = await door.receive_output(timeout=3)
        await door.send_input({"type": "websocket.disconnect", "code": 1000})
        await door.wait(timeout=3)
        return answer

    return async_to_sync(talk)()


@pytest.mark.django_db(transaction=True)
def test_an_unknown_address_is_closed_with_its_code():
    assert knock("/ws/nowhere/", b"http://localhost") == {"type": "websocket.close", "code": 4404}


@pytest.mark.django_db(transaction=True)
def test_another_sites_page_cannot_open_a_socket():
    answer = knock("/ws/nowhere/", b"http://evil.example")
    assert answer["type"] == "websocket.close"
    assert answer.get("code") != 4404


def test_the_channel_layer_delivers():
    async def talk() -> dict:
        layer = get_channel_layer()
        mine = await layer.new_channel()
        await layer.group_add("room", mine)
        await layer.group_send("room", {"type": "news.here", "text": "hello"})
        answer = await layer.receive(mine)
        await layer.group_discard("room", mine)
        return answer

    assert async_to_sync(talk)() == {"type": "news.here", "text": "hello"}
