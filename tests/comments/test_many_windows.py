"""Nobody fills a room by opening windows: one network counts as a household, and holds so many sockets."""

from collections import Counter

import pytest

from accounts.addresses import network_of
from comments import live, sockets
from core import presence
from tests.comments.test_reading_socket import Page, converse, fresh_rooms, post

__all__ = ["fresh_rooms", "post"]
pytestmark = pytest.mark.django_db(transaction=True)


def enter(post, address: str, user=None, times: int = 1) -> None:
    for number in range(times):
        presence.enter(live.room_of(post.pk), live.member_of(user, f"{address}{number}", address), 40)


def readers(post) -> int:
    live.forget_readers(post.pk)
    return live.readers_of(post)["readers"]


def test_thirty_windows_of_one_network_are_a_household(post, reader, author):
    enter(post, "203.0.113.7", times=30)
    assert readers(post) == live.MOST_OF_A_NETWORK == 5
    enter(post, "203.0.113.8", times=2)
    assert readers(post) == 7
    for person in (reader, author):
        enter(post, "203.0.113.7", person, times=2)
    assert readers(post) == 9, "members are known, wherever they read"


def test_nothing_that_is_kept_tells_the_network(post):
    enter(post, "203.0.113.7")
    assert "203" not in presence.present(live.room_of(post.pk))[0].partition(".")[0]


def test_one_network_holds_so_many_sockets_and_may_come_back_when_one_is_closed(post, monkeypatch):
    monkeypatch.setattr(sockets, "SOCKETS_OF_A_NETWORK", 2)
    monkeypatch.setattr(sockets, "_open", Counter())

    async def talk():
        pages = [Page(post.slug), Page(post.slug), Page(post.slug)]
        assert [(await page.open())["type"] for page in pages[:2]] == ["reading.here"] * 2
        assert (await pages[2].open())["code"] == 1008
        assert sum(sockets._open.values()) == 2
        await pages[0].leave()
        again = Page(post.slug)
        assert (await again.open())["type"] == "reading.here"
        for page in (pages[1], again):
            await page.leave()
        assert not sockets._open

    converse(talk)


@pytest.mark.parametrize(
    ("trusted", "network"), [(0, "198.51.100.9"), (1, "203.0.113.7")], ids=["nobody is believed", "our own proxy is"]
)
def test_who_calls_is_who_the_trusted_proxies_say(settings, trusted, network):
    settings.TRUSTED_PROXIES = trusted
    headers = [(b"x-forwarded-for", b"192.0.2.1, 203.0.113.7")]
    assert network_of({"client": ["198.51.100.9", 4000], "headers": headers}) == network
    assert network_of({"headers": []}) == network_of({"client": None})
