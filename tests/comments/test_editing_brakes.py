"""What holds for writing holds for changing: bans, closed posts, limits, the filter, and who is trusted."""

from email.message import Message

import pytest
from django.core.cache import caches

from accounts import rates
from blog.models import Post
from comments import akismet, moderation, posting, tokens
from comments.models import Comment, ConversationSettings
from comments.posting import Verdict
from comments.rules import Writer
from core import outbound
from core.refusals import Refusal

GINA = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)


@pytest.fixture
def set_up(db):
    def save(**fields):
        ConversationSettings.objects.update_or_create(pk=1, defaults=fields)
        for cache in caches.all():
            cache.clear()

    return save


@pytest.fixture
def post(publish):
    return publish("Tides")


@pytest.fixture
def approved(post, moderator, set_up):
    """What a guest said and a moderator let through, where every guest is looked at first."""
    set_up(guests="moderate")
    said = posting.post_comment(post, GINA, "A nice thing").comment
    return moderation.decide(said.pk, "approve", by=moderator)


def change(client, comment, text):
    facts = {"content": text, "key": tokens.key_of(comment)}
    return client.post(f"/comments/{comment.pk}/edit/", facts, headers={"accept": "application/json"})


def test_what_a_moderator_approved_goes_back_to_them_when_it_is_changed(client, approved, post):
    form = client.get(f"/comments/{approved.pk}/edit/?key={tokens.key_of(approved)}").content.decode()
    assert "Once changed, it waits for a moderator" in form
    answer = change(client, approved, "You are all idiots.")
    approved.refresh_from_db()
    assert answer.json()["status"] == approved.status == "pending"
    assert moderation.queue().get() == approved and Post.objects.get(pk=post.pk).comment_count == 0


def test_whoever_is_trusted_changes_what_readers_see(post, reader, moderator, client, approved, set_up):
    member = posting.post_comment(post, Writer(user=reader), "As a member").comment
    moderation.decide(member.pk, "approve", by=moderator)
    assert posting.edit(member, "As a member, changed").is_public and not posting.waits_when_changed(member)
    set_up(guests="trust", trusted_after=1)
    assert posting.edit(approved, "Trusted by now").is_public


@pytest.fixture
def confirming(post, set_up):
    """What a guest said where guests confirm their address; with reasons, a moderator decides after that."""
    set_up(guests="confirm")

    def say(*reasons):
        verdict = Verdict("hold", list(reasons)) if reasons else Verdict()
        said = posting.post_comment(post, GINA, "Said and confirmed", judge=lambda *_: verdict).comment
        return posting.confirm(said)

    return say


def test_nobody_looks_at_a_change_by_a_guest_whose_address_was_all_that_was_asked(confirming):
    said = confirming()
    assert said.is_public and posting.edit(said, "Said better").is_public


def test_what_a_moderator_let_through_goes_back_to_them_where_guests_confirm_too(
    client, approved, confirming, post, moderator
):
    held = confirming({"code": "words", "points": 3.0, "words": ["casino"]})
    assert held.status == "pending" and not held.is_unconfirmed
    for said in (moderation.decide(held.pk, "approve", by=moderator), approved):
        assert change(client, said, "You are all idiots.").json()["status"] == "pending"
        said.refresh_from_db()
        assert said.status == "pending"
    assert Post.objects.get(pk=post.pk).comment_count == 0


def test_somebody_banned_changes_nothing(client, approved, post, moderator):
    other = posting.post_comment(post, GINA, "Something else").comment
    moderation.ban(other, by=moderator, until=None)
    answer = change(client, approved, "Still talking")
    approved.refresh_from_db()
    assert answer.status_code == 400 and approved.content == "A nice thing" and approved.is_public


def test_under_a_closed_post_nothing_is_changed_but_it_may_be_taken_back(client, approved, post):
    Post.objects.filter(pk=post.pk).update(comments_policy="closed")
    assert change(client, approved, "Later").status_code == 400
    assert posting.delete(Comment.objects.get(pk=approved.pk))


def test_changing_is_counted_as_writing_is(client, approved, monkeypatch):
    monkeypatch.setitem(rates.RATES, "edit", [(2, 60)])
    assert [change(client, approved, f"Flood {turn}").status_code for turn in range(4)] == [200, 200, 429, 429]
    assert approved.edits.count() == 2


def test_a_comment_is_changed_so_often_and_no_more(approved):
    for turn in range(posting.MOST_EDITS):
        posting.edit(approved, f"Version {turn}")
    with pytest.raises(Refusal, match="very often"):
        posting.edit(approved, "Once more")
    assert approved.edits.count() == posting.MOST_EDITS


def test_akismet_is_asked_about_changes(client, approved, set_up, monkeypatch):
    asked = []

    def fetch(url, **how):
        asked.append(how["body"])
        return outbound.Answer(200, Message(), b"true", url)

    monkeypatch.setattr(akismet, "fetch", fetch)
    set_up(guests="trust", trusted_after=0, akismet_key="a-key")
    change(client, approved, "Buy these watches")
    approved.refresh_from_db()
    assert len(asked) == 1 and b"Buy+these+watches" in asked[0] and b"user_ip=127.0.0.1" in asked[0]
    assert approved.status == "pending" and [each["code"] for each in approved.reasons] == ["akismet"]
