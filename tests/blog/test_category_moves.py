"""A category that moves takes everything below it along, and every old address leads on in one step."""

import pytest

from blog.models import Category, Redirect
from blog.taxonomy import move_category, save_category, tree_is_sound

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tree(publish):
    """places/bridges/iron with a post at the bottom, and tools beside."""
    places = save_category(Category(name="Places"))
    bridges = save_category(Category(name="Bridges", parent=places))
    iron = save_category(Category(name="Iron", parent=bridges))
    tools = save_category(Category(name="Tools"))
    publish(category=iron)
    return places, bridges, iron, tools


def leads_to(client, path: str) -> str:
    """Where an address leads in one step; itself when it is live."""
    answer = client.get(f"/category/{path}/")
    assert answer.status_code in {200, 301}
    target = path if answer.status_code == 200 else answer["Location"].removeprefix("/category/").rstrip("/")
    assert client.get(f"/category/{target}/").status_code == 200
    return target


def test_every_address_below_leads_on_in_one_step(client, tree):
    places, bridges, _, tools = tree
    move_category(bridges, target=tools)
    move_category(tools, target=places)
    assert {old: leads_to(client, old) for old in ("places/bridges/iron", "tools/bridges/iron", "tools/bridges")} == {
        "places/bridges/iron": "places/tools/bridges/iron",
        "tools/bridges/iron": "places/tools/bridges/iron",
        "tools/bridges": "places/tools/bridges",
    }
    assert client.get("/category/places/bridges/iron/feed/")["Location"] == "/category/places/tools/bridges/iron/feed/"
    assert tree_is_sound()


def test_there_and_back_leaves_no_circle(client, tree):
    places, bridges, _, tools = tree
    for _ in range(3):
        move_category(bridges, target=tools)
        move_category(bridges, target=places)
    assert leads_to(client, "places/bridges/iron") == "places/bridges/iron"
    assert leads_to(client, "tools/bridges/iron") == "places/bridges/iron"
    assert leads_to(client, "tools/bridges") == "places/bridges"
    assert Redirect.objects.count() == 2


def test_a_new_slug_moves_what_is_below_as_well(client, tree):
    places, *_ = tree
    places = Category.objects.get(pk=places.pk)
    places.slug = "sites"
    save_category(places)
    assert leads_to(client, "places") == "sites"
    assert leads_to(client, "places/bridges/iron") == "sites/bridges/iron"


def test_an_address_taken_over_by_another_is_the_others(client, tree, publish):
    places, bridges, _, tools = tree
    move_category(bridges, target=tools)
    fresh = save_category(Category(name="Bridges", parent=Category.objects.get(pk=places.pk)))
    publish(category=fresh)
    assert leads_to(client, "places/bridges") == "places/bridges"
    assert leads_to(client, "places/bridges/iron") == "tools/bridges/iron"
