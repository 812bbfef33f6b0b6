"""The pages about oneself speak the language of their address, and lead on in it."""

import re
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import OutgoingMail, User
from core import publication
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def editions(monkeypatch):
    whole = replace(publication.from_environment(), editions=("de", "ar"))
    monkeypatch.setattr(publication, "_read", lambda: whole)
    cache.clear()


OWN = ["", "feed/", "reading-list/", "reading-list/unread/", "sessions/", "data/"]


@pytest.mark.parametrize("page", OWN)
def test_each_page_of_ones_own_is_in_every_edition_and_for_nobody_else(client, client_of, reader, page):
    mine = client_of(reader)
    for code, language in (("", "en-gb"), ("de/", "de"), ("ar/", "ar")):
        answer = mine.get(f"/{code}me/{page}")
        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()
        assert "private" in answer["Cache-Control"]
        refused = client.get(f"/{code}me/{page}")
        assert refused["Location"] == f"/{code}accounts/login/?next=/{code}me/{page}"
    assert mine.get(f"/fr/me/{page}").status_code == 404


def test_every_link_of_an_own_page_stays_in_its_edition(client_of, author):
    page = client_of(author).get("/de/me/").content.decode()
    own = set(re.findall(r'(?:href|action)="(/(?:[a-z]{2}/)?(?:me|accounts)/[^"]*)"', page))
    switch = re.search(r'<nav class="editions".*?</nav>', page, re.DOTALL)[0]
    assert own - set(re.findall(r'href="([^"]+)"', switch))
    assert {each for each in own if not each.startswith("/de/")} == {"/me/", "/ar/me/"}
    assert 'href="/me/" lang="en-gb"' in switch


def test_signing_in_and_out_ends_in_the_edition_one_came_from(client, reader):
    page = client.get("/de/accounts/login/?next=/de/me/data/").content.decode()
    assert 'action="/de/accounts/login/"' in page and "Anmelden" in page
    signed_in = client.post("/de/accounts/login/", {"login": "reader", "password": PASSWORD, "next": "/de/me/data/"})
    assert signed_in["Location"] == "/de/me/data/"
    assert client.post("/de/accounts/logout/")["Location"] == "/de/"
    assert client.post("/de/accounts/login/", {"login": "reader", "password": PASSWORD})["Location"] == "/de/"
    assert client.post("/accounts/logout/")["Location"] == "/"


def test_a_refusal_is_in_the_language_of_the_page(client, reader):
    page = client.post("/de/accounts/login/", {"login": "reader", "password": "wrong"}).content.decode()
    assert "Der Name oder das Passwort stimmt nicht" in page and "is not right" not in page


def test_the_mail_is_in_the_language_of_the_page_that_caused_it(client):
    form = {"email": "neu@example.org", "username": "neu", "password1": "drei Kiesel im Hut", "password2": ""}
    form["password2"] = form["password1"]
    assert client.post("/de/accounts/signup/", form)["Location"] == "/de/accounts/confirm-email/"
    mail = OutgoingMail.objects.get()
    link = re.search(r"https?://\S+/de/accounts/confirm-email/\S+/", mail.text)
    assert link and 'lang="de"' in mail.html and "Bestätigen" in mail.text
    key = link[0].split("/de/", 1)[1]
    confirmed = client.post(f"/de/{key}")
    assert confirmed["Location"].startswith("/de/")
    assert User.objects.get(username="neu").emailaddress_set.get().verified


def test_keeping_a_post_leads_back_to_the_list_of_the_same_edition(client, client_of, reader, publish):
    post = publish("Der Hafen", content_language="de")
    assert (
        f'action="/de{post.get_absolute_url()}keep/"' in client_of(reader).get(post.get_absolute_url()).content.decode()
    )
    mine = client_of(reader)
    mine.post(f"/de{post.get_absolute_url()}keep/", {"keep": "1"})
    listed = mine.get("/de/me/reading-list/").content.decode()
    assert f'action="/de{post.get_absolute_url()}keep/"' in listed
    removed = mine.post(f"/de{post.get_absolute_url()}keep/", {"keep": "0", "from": "list"})
    assert removed["Location"] == f"/de/me/reading-list/?removed={post.pk}"
    stranger = client.post(f"/de{post.get_absolute_url()}keep/", {"keep": "1"})
    assert stranger["Location"] == f"/de/accounts/login/?next={post.get_absolute_url()}"


def test_collectors_are_asked_to_leave_them_alone(client):
    rules = client.get("/robots.txt").content.decode()
    assert "Disallow: /de/me/\n" in rules and "Disallow: /ar/accounts/\n" in rules and "/fr/" not in rules


def test_a_form_of_an_edition_wants_its_token(reader):
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(reader, backend="accounts.backends.RoleBackend")
    for address in ("/de/me/data/", "/de/me/sessions/", "/de/accounts/logout/"):
        assert forged.post(address).status_code == 403
