"""What the conversation holds about a member: theirs to take away, and nameless once their account is gone."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import mail_choices, personal_data
from accounts.models import User
from blog import likes as post_likes
from blog.likes import Reader
from blog.models import Post
from comments import likes, posting, subscribing
from comments.models import Comment, ThreadSubscription
from comments.rules import Writer

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def post(publish):
    return publish("Tides", at=NOW - timedelta(days=1))


def say(post, user, words="Well said.", **more):
    return posting.post_comment(post, Writer(user=user), words, at=NOW, **more).comment


def held_of(user):
    return json.loads("".join(personal_data.as_json(user, timezone.now())))


def test_a_download_holds_what_they_said_and_liked_and_nothing_of_others(post, reader, editor, author):
    theirs = say(post, editor, "The editor's words.")
    mine = say(post, reader, "Mine.", parent=theirs)
    posting.edit(mine, "Mine, mended.", at=NOW)
    likes.like(theirs, Reader(reader))
    post_likes.like(post, Reader(reader))
    subscribing.subscribe(post, user=reader)
    mail_choices.choose(reader, {"reply": "daily"})
    held = held_of(reader)
    assert [row["text"] for row in held["comments"]["comments"]] == ["Mine, mended."]
    assert [row["text"] for row in held["comments"]["earlier_words"]] == ["Mine."]
    assert [row["comment"] for row in held["comments"]["likes"]] == [theirs.pk]
    assert [row["post"] for row in held["comments"]["heard_of"]] == ["tides"]
    assert [row["post"] for row in held["blog"]["likes"]] == ["tides"]
    assert held["account"]["mails_chosen"][0]["mail"] == "daily"
    whole = json.dumps(held)
    assert "The editor's words" not in whole and editor.email not in whole
    assert "token" not in json.dumps(held["comments"]) and "fingerprint" not in whole


def test_a_post_that_came_down_is_not_named(post, reader, editor):
    from blog import publishing

    say(post, reader)
    publishing.archive(post, by=editor)
    (row,) = held_of(reader)["comments"]["comments"]
    assert row["post"] is None and row["text"] == "Well said."


def test_once_an_account_is_gone_its_comments_stay_without_a_name(post, editor, reader):
    before = Post.objects.get().comment_count
    mine = say(post, editor, "Said by somebody.")
    say(post, editor, "An answer.", parent=mine)
    subscribing.subscribe(post, user=editor)
    name = editor.display_name
    User.objects.filter(pk=editor.pk).delete()
    rows = Comment.objects.order_by("pk")
    assert [row.content for row in rows] == ["Said by somebody.", "An answer."]
    assert {(row.user, row.guest_name, row.guest_email, row.writer_name) for row in rows} == {
        (None, "", "", "Somebody who left")
    }
    assert Post.objects.get().comment_count == before + 2
    assert not ThreadSubscription.objects.exists()
    page = Client().get(f"/blog/{post.slug}/").content.decode()
    assert "Said by somebody." in page and "Somebody who left" in page and f">{name}<" not in page
