"""Categories keep their tree sound; tags are one whatever their case."""

import threading

import pytest
from django.db import connection, connections, transaction

from blog.models import Category, Tag
from blog.taxonomy import delete_category, mend_tree, move_category, save_category, tags_named, tree_is_sound
from core.refusals import Refusal


@pytest.fixture
def tree(db):
    places = save_category(Category(name="Places"))
    bridges = save_category(Category(name="Bridges", parent=places))
    tools = save_category(Category(name="Tools"))
    return places, bridges, tools


def test_paths_follow_the_parents(tree):
    assert [category.path for category in Category.objects.all()] == ["places", "places/bridges", "tools"]
    assert tree_is_sound()


def test_a_category_cannot_hang_below_itself(tree):
    places, bridges, _ = tree
    with pytest.raises(Refusal, match="cannot hang below itself"):
        move_category(places, target=bridges, position="last-child")
    assert tree_is_sound()


def test_siblings_cannot_share_a_slug_but_cousins_can(tree):
    places, _, tools = tree
    with pytest.raises(Refusal, match="already has the slug"):
        save_category(Category(name="Bridges", parent=places))
    assert save_category(Category(name="Bridges", parent=tools)).path == "tools/bridges"


def test_a_category_cannot_take_the_address_of_a_feed(tree):
    places, _, _ = tree
    with pytest.raises(Refusal, match="belongs to the feed"):
        save_category(Category(name="Feed", parent=places))
    assert not Category.objects.filter(slug="feed").exists()


def test_moving_changes_order_and_paths(tree):
    places, bridges, tools = tree
    move_category(tools, target=places, position="left")
    move_category(bridges, target=tools, position="first-child")
    assert [category.path for category in Category.objects.all()] == ["tools", "tools/bridges", "places"]
    assert tree_is_sound()


def test_a_category_in_use_is_not_deleted(tree, write):
    places, bridges, _ = tree
    write(category=bridges)
    for category in (places, bridges):
        with pytest.raises(Refusal, match="move them first"):
            delete_category(category)
    assert Category.objects.count() == 3


def test_a_damaged_tree_is_found_and_mended(tree):
    Category.objects.filter(name="Bridges").update(lft=40, rght=39, path="wrong")
    assert not tree_is_sound()
    assert mend_tree()
    assert tree_is_sound()
    assert not mend_tree()


def test_the_same_word_is_one_tag(db):
    first = tags_named(["News", "news", " NEWS ", "Über uns", "über  uns", "ﬁnd", "find"])
    assert [tag.name for tag in first] == ["News", "Über uns", "ﬁnd"]
    assert tags_named(["NeWs"]) == first[:1]
    assert Tag.objects.count() == 3


def test_signs_make_different_slugs(db):
    assert [tag.slug for tag in tags_named(["C", "C++", "C#", ".."])] == ["c", "c-plus-plus", "c-sharp", "tag"]


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_the_tree_sound_and_one_tag(db):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory SQLite database belongs to one thread; the PostgreSQL run tries this")
    root = save_category(Category(name="Root"))

    def work(number: int):
        try:
            for turn in range(5):
                save_category(Category(name=f"C {number} {turn}", parent=root))
                tags_named([["News", "news", "NEWS"][turn % 3]])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Category.objects.count() == 31
    assert tree_is_sound()
    assert Tag.objects.count() == 1


@pytest.mark.parametrize("name", ["&" * 60, "ﷺ" * 90, "x" * 300, "# " * 50])
def test_a_name_that_grows_when_it_is_written_out_still_fits(db, name):
    tag = tags_named([name])[0]
    assert len(tag.slug) <= 120
    assert len(tag.key) <= 120
    assert tags_named([name]) == [tag]


def test_an_address_that_would_be_too_long_is_refused(db):
    parent = None
    with pytest.raises(Refusal, match="too long"):
        for _ in range(8):
            parent = save_category(Category(name="x" * 110, parent=parent))
    assert tree_is_sound()


@pytest.mark.django_db(transaction=True)
def test_the_same_new_tags_in_any_order_do_not_wait_for_each_other(db):
    if connection.vendor == "sqlite":
        pytest.skip("an in-memory SQLite database belongs to one thread; the PostgreSQL run tries this")
    names = [f"tag {number}" for number in range(12)]
    errors: list[Exception] = []

    def work(backwards: bool):
        try:
            with transaction.atomic():
                tags_named(reversed(names) if backwards else names)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number % 2 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Tag.objects.count() == 12
