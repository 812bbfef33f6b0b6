"""Addresses are made from titles, stay, and leave redirects when something public moves."""

import pytest
from django.test import Client

from blog import publishing, redirects, writing
from blog.models import Category, Post, Redirect
from blog.slugs import make_slug
from blog.taxonomy import move_category, save_category
from core.refusals import Refusal


def rename(post, slug, by):
    """Save a new address and, for a live post, let readers have it."""
    post.slug = slug
    writing.save(post, by=by)
    if post.is_public:
        publishing.update(post, by=by)


def hops(path):
    response = Client().get(path, follow=True)
    return [code for _, code in response.redirect_chain], response.status_code


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The harbour that kept two clocks", "the-harbour-that-kept-two-clocks"),
        ("Über Größe", "über-größe"),
        ("東京の夜", "東京の夜"),
        ("C++ and C#", "c-plus-plus-and-c-sharp"),
        ("!!!", "untitled"),
        ("x" * 500, "x" * 200),
    ],
)
def test_slugs_are_made_from_titles_in_any_script(title, slug):
    assert make_slug(title) == slug


def test_two_posts_of_one_title_get_two_addresses(write):
    assert [write("Same").slug, write("Same").slug, write("Same").slug] == ["same", "same-2", "same-3"]


def test_a_slug_that_is_taken_is_refused_with_its_name(write, author):
    write("One")
    with pytest.raises(Refusal, match="has the address “one”"):
        rename(write("Two"), "one", author)
    assert Post.objects.filter(slug="one").count() == 1


def test_a_page_cannot_take_the_sites_own_addresses(write, author):
    assert write("Admin", kind="page").slug == "admin-2"
    with pytest.raises(Refusal, match="belongs to the site itself"):
        rename(write("Other", kind="page"), "blog", author)


def test_a_new_title_does_not_move_a_post(publish, editor):
    post = publish("First")
    post.title = "Second"
    writing.save(post, by=editor)
    assert Post.objects.get(pk=post.pk).slug == "first"
    assert not Redirect.objects.exists()


def test_drafts_leave_no_redirects(write, author):
    rename(write("First"), "second", author)
    assert not Redirect.objects.exists()


def test_a_renamed_live_post_is_found_at_its_old_address(publish, editor):
    rename(publish("First"), "second", editor)
    assert hops("/blog/first/") == ([301], 200)


def test_renamed_twice_is_one_hop(publish, editor):
    post = publish("First")
    rename(post, "second", editor)
    rename(post, "third", editor)
    assert hops("/blog/first/") == ([301], 200)
    assert hops("/blog/second/") == ([301], 200)


def test_renamed_back_leaves_no_loop(publish, editor):
    post = publish("First")
    rename(post, "second", editor)
    rename(post, "first", editor)
    assert hops("/blog/first/") == ([], 200)
    assert hops("/blog/second/") == ([301], 200)


def test_a_new_post_may_take_an_old_address(publish, editor):
    rename(publish("First"), "second", editor)
    newcomer = publish("First")
    assert newcomer.slug == "first"
    assert hops("/blog/first/") == ([], 200)
    assert not Redirect.objects.filter(old_path="/blog/first/").exists()


def test_an_old_address_of_an_archived_post_leads_nowhere(publish, editor):
    post = publish("First")
    rename(post, "second", editor)
    publishing.archive(post, by=editor)
    assert hops("/blog/first/") == ([], 404)


def test_a_renamed_category_redirects_itself_and_all_below(publish):
    places = save_category(Category(name="Places"))
    bridges = save_category(Category(name="Bridges", parent=places))
    publish(category=bridges)
    places.slug = "sites"
    save_category(places)
    assert hops("/category/places/") == ([301], 200)
    assert hops("/category/places/bridges/") == ([301], 200)
    move_category(bridges, target=None)
    assert hops("/category/places/bridges/") == ([301], 200)
    assert hops("/category/sites/bridges/") == ([301], 200)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_redirects_by_hand_answer_with_their_type(db, code):
    Redirect.objects.create(old_path="/old/", new_path="https://example.com/x", type=code)
    response = Client().get("/old/")
    assert (response.status_code, response["Location"]) == (code, "https://example.com/x")


def test_gone_says_gone(db):
    Redirect.objects.create(old_path="/old/", type=410)
    assert Client().get("/old").status_code == 410


def test_numbered_addresses_of_other_platforms_are_followed(publish):
    post = publish("First")
    Redirect.objects.create(old_path="/?p=397", post=post, origin="import")
    assert hops("/?p=397") == ([301], 200)
    assert hops("/?p=398") == ([], 200)


def test_another_spelling_of_an_old_address_is_the_same_address(publish):
    Redirect.objects.create(old_path="/old/über/", post=publish("First"))
    for spelling in ("/old/über", "/old//über/", "/old/%C3%BCber/", "/old/u\u0308ber/"):
        assert redirects.find(spelling), spelling


def test_hits_are_counted_without_a_write_per_request(db, django_assert_max_num_queries):
    row = Redirect.objects.create(old_path="/old/", new_path="/blog/", type=302)
    Client().get("/")  # what every page needs once is no matter of redirects
    redirects.hits.drain()
    for _ in range(3):
        with django_assert_max_num_queries(4) as queries:
            Client().get("/old/")
        assert not [query for query in queries.captured_queries if query["sql"].startswith("UPDATE")]
    assert redirects.write_hits() == 1
    row.refresh_from_db()
    assert row.hits == 3
    assert row.last_hit_at is not None


def test_a_live_page_never_asks_for_redirects(publish, django_assert_max_num_queries):
    post = publish()
    with django_assert_max_num_queries(8) as queries:
        assert Client().get(post.get_absolute_url()).status_code == 200
    assert not [query for query in queries.captured_queries if "blog_redirect" in query["sql"]]


def test_no_browser_keeps_a_redirect(publish, editor):
    rename(publish("First"), "second", editor)
    assert Client().get("/blog/first/")["Cache-Control"] == "no-cache"


def test_the_feed_of_a_category_moves_with_it(publish):
    places = save_category(Category(name="Places"))
    publish(category=places)
    places.slug = "sites"
    save_category(places)
    assert hops("/category/places/feed/") == ([301], 200)
    assert hops("/category/nowhere/feed/") == ([], 404)


def test_a_redirect_to_the_same_path_with_a_query_does_not_circle(db):
    Redirect.objects.create(old_path="/x1/", new_path="/x1/?a=1")
    assert Client().get("/x1/?a=1").status_code == 404
    assert redirects.find("/x1/", "a=1") is None
    assert redirects.find("/x1/", "b=2").location == "/x1/?a=1"
