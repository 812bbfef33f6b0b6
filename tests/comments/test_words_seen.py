"""A moderator decides about the words they saw, and about no others."""

import re

import pytest

from comments import moderation, posting
from comments.models import Ban, Comment
from comments.rules import Writer

QUEUE = "/admin/comments/comment/"
JSON = {"accept": "application/json"}
GINA = Writer(name="Gina", email="gina@example.net", fingerprint="f" * 64)


@pytest.fixture
def said(publish):
    return posting.post_comment(publish("Tides"), GINA, "What the moderator saw").comment


@pytest.fixture
def desk(client_of, moderator):
    return client_of(moderator)


def fields_of(html):
    return dict(re.findall(r'name="(seen-\d+)" value="([^"]+)"', html))


@pytest.mark.parametrize("page", ["", "{pk}/change/"])
def test_what_was_changed_since_is_not_decided(desk, said, page):
    seen = fields_of(desk.get(QUEUE + page.format(pk=said.pk)).content.decode())
    assert list(seen) == [f"seen-{said.pk}"]
    posting.edit(said, "What the moderator never saw")
    answer = desk.post(f"{QUEUE}decide/", {"approve": said.pk, **seen}, headers=JSON)
    said.refresh_from_db()
    assert answer.status_code == 409 and "changed this comment since" in answer.json()["error"]
    assert said.status == "pending" and said.decided_at is None
    seen = fields_of(desk.get(QUEUE).content.decode())
    assert desk.post(f"{QUEUE}decide/", {"approve": said.pk, **seen}, headers=JSON).status_code == 200
    posting.edit(Comment.objects.get(pk=said.pk), "And another time")
    assert desk.post(f"{QUEUE}decide/", {"approve": said.pk, **seen}, headers=JSON).status_code == 409


def test_of_many_only_those_that_were_seen_are_decided(desk, said):
    other = posting.post_comment(said.post, GINA, "Left as it was").comment
    seen = fields_of(desk.get(QUEUE).content.decode())
    posting.edit(said, "Changed meanwhile")
    html = desk.post(f"{QUEUE}decide/", {"all": "approve", "chosen": [said.pk, other.pk], **seen}, follow=True)
    assert "1 comment approved. 1 could not be decided." in html.content.decode()
    states = dict(Comment.objects.values_list("pk", "status"))
    assert states == {said.pk: "pending", other.pk: "approved"}


def test_a_button_that_names_no_version_decides_nothing(desk, said):
    answer = desk.post(f"{QUEUE}decide/", {"spam": said.pk}, headers=JSON)
    assert answer.status_code == 409 and "Read this comment first" in answer.json()["error"]
    html = desk.post(f"{QUEUE}decide/", {"all": "spam", "chosen": [said.pk]}, follow=True).content.decode()
    assert "0 comments marked as spam. 1 could not be decided." in html
    said.refresh_from_db()
    assert said.status == "pending" and said.taught == ""


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_nobody_is_banned_for_words_that_were_not_seen(desk, said, is_looked_at):
    page = f"{QUEUE}{said.pk}/ban/"
    seen = fields_of(desk.get(page).content.decode())
    assert list(seen) == [f"seen-{said.pk}"]
    posting.edit(said, "Nothing to ban anybody for")
    how = {"term": "week", "decision": "spam"}
    html = desk.post(page, how | (seen if is_looked_at else {})).content.decode()
    assert ("changed this comment since" if is_looked_at else "Read this comment first") in html
    said.refresh_from_db()
    assert not Ban.objects.exists() and said.status == "pending" and said.taught == ""
    assert "Nothing to ban anybody for" in html, "to be read now"
    assert desk.post(page, how | fields_of(html)).status_code == 302 and Ban.objects.count() == 1


def test_what_decides_without_looking_names_no_version(said, moderator):
    posting.edit(said, "Changed")
    assert moderation.decide(said.pk, "reject", by=moderator).status == "rejected"
