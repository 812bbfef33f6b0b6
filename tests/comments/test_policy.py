"""Who may write under a post, as its editors set it: everybody, members, nobody, or only for some days."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from blog import publishing
from blog.models import Post
from comments import moderation, rules
from comments.models import ClosedConversation, ConversationSettings
from comments.posting import post_comment
from comments.rules import Writer
from core import cache
from core.refusals import Refusal
from tests.blog.admin_form import ADD, change_address, filled

GUEST = Writer(name="Ida", email="ida@example.org", fingerprint="f" * 64)


def test_the_form_of_a_post_sets_who_may_comment_and_for_how_long(client_of, editor):
    desk = client_of(editor)
    page = desk.get(reverse(ADD)).content.decode()
    assert 'name="comments_policy"' in page and 'name="comments_close_after_days"' in page
    desk.post(reverse(ADD), filled(comments_policy="members", comments_close_after_days="30"))
    post = Post.objects.get()
    assert (post.comments_policy, post.comments_close_after_days) == ("members", 30)
    desk.post(change_address(post), filled(post, comments_policy="closed", comments_close_after_days=""))
    post.refresh_from_db()
    assert (post.comments_policy, post.comments_close_after_days) == ("closed", None)


@pytest.mark.parametrize(
    "wrong",
    [{"comments_policy": "some"}, {"comments_close_after_days": "-1"}, {"comments_close_after_days": "99999999"}],
)
def test_a_policy_that_does_not_exist_is_refused(client_of, editor, wrong):
    client_of(editor).post(reverse(ADD), filled(**wrong))
    assert not Post.objects.exists()


def test_a_form_without_the_field_leaves_a_post_open(client_of, editor):
    client_of(editor).post(reverse(ADD), filled())
    assert Post.objects.get().comments_policy == "open"


def test_readers_see_the_policy_of_a_live_post_once_its_changes_are_out(client_of, editor, publish):
    post = publish("The harbour")
    desk = client_of(editor)
    fields = filled(post, comments_policy="closed", base_version=post.content_version, slug_suggested=post.slug)
    desk.post(change_address(post), fields)
    assert post_comment(post, GUEST, "Still open").is_new
    assert publishing.update(Post.objects.get(pk=post.pk), by=editor)
    with pytest.raises(Refusal, match=r"Comments are closed\."):
        post_comment(post, GUEST, "Not any more")


QUEUE = "/admin/comments/comment/"


@pytest.mark.django_db(transaction=True)
def test_a_moderator_closes_the_room_at_once_and_opens_it_again(client, client_of, moderator, reader, editor, publish):
    post = publish("The harbour")
    desk, room = client_of(moderator), f"{QUEUE}room/{post.pk}/"
    post_comment(post, Writer(user=editor), "While it is open")
    assert "/comments/to/" in client.get(post.get_absolute_url()).content.decode()
    page = desk.get(f"{QUEUE}?post={post.pk}").content.decode()
    assert "are open." in page and room in page
    assert desk.post(room, {"close": 1, "back": f"{QUEUE}?post={post.pk}"}).url == f"{QUEUE}?post={post.pk}"
    desk.post(room, {"close": 1})
    for who in (GUEST, Writer(user=reader), Writer(user=editor)):
        with pytest.raises(Refusal, match="A moderator has closed the comments"):
            post_comment(post, who, "Too late")
    html = client.get(post.get_absolute_url()).content.decode()
    assert "A moderator has closed the comments." in html and "/comments/to/" not in html
    assert "were closed by moderator" in desk.get(f"{QUEUE}?post={post.pk}").content.decode()
    desk.post(room, {"open": 1})
    desk.post(room, {"open": 1})
    assert post_comment(post, GUEST, "Here again").is_new
    trail = AuditEntry.objects.filter(target_type__model="post", target_id=post.pk, actor=moderator).order_by("pk")
    assert list(trail.values_list("action", flat=True)) == ["closed the comments", "opened the comments again"]


@pytest.mark.django_db(transaction=True)
def test_what_an_editor_brings_out_does_not_open_what_a_moderator_closed(client_of, moderator, editor, publish):
    post, other = publish("The harbour"), publish("Elsewhere")
    moderation.close(post, by=moderator)
    fields = filled(post, comments_policy="open", title="A harbour", base_version=post.content_version)
    client_of(editor).post(change_address(post), fields | {"slug_suggested": post.slug})
    assert publishing.update(Post.objects.get(pk=post.pk), by=editor)
    with pytest.raises(Refusal):
        post_comment(Post.objects.get(pk=post.pk), GUEST, "Still closed?")
    assert post_comment(other, GUEST, "Here it is open").is_new


def test_only_moderators_close_rooms(client_of, author, reader, publish):
    post = publish("The harbour")
    for who in (author, reader):
        assert client_of(who).post(f"{QUEUE}room/{post.pk}/", {"close": 1}).status_code in {302, 403}
    assert not ClosedConversation.objects.exists()
    assert client_of(author).get(f"{QUEUE}room/{post.pk}/").status_code in {403, 405}


def test_members_only_means_members(publish, reader):
    post = publish(comments_policy="members")
    with pytest.raises(Refusal, match="Sign in"):
        post_comment(post, GUEST, "Let me in")
    assert post_comment(post, Writer(user=reader), "Here I am").is_new


def test_days_are_those_of_the_post_else_those_of_the_publication(publish, django_capture_on_commit_callbacks):
    now = timezone.now()
    post = publish(at=now - timedelta(days=10))
    assert not rules.why_closed(post, None, at=now)
    with django_capture_on_commit_callbacks(execute=True):
        ConversationSettings.objects.create(close_after_days=7)
        cache.renew(rules.GENERATION)
    assert rules.why_closed(post, None, at=now)
    post.comments_close_after_days = 20
    assert not rules.why_closed(post, None, at=now)
    end = post.published_at + timedelta(days=20)
    assert not rules.why_closed(post, None, at=end - timedelta(seconds=1))
    assert rules.why_closed(post, None, at=end)
