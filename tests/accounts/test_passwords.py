"""Changing and resetting the password."""

import datetime as dt
import re

import pytest
import time_machine

from accounts.models import OutgoingMail
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "three grey horses"


def ask_for_link(client, email="reader@example.org"):
    client.post("/accounts/password/reset/", {"email": email})
    mail = OutgoingMail.objects.filter(kind="account/email/password_reset_key").first()
    return re.search(r"(/accounts/password/reset/key/\S+)", mail.text).group(1)


def use(client, link, password=NEW):
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"password1": password, "password2": password}, follow=True)


def test_a_reset_link_sets_a_new_password_and_works_once(client, reader):
    link = ask_for_link(client)
    assert b"The password is changed" in use(client, link).content
    reader.refresh_from_db()
    assert reader.check_password(NEW)
    assert b"This link has been used" in client.get(link, follow=True).content


def test_using_the_link_does_not_sign_in_and_tells_the_owner(client, reader):
    use(client, ask_for_link(client))
    assert "_auth_user_id" not in client.session
    assert OutgoingMail.objects.filter(kind="account/email/password_reset", recipient="reader@example.org").exists()


def test_a_reset_link_is_dead_after_a_day(client, reader):
    link = ask_for_link(client)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1, minutes=1)):
        assert b"too old" in client.get(link, follow=True).content


@pytest.mark.parametrize("change", [lambda link: link[:-5] + "aaaa/", lambda link: link.replace("/key/", "/key/zz")])
def test_a_forged_link_is_refused(client, reader, change):
    assert b"This link has been used" in client.get(change(ask_for_link(client)), follow=True).content


def test_resetting_ends_the_sessions_of_other_devices(client, client_of, reader):
    other = client_of(reader)
    use(client, ask_for_link(client))
    assert other.get("/me/").status_code == 302


def test_known_and_unknown_addresses_get_the_same_answer(client, reader):
    known, unknown = (
        client.post("/accounts/password/reset/", {"email": email}) for email in ("reader@example.org", "no@example.org")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    kinds = dict(OutgoingMail.objects.values_list("recipient", "kind"))
    assert kinds["no@example.org"] == "account/email/unknown_account"
    assert "reset/key" not in OutgoingMail.objects.get(recipient="no@example.org").text


def test_nobody_can_fill_anothers_mailbox_with_links(client, reader):
    codes = [client.post("/accounts/password/reset/", {"email": "reader@example.org"}).status_code for _ in range(7)]
    assert codes[:5] == [302] * 5 and 429 in codes[5:]
    assert OutgoingMail.objects.count() == 5


def test_changing_the_password_needs_the_old_one(client_of, reader):
    client = client_of(reader)
    page = client.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert b"This is not your current password" in page.content
    good = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", good)["Location"] == "/me/"
    assert client.get("/me/").status_code == 200, "this device stays signed in"


def test_changing_the_password_signs_other_devices_out(client_of, reader):
    here, there = client_of(reader), client_of(reader)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert there.get("/me/").status_code == 302


def ask_for_address(client, email):
    """Change the address, with the password in between."""
    answer = client.post("/accounts/email/", {"action_add": "", "email": email})
    client.post(answer["Location"], {"password": PASSWORD, "next": "/accounts/email/"})


def test_changing_the_address_asks_for_the_password_and_takes_effect_when_confirmed(client_of, reader):
    client = client_of(reader)
    ask_for_address(client, "new@example.org")
    reader.refresh_from_db()
    assert reader.email == "reader@example.org"
    mail = OutgoingMail.objects.get(recipient="new@example.org")
    client.post(re.search(r"(/accounts/confirm-email/\S+)", mail.text).group(1))
    reader.refresh_from_db()
    assert reader.email == "new@example.org"
    stale = client_of(reader)
    answer = stale.post("/accounts/email/", {"action_add": "", "email": "other@example.org"})
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_an_address_taken_by_another_account_in_the_meantime_is_not_confirmed(client_of, reader, author):
    client = client_of(reader)
    ask_for_address(client, "new@example.org")
    author.email = "new@example.org"
    author.save()
    mail = OutgoingMail.objects.get(recipient="new@example.org")
    assert client.post(re.search(r"(/accounts/confirm-email/\S+)", mail.text).group(1)).status_code < 500
    reader.refresh_from_db()
    assert reader.email == "reader@example.org"
