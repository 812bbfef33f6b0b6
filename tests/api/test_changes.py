"""The change feed: what is public and only that, each thing once, and its end where it ends."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from blog import change_triggers, changes, publishing, taxonomy, writing
from blog.models import Category, Change, ChangeNote, Post, Tag
from media_assets.models import MediaAsset
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)
from tests.media_assets.making_assets import make_asset


def read(program, since="", **more):
    asked = "&".join(f"{name}={value}" for name, value in {"since": since, **more}.items())
    answer = program().get(f"/changes/?{asked}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def told(page):
    return [(each["kind"], each["deleted"]) for each in page["results"]]


def test_what_is_published_is_told_with_what_it_shows(program, publish, editor):  # noqa: F811
    boats = taxonomy.save_category(Category(name="Boats"))
    picture = make_asset()
    publish("Ferries", tags=["Rope"], category=boats, featured_image=picture)
    page = read(program)
    assert told(page) == [("category", False), ("tag", False), ("media", False), ("post", False)]
    said = page["results"][-1]["post"]
    assert said["title"] == "Ferries" and said["category"] == boats.pk and said["featured_image"] == picture.pk
    assert said["tags"] == [page["results"][1]["id"]] and "view_count" not in said
    assert page["next"] is None and page["count"] is None
    assert read(program, page["cursor"])["results"] == []


def test_a_draft_leaves_nothing_not_even_a_tombstone(program, write, author):  # noqa: F811
    taxonomy.save_category(Category(name="Empty"))
    make_asset()
    post = write("Secret", tags=["Hidden"], featured_image=make_asset())
    post.title = "Still secret"
    writing.save(post, by=author)
    post.delete()
    assert read(program)["results"] == [] and not Change.objects.exists() and not ChangeNote.objects.exists()


@pytest.mark.parametrize("step", ["archive", "trash", "delete"])
def test_what_is_no_longer_public_is_a_tombstone_with_what_it_alone_showed(program, publish, editor, step):  # noqa: F811
    post = publish("Ferries", tags=["Rope"], featured_image=make_asset())
    cursor = read(program)["cursor"]
    if step == "delete":
        Post.objects.get(pk=post.pk).delete()
    else:
        getattr(publishing, step)(post, by=editor)
    page = read(program, cursor)
    assert told(page) == [("tag", True), ("media", True), ("post", True)]
    assert all(set(each) == {"kind", "id", "deleted", "at"} for each in page["results"])
    assert Tag.objects.exists() and MediaAsset.objects.exists()


def test_what_waits_for_a_live_post_is_not_told_before_it_is_brought_out(program, publish, author, editor):  # noqa: F811
    post = publish("Ferries")
    cursor = read(program)["cursor"]
    post.title = "Not yet"
    writing.save(post, by=author)
    assert read(program, cursor)["results"] == []
    publishing.update(Post.objects.get(pk=post.pk), by=editor)
    page = read(program, cursor)
    assert [each["post"]["title"] for each in page["results"]] == ["Not yet"]


def test_counters_are_no_change(program, publish):  # noqa: F811
    post = publish("Ferries")
    cursor = read(program)["cursor"]
    Post.objects.filter(pk=post.pk).update(view_count=5, like_count=2)
    assert read(program, cursor)["results"] == []


def test_a_category_is_public_with_what_is_below_it(program, publish, editor):  # noqa: F811
    top = taxonomy.save_category(Category(name="Places"))
    other = taxonomy.save_category(Category(name="Tools"))
    low = taxonomy.save_category(Category(name="Harbours", parent=top))
    publish("Ferries", category=low)
    page = read(program)
    assert {each["id"] for each in page["results"] if each["kind"] == "category"} == {top.pk, low.pk}
    taxonomy.move_category(low, target=other)
    page = read(program, page["cursor"])
    assert {(each["id"], each["deleted"]) for each in page["results"]} == {
        (top.pk, True),
        (other.pk, False),
        (low.pk, False),
    }


def test_each_thing_comes_once_in_pages_that_name_the_next(program, publish):  # noqa: F811
    for number in range(5):
        publish(f"Post {number}")
    Post.objects.filter(slug="post-0").update(title="Anew")
    seen, answer = [], program().get("/changes/?page_size=2")
    while True:
        page = answer.json()
        seen += [each["post"]["title"] for each in page["results"]]
        assert len(page["results"]) <= 2
        if not page["next"]:
            break
        assert f'<{page["next"]}>; rel="next"' in answer["Link"]
        answer = program().get(page["next"].removeprefix("http://testserver"))
    assert sorted(seen) == ["Anew", "Post 1", "Post 2", "Post 3", "Post 4"]


def test_what_one_has_is_not_sent_again(program, publish, django_assert_max_num_queries):  # noqa: F811
    publish("Ferries", tags=["Rope"], category=taxonomy.save_category(Category(name="Boats")))
    first = program().get("/changes/")
    with django_assert_max_num_queries(12):
        again = program().get("/changes/", If_None_Match=first["ETag"])
    assert again.status_code == 304 and not again.content


def test_a_cursor_too_old_is_gone_and_says_what_to_do(program, publish, editor):  # noqa: F811
    kept, gone = publish("Kept"), publish("Gone")
    old = read(program)["cursor"]
    publishing.archive(gone, by=editor)
    late = read(program, old)["cursor"]
    with time_machine.travel(timezone.now() + changes.TOMBSTONES_LAST + timedelta(days=1), tick=False):
        assert changes.sweep() == 1
        answer = program().get(f"/changes/?since={old}")
        assert answer.status_code == 410 and answer["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "cursor_too_old" and "begin again" in answer.json()["detail"]
        assert read(program, late)["results"] == []
        anew = read(program)
        assert [each["id"] for each in anew["results"]] == [kept.pk]
        # A walk that has just begun is nowhere near the end, and knows of nothing that was forgotten.
        assert read(program, anew["cursor"])["results"] == []


def test_a_walk_from_the_beginning_needs_no_forgotten_tombstones(program, publish, editor):  # noqa: F811
    publish("First"), publish("Second")
    publishing.archive(publish("Gone"), by=editor)
    read(program)
    with time_machine.travel(timezone.now() + changes.TOMBSTONES_LAST + timedelta(days=1), tick=False):
        changes.sweep()
        page = read(program, page_size=1)
        assert len(read(program, page["cursor"])["results"]) == 1


@pytest.mark.parametrize(
    "since", ["x", "1", "0" * 8, "aaaaaaaa.1", "aaaaaaaa.-1.0", "aaaaaaaa.1.1.1", "٣" * 8 + ".1.1"]
)
def test_what_is_no_cursor_is_refused_and_named(program, db, since):
    answer = program().get(f"/changes/?since={since}")
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["since"]


@pytest.mark.parametrize("cursor", ["aaaaaaaa.0.0", "{name}.9.9"])
def test_a_cursor_of_another_feed_or_from_ahead_is_gone(program, publish, cursor):  # noqa: F811
    publish("One")
    name = read(program)["cursor"].split(".")[0]
    assert program().get(f"/changes/?since={cursor.format(name=name)}").status_code == 410


@pytest.mark.parametrize("size", ["0", "101", "x", "-1", "1.5", "9" * 30])
def test_a_page_has_1_to_100(program, db, size):
    answer = program().get(f"/changes/?page_size={size}")
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["page_size"]
    assert program().get("/changes/?secret=1").status_code == 400


def test_triggers_that_are_missing_are_made_after_a_migration(program, publish):  # noqa: F811
    assert change_triggers.make_missing() == 0
    name = f"{change_triggers.PREFIX}blog_post_added"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON blog_post" if connection.vendor == "postgresql" else ""))
    assert name not in change_triggers.known()
    assert change_triggers.make_missing() == 1 and name in change_triggers.known()


def test_all_can_be_looked_at_again(program, publish):  # noqa: F811
    one, other = publish("One"), publish("Other")
    cursor = read(program)["cursor"]
    ChangeNote.objects.all().delete()
    Change.objects.filter(object_id=one.pk).delete()
    Post.objects.filter(pk=other.pk).update(status="archived")
    ChangeNote.objects.all().delete()
    changes.note_everything()
    page = read(program, cursor)
    assert {(each["id"], each["deleted"]) for each in page["results"]} == {(one.pk, False), (other.pk, True)}
