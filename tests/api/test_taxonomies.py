"""Categories, tags, topics and series through the API: the rules and rights of the desk."""

import pytest

from accounts.models import AuditEntry
from blog.models import Category, Post, Redirect, Series, Tag, TopicCluster
from blog.taxonomy import save_category, tree_is_sound
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

KINDS = {"categories": Category, "tags": Tag, "topics": TopicCluster, "series": Series}


def filed(publish, kind):  # noqa: F811
    """A live post under each thing of a kind: strangers are shown no tag, topic or series without one."""
    for number, thing in enumerate(KINDS[kind].objects.all()):
        under = {"tags": [thing.name]} if kind == "tags" else {}
        fields = {"topics": {"topic_cluster": thing}, "series": {"series": thing}}.get(kind, {})
        publish(f"Filed {number}", **under, **fields)


@pytest.mark.parametrize("kind", ["tags", "topics", "series"])
def test_what_nothing_live_is_filed_under_is_shown_to_the_desk_alone(program, kind, reader, editor):
    address = program(editor).post(f"/{kind}/", {"name": "Secret"})["Location"].partition("testserver")[2]
    for who in (None, reader):
        assert program(who).get(f"/{kind}/").json()["count"] == 0 and program(who).get(address).status_code == 404
    assert program(editor).get(address).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_everybody_reads_and_editors_alone_write(program, publish, kind, author, reader, editor):  # noqa: F811
    desk = program(editor)
    made = desk.post(f"/{kind}/", {"name": "Old  bridges"})
    assert made.status_code == 201 and made.json()["slug"] == "old-bridges"
    address = made["Location"].partition("testserver")[2]
    filed(publish, kind)
    listed = program().get(f"/{kind}/")
    assert listed.json()["count"] == 1 and program().get(address).json()["name"] in {"Old bridges", "Old  bridges"}
    for who, status in ((None, 401), (reader, 403), (author, 403)):
        asks = program(who)
        assert asks.post(f"/{kind}/", {"name": "Mine"}).status_code == status
        for method in ("PUT", "PATCH", "DELETE"):
            assert asks(method, address, {"name": "Mine"}, etag=made["ETag"]).status_code == status
    assert KINDS[kind].objects.count() == 1
    assert program(editor, ["read"]).post(f"/{kind}/", {"name": "Mine"}).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_says_what_it_began_from_and_is_written_into_the_trail(program, kind, editor):
    desk = program(editor)
    made = desk.post(f"/{kind}/", {"name": "Bridges"})
    address = made["Location"].partition("testserver")[2]
    assert desk.patch(address, {"name": "Spans"}).status_code == 428
    changed = desk.patch(address, {"name": "Spans", "slug": "spans"}, etag=made["ETag"])
    assert changed.status_code == 200 and changed.json()["slug"] == "spans"
    address = address.replace("bridges", "spans")
    assert desk.patch(address, {"name": "Late"}, etag=made["ETag"]).status_code == 412
    assert Redirect.objects.exists()
    assert desk.get(address, If_None_Match=changed["ETag"]).status_code == 304
    assert desk.delete(address, etag=changed["ETag"]).status_code == 204 and not KINDS[kind].objects.exists()
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"added", "changed", "deleted"}


@pytest.mark.parametrize(
    ("kind", "sent", "field"),
    [
        *(("categories", {"name": ""}, "name"), ("categories", {"name": "feed"}, "slug")),
        *(("categories", {"name": "Places"}, "slug"), ("categories", {"name": "x", "parent": 10**6}, "parent")),
        *(("categories", {"name": "x", "path": "a/b"}, "path"), ("categories", {"name": "x\x00"}, "name")),
        *(("tags", {"name": "SEA"}, "name"), ("tags", {"name": "Ocean", "slug": "sea"}, "slug")),
        *(("tags", {"name": "x" * 101}, "name"), ("tags", {"name": "a", "key": "b"}, "key")),
        *(("topics", {"name": "x", "pillar_post": 10**9}, "pillar_post"), ("topics", {"name": 7.5, "x": 1}, "x")),
    ],
)
def test_what_the_desk_refuses_is_refused_by_the_name_of_its_field(program, editor, kind, sent, field):
    save_category(Category(name="Places"))
    Tag.objects.create(name="Sea", slug="sea")
    answer = program(editor).post(f"/{kind}/", sent)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [field], answer.content


