"""A letter may say anything: it is kept as it was typed, and its mail has no header and no markup of a stranger."""

import re

import pytest

from accounts.models import OutgoingMail
from blog import forms
from blog.models import ContactMessage
from tests.core.corpora import rows


@pytest.fixture(autouse=True)
def unlimited(settings, monkeypatch):
    settings.RATELIMIT_ENABLE = False
    monkeypatch.setattr(forms, "FASTEST", 0)


# Markup is escaped in the same template whichever database there is.
CORPORA = ["naughty-strings", "sqli", "path-traversal", "open-redirect", pytest.param("xss", marks=pytest.mark.once)]


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_row_comes_in_as_a_letter_or_is_refused_in_words(client, db, corpus):
    found, arrived = rows(corpus), 0
    for payload in found if corpus != "xss" else found[::4]:
        letter = {"name": f"Vera {payload}"[:80], "subject": payload[:120], "message": f"Said: {payload}"[:4000]}
        letter |= {"email": "vera@example.org", "homepage": "", "opened": forms.opened_now()}
        response = client.post("/contact/", letter)
        assert response.status_code in {302, 400}, payload
        if response.status_code == 400:
            assert re.search(r"<[a-zA-Z!/?]", payload) is None or payload not in response.content.decode(), payload
            continue
        arrived += 1
        mail = OutgoingMail.objects.latest("pk")
        for header in (mail.subject, mail.reply_to, *mail.headers.values()):
            assert "\n" not in header and "\r" not in header, payload
        if re.search(r"<[a-zA-Z!/?]", payload):
            assert payload not in mail.html, payload
    assert arrived == ContactMessage.objects.count() > len(found) / 6
