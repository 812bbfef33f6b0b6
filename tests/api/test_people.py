"""Those who write, and whom and what one follows, through the API."""

import pytest

from accounts.models import AuthorProfile, Follow
from blog import taxonomy
from blog.models import Category, SubjectFollow, Tag
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(publish, write, author, editor, moderator):  # noqa: F811
    """The author has published, the editor helped with it, the moderator wrote a draft."""
    post = publish("Boats", by=author, tags=["Harbours"])
    post.co_authors.add(editor)
    write("Secret", by=moderator)
    return post


# --- Those who write --------------------------------------------------------------------------------------------------
def test_those_with_something_published_are_listed_and_nobody_sees_an_address(program, known):
    answer = program().get("/authors/")
    assert [each["slug"] for each in answer.json()["results"]] == ["author", "editor"]
    assert b"example.org" not in answer.content and b"username" not in answer.content
    assert program().get("/authors/moderator/").status_code == 404, "a draft makes nobody known"
    assert program().get("/authors/nobody/").status_code == 404


def test_each_has_a_page_with_how_many_follow(program, known, author, reader, editor):
    Follow.objects.create(follower=reader, followed=author)
    etag = program().get("/authors/author/")["ETag"]
    Follow.objects.create(follower=editor, followed=author)
    answer = program().get("/authors/author/", If_None_Match=etag)
    assert answer.status_code == 200 and answer.json()["follower_count"] == 2
    assert program().get("/authors/author/", If_None_Match=answer["ETag"]).status_code == 304


def test_no_private_column_answers(program, known):
    for asked in (
        "user__password__startswith=md5", "user__email=x", "email=x", "ordering=user__email", "ordering=password",
        "fields=user", "fields=email", "expand=user", "expand=user.token_families", "search__startswith=x",
    ):  # fmt: skip
        assert program().get(f"/authors/?{asked}").status_code == 400, asked
    assert program().get("/authors/?search=example.org").json()["count"] == 0
    assert program().get("/authors/?search=auth").json()["count"] == 1
    author = AuthorProfile.objects.get(slug="author").user
    author.first_name = "Vera"
    author.save()
    assert program().get("/authors/?search=auth").json()["count"] == 0, "a username nobody is shown is not searched"


@pytest.mark.parametrize("ordering", ["name", "newest", "followers"])
def test_a_list_asks_two_questions(program, known, django_assert_max_num_queries, ordering):
    with django_assert_max_num_queries(2):
        assert program().get(f"/authors/?ordering={ordering}&fields=slug,name").json()["count"] == 2


def test_nobody_writes_an_author(program, admin, known):
    for method, path in [("POST", "/authors/"), ("PATCH", "/authors/author/"), ("DELETE", "/authors/author/")]:
        assert program(admin)(method, path, {}).status_code == 405


# --- Whom and what one follows ----------------------------------------------------------------------------------------
def test_one_follows_people_and_subjects_and_stops(program, known, reader):
    mine = program(reader)
    taxonomy.save_category(Category(name="Places"))
    for kind, path in [("author", "author"), ("tag", "harbours"), ("category", "places")]:
        made = mine.post("/follows/", {"kind": kind, "path": path})
        assert made.status_code == 201 and made.json()["key"] == f"{kind}:{path}", made.content
        assert mine.post("/follows/", {"kind": kind, "path": path}).status_code == 200
    listed = mine.get("/follows/").json()
    assert [each["key"] for each in listed["results"]] == ["author:author", "tag:harbours", "category:places"]
    assert listed["count"] == 3 and mine.get("/follows/?kind=tag").json()["count"] == 1
    for key in ("author:author", "tag:harbours", "category:places"):
        assert mine.delete(f"/follows/{key}/").status_code == 204
        assert mine.delete(f"/follows/{key}/").status_code == 404
    assert not Follow.objects.exists() and not SubjectFollow.objects.exists()


def test_a_category_below_another_is_named_by_its_path(program, reader):
    places = taxonomy.save_category(Category(name="Places"))
    taxonomy.save_category(Category(name="Coast", parent=places))
    mine = program(reader)
    assert mine.post("/follows/", {"kind": "category", "path": "places/coast"}).json()["name"] == "Coast"
    assert mine.delete("/follows/category:places/coast/").status_code == 204


@pytest.mark.parametrize(
    ("kind", "path"),
    [("author", "nobody"), ("tag", "of-drafts"), ("tag", "harb\0ours"), ("category", "../x"), ("topic", "none")],
)
def test_what_readers_do_not_know_of_cannot_be_followed(program, known, write, reader, author, kind, path):  # noqa: F811
    write("Draft", by=author, tags=["Of drafts"])
    Tag.objects.get_or_create(name="Of drafts", slug="of-drafts")
    answer = program(reader).post("/follows/", {"kind": kind, "path": path})
    assert answer.status_code == 400 and "path" in answer.json()["errors"]


def test_refusals_are_those_of_the_site(program, known, author):
    answer = program(author).post("/follows/", {"kind": "author", "path": "author"})
    assert answer.status_code == 409 and answer.json()["detail"] == "Nobody follows themselves."
    assert program(author).post("/follows/", {"kind": "newsletter", "path": "x"}).status_code == 400
    assert program(author).get("/follows/?kind=newsletter").status_code == 400


def test_what_somebody_else_follows_is_theirs(program, known, reader, editor):
    program(reader).post("/follows/", {"kind": "author", "path": "author"})
    assert program(editor).get("/follows/").json()["count"] == 0
    assert program(editor).delete("/follows/author:author/").status_code == 404
    assert Follow.objects.count() == 1


def test_a_token_that_may_talk_follows_and_one_that_reads_does_not(program, known, reader):
    sent = {"kind": "author", "path": "author"}
    assert program(reader, ["read", "account"]).post("/follows/", sent).status_code == 403
    assert program(reader, ["talk"]).post("/follows/", sent).status_code == 201


def test_one_who_presses_all_the_time_waits(program, known, reader, monkeypatch):
    monkeypatch.setattr("accounts.rates.RATES", {"follow": [(3, 3600)]})
    mine, sent = program(reader), {"kind": "author", "path": "author"}
    answers = [mine.post("/follows/", sent) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 429]
    assert int(answers[3]["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/auth/1/", "/auth/", "/follows/author:author/", "/users/me/sessions/browser-1/"])
def test_addresses_that_only_take_something_say_so(program, reader, path):
    answer = program(reader).get(path)
    assert answer.status_code in {404, 405} and answer["Content-Type"] == "application/problem+json"
