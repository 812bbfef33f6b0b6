"""Letters from readers."""

import re
import time

import pytest
from django.core import signing
from django.urls import reverse

from accounts.models import OutgoingMail
from blog import contact, forms
from blog.models import ContactMessage

LETTER = {
    "name": "Vera",
    "email": "vera@example.org",
    "subject": "Tides",
    "message": "The table is wrong by a day.",
    "homepage": "",
}


@pytest.fixture
def send(client, db, monkeypatch):
    monkeypatch.setattr(forms, "FASTEST", 0)

    def post(**changes):
        return client.post("/contact/", {**LETTER, "opened": forms.opened_now(), **changes})

    return post


def test_a_message_is_kept_mailed_and_thanked_for(client, send, settings):
    response = send()
    assert response.status_code == 302 and response.url == "/contact/sent/"
    assert "has arrived" in client.get(response.url).content.decode()
    kept, mail = ContactMessage.objects.get(), OutgoingMail.objects.get()
    assert (kept.name, kept.message) == ("Vera", LETTER["message"])
    assert mail.recipient == settings.CONTACT_EMAIL and mail.reply_to == "vera@example.org"
    assert "The table is wrong" in mail.text and "Tides" in mail.subject


def test_what_was_typed_stays_when_something_is_missing(send):
    response = send(email="vera@")
    text = response.content.decode()
    assert response.status_code == 400 and "Is there a part missing?" in text
    assert "The table is wrong by a day." in text and 'value="Vera"' in text and 'aria-invalid="true"' in text
    assert not ContactMessage.objects.exists() and not OutgoingMail.objects.exists()


def test_a_filled_trap_is_refused_and_told_why(send):
    response = send(homepage="https://spam.example")
    assert response.status_code == 400 and "A field that people do not see" in response.content.decode()
    assert not ContactMessage.objects.exists()


@pytest.mark.parametrize("opened", ["", "forged", "1:2:3", "\x00"])
def test_a_form_without_its_signed_time_is_refused(send, opened):
    assert send(opened=opened).status_code == 400
    assert not ContactMessage.objects.exists()


def test_nobody_types_that_fast_but_sending_again_works(client, send, monkeypatch):
    monkeypatch.setattr(forms, "FASTEST", 3)
    response = send()
    assert response.status_code == 400 and "faster than anybody types" in response.content.decode()
    monkeypatch.setattr(forms, "FASTEST", 0)
    fresh = re.search(r'name="opened" value="([^"]+)"', response.content.decode())[1]
    assert send(opened=fresh).status_code == 302


def test_a_form_that_is_shown_again_was_opened_when_it_was_first(send, monkeypatch):
    opened = signing.dumps(int(time.time()) - 60, salt="blog.contact.opened")
    response = send(email="vera@", opened=opened)
    assert f'name="opened" value="{opened}"' in response.content.decode()
    monkeypatch.setattr(forms, "OLDEST", -1)
    response = send(opened=opened)
    assert response.status_code == 400 and f'value="{opened}"' not in response.content.decode()
    monkeypatch.undo()
    response = send(opened="forged")
    assert "forged" not in response.content.decode()


def test_five_messages_an_hour_are_enough(client, send):
    assert [send(subject=f"Tide {number}").status_code for number in range(5)] == [302] * 5
    response = send(subject="Tide 6")
    assert response.status_code == 429 and int(response["Retry-After"]) > 0
    assert "too often" in response.content.decode()
    assert ContactMessage.objects.count() == 5
    assert client.get("/contact/").status_code == 200


def test_a_button_pressed_twice_sends_one_letter(send):
    opened = forms.opened_now()
    for _ in range(7):
        response = send(opened=opened)
        assert response.status_code == 302 and response.url == "/contact/sent/", "nor is it counted as another"
    assert ContactMessage.objects.count() == OutgoingMail.objects.count() == 1
    send(opened=opened, message="The table is wrong by two days.")
    send(opened=signing.dumps(int(time.time()) - 60, salt="blog.contact.opened"))
    assert ContactMessage.objects.count() == OutgoingMail.objects.count() == 3, "other words, or a form opened anew"


def test_two_presses_at_the_same_moment_send_one_letter(db):
    letter = {name: LETTER[name] for name in ("name", "email", "subject", "message")}
    message_id = contact.id_of("opened", letter)
    assert contact.receive(**letter, message_id=message_id) is not None
    assert contact.receive(**letter, message_id=message_id) is None, "both had looked before either wrote"
    assert ContactMessage.objects.count() == OutgoingMail.objects.count() == 1


def test_a_message_is_not_taken_while_nobody_can_count_and_what_was_typed_stays(send, settings):
    away = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://127.0.0.1:1/4"}
    settings.CACHES = {**settings.CACHES, "limits": away}
    response = send()
    text = response.content.decode()
    assert response.status_code == 400 and "No message can be taken right now" in text
    assert "The table is wrong by a day." in text and not ContactMessage.objects.exists()


def test_a_name_with_line_breaks_makes_no_header(send):
    send(name="Vera\r\nBcc: all@example.org", subject="a\nBcc: b@example.org")
    assert all(
        "\n" not in mail.subject and mail.recipient == "editor@example.org" for mail in OutgoingMail.objects.all()
    )


def test_only_the_contact_page_sets_a_cookie_for_its_form(client, db):
    assert "csrftoken" in client.get("/contact/").cookies


def test_nobody_else_keeps_the_form_with_its_token(client, db):
    for _ in range(2):  # the second time the cookie is there already and is not sent again
        kept = client.get("/contact/")["Cache-Control"]
        assert "no-store" in kept and "private" in kept and "public" not in kept


def test_a_form_of_another_site_is_refused_in_words(db):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post("/contact/", LETTER)
    assert response.status_code == 403 and "The form has expired" in response.content.decode()


def test_the_words_above_the_form_are_a_page_of_editors(client, publish):
    publish("Write to us", slug="contact", kind="page", text="We sit in Leith.")
    text = client.get("/contact/").content.decode()
    assert "We sit in Leith." in text and "Write to us" in text and "<form" in text


def test_the_words_of_another_language_stand_above_no_form(client, publish, as_publication):
    as_publication(editions=("de",))
    publish("Write to us", slug="contact", kind="page", text="We sit in Leith.", content_language="en")
    german = client.get("/de/contact/").content.decode()
    assert "We sit in Leith." not in german and "Write to us" not in german and "<form" in german
    assert "We sit in Leith." in client.get("/contact/").content.decode()


def test_what_people_write_runs_the_way_its_words_do(client, db):
    page = client.get(reverse("contact")).content.decode()
    for name in ("name", "subject", "message"):
        assert re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*dir="auto"', page), name
    assert not re.search(r'<input[^>]*name="email"[^>]*dir=', page)
