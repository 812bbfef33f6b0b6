"""Registration with confirmation: what a stranger sees, and what a prying one cannot."""

import re

import pytest
from allauth.account.models import EmailAddress

from accounts.models import OutgoingMail, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def register(client, username="vera", email="vera@example.org", password="three grey horses"):
    return client.post(
        "/accounts/signup/", {"username": username, "email": email, "password1": password, "password2": password}
    )


def link_in(mail):
    return re.search(r"https?://[^/\s]+(/accounts/\S+)", mail.text).group(1)


def test_registering_sends_a_link_that_opens_the_account(client):
    assert register(client)["Location"] == "/accounts/confirm-email/"
    link = link_in(OutgoingMail.objects.get())
    assert b"Confirm this address" in client.get(link).content
    assert not EmailAddress.objects.get().verified, "mail scanners follow links; a GET confirms nothing"
    client.post(link)
    assert EmailAddress.objects.get().verified


def test_the_confirmation_link_works_once(client, client_of):
    register(client)
    link = link_in(OutgoingMail.objects.get())
    client.post(link)
    assert b"has been used" in client.get(link).content


def test_an_unconfirmed_account_stays_closed_and_gets_the_page_about_the_mail(client):
    register(client)
    client.logout()
    answer = client.post("/accounts/login/", {"login": "vera", "password": "three grey horses"})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert "_auth_user_id" not in client.session


def test_confirmation_mails_have_html_and_text_with_the_same_link(client):
    register(client)
    mail = OutgoingMail.objects.get()
    link = link_in(mail)
    assert link in mail.html and "<table role=" in mail.html
    assert "<" not in mail.text
    assert "vera" in mail.text and mail.subject == "Confirm your address at Quoin"


def test_links_in_mails_lead_to_our_own_address_whatever_the_request_says(client, settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://quoin.example"
    client.post(
        "/accounts/signup/",
        {
            "username": "vera",
            "email": "vera@example.org",
            "password1": "three grey horses",
            "password2": "three grey horses",
        },
        headers={"host": "evil.example"},
    )
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"}, headers={"host": "evil.example"})
    client.post("/accounts/password/reset/", {"email": "vera@example.org"}, headers={"host": "evil.example"})
    assert OutgoingMail.objects.count() == 3
    for mail in OutgoingMail.objects.all():
        assert "https://quoin.example/accounts/" in mail.text
        assert "evil" not in mail.text + mail.html


def test_a_known_address_gets_the_same_answer_and_another_mail(client, reader):
    fresh = register(client, "vera", "vera@example.org")
    client.logout()
    known = register(client, "wilma", "READER@example.org")
    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert OutgoingMail.objects.get(recipient="reader@example.org").kind == "account/email/account_already_exists"
    assert not User.objects.filter(username="wilma").exists()


def test_the_page_after_registering_is_the_same_for_a_known_address(client, reader):
    pages = []
    for name, email in [("vera", "vera@example.org"), ("wilma", "reader@example.org")]:
        client.logout()
        register(client, name, email)
        pages.append(re.sub(rb'value="[^"]{30,}"', b"", client.get("/accounts/confirm-email/").content))
    assert pages[0] == pages[1]


def test_a_known_address_costs_a_password_hash_too(client, reader, monkeypatch):
    hashed = []
    monkeypatch.setattr("accounts.forms.make_password", lambda password: hashed.append(password))
    register(client, "wilma", "reader@example.org")
    assert hashed == ["three grey horses"]


@pytest.mark.parametrize(
    ("email", "kind"),
    [
        ("reader@example.org", "account/email/account_already_exists"),
        ("nobody@example.org", "account/email/unknown_account"),
        ("waiting@example.org", "account/email/email_confirmation_signup"),
    ],
)
def test_resending_answers_the_same_for_every_address(client, reader, email, kind):
    waiting = User.objects.create_user("waiting", "waiting@example.org", PASSWORD)
    EmailAddress.objects.create(user=waiting, email=waiting.email, primary=True)
    answer = client.post("/accounts/confirm-email/resend/", {"email": email})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/confirm-email/")
    assert OutgoingMail.objects.get(recipient=email).kind == kind


def test_resending_twice_within_three_minutes_sends_one_mail(client):
    for _ in range(2):
        client.post("/accounts/confirm-email/resend/", {"email": "nobody@example.org"})
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("username", ["READER", "Reader", "admin", "a b", "x" * 151, "<script>", "a\0b", ""])
def test_names_that_are_taken_reserved_or_impossible_are_refused(client, reader, username):
    assert register(client, username).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.parametrize("username", ["reader@example.org", "vera@", "@vera"])
def test_nobody_takes_a_name_that_could_be_somebody_s_address(client, reader, username):
    page = register(client, username)
    assert page.status_code == 200 and "A username has no @ in it" in page.content.decode()
    assert User.objects.count() == 1


def test_a_name_that_looks_like_an_address_keeps_working_when_it_is_there_already(client, reader):
    User.objects.filter(pk=reader.pk).update(username="reader@old")
    assert client.post("/accounts/login/", {"login": "reader@old", "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" in client.session


def test_of_two_who_ask_for_a_name_at_once_the_slower_is_told(client, reader, monkeypatch):
    # the other one's account appears between the check of the form and its saving
    monkeypatch.setattr("accounts.adapter.AccountAdapter.clean_username", lambda self, name, shallow=False: name)
    page = register(client, "Reader")
    text = page.content.decode()
    assert page.status_code == 200 and "This username is taken." in text and 'value="vera@example.org"' in text
    assert User.objects.count() == 1 and not OutgoingMail.objects.exists()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("password", ["short", "password123", "1234567890", "vera@example.org", "x" * 5000])
def test_weak_and_absurd_passwords_are_refused(client, password):
    page = register(client, password=password)
    assert page.status_code == 200 and b'aria-invalid="true"' in page.content
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email", ["a@b", "vera@example.org\nBcc: all@example.org", "", "vera", '"><script>@example.org']
)
def test_addresses_that_are_none_are_refused_and_shown_escaped(client, email):
    page = register(client, email=email)
    assert page.status_code == 200
    assert b"<script>@" not in page.content
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("page", ["login", "signup", "confirm-email", "confirm-email/resend", "password/reset"])
def test_every_page_carries_the_publication_s_name_and_no_other(client, page):
    content = client.get(f"/accounts/{page}/").content
    assert b" \xc2\xb7 Quoin</title>" in content and b">testserver<" not in content


def test_form_errors_are_listed_with_links_to_their_fields(client):
    page = client.post(
        "/accounts/signup/", {"username": "", "email": "", "password1": "", "password2": ""}
    ).content.decode()
    assert 'role="alert"' in page and 'href="#id_username"' in page
    assert 'aria-describedby="id_username_helptext id_username_error"' in page
    assert 'autocomplete="new-password"' in page and "placeholder" not in page.split("<form", 1)[1].split("</form>")[0]
