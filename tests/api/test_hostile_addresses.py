"""The same address written otherwise, methods nobody knows, formats nobody speaks: problems, never pages."""

import pytest

from blog.models import Post
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.core.corpora import rows

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/posts/?format=api", 400), ("/posts/boats/?format=api", 400), ("/posts.json", 404), ("/posts", 404)),
        *(("/posts/boats", 404), ("//posts/", 404), ("/posts//boats/", 404), ("/Posts/", 404), ("/posts/BOATS/", 404)),
        *(
            ("/posts/boats/../boats/", 404),
            ("/posts/%2e%2e/", 404),
            ("/posts/boats%00/", 404),
            ("/posts/bo%20ats/", 404),
        ),
        *(("/posts/?page=0", 404), ("/posts/?page=2", 404), ("/posts/?page=x", 404), ("/posts/?page=99999999999", 400)),
        *(("/posts/?page_size=100000", 200), ("/posts/?page_size=-1", 200), ("/posts/boats/", 200)),
        *(("/posts/?cursor=x", 400), ("/posts/?cursor=cD1hYmM%3D", 400), ("/posts/?cursor=bz0x", 200)),
        *(("/posts/?cursor=cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk%3D", 200), ("/posts/?cursor=&page=1", 400)),
        *(("/posts/?published_after=0001-01-01T00:00:00%2B14:00", 200), ("/posts/?published_after=x", 400)),
        *(("/posts/?published_before=9999-12-31T23:59:59-14:00", 200), ("/posts/?tag=a%00b", 400)),
        *(("/posts/?fields=a%00b", 400), ("/posts/?expand=author.user", 400), ("/posts/?expand=a.b.c", 400)),
        *(("/posts/?fields=title&fields=password", 400), ("/posts/?is_featured=maybe", 200)),
        *(("/posts/popular/?ordering=title", 400), ("/posts/trending/?status=draft", 400)),
        *(("/posts/popular/?cursor=", 400), ("/search/", 400), ("/search/?q=a&format=json", 400)),
        *(("/categories/99/", 404), ("/categories/x/", 404), ("/tags/nothing/", 404), ("/redirects/", 401)),
    ],
)
def test_an_address_written_otherwise(program, publish, path, status):  # noqa: F811
    publish("Boats")
    answer = program().get(f"/api/v1{path}" if path.startswith("//") else path)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == ("application/json" if status == 200 else PROBLEM)


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "CONNECT", "FOO", "LINK", "post", "PATCH", "DELETE"])
def test_a_method_nobody_knows_is_405_and_says_which_are(program, publish, method):  # noqa: F811
    publish("Boats")
    answer = program()(method, "/posts/") if method != "post" else program()("FOO", "/posts/boats/")
    assert answer.status_code == 405 and answer["Content-Type"] == PROBLEM and "GET" in answer["Allow"]


@pytest.mark.parametrize("header", ["X_HTTP_Method_Override", "X_Method_Override", "X_HTTP_Method"])
def test_no_header_makes_another_method_of_one(program, publish, editor, header):  # noqa: F811
    publish("Boats")
    mine = program(editor)
    assert mine.get("/posts/boats/", **{header: "DELETE"}).status_code == 200
    assert mine.post("/posts/boats/", {}, **{header: "DELETE"}).status_code == 405
    assert mine.post("/posts/boats/?_method=DELETE", {"_method": "DELETE"}).status_code == 405
    assert not Post.objects.get().is_trashed


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "application/json; version=9"])
def test_only_json_is_spoken(program, publish, accept):  # noqa: F811
    publish("Boats")
    for path in ("/posts/", "/posts/boats/", "/posts/nothing/"):
        answer = program().get(path, Accept=accept)
        assert answer.status_code in {406, 200, 404} and "html" not in answer["Content-Type"]
        assert "json" in answer["Content-Type"]
    assert program().get("/posts/", Accept="text/html").status_code == 406
    assert program().get("/posts/", Accept="text/html, */*;q=0.1").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/html"])
def test_only_json_is_read(program, author, kind):
    sent = program(author).client.generic("POST", "/api/v1/posts/", b"title=x", kind)
    assert sent.status_code == 415 and sent["Content-Type"] == PROBLEM and not Post.objects.exists()


def test_head_and_options_say_no_more_than_get(program, publish, write):  # noqa: F811
    publish("Boats")
    write("Secret")
    head, got = program().head("/posts/boats/"), program().get("/posts/boats/")
    assert head.status_code == 200 and head["ETag"] == got["ETag"]
    for path in ("/posts/", "/posts/boats/"):
        options = program().options(path)
        assert options.status_code == 200 and b"ecret" not in options.content and "GET" in options["Allow"]


@pytest.mark.parametrize("corpus", ["sqli", "naughty-strings"])
def test_hostile_rows_in_filters_search_and_ordering(program, publish, corpus, monkeypatch):  # noqa: F811
    from accounts.api import limits

    monkeypatch.setattr(limits.Limits, "allow_request", lambda *_: True)
    publish("Boats")
    asks = program()
    payloads = rows(corpus)
    names = ("tag", "author", "category", "topic", "language", "ordering", "fields", "expand", "status", "cursor")
    for number, payload in enumerate(payloads):
        name = names[number % len(names)]
        answer = asks.client.get("/api/v1/posts/", {name: payload})
        assert answer.status_code in {200, 400}, (name, payload)
        if answer.status_code == 200 and name in {"tag", "author", "topic"}:
            assert answer.json()["count"] == (1 if not payload.strip() else 0), (name, payload)
        if number % 3 == 0:
            for path in ("/api/v1/search/", "/api/v1/search/suggest/"):
                assert asks.client.get(path, {"q": payload}).status_code in {200, 400}, payload


def test_naughty_strings_are_kept_as_they_are_or_refused(program, editor):
    mine = program(editor)
    for payload in rows("naughty-strings")[::12]:
        sent = {
            "title": f"A {payload}"[:300],
            "content_markdown": payload,
            "tags": [payload[:100]],
            "excerpt": payload[:900],
        }
        answer = mine.post("/posts/", sent)
        assert answer.status_code in {201, 400}, payload
        if answer.status_code == 201:
            assert mine.get(f"/posts/{answer.json()['slug']}/").json()["content_markdown"] is not None


def test_one_thing_by_itself_is_not_narrowed_or_ordered(program, publish):  # noqa: F811
    publish("Boats")
    for query in ("status=published", "ordering=title", "page=1", "cursor=", "author=author"):
        assert program().get(f"/posts/boats/?{query}").status_code == 400
