"""What programs elsewhere are told, and what nobody is: drafts, words nobody approved, addresses of people."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from blog import publishing, writing
from blog.models import Post
from comments import moderation, posting
from comments.rules import Writer
from media_assets import intake
from media_assets.models import MediaAsset
from tests.media_assets.conftest import own_store  # noqa: F401  (fixture)
from webhooks.kinds import KINDS
from webhooks.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(listening):
    """told(): the events so far, oldest first, as (kind, payload)."""
    listening("https://example.org/", *KINDS)
    return lambda: list(Event.objects.order_by("created_at", "pk").values_list("kind", "payload"))


def test_a_post_from_draft_to_trash(told, write, editor):
    post = write("Boats", text="Two keels.", tags=["Sea"])
    publishing.submit(post, by=editor)
    assert told() == [], "of drafts nobody hears"
    publishing.publish(post, by=editor)
    ((kind, facts),) = told()
    assert kind == "post.published" and facts["title"] == "Boats" and facts["tags"] == ["sea"]
    assert facts["url"].endswith("/blog/boats/") and facts["api_url"].endswith("/api/v1/posts/boats/")
    post = Post.objects.get()
    post.title = "Ships not yet shown"
    writing.save(post, by=editor)
    assert len(told()) == 1 and "not yet shown" not in json.dumps(told()), "what waits is private"
    publishing.update(post, by=editor)
    assert {kind: facts["title"] for kind, facts in told()}["post.updated"] == "Ships not yet shown"
    publishing.archive(post, by=editor)
    kinds = dict(told())
    assert kinds["post.unpublished"].keys() == {"id", "kind", "slug", "url"}
    publishing.trash(post, by=editor)
    assert dict(told())["post.deleted"] == {"id": post.pk, "kind": "post"}
    assert len(told()) == 4


def test_a_live_post_that_is_thrown_away_is_taken_down_and_deleted(told, publish, editor):
    post = publish("Boats")
    publishing.trash(post, by=editor)
    kinds = dict(told())
    assert kinds.keys() == {"post.published", "post.unpublished", "post.deleted"}
    assert kinds["post.deleted"]["slug"] == "boats"


def test_a_draft_that_is_thrown_away_is_nobodys_business(told, write, editor):
    publishing.trash(write("Secret"), by=editor)
    assert told() == []


def test_what_is_rolled_back_is_not_told(told, write, editor):
    post = write("Boats")
    with pytest.raises(RuntimeError), transaction.atomic():
        publishing.publish(post, by=editor)
        raise RuntimeError
    assert told() == []


def test_a_comment_is_told_of_without_its_words_or_its_writer(told, publish, moderator):
    post = publish("Boats")
    guest = Writer(None, "Ana Guest", "ana@example.com", "f" * 64)
    comment = posting.post_comment(post, guest, "My private words").comment
    moderation.decide(comment.pk, moderation.APPROVE, by=moderator)
    events = [each for each in told() if each[0].startswith("comment.")]
    assert [kind for kind, _ in events] == ["comment.created", "comment.approved"]
    assert [facts["status"] for _, facts in events] == ["pending", "approved"]
    assert events[0][1]["id"] == comment.pk and events[0][1]["post"]["slug"] == "boats"
    for private in ("Ana", "ana@example.com", "private words", "ffff"):
        assert private not in json.dumps(events)


def test_spam_is_not_told_of(told, publish):
    verdict = posting.Verdict("refuse")
    posting.post_comment(publish("Boats"), Writer(None, "A", "a@example.com", "f" * 64), "Buy", verdict=verdict)
    assert [kind for kind, _ in told()] == ["post.published"]


def test_a_file_is_told_of_when_it_may_be_served(told, own_store, editor):  # noqa: F811
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "PNG")
    asset = intake.take_in(SimpleUploadedFile("Secret plans.png", content.getvalue()), by=editor)
    ((kind, facts),) = told()
    assert kind == "media.created" and facts["id"] == asset.pk and facts["url"].startswith("http")
    assert asset.name not in json.dumps(facts), "what editors call it is theirs"
    assert MediaAsset.objects.count() == 1
