"""Pages never leave /api/, whoever refuses; and what is neither read nor spoken here is said so."""

import pytest
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import get_resolver

from config.api import router
from core.rest.problems import MEDIA_TYPE

PAGES = {"/api/docs/", "/api/redoc/"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def routes() -> list[str]:
    """An address for every route below /api/."""
    found = []
    for pattern in router.urls:
        path = str(pattern.pattern).lstrip("^").rstrip("$").replace("\\Z", "")
        while "(?P<" in path:
            start, end = path.index("(?P<"), path.index(")")
            path = path[:start] + "1" + path[end + 1 :]
        found.append(f"/api/v1/{path}")
    return [*dict.fromkeys(found), "/api/schema/", "/api/", "/api/v1/", "/api/v2/posts/", "/api/nothing"]


def is_no_page(answer) -> bool:
    kind = answer.get("Content-Type", "")
    body = getattr(answer, "content", b"").lstrip()[:15].lower()
    return "html" not in kind and not body.startswith((b"<!doctype", b"<html"))


@pytest.mark.parametrize("method", METHODS)
def test_no_route_answers_with_a_page(db, unlimited, author, program, method):
    assert len(routes()) > 10 and get_resolver()
    for caller in (program(), program(author)):
        for path in routes():
            answer = caller(method, path, b"" if method in {"GET", "HEAD", "OPTIONS"} else b"{}", Accept="text/html")
            assert is_no_page(answer), f"{method} {path} answered {answer.status_code} with a page"
            if answer.status_code >= 400 and method != "HEAD":
                assert answer["Content-Type"] == MEDIA_TYPE, f"{method} {path}: {answer['Content-Type']}"
                assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize("path", sorted(PAGES))
def test_the_two_pages_are_the_only_ones(client, db, path):
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
    assert client.post(path).status_code == 405 and is_no_page(client.post(path))


def test_what_fails_on_our_side_is_a_problem_too(db, monkeypatch, program):
    def fail(*args, **kwargs):
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr("blog.api.posts.Posts.list", fail)
    asked = program()
    asked.client.raise_request_exception = False
    heard = []
    got_request_exception.connect(lambda **facts: heard.append(facts), weak=False, dispatch_uid="heard")
    try:
        answer = asked.get("/posts/")
    finally:
        got_request_exception.disconnect(dispatch_uid="heard")
    assert answer.status_code == 500 and answer["Content-Type"] == MEDIA_TYPE and heard
    assert b"secret" not in answer.content and answer.json()["title"] == "Internal Server Error"


def test_a_form_without_its_token_is_refused_by_a_problem(author):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(author, backend="accounts.backends.RoleBackend")
    answer = browser.post("/api/v1/posts/", {"title": "x"}, content_type="application/json")
    assert answer.status_code == 403 and answer["Content-Type"] == MEDIA_TYPE and answer.json()["code"] == "csrf"


def test_a_method_that_is_not_known_is_405_with_those_that_are(db, program):
    for method, path, known in (
        ("DELETE", "/posts/", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("GET", "/auth/token/", {"POST", "OPTIONS"}),
        ("BREW", "/posts/", {"GET", "POST", "HEAD", "OPTIONS"}),
        ("TRACE", "/posts/", {"GET", "POST", "HEAD", "OPTIONS"}),
    ):
        answer = program()(method, path)
        assert answer.status_code == 405 and answer["Content-Type"] == MEDIA_TYPE, (method, path)
        assert {each.strip() for each in answer["Allow"].split(",")} == known


def test_no_header_turns_one_method_into_another(author, program, db):
    mine = program(author)
    mine.post("/posts/", {"title": "Ferries", "content_markdown": "x"})
    answer = mine.post("/posts/ferries/", {"_method": "DELETE"}, X_HTTP_Method_Override="DELETE")
    assert answer.status_code == 405 and mine.get("/posts/ferries/").status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "application/vnd.letterpress.v9+json"])
def test_only_json_is_spoken(db, program, accept):
    answer = program().get("/posts/", Accept=accept)
    assert answer.status_code == 406 and answer["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize(
    "accept", ["*/*", "application/*", "application/json", "text/html, application/json;q=0.5", "text/html,*/*;q=0.1"]
)
def test_whoever_takes_json_gets_it(db, program, accept):
    answer = program().get("/posts/", Accept=accept)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data; boundary=x"]
)
def test_only_json_is_read(author, program, kind):
    mine = program(author)
    answer = mine.client.generic("POST", "/api/v1/posts/", b"title=x", kind)
    assert answer.status_code == 415 and answer["Content-Type"] == MEDIA_TYPE


@pytest.mark.parametrize("asked", ["?format=api", "?format=html", "?format=xml"])
def test_a_format_is_no_parameter(db, program, asked):
    answer = program().get(f"/posts/{asked}")
    assert answer.status_code in {400, 404} and answer["Content-Type"] == MEDIA_TYPE
