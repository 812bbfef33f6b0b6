"""What cannot be written anyhow is sent to nobody: the rules are asked before the filter, and again after it."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone

from blog.models import Post
from comments import akismet, moderation, posting, tokens
from comments.models import Comment, ConversationSettings
from comments.rules import Writer

BROWSER = "Browser"
JSON = {"accept": "application/json", "user-agent": BROWSER}


@pytest.fixture
def post(publish):
    ConversationSettings.objects.create(guests="trust", trusted_after=0, moderate_members=False, akismet_key="a-key")
    for cache in caches.all():
        cache.clear()
    return publish("Tides")


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """The texts Akismet was asked about."""
    texts: list[str] = []

    def ask(key, post, writer, content, **how):
        texts.append(content)
        return akismet.GOOD

    monkeypatch.setattr(akismet, "ask", ask)
    return texts


@pytest.fixture
def said(post):
    return posting.post_comment(post, Writer(name="Gina", email="gina@example.net"), "Said before").comment


def closed(post, said, by):
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")


def banned(post, said, by):
    own = posting.post_comment(post, Writer(name="Gina", email="gina@example.net"), "Rude").comment
    moderation.ban(own, by=by, until=None)


def parent_gone(post, said, by):
    moderation.decide(said.pk, "reject", by=by)


def send(client, address, **more):
    opened = tokens.open_form(timezone.now() - timedelta(seconds=30))
    fields = {"content": "Buy these watches", "name": "Gina", "email": "gina@example.net", "token": opened}
    return client.post(address, fields | more, headers=JSON)


@pytest.mark.parametrize("meanwhile", [closed, banned, parent_gone])
def test_nobody_is_asked_about_a_comment_that_is_refused(client, post, said, moderator, asked, meanwhile):
    meanwhile(post, said, moderator)
    where = f"/comments/{said.pk}/reply/" if meanwhile is parent_gone else "/comments/to/tides/"
    assert send(client, where).status_code == 400
    assert asked == [] and not Comment.objects.filter(content="Buy these watches").exists()


def test_the_same_form_sent_twice_is_asked_about_once(client, post, asked):
    opened = tokens.open_form(timezone.now() - timedelta(seconds=30))
    answers = [send(client, "/comments/to/tides/", token=opened) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"] and asked == ["Buy these watches"]


def too_late(post, said, by):
    Comment.objects.filter(pk=said.pk).update(created_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize("meanwhile", [closed, banned, too_late])
def test_nobody_is_asked_about_a_change_that_is_refused(client, post, said, moderator, asked, meanwhile):
    meanwhile(post, said, moderator)
    fields = {"content": "Buy these watches", "key": tokens.key_of(said)}
    assert client.post(f"/comments/{said.pk}/edit/", fields, headers=JSON).status_code == 400
    assert asked == [] and Comment.objects.get(pk=said.pk).content == "Said before"


def test_what_is_not_changed_is_asked_about_no_more(client, post, said, asked):
    for text, expected in (("Said before", []), ("Said better", ["Said better"])):
        fields = {"content": text, "key": tokens.key_of(said)}
        assert client.post(f"/comments/{said.pk}/edit/", fields, headers=JSON).status_code == 200
        assert asked == expected


def test_the_rules_are_asked_again_after_the_filter_took_its_time(client, post, monkeypatch):
    def closed_while_it_answers(key, live, writer, content, **how):
        closed(post, None, None)
        return akismet.GOOD

    monkeypatch.setattr(akismet, "ask", closed_while_it_answers)
    assert send(client, "/comments/to/tides/").status_code == 400
    assert not Comment.objects.exists()
