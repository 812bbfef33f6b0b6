"""Whoever closes their account leaves their words, and nothing by which they are known."""

import pytest
from django.test import Client

from accounts.models import User
from comments import moderation, posting, reporting
from comments.models import Comment, ConversationSettings
from comments.recounting import recount
from comments.rules import Writer
from tests.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("Tides")


def test_their_browser_and_fingerprint_go_with_the_account(post, reader, author):
    mine = Writer(user=reader, fingerprint="1" * 64, user_agent="Mozilla X")
    others = Writer(user=author, fingerprint="2" * 64, user_agent="Mozilla Y")
    said, other = (posting.post_comment(post, who, "Words that stay").comment for who in (mine, others))
    reader.delete()
    said.refresh_from_db(), other.refresh_from_db()
    assert (said.content, said.user_id) == ("Words that stay", None)
    assert (said.fingerprint_hash, said.user_agent) == ("", "")
    assert (other.fingerprint_hash, other.user_agent) == ("2" * 64, "Mozilla Y")


def test_the_page_kept_for_strangers_names_them_no_more(post, client, django_capture_on_commit_callbacks):
    person = make_person("mallory", first_name="Mallory", last_name="Quill")
    with django_capture_on_commit_callbacks(execute=True):
        posting.post_comment(post, Writer(user=person), "Words that stay")
    assert "Mallory Quill" in client.get(post.get_absolute_url()).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.filter(pk=person.pk).delete()
    page = Client().get(post.get_absolute_url()).content.decode()
    assert "Words that stay" in page
    assert "Mallory" not in page


def test_what_they_reported_is_reported_by_one_less(post, reader, author, moderator):
    said = [posting.post_comment(post, Writer(user=author), f"Words {number}").comment for number in range(3)]
    for comment in said[:2]:
        reporting.report(comment, "abuse", user=reader)
    reporting.report(said[0], "abuse", fingerprint="3" * 64)
    moderation.decide(said[1].pk, "approve", by=moderator)
    reader.delete()
    assert list(Comment.objects.order_by("pk").values_list("report_count", flat=True)) == [1, 0, 0]
    assert recount() == 0


def test_reports_are_recounted_at_night(post, reader, author):
    said = [posting.post_comment(post, Writer(user=author), f"Words {number}").comment for number in range(3)]
    reporting.report(said[0], "abuse", user=reader)
    Comment.objects.filter(pk=said[0].pk).update(report_count=0)
    Comment.objects.filter(pk=said[1].pk).update(report_count=4)
    assert recount() == 2
    assert list(Comment.objects.order_by("pk").values_list("report_count", flat=True)) == [1, 0, 0]
    assert recount() == 0
