"""What the page of the form says before anything is typed, and how soon it may come back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from blog.models import Post
from comments import posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import Writer

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
SENT = {"name": "Vera", "email": "vera@example.net", "content": "Words that were written already"}


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("Boats", at=NOW - timedelta(days=1))


@pytest.mark.parametrize(("policy", "says"), [("closed", "Comments are closed."), ("members", "Sign in to comment")])
def test_a_closed_post_says_so_and_shows_no_form(client, post, reader, policy, says):
    first = posting.post_comment(post, Writer(user=reader), "Before it closed").comment
    Post.objects.filter(pk=post.pk).update(comments_policy=policy)
    for page in ("/comments/to/boats/", f"/comments/{first.pk}/reply/"):
        shown = client.get(page)
        html = shown.content.decode()
        assert shown.status_code == 200 and says in html and "<textarea" not in html and "Post comment" not in html


def test_whoever_may_write_is_shown_the_form(client, client_of, reader, post):
    assert "<textarea" in client.get("/comments/to/boats/").content.decode()
    Post.objects.filter(pk=post.pk).update(comments_policy="members")
    assert "<textarea" in client_of(reader).get("/comments/to/boats/").content.decode()


def test_what_was_typed_when_it_closed_is_not_taken_away(client, post):
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")
    shown = client.post("/comments/to/boats/", {**SENT, "token": tokens.open_form()})
    assert shown.status_code == 400 and SENT["content"] in shown.content.decode()


@pytest.mark.parametrize(("seconds", "codes"), [(0, ["fast"]), (1, ["fast"]), (2, []), (60, [])])
def test_what_is_looked_over_comes_back_sooner_but_not_at_once(client, post, seconds, codes):
    with time_machine.travel(NOW, tick=False):
        html = client.post("/comments/to/boats/", SENT).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', html)[1]
    assert tokens._forms().unsign(token).endswith("-over")
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        client.post("/comments/to/boats/", {**SENT, "token": token})
    assert [each["code"] for each in Comment.objects.get().reasons] == codes


def test_a_script_that_is_told_to_have_it_looked_over_may_send_it_again_as_soon(client, post):
    with time_machine.travel(NOW, tick=False):
        said = client.post("/comments/to/boats/", SENT, headers={"accept": "application/json"}).json()
    with time_machine.travel(NOW + timedelta(seconds=2), tick=False):
        client.post("/comments/to/boats/", {**SENT, "token": said["token"]}, headers={"accept": "application/json"})
    assert Comment.objects.get().reasons == []


def test_a_script_is_told_that_the_post_is_gone(client, post):
    Post.objects.filter(pk=post.pk).update(status="archived")
    said = client.post("/comments/to/boats/", SENT, headers={"accept": "application/json"})
    assert said.status_code == 404 and said.json()["errors"]["__all__"][0].startswith("This is not there any more")
    assert not Comment.objects.exists()


def test_a_form_nobody_has_looked_over_takes_as_long_as_before(client, post):
    with time_machine.travel(NOW, tick=False):
        token = tokens.open_form()
    with time_machine.travel(NOW + timedelta(seconds=2), tick=False):
        client.post("/comments/to/boats/", {**SENT, "token": token})
    assert [each["code"] for each in Comment.objects.get().reasons] == ["fast"]
