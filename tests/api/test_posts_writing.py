"""What can be written into a post, and what cannot: others' things, what is computed, what editors decide."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from blog.models import GateOverride, Post
from media_assets.models import MediaAsset
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.conftest import make_person

TEXT = {"title": "Ferries", "content_markdown": "They wait."}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("status", "published"), ("published_at", "2020-01-01T00:00:00Z"), ("id", 7), ("view_count", 10**6)),
        *(("content_html", "<script>"), ("trashed_at", None), ("content_version", 9), ("url", "/x/"), ("nonsense", 1)),
        *(("translation_group", None), ("__class__", "x"), ("author_id", 1), ("current_version", 0)),
    ],
)
def test_what_is_not_to_be_written_is_refused_by_name(program, editor, name, value):
    said = program(editor).post("/posts/", {**TEXT, name: value})
    assert said.status_code == 400 and list(said.json()["errors"]) == [name]
    assert not Post.objects.exists()


def test_drafts_of_others_are_no_pillar_and_look_as_if_there_were_none(program, write, author):  # noqa: F811
    secret = write("Secret", by=make_person("other", Role.AUTHOR))
    said = []
    for pk in (secret.pk, 987_654):
        answer = program(author).post("/posts/", {**TEXT, "pillar_post": pk})
        said.append((answer.status_code, answer.json()["errors"]["pillar_post"][0].replace(f'"{pk}"', "?")))
    assert said[0] == said[1] and said[0][0] == 400


def test_a_pillar_taken_down_is_not_named_to_readers(program, write, publish, author, editor, reader):  # noqa: F811
    pillar = publish("Pillar")
    post = publish("Boats", pillar_post=pillar)
    assert program().get(f"/posts/{post.slug}/").json()["pillar_post"] == pillar.pk
    program(editor).post("/posts/pillar/archive/", {})
    assert program(reader).get(f"/posts/{post.slug}/").json()["pillar_post"] is None
    assert program(editor).get(f"/posts/{post.slug}/").json()["pillar_post"] == pillar.pk


def test_only_those_who_write_here_are_named_as_authors(program, editor, reader, author, django_assert_max_num_queries):
    asks = program(editor)
    for sent in ({"author": reader.pk}, {"co_authors": [reader.pk]}, {"co_authors": [10**12]}, {"author": 1.5}):
        said = asks.post("/posts/", {**TEXT, **sent})
        assert said.status_code == 400 and set(said.json()["errors"]) == set(sent)
    assert asks.post("/posts/", {**TEXT, "co_authors": [author.pk]}).json()["co_authors"][0]["id"] == author.pk
    with django_assert_max_num_queries(12):
        assert asks.post("/posts/", {**TEXT, "co_authors": list(range(1, 10_001))}).status_code == 400
        assert asks.post("/posts/", {**TEXT, "tags": [f"t{n}" for n in range(10_000)]}).status_code == 400


def test_a_picture_that_is_not_ready_is_no_picture(program, author):
    row = MediaAsset.objects.create(
        name="x", state="scanning", mime_type="image/png", size_bytes=1, sha256="0" * 64, extension="png"
    )
    for name in ("featured_image", "og_image"):
        said = program(author).post("/posts/", {**TEXT, name: row.pk})
        assert said.status_code == 400 and name in said.json()["errors"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "page"), ("is_featured", True), ("unpublish_at", "2099-01-01T00:00:00Z")],
)
def test_what_editors_decide_an_author_may_not(program, author, name, value):
    said = program(author).post("/posts/", {**TEXT, name: value})
    assert said.status_code == 403 and said.json()["code"] == "role" and list(said.json()["errors"]) == [name]
    assert not Post.objects.exists()


def test_only_editors_write_in_somebody_elses_name(program, author, editor):
    said = program(author).post("/posts/", {**TEXT, "author": editor.pk})
    assert said.status_code == 403 and list(said.json()["errors"]) == ["author"]
    assert program(editor).post("/posts/", {**TEXT, "author": author.pk}).json()["author"]["id"] == author.pk


def test_readers_and_strangers_write_nothing(program, reader):
    assert program().post("/posts/", TEXT).status_code == 401
    assert program(reader).post("/posts/", TEXT).status_code == 403


def test_a_token_for_reading_does_not_write(program, author):
    assert program(author, ["read"]).post("/posts/", TEXT).status_code == 403
    assert program(author, ["write"]).post("/posts/", TEXT).status_code == 201
    assert program(author, ["read"]).get("/posts/ferries/").status_code == 200


def test_put_writes_all_of_it_and_patch_what_it_names(program, author):
    mine = program(author)
    whole = {**TEXT, "excerpt": "Short.", "tags": ["Sea"], "meta_title": "M", "co_authors": []}
    etag = mine.post("/posts/", whole)["ETag"]
    patched = mine.patch("/posts/ferries/", {"excerpt": "Shorter."}, etag=etag)
    assert patched.json()["tags"] == ["Sea"] and patched.json()["meta_title"] == "M"
    put = mine.put("/posts/ferries/", {"title": "Ships", "content_markdown": "Go."}, etag=patched["ETag"]).json()
    assert (put["excerpt"], put["tags"], put["meta_title"]) == ("", [], "")
    assert (put["slug"], put["author"]["id"], put["content_markdown"]) == ("ferries", author.pk, "Go.")


def test_the_lists_beside_the_posts_keep_their_addresses(program, author):
    mine = program(author)
    assert mine.post("/posts/", {**TEXT, "title": "Popular"}).json()["slug"] == "popular-2"
    assert mine.post("/posts/", {**TEXT, "slug": "trending"}).status_code == 400


def test_the_gate_says_what_it_found_and_an_editor_may_go_over_it_with_a_reason(program, author, editor):
    mine, desk = program(author), program(editor)
    made = mine.post(
        "/posts/", {"title": "Ferries", "content_markdown": "![](/media/none.jpg)\n\n[x](/nowhere/at-all/)"}
    )
    assert made.status_code == 201
    held = desk.post("/posts/ferries/publish/", {})
    assert held.status_code == 409 and held.json()["code"] == "blocked"
    found = held.json()["findings"]
    assert found and all({"check", "severity", "sentence", "field"} <= each.keys() for each in found)
    assert Post.objects.get().status == "draft"
    over = {"override": "It is known."}
    assert mine.post("/posts/ferries/publish/", over).status_code == 403
    answer = desk.post("/posts/ferries/publish/", over)
    if any(each["essential"] for each in found):
        assert answer.status_code == 409
    else:
        assert answer.status_code == 200 and GateOverride.objects.get().reason == "It is known."


def test_steps_go_the_ways_of_the_desk(program, author, editor):
    mine, desk = program(author), program(editor)
    mine.post("/posts/", TEXT)
    later = (timezone.now() + timedelta(days=1)).isoformat()
    ways = [
        *((mine, "submit", {"note": "Please."}, 200, "pending"), (mine, "send-back", {}, 200, "draft")),
        *((desk, "schedule", {"scheduled_at": later}, 200, "scheduled"), (desk, "cancel", {}, 200, "draft")),
        *((desk, "archive", {}, 409, "draft"), (mine, "schedule", {"scheduled_at": later}, 403, "draft")),
        *((desk, "schedule", {"scheduled_at": "2001-01-01T00:00:00Z"}, 400, "draft"), (desk, "publish", {}, 200, None)),
        *((desk, "publish", {}, 200, "published"), (desk, "archive", {"note": "Old."}, 200, "archived")),
    ]
    for asks, step, sent, status, state in ways:
        answer = asks.post(f"/posts/ferries/{step}/", sent)
        assert answer.status_code == status, (step, answer.content)
        assert state is None or Post.objects.get().status == state
    etag = mine.get("/posts/ferries/")["ETag"]
    assert mine.delete("/posts/ferries/").status_code == 428
    assert mine.delete("/posts/ferries/", etag=etag).status_code == 204 and Post.objects.get().is_trashed
    assert mine.post("/posts/ferries/restore/", {}).json()["status"] == "draft"


def test_a_step_on_what_one_has_not_seen_is_held_where_one_says_what_one_saw(program, author, editor):
    mine = program(author)
    etag = mine.post("/posts/", TEXT)["ETag"]
    mine.patch("/posts/ferries/", {"title": "Ships"}, etag=etag)
    assert program(editor).post("/posts/ferries/publish/", {}, If_Match=etag).status_code == 412
    assert Post.objects.get().status == "draft"


def test_likes_and_shares_count_as_on_the_site(program, publish, reader):  # noqa: F811
    publish("Boats")
    for _ in range(3):
        assert program(reader).post("/posts/boats/like/", {}).json() == {"liked": True, "count": 1}
    assert program(reader).post("/posts/boats/like/", {"liked": False}).json()["count"] == 0
    assert program().post("/posts/boats/share/", {"channel": "mail"}).status_code == 204
    wrong = program().post("/posts/boats/share/", {"channel": "fax"})
    assert wrong.status_code == 400 and list(wrong.json()["errors"]) == ["channel"]


def test_guests_of_one_network_are_counted_through_both_doors(program, publish, monkeypatch):  # noqa: F811
    from blog.views import likes

    monkeypatch.setattr(likes, "GUESTS_OF_ONE", "3/d")
    publish("Boats")
    answers = [
        program().post("/posts/boats/like/", {}, User_Agent=f"Browser {number}").status_code for number in range(5)
    ]
    assert answers == [200, 200, 200, 429, 429] and Post.objects.get().like_count == 3
