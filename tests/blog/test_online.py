"""Who is here just now: shown of those who agreed, noted once a minute, gone by itself."""

import pytest
from django.test import Client

from accounts import follows, online
from accounts.models import User
from core import presence
from tests.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_yet():
    for member in presence.present(online.ROOM) or []:
        presence.leave(online.ROOM, member)
    online._noted.clear()


@pytest.fixture
def look(publish, author):
    publish("Tides")
    return lambda: Client().get(author.author_profile.get_absolute_url()).content.decode()


def agree(user, agrees: bool) -> None:
    User.objects.filter(pk=user.pk).update(shows_presence=agrees)


def test_an_author_who_agreed_is_shown_and_nobody_else(look, author, client_of):
    assert "Here now" not in look()
    client_of(author).get("/me/")
    assert online.is_here(author)
    assert "Here now" not in look(), "they did not agree"
    agree(author, True)
    assert "Here now" in look()
    agree(author, False)
    assert "Here now" not in look()


def test_a_stranger_is_nobody_and_who_signs_out_is_gone(look, author, client_of):
    agree(author, True)
    Client().get("/")
    assert presence.present(online.ROOM) == []
    client = client_of(author)
    client.get("/me/")
    assert "Here now" in look()
    client.post("/accounts/logout/")
    assert "Here now" not in look() and presence.present(online.ROOM) == []
    client_of(author).get("/me/")
    assert "Here now" in look()


def test_who_gives_no_sign_any_more_is_gone(author, monkeypatch):
    monkeypatch.setattr(online, "GONE_AFTER", 0)
    online.note(author)
    assert not online.is_here(author)


def test_it_is_told_once_a_minute_and_asks_the_database_nothing(author, monkeypatch, django_assert_num_queries):
    told = []
    monkeypatch.setattr(online.presence, "enter", lambda *facts: told.append(facts))
    with django_assert_num_queries(0):
        for _ in range(10):
            online.note(author)
    assert told == [(online.ROOM, str(author.pk), online.GONE_AFTER)]


def test_when_somebody_was_seen_is_kept_now_and_then(author, client_of, time_machine):
    time_machine.move_to("2026-05-04T12:00:00+00:00", tick=False)
    client = client_of(author)
    for at, seen in (("12:00", "12:00"), ("12:04", "12:00"), ("12:06", "12:06")):
        time_machine.move_to(f"2026-05-04T{at}:00+00:00", tick=False)
        client.get("/me/")
        author.refresh_from_db()
        assert f"{author.last_seen_at:%H:%M}" == seen


def test_how_many_follow_stands_on_the_page_of_an_author(look, author, reader):
    assert "follower" not in look()
    follows.follow(reader, author)
    assert "<b>1</b> follower<" in look()
    gone, other = make_person("gone"), make_person("other")
    for person in (gone, other):
        follows.follow(person, author)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    assert "<b>2</b> followers<" in look()
