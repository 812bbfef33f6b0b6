"""Series in the admin: posts join, leave and change places, with and without a script."""

import pytest

from blog import series
from blog.models import Post, Series


@pytest.fixture
def ferries(db) -> Series:
    return Series.objects.create(name="Ferries", slug="ferries")


@pytest.fixture
def parts(write, ferries, editor) -> list[Post]:
    found = [write(f"Crossing {number}") for number in (1, 2, 3)]
    series.arrange(ferries, [post.pk for post in found], by=editor)
    return found


def page_of(found: Series) -> str:
    return f"/admin/blog/series/{found.pk}/change/"


def order_of(found: Series) -> list[str]:
    return [post.title for post in series.in_order(found.posts.all())]


def arrange(client, found: Series, parts: list[Post], **more: object):
    data = {"part": [post.pk for post in parts], **more}
    return client.post(f"/admin/blog/series/{found.pk}/parts/", data, follow=True)


def test_numbers_written_anew_are_the_new_order(client_of, editor, ferries, parts):
    one, two, three = parts
    places = {f"place-{one.pk}": 9, f"place-{two.pk}": 2, f"place-{three.pk}": 1}
    response = arrange(client_of(editor), ferries, parts, **places)
    assert [str(each) for each in response.context["messages"]] == ["2 posts have a new place."]
    assert order_of(ferries) == ["Crossing 3", "Crossing 2", "Crossing 1"]


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 30])
def test_a_number_that_is_none_leaves_the_post_where_it_was(client_of, editor, ferries, parts, number):
    arrange(client_of(editor), ferries, parts, **{f"place-{parts[0].pk}": number})
    assert order_of(ferries) == ["Crossing 1", "Crossing 2", "Crossing 3"]


def test_posts_are_found_join_and_leave(client_of, editor, ferries, parts, write):
    fresh = write("The night ferry")
    client = client_of(editor)
    page = client.get(f"{page_of(ferries)}?find=night").content.decode()
    assert f'name="join" value="{fresh.pk}"' in page
    assert 'name="join" value="' + str(parts[0].pk) not in page
    arrange(client, ferries, parts, join=fresh.pk)
    arrange(client, ferries, [*parts, fresh], leave=[parts[1].pk])
    assert order_of(ferries) == ["Crossing 1", "Crossing 3", "The night ferry"]


def test_a_post_deleted_meanwhile_is_said_and_nothing_moves(client_of, editor, ferries, parts):
    response = arrange(client_of(editor), ferries, parts[::-1], join=999_999)
    assert "deleted meanwhile" in str(list(response.context["messages"])[0])
    assert order_of(ferries) == ["Crossing 1", "Crossing 2", "Crossing 3"]


def test_an_author_looks_and_arranges_nothing(client_of, author, editor, ferries, parts, write):
    secret = write("Draft of the editor", by=editor)
    series.arrange(ferries, [*(post.pk for post in parts), secret.pk], by=editor)
    client = client_of(author)
    page = client.get(page_of(ferries)).content.decode()
    assert "Crossing 1" in page
    assert "Draft of the editor" not in page
    assert "Save order" not in page
    assert arrange(client, ferries, parts[::-1]).status_code == 403
    assert order_of(ferries)[0] == "Crossing 1"


def test_a_series_is_made_renamed_and_deleted_without_losing_a_post(client_of, editor, ferries, parts, client):
    browser = client_of(editor)
    browser.post("/admin/blog/series/add/", {"name": "Clocks & bells", "slug": "", "description": ""})
    assert Series.objects.filter(slug="clocks-and-bells").exists()
    browser.post(page_of(ferries), {"name": "Ferries", "slug": "boats", "description": ""})
    assert Series.objects.get(pk=ferries.pk).slug == "boats"
    browser.post(f"/admin/blog/series/{ferries.pk}/delete/", {"post": "yes"})
    assert not Series.objects.filter(pk=ferries.pk).exists()
    assert Post.objects.filter(series__isnull=True).count() == 3


def test_titles_are_text_and_the_empty_list_says_what_to_do(client_of, editor, ferries, write):
    client = client_of(editor)
    assert "No post is part of it yet." in client.get(page_of(ferries)).content.decode()
    series.arrange(ferries, [write("<img src=x onerror=alert(1)>").pk], by=editor)
    assert "<img src=x" not in client.get(page_of(ferries)).content.decode()


def test_the_form_stays_within_its_queries(client_of, editor, ferries, write, django_assert_max_num_queries):
    series.arrange(ferries, [write().pk for _ in range(20)], by=editor)
    client = client_of(editor)
    client.get(page_of(ferries))
    with django_assert_max_num_queries(9):
        client.get(f"{page_of(ferries)}?find=post")
