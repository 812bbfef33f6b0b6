"""How often one may ask is said before it is too often, and when to come again after it was."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.api import limits

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def three_a_minute(monkeypatch):
    small = dict.fromkeys(limits.POLICIES, (3, 60)) | {"members": (5, 60), "writes": (2, 60)}
    monkeypatch.setattr(limits, "POLICIES", small)


def left(answer):
    policy, remaining, seconds = re.fullmatch(r'"([\w-]+)";r=(\d+);t=(\d+)', answer["RateLimit"]).groups()
    return policy, int(remaining), int(seconds)


def test_what_is_left_is_said_and_then_it_is_too_often_until_the_time_named(program, db):
    with time_machine.travel(NOON, tick=False) as clock:
        for remaining in (2, 1, 0):
            answer = program().get("/posts/")
            assert answer.status_code == 200 and left(answer)[:2] == ("strangers", remaining)
            assert answer["RateLimit-Policy"] == '"strangers";q=3;w=60' and "Retry-After" not in answer
        refused = program().get("/posts/")
        said = refused.json()
        assert refused.status_code == 429 and refused["Content-Type"] == "application/problem+json"
        assert said["status"] == 429 and said["code"] == "throttled" and left(refused)[1] == 0
        wait = int(refused["Retry-After"])
        assert 1 <= wait <= 60
        clock.shift(timedelta(seconds=wait))
        assert program().get("/posts/").status_code == 200


def test_members_have_more_and_writes_less(program, author):
    with time_machine.travel(NOON, tick=False):
        mine = program(author)
        assert left(mine.get("/posts/"))[0] == "members"
        for status in (201, 201, 429):
            answer = mine.post("/posts/", {"title": "One", "content_markdown": "x"})
            assert answer.status_code == status, answer.content
        assert '"writes";q=2;w=60' in answer["RateLimit-Policy"] and left(answer)[0] == "writes"
        assert mine.get("/posts/").status_code == 200, "who wrote too often may read on"


def test_a_personal_token_has_a_limit_of_its_own(program, author):
    with time_machine.travel(NOON, tick=False):
        tool, other = program(author, ["read"]), program(author, ["read"])
        statuses = [tool.get("/posts/").status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        assert "token" in other.get("/posts/")["RateLimit-Policy"]


def test_who_is_not_known_is_counted_by_network(program, db):
    with time_machine.travel(NOON, tick=False):
        for _ in range(4):
            last = program().get("/posts/")
        assert last.status_code == 429
        elsewhere = program().client.get("/api/v1/posts/", REMOTE_ADDR="203.0.113.7")
        assert elsewhere.status_code == 200


def test_every_answer_says_it_also_what_is_not_sent_again_and_what_is_wrong(program, db):
    with time_machine.travel(NOON, tick=False):
        etag = program().get("/posts/")["ETag"]
        assert "RateLimit" in program().get("/posts/", If_None_Match=etag)
        assert "RateLimit" in program().get("/posts/nothing/")
