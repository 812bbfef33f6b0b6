"""Webhooks through the API: for administrators, with the rules of the desk."""

import json
from datetime import datetime, timedelta

import pytest
import time_machine

from tests.api.conftest import program  # noqa: F401  (fixture)
from tests.webhooks.conftest import NOON
from webhooks import delivering
from webhooks.models import Delivery, Endpoint
from webhooks.recording import record

pytestmark = pytest.mark.django_db
SENT = {"url": "https://example.org/hooks", "events": ["post.updated", "post.published"], "description": "The site"}


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def test_an_administrator_adds_changes_and_removes_one(program, admin):  # noqa: F811
    mine = program(admin)
    made = mine.post("/webhooks/", SENT)
    said = made.json()
    assert made.status_code == 201 and made["Location"].endswith(f"/api/v1/webhooks/{said['id']}/")
    assert said["secret"].startswith("whsec_") and made["Cache-Control"] == "no-store"
    assert said["events"] == ["post.published", "post.updated"] and said["is_active"] is True
    path = f"/webhooks/{said['id']}/"
    shown = mine.get(path)
    assert "secret" not in shown.json() and "salt" not in shown.content.decode()
    changed = mine.patch(path, {"events": ["media.created"], "is_active": False}, etag=shown["ETag"])
    assert changed.status_code == 200 and changed.json()["state"] == "off"
    assert changed.json()["events"] == ["media.created"] and changed.json()["url"] == SENT["url"]
    assert mine.patch(path, {"description": "x"}, etag=shown["ETag"]).status_code == 412
    assert mine.put(path, {"url": SENT["url"]}).json()["errors"].keys() == {"events"}
    assert mine.get("/webhooks/").json()["count"] == 1
    assert mine.delete(path).status_code == 204 and mine.get(path).status_code == 404
    assert mine.delete(path).status_code == 404 and mine.get("/webhooks/").json()["count"] == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "ftp://example.org/"}, "url"),
        ({"url": "https://user:word@example.org/"}, "url"),
        ({"url": "https://example.org/" + "x" * 700}, "url"),
        ({"url": ["https://example.org/"]}, "url"),
        ({"events": []}, "events"),
        ({"events": ["post.imagined"]}, "events.0"),
        ({"events": ["post.published"] * 10_000}, "events"),
        ({"description": "x" * 201}, "description"),
    ],
)
def test_a_wrong_field_is_named(program, admin, wrong, field):  # noqa: F811
    answer = program(admin).post("/webhooks/", {**SENT, **wrong})
    assert answer.status_code == 400 and set(answer.json()["errors"]) == {field}
    assert not Endpoint.objects.exists()


def test_nobody_else_sees_or_touches_them(program, admin, editor, reader):  # noqa: F811
    pk = program(admin).post("/webhooks/", SENT).json()["id"]
    asked = [("GET", ""), ("GET", f"{pk}/"), ("GET", f"{pk}/attempts/"), ("GET", f"{pk}/deliveries/"), ("POST", "")]
    asked += [("POST", f"{pk}/{name}/") for name in ("replay", "ping", "secret")]
    asked += [("PATCH", f"{pk}/"), ("PUT", f"{pk}/"), ("DELETE", f"{pk}/")]
    for method, path in asked:
        for who, status in ((program(), 401), (program(reader), 403), (program(editor), 403)):
            assert who(method, f"/webhooks/{path}", SENT).status_code == status, (method, path)
        scopes = ["read", "write", "talk", "moderate", "account"]
        assert program(admin, scopes)(method, f"/webhooks/{path}", SENT).status_code == 403
    assert Endpoint.objects.count() == 1 and not Delivery.objects.exists()
    assert program(admin, ["manage"]).get("/webhooks/").status_code == 200


def test_a_new_secret_is_shown_once_and_the_old_one_ends(program, admin, noon):  # noqa: F811
    mine = program(admin)
    made = mine.post("/webhooks/", SENT).json()
    again = mine.post(f"/webhooks/{made['id']}/secret/").json()
    assert again["secret"] != made["secret"] and again["secret"].startswith("whsec_")
    assert datetime.fromisoformat(again["previous_until"]) == NOON + timedelta(days=1)
    assert "secret" not in mine.get(f"/webhooks/{made['id']}/").json()


def test_a_secret_is_not_kept_for_a_repeated_key(program, admin):  # noqa: F811
    from accounts.models import IdempotentAnswer

    assert program(admin).post("/webhooks/", SENT, Idempotency_Key="one").status_code == 201
    assert not IdempotentAnswer.objects.exists()


