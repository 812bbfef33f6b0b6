"""Where somebody is signed in: a row per session, ended from any other one."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import devices
from accounts.models import SignedInDevice
from accounts.sockets import mark_of
from accounts.tasks import clear_expired_sessions
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def row_of(client) -> SignedInDevice | None:
    return SignedInDevice.objects.filter(session_digest=mark_of(client.session.session_key)).first()


def test_signing_in_makes_a_row_that_does_not_hold_the_key(client, reader):
    answer = client.post(
        "/accounts/login/",
        {"login": "reader", "password": PASSWORD},
        headers={"user-agent": WINDOWS},
        REMOTE_ADDR="203.0.113.77",
    )
    assert answer.status_code == 302
    device = SignedInDevice.objects.get()
    assert (device.user, device.device, device.network) == (reader, "Firefox on Windows", "203.0.113.0")
    assert device.session_digest != client.session.session_key
    client.post("/accounts/logout/")
    assert not SignedInDevice.objects.exists()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (WINDOWS, "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.0", ""),
        ("", ""),
        ("<script>" * 1000, ""),
    ],
)
def test_a_device_has_a_name_in_few_words(agent, name):
    assert devices.name_of(agent) == name


def test_a_session_is_touched_every_five_minutes_and_asks_nothing_in_between(client_of, reader):
    with time_machine.travel("2026-05-04T12:00Z", tick=False) as clock:
        client = client_of(reader)
        made = row_of(client).last_active_at
        clock.shift(timedelta(minutes=4))
        with CaptureQueriesContext(connection) as asked:
            client.get("/accounts/password/change/")
        assert asked.captured_queries and "signedindevice" not in str(asked.captured_queries)
        assert row_of(client).last_active_at == made
        clock.shift(timedelta(minutes=2))
        client.get("/accounts/password/change/")
        assert row_of(client).last_active_at == timezone.now() > made


def test_a_session_from_before_gets_its_row_with_the_next_request(client_of, reader):
    client = client_of(reader)
    SignedInDevice.objects.all().delete()
    devices._touched._at.clear()
    client.get("/me/")
    assert row_of(client).user == reader


def test_one_device_is_signed_out_at_once_and_the_others_stay(client_of, reader):
    here, there = client_of(reader), client_of(reader)
    here.post("/me/sessions/", {"device": row_of(there).pk})
    assert there.get("/me/").status_code == 302
    assert here.get("/me/").status_code == 200
    assert SignedInDevice.objects.get() == row_of(here)


def test_all_others_are_signed_out_together(client_of, reader, author):
    here, others, stranger = client_of(reader), [client_of(reader), client_of(reader)], client_of(author)
    here.post("/me/sessions/", {"device": "others"})
    assert [other.get("/me/").status_code for other in others] == [302, 302]
    assert here.get("/me/").status_code == stranger.get("/me/").status_code == 200


@pytest.mark.parametrize("forged", ["", "0", "-1", "x", "99999999999999999999", "1 OR 1=1", "\0"])
def test_nobody_ends_the_session_of_somebody_else(client, client_of, reader, author, forged):
    theirs = client_of(author)
    mine = client_of(reader)
    for device in (forged, str(row_of(theirs).pk)):
        assert mine.post("/me/sessions/", {"device": device}).status_code in {302, 404}
        assert client.post("/me/sessions/", {"device": device}).status_code == 302
    assert theirs.get("/me/").status_code == 200


def test_the_page_marks_this_device_and_shows_nobody_elses(client_of, reader, author):
    mine = client_of(reader, headers={"user-agent": WINDOWS})
    mine.get("/me/")
    SignedInDevice.objects.filter(user=author).update(device="Opera on Linux")
    client_of(reader)
    client_of(author)
    SignedInDevice.objects.filter(user=author).update(device="Opera on Linux")
    text = mine.get("/me/sessions/").content.decode()
    assert text.count("This device") == 1 and "Opera" not in text
    assert 'name="device" value="others"' in text


def test_a_new_password_ends_all_other_sessions(client_of, reader):
    here, there = client_of(reader), client_of(reader)
    new = "another-long-password-9"
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert SignedInDevice.objects.get() == row_of(here)
    assert not Session.objects.filter(session_key=there.session.session_key).exists()
    assert here.get("/me/").status_code == 200


def test_rows_go_with_sessions_that_ran_out(client_of, reader):
    with time_machine.travel("2026-05-04T12:00Z"):
        gone, living = client_of(reader), client_of(reader)
        Session.objects.filter(session_key=gone.session.session_key).update(expire_date=timezone.now())
    with time_machine.travel("2026-05-04T13:00Z"):
        clear_expired_sessions()
    assert SignedInDevice.objects.get() == row_of(living)


def test_signing_in_is_refused_to_strangers_of_the_page(client):
    assert client.get("/me/sessions/")["Location"] == "/accounts/login/?next=/me/sessions/"