def test_a_category_moves_with_all_below_it_and_its_address_leads_on(program, editor, author):
    desk = program(editor)
    ids = {}
    for name, parent in (("Places", None), ("Bridges", "Places"), ("Arches", "Bridges"), ("Tools", None)):
        ids[name] = desk.post("/categories/", {"name": name, "parent": ids.get(parent)}).json()["id"]
    move = f"/categories/{ids['Bridges']}/move/"
    assert program(author).post(move, {"target": ids["Tools"]}).status_code == 403
    moved = desk.post(move, {"target": ids["Tools"], "position": "first-child"})
    assert moved.status_code == 200 and moved.json()["path"] == "tools/bridges"
    assert desk.get("/categories/?below=tools").json()["count"] == 2 and tree_is_sound()
    assert desk.get("/categories/?path=tools/bridges/arches").json()["results"][0]["id"] == ids["Arches"]
    circle = desk.post(f"/categories/{ids['Tools']}/move/", {"target": ids["Arches"]})
    assert circle.status_code == 400 and "below itself" in circle.json()["detail"]
    assert desk.post(move, {"target": ids["Tools"], "position": "inside"}).status_code == 400
    assert Redirect.objects.filter(old_path="/category/places/bridges/").exists()


def test_a_category_with_posts_is_not_deleted(program, publish, editor):  # noqa: F811
    places = save_category(Category(name="Places"))
    publish("Boats", category=places)
    etag = program(editor).get(f"/categories/{places.pk}/")["ETag"]
    refused = program(editor).delete(f"/categories/{places.pk}/", etag=etag)
    assert refused.status_code == 409 and "1 posts" in refused.json()["detail"] and Category.objects.exists()


def test_tags_are_merged_into_one(program, publish, editor, author):  # noqa: F811
    publish("One", tags=["Sea"])
    publish("Two", tags=["Ocean", "Deep"])
    assert program(author).post("/tags/sea/merge/", {"tags": ["ocean"]}).status_code == 403
    desk = program(editor)
    missing = desk.post("/tags/sea/merge/", {"tags": ["ocean", "nothing"]})
    assert missing.status_code == 400 and Tag.objects.count() == 3
    merged = desk.post("/tags/sea/merge/", {"tags": ["ocean", "deep"]})
    assert merged.json()["gained"] == 1 and merged.json()["tag"]["slug"] == "sea"
    assert program().get("/posts/?tag=sea").json()["count"] == 2 and Tag.objects.count() == 1
    assert desk.post("/tags/sea/merge/", {"tags": ["sea"]}).status_code == 409
    assert desk.post("/tags/sea/merge/", {"tags": [f"t{n}" for n in range(51)]}).status_code == 400


def test_the_pillar_of_a_topic_is_named_to_whoever_may_read_it(program, write, publish, editor, author, reader):  # noqa: F811
    draft = write("Pillar")
    program(editor).post("/topics/", {"name": "Water", "pillar_post": draft.pk})
    filed(publish, "topics")
    for who, shown in ((None, None), (reader, None), (author, draft.pk), (editor, draft.pk)):
        assert program(who).get("/topics/water/").json()["pillar_post"] == shown
        assert program(who).get("/topics/").json()["results"][0]["pillar_post"] == shown


def test_a_series_is_read_in_its_order(program, publish, editor):  # noqa: F811
    series = Series.objects.create(name="Voyage", slug="voyage")
    for title, place in (("Last", 3), ("First", 1), ("Second", 2)):
        publish(title, series=series, series_position=place)
    listed = program().get("/posts/?series=voyage&ordering=series&fields=title").json()
    assert [each["title"] for each in listed["results"]] == ["First", "Second", "Last"]
    assert Post.objects.count() == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_asks_two_questions(program, publish, kind, editor, django_assert_num_queries):  # noqa: F811
    for number in range(4):
        program(editor).post(f"/{kind}/", {"name": f"Number {number}"})
    filed(publish, kind)
    with django_assert_num_queries(2):
        assert len(program().get(f"/{kind}/").json()["results"]) == 4
