"""What a program has already is not read again: a tag tells every change, and is told without reading the text."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuthorProfile, User
from blog.models import Category, Post, Tag
from blog.taxonomy import save_category, save_named
from core import markup
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)


@pytest.fixture
def boats(publish, editor):  # noqa: F811
    post = publish("Boats", text="Keels.", tags=["Sea"], category=save_category(Category(name="Places")))
    post.co_authors.set([editor])
    return post


PATHS = ["/posts/boats/", "/posts/", "/posts/?expand=author,category,tags,co_authors", "/posts/boats/?expand=author"]
SHAPED = ["/posts/boats/?fields=content_html", "/posts/boats/?fields=id", "/posts/boats/?fields=title,content_html"]


@pytest.mark.parametrize("path", [*PATHS, *SHAPED])
@pytest.mark.parametrize("who", ["stranger", "author"])
def test_what_one_has_is_answered_without_its_text(program, boats, author, path, who):
    asks = program(author if who == "author" else None)
    first = asks.get(path)
    assert first.status_code == 200 and not first["ETag"].startswith("W/")
    with CaptureQueriesContext(connection) as asked:
        again = asks.get(path, If_None_Match=first["ETag"])
    assert again.status_code == 304 and not again.content and again["ETag"] == first["ETag"]
    said = " ".join(each["sql"] for each in asked).replace('MD5("blog_post"."content_html")', "")
    assert (
        "content_html" not in said
        and "content_markdown" not in said
        and "table_of_contents" not in said.replace("table_of_contents_enabled", "")
    )
    assert len(asked) <= (5 if who == "stranger" else 8)
    assert asks.get(path, If_None_Match='"other"').content == first.content
    assert asks.head(path, If_None_Match=first["ETag"]).status_code == 304


CHANGES = {
    "author": lambda: User.objects.filter(username="author").update(first_name="Nora"),
    "author's address": lambda: AuthorProfile.objects.filter(user__username="author").update(slug="nora"),
    "co-author": lambda: User.objects.filter(username="editor").update(first_name="Otto"),
    "category": lambda: rename(Category.objects.get(), "Spots"),
    "tag": lambda: rename(Tag.objects.get(), "Ocean"),
    "tags": lambda: Post.objects.get().tags.clear(),
    "views": lambda: Post.objects.update(view_count=1),
    "likes": lambda: Post.objects.update(like_count=1),
    "rendering": lambda: Post.objects.update(content_html="<p>Other.</p>", render_version=markup.RENDER_VERSION),
    "featured": lambda: Post.objects.update(is_featured=True),
}
NOT_IN_LISTS = {"co-author", "rendering"}


def rename(thing, name):
    thing.name = name
    (save_category if isinstance(thing, Category) else save_named)(thing)


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("path", PATHS[:2])
def test_every_change_of_what_is_shown_makes_another_tag(program, boats, what, path):
    etag = program().get(path)["ETag"]
    CHANGES[what]()
    again = program().get(path, If_None_Match=etag)
    assert again.status_code == (304 if path == "/posts/" and what in NOT_IN_LISTS else 200)
    assert again.status_code == 304 or again["ETag"] != etag


def test_each_caller_and_each_shape_has_a_tag_of_its_own(program, boats, author):
    asked = [(program(), ""), (program(author), ""), (program(), "?fields=title"), (program(), "?fields=content_html")]
    tags = {asks.get(f"/posts/boats/{query}")["ETag"] for asks, query in asked}
    assert len(tags) == 4
    shown = program().get("/posts/boats/")
    assert "private" in shown["Cache-Control"] and {"Authorization", "Cookie"} <= set(shown["Vary"].split(", "))


def test_a_star_is_whatever_there_is_and_a_weak_tag_writes_nothing(program, boats, author):
    mine = program(author)
    etag = mine.get("/posts/boats/")["ETag"]
    assert mine.get("/posts/boats/", If_None_Match="*").status_code == 304
    assert mine.get("/posts/boats/", If_None_Match=f'"x", {etag}').status_code == 304
    assert mine.patch("/posts/boats/", {"excerpt": "x"}, etag=f"W/{etag}").status_code == 412
    assert mine.patch("/posts/boats/", {"excerpt": "x"}, etag="nonsense").status_code == 412
    assert mine.patch("/posts/boats/", {"excerpt": "x"}, etag=f'"x", {etag}').status_code == 200


def test_the_tag_of_an_answer_to_a_write_is_that_of_the_next_reading(program, author):
    mine = program(author)
    made = mine.post("/posts/", {"title": "Ferries", "content_markdown": "One."})
    assert mine.get("/posts/ferries/", If_None_Match=made["ETag"]).status_code == 304
    changed = mine.patch("/posts/ferries/", {"content_markdown": "Two."}, etag=made["ETag"])
    assert mine.get("/posts/ferries/", If_None_Match=changed["ETag"]).status_code == 304
    assert mine.get("/posts/ferries/", If_None_Match=made["ETag"]).status_code == 200
