"""Old addresses through the API: editors alone, and never in circles."""

import pytest

from accounts.models import AuditEntry
from blog.models import Redirect
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)


def test_they_are_the_editors_alone(program, editor, author, reader):
    for who, status in ((None, 401), (reader, 403), (author, 403), (editor, 200)):
        assert program(who).get("/redirects/").status_code == status
    for who, status in ((None, 401), (author, 403)):
        assert program(who).post("/redirects/", {"old_path": "/a/", "new_path": "/b/"}).status_code == status


def test_one_is_made_changed_and_deleted_as_at_the_desk(program, publish, editor, client):  # noqa: F811
    post, desk = publish("Boats"), program(editor)
    made = desk.post("/redirects/", {"old_path": "/2019/boats", "post": post.pk})
    assert made.status_code == 201 and made.json()["old_path"] == "/2019/boats/"
    assert made.json()["target"] == "/blog/boats/" and made.json()["findings"] == []
    assert client.get("/2019/boats/").headers["Location"].endswith("/blog/boats/")
    address = made["Location"].partition("testserver")[2]
    assert desk.get(address, If_None_Match=desk.get(address)["ETag"]).status_code == 304
    assert desk.patch(address, {"type": 302}).status_code == 428
    changed = desk.patch(address, {"type": 302}, etag=made["ETag"])
    assert changed.status_code == 200 and changed.json()["type"] == 302 and changed.json()["post"] == post.pk
    gone = desk.put(address, {"old_path": "/2019/boats/", "type": 410}, etag=changed["ETag"])
    assert gone.status_code == 200 and gone.json()["post"] is None and gone.json()["target"] == ""
    assert desk.delete(address, etag=gone["ETag"]).status_code == 204 and not Redirect.objects.exists()
    assert list(AuditEntry.objects.filter(target_name="/2019/boats/").values_list("action", flat=True)[:3])


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        *(({"old_path": "/a/", "new_path": "/a/"}, None), ({"old_path": "a", "new_path": "/b/"}, "old_path")),
        *(({"old_path": "//a/", "new_path": "/b/"}, "old_path"), ({"old_path": "/", "new_path": "/b/"}, "old_path")),
        *(
            ({"old_path": "/admin/x/", "new_path": "/b/"}, "old_path"),
            ({"old_path": "/a/", "new_path": "//e.com"}, None),
        ),
        *(({"old_path": "/a/", "new_path": "http://e.com/"}, "new_path"), ({"old_path": "/a/"}, None)),
        *(
            ({"old_path": "/a/", "new_path": "https://u@e.com/"}, "new_path"),
            ({"old_path": "/a/", "type": 200}, "type"),
        ),
        *(({"old_path": "/a/", "new_path": "/\\e.com"}, "new_path"), ({"old_path": "/kept/", "new_path": "/b/"}, None)),
        *(({"old_path": "/a/", "new_path": "/b/", "type": 410}, None), ({"old_path": "/a/", "hits": 9}, "hits")),
        *(
            ({"old_path": "/a/", "new_path": "javascript:x"}, "new_path"),
            ({"old_path": "/a/\x00", "type": 410}, "old_path"),
        ),
    ],
)
def test_what_the_desk_refuses_is_refused(program, editor, sent, field):
    Redirect.objects.create(old_path="/kept/", new_path="/elsewhere/")
    answer = program(editor).post("/redirects/", sent)
    assert answer.status_code == 400 and Redirect.objects.count() == 1, answer.content
    assert field is None or list(answer.json()["errors"]) == [field]


def test_no_circle_is_closed(program, editor):
    desk = program(editor)
    assert desk.post("/redirects/", {"old_path": "/a/", "new_path": "/b/"}).status_code == 201
    circle = desk.post("/redirects/", {"old_path": "/b/", "new_path": "/a/"})
    assert circle.status_code == 400 and list(circle.json()["errors"]) == ["new_path"]
    chain = desk.post("/redirects/", {"old_path": "/b/", "new_path": "/c/"})
    assert chain.status_code == 201 and chain.json()["done"]
    assert Redirect.objects.get(old_path="/a/").new_path == "/c/"


def test_they_are_found_by_their_address(program, editor, django_assert_num_queries):
    for number in range(5):
        Redirect.objects.create(old_path=f"/{number}/", new_path="/b/")
    desk = program(editor)
    assert desk.get("/redirects/?old_path=/3").json()["results"][0]["old_path"] == "/3/"
    desk.get("/redirects/")
    with django_assert_num_queries(4):
        assert desk.get("/redirects/?ordering=address").json()["count"] == 5
