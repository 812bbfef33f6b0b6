"""Whatever is refused without a script, what was typed is in the page that says so, and can be sent once more."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from blog import publishing
from blog.models import Post
from comments import live, moderation, posting, tokens
from comments.models import Ban, Comment
from comments.posting import Verdict
from comments.rules import Writer

TEXT = 'A "long" thought & more.\nIn <b>two</b> lines.'


@pytest.fixture
def post(publish):
    return publish("Boats")


@pytest.fixture
def said(post, author):
    return posting.post_comment(post, Writer(user=author), "Who painted it?").comment


def token():
    return tokens.open_form(timezone.now() - timedelta(seconds=30))


def guest(content=TEXT, **more):
    return {"content": content, "name": "Vera", "email": "vera@example.org", "token": token()} | more


def kept_in(response):
    """What stands in the page's box, and the fields beside it."""
    html = response.content.decode()
    [text] = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", html, re.DOTALL)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert "<b>two</b>" not in html
    return unescape(text).replace("\r\n", "\n").strip("\n"), fields


def test_too_often_costs_a_minute_and_no_word(client, post):
    answers = [client.post("/comments/to/boats/", guest(f"{TEXT} {number}")) for number in range(9)]
    refused = answers[-1]
    text, fields = kept_in(refused)
    assert refused.status_code == 429 and int(refused["Retry-After"]) > 0 and text == f"{TEXT} 8"
    assert "too often" in refused.content.decode() and not refused.cookies
    assert fields["name"] == "Vera" and fields["email"] == "vera@example.org" and tokens.form_of(fields["token"])
    elsewhere = Client(REMOTE_ADDR="192.0.2.99")
    assert elsewhere.post("/comments/to/boats/", fields | {"content": text}).status_code == 302
    assert Comment.objects.latest("pk").content == f"{TEXT} 8"


@pytest.mark.parametrize("what", ["appeal", "report"])
def test_neither_an_appeal_nor_a_report_is_lost(client_of, reader, post, said, monkeypatch, what):
    monkeypatch.setattr("accounts.rates.seconds_to_wait", lambda *_: 30)
    mine = posting.post_comment(post, Writer(user=reader), "Mine.").comment
    posting.move(mine, "rejected", at=timezone.now())
    address = f"/comments/{(mine if what == 'appeal' else said).pk}/{what}/"
    name = "appeal" if what == "appeal" else "note"
    answer = client_of(reader).post(address, {name: TEXT, "reason": "abuse", "token": token()})
    text, fields = kept_in(answer)
    assert answer.status_code == 429 and text == TEXT and fields["reason"] == "abuse"


def test_a_form_without_its_token_is_shown_again_and_not_obeyed(client_of, editor, post):
    client = client_of(editor, enforce_csrf_checks=True)
    refused = client.post("/comments/to/boats/", {"content": TEXT, "token": token(), "csrfmiddlewaretoken": "old"})
    text, fields = kept_in(refused)
    assert refused.status_code == 403 and text == TEXT and not Comment.objects.exists()
    assert 'action="/comments/to/boats/"' in refused.content.decode()
    assert client.post("/comments/to/boats/", fields | {"content": text}).status_code == 302
    assert Comment.objects.get().content == TEXT


def test_no_other_site_changes_deletes_or_appeals_in_a_members_name(client_of, author, said):
    client = client_of(author, enforce_csrf_checks=True)
    refused = client.post(f"/comments/{said.pk}/edit/", {"content": TEXT})
    assert refused.status_code == 403 and kept_in(refused)[0] == TEXT
    assert client.post(f"/comments/{said.pk}/delete/").status_code == 403
    said.refresh_from_db()
    assert (said.content, said.status) == ("Who painted it?", "approved")


def test_who_was_signed_out_meanwhile_keeps_the_words(client, said):
    of_member = {"content": TEXT, "token": token(), "csrfmiddlewaretoken": "x" * 32}
    answer = client.post("/comments/to/boats/", of_member)
    html = answer.content.decode()
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT and "signed out while you wrote" in html
    changed = client.post(f"/comments/{said.pk}/edit/", {"content": TEXT})
    assert changed.status_code == 404 and kept_in(changed)[0] == TEXT and "signed out" in changed.content.decode()
    assert "signed out" not in client.post("/comments/to/boats/", guest(name="")).content.decode()
    assert Comment.objects.get().content == "Who painted it?"


def test_what_closed_meanwhile_gives_the_words_back(client, client_of, reader, post):
    Post.objects.filter(pk=post.pk).update(comments_policy="members")
    answer = client.post("/comments/to/boats/", guest())
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT and "Sign in" in answer.content.decode()
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")
    answer = client_of(reader).post("/comments/to/boats/", {"content": TEXT, "token": token()})
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT and "closed" in answer.content.decode()


def test_the_banned_are_told_and_keep_their_words(client_of, reader, post):
    Ban.objects.create(user=reader, reason="Rude.", created_at=timezone.now())
    answer = client_of(reader).post("/comments/to/boats/", {"content": TEXT, "token": token()})
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT and "Rude." in answer.content.decode()


def test_an_answer_to_what_is_gone_and_a_word_on_what_is_gone_are_given_back(client, post, said, editor):
    moderation.decide(said.pk, "reject", by=editor)
    answer = client.post(f"/comments/{said.pk}/reply/", guest())
    assert answer.status_code == 404 and kept_in(answer)[0] == TEXT
    publishing.archive(post, by=editor)
    answer = client.post("/comments/to/boats/", guest())
    assert answer.status_code == 404 and kept_in(answer)[0] == TEXT and "Boats" not in answer.content.decode()
    assert client.post("/comments/to/never-there/", {"content": ""}).status_code == 404
    assert Comment.objects.count() == 1


def test_a_change_that_comes_too_late_and_an_appeal_too_many_are_given_back(client_of, author, said):
    client = client_of(author)
    Comment.objects.update(created_at=timezone.now() - timedelta(days=1))
    answer = client.post(f"/comments/{said.pk}/edit/", {"content": TEXT})
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT and "changed no longer" in answer.content.decode()
    answer = client.post(f"/comments/{said.pk}/appeal/", {"appeal": TEXT})
    assert answer.status_code == 400 and kept_in(answer)[0] == TEXT


# --- Sent back to the moderators by a change --------------------------------------------------------------------------
def test_what_was_changed_and_waits_is_not_called_removed(client, client_of, author, reader, post, said):
    posting.post_comment(post, Writer(user=author), "I did.", parent=said)
    changed = posting.edit(said, "Who? https://a.example", verdict=Verdict("hold", [{"code": "links"}], 3.0))
    assert changed.status == "pending"
    for visitor in (client, client_of(author)):
        html = visitor.get("/blog/boats/").content.decode()
        assert "Waits for a moderator" in html and "Removed by" not in html and "https://a.example" not in html
        assert "I did." in html, "its replies stay"
    assert "Waits for a moderator" in live.words_of_removed(changed)
    own = client_of(author).get(f"/comments/{said.pk}/mine/").content.decode()
    assert "Your changed comment waits for a moderator" in own


def test_what_never_was_public_is_nowhere(client, post, reader):
    posting.post_comment(post, Writer(user=reader), "My first.")
    html = client.get("/blog/boats/").content.decode()
    assert "Waits for a moderator" not in html and "My first." not in html
