"""Whether others see that somebody is here: only who says so, knowing what is seen, and not a moment longer."""

import pytest

from accounts.models import User
from comments import live
from core import presence
from tests.blog.conftest import publish, write
from tests.conftest import make_person

__all__ = ["publish", "write"]

pytestmark = pytest.mark.django_db


def test_it_is_off_until_somebody_turns_it_on_and_says_what_is_seen(reader, client_of):
    browser = client_of(reader)
    page = browser.get("/me/").content.decode()
    assert "on my author page" in page and "anybody finds “Here now”" in page, "everywhere they are named"
    assert "Among them: <bdi>reader</bdi>." in page and 'name="shows_presence"' in page and "checked" not in page
    assert browser.post("/me/presence/", {"shows_presence": "on", "is_staff": "1"})["Location"] == "/me/"
    reader.refresh_from_db()
    assert reader.shows_presence and not reader.is_staff
    assert "checked" in browser.get("/me/").content.decode()
    browser.post("/me/presence/", {})
    reader.refresh_from_db()
    assert not reader.shows_presence


def test_it_is_ones_own_alone(reader, editor, client_of, client):
    assert client.post("/me/presence/", {"shows_presence": "on"})["Location"].startswith("/accounts/login/")
    assert client_of(reader).get("/me/presence/").status_code == 405
    forged = client_of(reader, enforce_csrf_checks=True).post("/me/presence/", {"shows_presence": "on"})
    assert forged.status_code == 403
    client_of(reader).post("/me/presence/", {"shows_presence": "on"})
    assert list(User.objects.filter(shows_presence=True)) == [reader]


def test_who_turns_it_off_is_named_to_nobody_who_comes_after(reader, client_of, publish):
    post = publish("Tides")
    for number, person in enumerate((reader, make_person("other"))):
        presence.enter(live.room_of(post.pk), live.member_of(person, f"mark{number}"), 60)

    def said_to_a_newcomer() -> str:
        live.forget_readers(post.pk)  # as whoever opens the page does
        return live.readers_of(post)["said"]

    assert said_to_a_newcomer() == "2 are reading this now."
    client_of(reader).post("/me/presence/", {"shows_presence": "on"})
    assert said_to_a_newcomer() == "2 are reading this now. Among them: reader."
    client_of(reader).post("/me/presence/", {})
    assert said_to_a_newcomer() == "2 are reading this now."
