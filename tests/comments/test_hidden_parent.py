"""What waits once more does not take its replies with it."""

import pytest

from comments import live, moderation, posting, reporting, threads
from comments.models import Comment, ConversationSettings
from comments.posting import Verdict
from comments.rules import Writer

HOLD = Verdict("hold", [{"code": "links", "points": 3.0}], 3.0)


@pytest.fixture
def post(publish):
    ConversationSettings.objects.update_or_create(pk=1, defaults={"moderate_members": False})
    return publish("Tides")


@pytest.fixture
def root(post, reader):
    return posting.post_comment(post, Writer(user=reader), "Root words").comment


@pytest.fixture
def answer(post, author, root):
    return posting.post_comment(post, Writer(user=author), "Reply words", parent=root).comment


def texts(client, post):
    html = client.get(post.get_absolute_url()).content.decode()
    return html[html.index('id="comments"') :]


def test_a_beginning_that_was_changed_waits_over_its_replies(client, post, root, answer):
    changed = posting.edit(root, "Other words", verdict=HOLD)
    assert [node.pk for node in threads.page_of(post).rows] == [root.pk, answer.pk]
    html = texts(client, post)
    assert "Reply words" in html and "Waits for a moderator" in html and "One comment" in html
    assert "Other words" not in html and "Root words" not in html and "Removed" not in html
    assert live.words_of_removed(changed) == "Waits for a moderator"
    to = client.get(f"/comments/{answer.pk}/")["Location"]
    assert to.endswith(f"#comment-{answer.pk}")


def test_an_appeal_hides_nobody(post, root, answer, moderator):
    moderation.decide(root.pk, "reject", by=moderator)
    shown = [node.pk for node in threads.page_of(post).rows]
    reporting.appeal(root, "Look again")
    assert [node.pk for node in threads.page_of(post).rows] == shown == [root.pk, answer.pk]


def test_one_in_between_waits_in_its_own_words(client, post, answer, reader):
    posting.post_comment(post, Writer(user=reader), "Below it", parent=answer)
    posting.edit(answer, "Reply changed", verdict=HOLD)
    html = texts(client, post)
    assert "Below it" in html and "Waits for a moderator" in html and "Removed" not in html


def test_what_waits_without_replies_is_not_there(client, post, root, answer, moderator):
    moderation.decide(answer.pk, "reject", by=moderator)
    posting.edit(root, "Other words", verdict=HOLD)
    assert threads.page_of(post).rows == [] and "Waits for a moderator" not in texts(client, post)
    assert not Comment.objects.filter(status="approved").exists()
