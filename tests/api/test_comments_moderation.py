"""Moderating through the API: the queue of the desk, and decisions about the words that were read."""

import pytest

from accounts.models import AuditEntry
from comments import posting, reporting
from comments.models import Comment
from comments.rules import Writer
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.conftest import make_person


@pytest.fixture
def post(publish):  # noqa: F811
    return publish("Boats")


@pytest.fixture
def waiting(post, reader):
    return posting.post_comment(post, Writer(user=reader), "Hello").comment


def ids(answer):
    return [each["id"] for each in answer.json()["results"]]


def test_nobody_else_sees_the_queue_or_decides(program, waiting, reader, author):
    for caller, status in ((program(), 401), (program(reader), 403), (program(author), 403)):
        assert caller.get("/comments/").status_code == status
        for decision in ("approve", "reject", "spam"):
            assert caller.post(f"/comments/{waiting.pk}/{decision}/", {}).status_code == status
    waiting.refresh_from_db()
    assert waiting.status == "pending"


def test_a_token_decides_by_its_scope(program, waiting, moderator):
    path = f"/comments/{waiting.pk}/approve/"
    assert program(moderator, ["read", "write", "talk"]).post(path, {}).json()["code"] == "scope"
    assert program(moderator, ["moderate"]).post(path, {}).status_code == 200


@pytest.mark.parametrize(
    ("decision", "status", "counted"), [("approve", "approved", 1), ("reject", "removed", 0), ("spam", "spam", 0)]
)
def test_a_decision_is_that_of_the_desk(program, post, waiting, moderator, decision, status, counted):
    said = program(moderator).post(f"/comments/{waiting.pk}/{decision}/", {}).json()
    assert said["status"] == status and said["moderation"]["decided_by"] == moderator.display_name
    post.refresh_from_db()
    assert post.comment_count == counted and AuditEntry.objects.filter(actor=moderator).count() == 1
    assert ids(program(moderator).get("/comments/")) == []


def test_other_words_than_were_read_are_not_decided(program, waiting, moderator, reader):
    desk, path = program(moderator), f"/comments/{waiting.pk}/"
    read = desk.get(path)
    seen, etag = read.json()["moderation"]["seen"], read["ETag"]
    posting.edit(waiting, "Buy my boats")
    by_words = desk.post(path + "approve/", {"seen": seen})
    assert by_words.status_code == 409 and "changed" in by_words.json()["detail"]
    by_tag = desk.post(path + "approve/", {}, etag=etag)
    assert by_tag.status_code == 412 and by_tag["ETag"] == desk.get(path)["ETag"]
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    assert desk.post(path + "approve/", {}, etag=by_tag["ETag"]).json()["status"] == "approved"


def test_what_its_writer_took_back_is_not_decided(program, waiting, moderator):
    posting.delete(waiting)
    refused = program(moderator).post(f"/comments/{waiting.pk}/approve/", {})
    assert refused.status_code == 409 and Comment.objects.get().status == "deleted"
    assert program(moderator).post("/comments/999/approve/", {}).status_code == 404


def test_the_queue_is_narrowed_as_the_desk_s(program, post, publish, moderator, reader, author):  # noqa: F811
    other = publish("Other")
    first = posting.post_comment(post, Writer(user=reader), "About keels").comment
    second = posting.post_comment(other, Writer(user=author), "About sails").comment
    third = posting.post_comment(other, Writer(name="Vera", email="v@example.org"), "About ropes").comment
    reporting.report(second, "abuse", user=reader)
    desk = program(moderator)
    for query, found in {
        "": [first, second, third],
        "?status=reported": [second],
        "?status=approved": [second],
        "?status=spam": [],
        "?post=other": [second, third],
        "?search=keels": [first],
        "?search=vera": [third],
        "?search=%25": [],
        "?ordering=newest": [third, second, first],
        "?cursor=&page_size=1": [third],
    }.items():
        assert ids(desk.get(f"/comments/{query}")) == [each.pk for each in found], query
    row = desk.get("/comments/?status=reported").json()["results"][0]["moderation"]
    assert row["reports"] == [{"reason": "abuse", "number": 1}]
    for wrong in (
        "guest_email=v@example.org",
        "fingerprint_hash=f",
        "user__email=x",
        "status=deleted",
        "ordering=email",
    ):
        assert desk.get(f"/comments/?{wrong}").status_code == 400, wrong


def test_fifty_that_wait_are_as_many_questions_as_five(program, post, moderator, django_assert_max_num_queries):
    for number in range(50):
        who = Writer(user=make_person(f"reader{number}"))
        said = posting.post_comment(post, who, f"Comment {number}").comment
        Comment.objects.filter(pk=said.pk).update(report_count=1)
    desk = program(moderator)
    with django_assert_max_num_queries(9):
        assert len(desk.get("/comments/?page_size=50").json()["results"]) == 50
