"""Categories, tags, topics, redirects and messages in the admin."""

import pytest
from django.urls import reverse

from blog.models import Category, ContactMessage, Post, Redirect, Tag
from blog.taxonomy import make_tag, save_category, tree_is_sound

pytestmark = pytest.mark.django_db


def said(response):
    return [str(message) for message in response.context["messages"]]


def errors(response):
    return response.context["adminform"].form.errors


@pytest.fixture
def tree(db):
    places = save_category(Category(name="Places"))
    bridges = save_category(Category(name="Bridges", parent=places))
    return places, bridges, save_category(Category(name="Time"))


def category_data(**changes):
    return {"name": "Clocks", "slug": "", "parent": "", "description": "", "meta_title": ""} | changes


def test_moving_a_category_says_where_it_lives_and_what_still_works(client_of, editor, tree):
    places, bridges, time = tree
    data = {"category": bridges.pk, "target": time.pk, "position": "last-child"}
    response = client_of(editor).post(reverse("admin:blog_category_move"), data, follow=True)
    bridges.refresh_from_db()
    assert bridges.path == "time/bridges"
    assert "/category/time/bridges/" in said(response)[0]
    assert Redirect.objects.get().old_path == "/category/places/bridges/"
    assert tree_is_sound()


def test_a_category_s_own_address_is_one_click_away(client_of, editor, tree):
    page = client_of(editor).get(reverse("admin:blog_category_change", args=[tree[1].pk])).content.decode()
    assert 'href="/category/places/bridges/"' in page and "/admin/r/" not in page


def test_a_category_is_not_hung_below_itself(client_of, editor, tree):
    places, bridges, _ = tree
    data = {"category": places.pk, "target": bridges.pk, "position": "first-child"}
    response = client_of(editor).post(reverse("admin:blog_category_move"), data, follow=True)
    assert "cannot hang below itself" in said(response)[0]
    assert tree_is_sound()


@pytest.mark.parametrize("data", [{}, {"category": "x"}, {"category": "999"}])
def test_a_move_of_nothing_is_not_found(client_of, editor, tree, data):
    assert client_of(editor).post(reverse("admin:blog_category_move"), data).status_code == 404


def test_a_move_is_never_a_link(client_of, editor, tree):
    assert client_of(editor).get(reverse("admin:blog_category_move")).status_code == 405


def test_a_category_gets_its_slug_from_its_name(client_of, editor, tree):
    client_of(editor).post(reverse("admin:blog_category_add"), category_data(parent=tree[2].pk))
    assert Category.objects.get(name="Clocks").path == "time/clocks"


def test_a_slug_a_neighbour_has_is_an_error_of_its_field(client_of, editor, tree):
    response = client_of(editor).post(reverse("admin:blog_category_add"), category_data(name="Other", slug="time"))
    assert "has this slug" in str(errors(response))
    assert not Category.objects.filter(name="Other").exists()


def test_a_category_with_posts_is_not_deleted(client_of, editor, tree, write):
    write(category=tree[1])
    address = reverse("admin:blog_category_delete", args=[tree[1].pk])
    response = client_of(editor).post(address, {"post": "yes"}, follow=True)
    assert "still has 1 posts" in said(response)[0]
    assert Category.objects.filter(pk=tree[1].pk).exists()


def test_an_empty_category_is_deleted(client_of, editor, tree):
    client_of(editor).post(reverse("admin:blog_category_delete", args=[tree[2].pk]), {"post": "yes"})
    assert not Category.objects.filter(name="Time").exists()


def test_the_tree_is_one_page_with_a_way_to_move_without_a_script(client_of, editor, tree):
    page = client_of(editor).get(reverse("admin:blog_category_changelist")).content.decode()
    assert page.index("Places") < page.index("Bridges") < page.index("Time")
    assert 'name="position"' in page


def test_a_tag_is_renamed_but_not_to_another(client_of, editor):
    news, _ = make_tag("News"), make_tag("Clocks")
    address = reverse("admin:blog_tag_change", args=[news.pk])
    response = client_of(editor).post(address, {"name": "CLOCKS", "slug": "news"})
    assert "is the same tag as “Clocks”" in errors(response)["name"][0]
    client_of(editor).post(address, {"name": "Latest news", "slug": "news"})
    news.refresh_from_db()
    assert (news.name, news.key, news.slug) == ("Latest news", "latest news", "news")