def test_a_test_and_its_try_are_shown_with_bodies(program, admin, receiver, noon, django_assert_max_num_queries):  # noqa: F811
    server, mine = receiver(), program(admin)
    pk = mine.post("/webhooks/", {**SENT, "url": server.url}).json()["id"]
    pinged = mine.post(f"/webhooks/{pk}/ping/")
    assert pinged.status_code == 202 and pinged.json()["state"] == "waiting" and pinged.json()["type"] == "ping"
    delivering.send_due()
    (attempt,) = mine.get(f"/webhooks/{pk}/attempts/").json()["results"]
    assert (attempt["status_code"], attempt["answer"], attempt["event"]) == (200, "thanks", pinged.json()["event"])
    assert attempt["body"].encode() == server.heard[0].body and json.loads(attempt["body"])["type"] == "ping"
    (delivery,) = mine.get(f"/webhooks/{pk}/deliveries/?state=delivered").json()["results"]
    assert delivery["event"] == attempt["event"] and delivery["attempts"] == 1
    assert mine.get(f"/webhooks/{pk}/deliveries/?state=failed").json()["count"] == 0
    assert mine.get(f"/webhooks/{pk}/deliveries/?endpoint__salt=a").status_code == 400
    for _ in range(10):
        mine.post(f"/webhooks/{pk}/ping/")
    delivering.send_due()
    for name in ("attempts", "deliveries"):
        with django_assert_max_num_queries(7):
            assert mine.get(f"/webhooks/{pk}/{name}/").json()["count"] == 11
        walked = mine.get(f"/webhooks/{pk}/{name}/?cursor=&page_size=5").json()
        assert len(walked["results"]) == 5 and walked["next"]


def test_one_event_or_a_range_is_sent_again(program, admin, receiver, noon):  # noqa: F811
    server, mine = receiver(), program(admin)
    pk = mine.post("/webhooks/", {**SENT, "url": server.url}).json()["id"]
    events = [record("post.published", {"id": number}, at=NOON + timedelta(minutes=number)) for number in range(3)]
    noon.shift(timedelta(minutes=4))
    delivering.send_due()
    assert mine.post(f"/webhooks/{pk}/replay/", {"event": events[1].pk}).json() == {"count": 1}
    delivering.send_due()
    assert [heard.headers["webhook-id"] for heard in server.heard][-1] == events[1].pk
    window = {"since": "2026-05-04T12:01:00Z", "until": "2026-05-04T12:03:00Z"}
    assert mine.post(f"/webhooks/{pk}/replay/", window).json() == {"count": 0}
    again = mine.post(f"/webhooks/{pk}/replay/", {**window, "only_missed": False})
    assert again.status_code == 202 and again.json() == {"count": 2}
    delivering.send_due()
    assert [heard.said["id"] for heard in server.heard][-2:] == [events[1].pk, events[2].pk]
    wrong = [{}, {"event": "x", **window}, {"since": window["since"]}, {"event": "e", "since": window["since"]}]
    for said in wrong:
        assert mine.post(f"/webhooks/{pk}/replay/", said).status_code == 400, said
    assert mine.post(f"/webhooks/{pk}/replay/", {"event": "evt_x"}).status_code == 404
    backwards = {"since": window["until"], "until": window["since"]}
    assert mine.post(f"/webhooks/{pk}/replay/", backwards).json()["errors"].keys() == {"until"}


def test_a_new_endpoint_can_catch_up_with_what_others_heard(program, admin, receiver, noon):  # noqa: F811
    mine, server = program(admin), receiver()
    mine.post("/webhooks/", SENT)
    record("post.published", {"id": 1}, at=NOON)
    pk = mine.post("/webhooks/", {**SENT, "url": server.url}).json()["id"]
    window = {"since": "2026-05-04T00:00:00Z", "until": "2026-05-05T00:00:00Z"}
    assert mine.post(f"/webhooks/{pk}/replay/", window).json() == {"count": 1}


def test_what_is_off_is_neither_tested_nor_sent_again(program, admin, receiver):  # noqa: F811
    mine = program(admin)
    pk = mine.post("/webhooks/", {**SENT, "url": receiver().url}).json()["id"]
    mine.patch(f"/webhooks/{pk}/", {"is_active": False})
    refused = mine.post(f"/webhooks/{pk}/ping/")
    assert refused.status_code == 409 and "switch it on first" in refused.json()["detail"]
    assert not Delivery.objects.exists()


def test_there_are_so_many_and_no_more(program, admin, monkeypatch):  # noqa: F811
    monkeypatch.setattr("blog.webhook_desk.MOST", 1)
    mine = program(admin)
    assert mine.post("/webhooks/", SENT).status_code == 201
    assert mine.post("/webhooks/", SENT).status_code == 409
