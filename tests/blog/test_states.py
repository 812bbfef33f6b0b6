"""The way of a post from draft to published, and who may take which step."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from blog import publishing
from blog.models import Post, StatusChange
from core.refusals import Refusal
from tests.blog.conftest import NOON


def test_an_author_submits_and_an_editor_publishes(write, author, editor):
    post = write()
    assert publishing.submit(post, by=author)
    assert publishing.publish(post, by=editor, at=NOON)
    post.refresh_from_db()
    assert (post.status, post.published_at) == ("published", NOON)
    assert list(StatusChange.objects.order_by("id").values_list("from_status", "to_status", "by__username")) == [
        ("draft", "pending", "author"),
        ("pending", "published", "editor"),
    ]


def test_an_author_cannot_publish_schedule_or_archive(write, publish, author):
    post, live = write(), publish()
    for step in (
        lambda: publishing.publish(post, by=author),
        lambda: publishing.schedule(post, by=author, at=NOON, now=NOON - timedelta(days=1)),
        lambda: publishing.archive(live, by=author),
        lambda: publishing.trash(live, by=author),
    ):
        with pytest.raises(Refusal, match="Your role does not let you"):
            step()
    assert Post.objects.get(pk=post.pk).status == "draft"
    assert Post.objects.get(pk=live.pk).is_public


@pytest.mark.parametrize("person", ["reader", "moderator"])
def test_others_cannot_move_somebody_elses_post(write, request, person):
    post = write()
    with pytest.raises(Refusal):
        publishing.submit(post, by=request.getfixturevalue(person))
    assert Post.objects.get(pk=post.pk).status == "draft"


def test_every_step_taken_twice_is_taken_once(write, author, editor):
    post = write()
    assert [publishing.submit(post, by=author), publishing.submit(post, by=author)] == [True, False]
    assert [publishing.publish(post, by=editor), publishing.publish(post, by=editor)] == [True, False]
    assert [publishing.archive(post, by=editor), publishing.archive(post, by=editor)] == [True, False]
    assert [publishing.trash(post, by=editor), publishing.trash(post, by=editor)] == [True, False]
    assert [publishing.restore(post, by=editor), publishing.restore(post, by=editor)] == [True, False]
    assert StatusChange.objects.count() == 5


def test_a_refusal_names_the_state(publish, editor):
    post = publish()
    publishing.archive(post, by=editor)
    with pytest.raises(Refusal, match=r"Only drafts can be submitted for review; this one is archived\."):
        publishing.submit(post, by=editor)
    publishing.trash(post, by=editor)
    with pytest.raises(Refusal, match="this one is in the trash"):
        publishing.publish(post, by=editor)


def test_restoring_from_the_trash_never_makes_public(publish, editor):
    post = publish()
    publishing.trash(post, by=editor)
    assert not Post.objects.published().exists()
    publishing.restore(post, by=editor)
    assert (post.status, post.trashed_at) == ("draft", None)
    assert not Post.objects.published().exists()


def test_publishing_again_keeps_the_first_date(publish, editor):
    post = publish(at=NOON)
    publishing.archive(post, by=editor)
    publishing.publish(post, by=editor, at=NOON + timedelta(days=3))
    post.refresh_from_db()
    assert post.published_at == NOON


def test_a_post_without_text_does_not_go_live(write, editor):
    post = write(text=" ")
    with pytest.raises(Refusal, match="no text yet"):
        publishing.publish(post, by=editor)
    assert Post.objects.get(pk=post.pk).status == "draft"


def test_an_author_takes_their_own_post_back_from_review_only(write, author, moderator, editor):
    post = write()
    publishing.submit(post, by=author)
    with pytest.raises(Refusal):
        publishing.send_back(post, by=moderator)
    assert publishing.send_back(post, by=author)
    publishing.submit(post, by=author)
    assert publishing.send_back(post, by=editor, note="Needs a source")
    assert StatusChange.objects.first().note == "Needs a source"


def test_buttons_offer_only_what_the_functions_allow(write, publish, author, editor, reader):
    draft, live = write(), publish()
    assert publishing.steps_for(draft, author) == ["submit", "trash"]
    assert publishing.steps_for(draft, editor) == ["publish", "schedule", "submit", "trash"]
    assert publishing.steps_for(live, author) == []
    assert publishing.steps_for(live, reader) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "nonsense"},
        {"status": "published", "published_at": None},
        {"status": "scheduled", "scheduled_at": None},
        {"status": "published", "published_at": NOON, "trashed_at": NOON},
        {"slug": ""},
        {"kind": "book"},
    ],
)
def test_the_database_refuses_impossible_posts(write, wrong):
    post = write()
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=post.pk).update(**wrong)