def test_tags_count_their_posts(client_of, editor, write):
    write(tags=["News"])
    page = client_of(editor).get(reverse("admin:blog_tag_changelist")).content.decode()
    assert "?tag=news" in page


def test_a_topic_gets_its_address_from_its_name(client_of, editor):
    data = {"name": "First steps", "slug": "", "description": "", "pillar_post": ""}
    client_of(editor).post(reverse("admin:blog_topiccluster_add"), data)
    from blog.models import TopicCluster

    assert TopicCluster.objects.get().slug == "first-steps"


def redirect_data(**changes):
    return {"old_path": "/old/", "post": "", "category": "", "new_path": "", "type": 301} | changes


def test_a_redirect_is_added_by_hand(client_of, editor):
    client_of(editor).post(reverse("admin:blog_redirect_add"), redirect_data(new_path="/about/"))
    row = Redirect.objects.get()
    assert (row.old_path, row.new_path, row.origin, row.hits) == ("/old/", "/about/", "hand", 0)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "exactly one target"),
        ({"new_path": "/about/", "type": 410}, "exactly one target"),
        ({"new_path": "/old/"}, "lead to itself"),
        ({"new_path": "//evil.example/"}, "whole https address"),
        ({"new_path": "/\\evil.example/"}, "backslashes"),
        ({"new_path": "javascript:alert(1)"}, "https://"),
        ({"new_path": "http://other.example/"}, "https://"),
        ({"new_path": "https://good.example@evil.example/"}, "https://"),
        ({"new_path": "/a\tb/"}, "spaces"),
        ({"old_path": "https://other.example/", "new_path": "/about/"}, "path on this site"),
    ],
)
def test_what_is_no_redirect_is_refused_in_words(client_of, editor, changes, word):
    response = client_of(editor).post(reverse("admin:blog_redirect_add"), redirect_data(**changes))
    assert word in str(errors(response))
    assert not Redirect.objects.exists()


def test_redirects_in_a_circle_are_refused(client_of, editor):
    Redirect.objects.create(old_path="/b/", new_path="/c/")
    Redirect.objects.create(old_path="/c/", new_path="/a/")
    address = reverse("admin:blog_redirect_add")
    response = client_of(editor).post(address, redirect_data(old_path="/a/", new_path="/b/"))
    assert "in circles" in str(errors(response))
    assert Redirect.objects.count() == 2


def test_gone_for_good_needs_no_target(client_of, editor):
    client_of(editor).post(reverse("admin:blog_redirect_add"), redirect_data(type=410))
    assert Redirect.objects.get().type == 410


def test_hits_are_read_and_not_written(client_of, editor):
    row = Redirect.objects.create(old_path="/old/", new_path="/about/", hits=7)
    address = reverse("admin:blog_redirect_change", args=[row.pk])
    client_of(editor).post(address, redirect_data(new_path="/contact/", hits=0))
    row.refresh_from_db()
    assert (row.hits, row.new_path) == (7, "/contact/")


def test_a_message_is_read_and_marked_but_never_rewritten(client_of, moderator):
    message = ContactMessage.objects.create(name="Hamish", email="h@example.org", message="Where is the gun?")
    client = client_of(moderator)
    address = reverse("admin:blog_contactmessage_change", args=[message.pk])
    assert "Where is the gun?" in client.get(address).content.decode()
    client.post(address, {"is_handled": "on", "message": "Something else"})
    message.refresh_from_db()
    assert (message.is_handled, message.message) == (True, "Where is the gun?")
    assert client.get(reverse("admin:blog_contactmessage_add")).status_code == 403


def test_nothing_here_is_made_by_looking(client_of, editor):
    for name in ("category", "tag", "topiccluster", "redirect"):
        assert client_of(editor).get(reverse(f"admin:blog_{name}_changelist")).status_code == 200
    assert not (Tag.objects.exists() or Category.objects.exists() or Post.objects.exists())
