"""The versions of a post: listed, read, restored with a question before."""

import pytest
from django.urls import reverse

from blog import writing
from blog.models import PostVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def twice_saved(write, author):
    post = write("First title", text="The *first* text.")
    post.title, post.content_markdown = "Second title", "The second text."
    writing.save(post, by=author, reason="Facts checked")
    return post


def test_the_list_says_number_who_when_and_why(client_of, author, twice_saved):
    page = client_of(author).get(reverse("admin:blog_post_versions", args=[twice_saved.pk])).content.decode()
    assert "2 versions" in page
    assert "Facts checked" in page
    assert str(author) in page


def test_one_version_shows_what_it_said_then(client_of, author, twice_saved):
    page = client_of(author).get(reverse("admin:blog_post_version", args=[twice_saved.pk, 1])).content.decode()
    assert "First title" in page
    assert "<em>first</em>" in page
    assert "The *first* text." in page
    assert "The second text." not in page


def test_restoring_asks_before_and_makes_a_new_version(client_of, author, twice_saved):
    address = reverse("admin:blog_post_restore_version", args=[twice_saved.pk, 1])
    client = client_of(author)
    assert "Restore version 1" in client.get(address).content.decode()
    twice_saved.refresh_from_db()
    assert twice_saved.title == "Second title"
    response = client.post(address, follow=True)
    twice_saved.refresh_from_db()
    assert twice_saved.title == "First title"
    assert twice_saved.versions.count() == 3
    assert [str(message) for message in response.context["messages"]] == ["Version 1 is back, as version 3."]


def test_a_version_that_is_not_there_is_not_found(client_of, author, twice_saved):
    assert client_of(author).get(reverse("admin:blog_post_version", args=[twice_saved.pk, 9])).status_code == 404


def test_the_history_is_the_versions(client_of, author, twice_saved):
    response = client_of(author).get(reverse("admin:blog_post_history", args=[twice_saved.pk]))
    assert response.url == reverse("admin:blog_post_versions", args=[twice_saved.pk])


@pytest.mark.parametrize(
    ("verb", "shown"), [("archive", "Readers no longer find it"), ("trash", "restored as a draft")]
)
def test_a_dangerous_step_has_a_page_that_asks(client_of, editor, publish, verb, shown):
    post = publish()
    address = reverse("admin:blog_post_step", args=[post.pk, verb])
    client = client_of(editor)
    assert shown in client.get(address).content.decode()
    post.refresh_from_db()
    assert post.is_public
    client.post(address, {"note": "Because"})
    post.refresh_from_db()
    assert not post.is_public
    assert post.status_changes.first().note == "Because"


def test_a_step_that_is_refused_says_why(client_of, author, publish):
    post = publish()
    address = reverse("admin:blog_post_step", args=[post.pk, "archive"])
    response = client_of(author).post(address, follow=True)
    post.refresh_from_db()
    assert post.is_public
    assert "Your role does not let you archive this post." in [str(m) for m in response.context["messages"]]


@pytest.mark.parametrize("verb", ["publish", "nonsense"])
def test_other_words_are_no_steps(client_of, editor, write, verb):
    post = write()
    assert client_of(editor).post(f"/admin/blog/post/{post.pk}/step/{verb}/").status_code == 404
    post.refresh_from_db()
    assert post.status == "draft"


def test_a_long_history_is_read_page_by_page(client_of, author, write, django_assert_max_num_queries):
    post = write("First title")
    first = post.versions.get()
    PostVersion.objects.bulk_create(
        PostVersion(post=post, number=number, snapshot=first.snapshot, kind="save", created_at=first.created_at)
        for number in range(2, 252)
    )
    client, address = client_of(author), reverse("admin:blog_post_versions", args=[post.pk])
    with django_assert_max_num_queries(12):
        page = client.get(address).content.decode()
    assert "251 versions" in page
    assert "/versions/251/" in page
    assert "/versions/1/" not in page
    assert "/versions/1/" in client.get(address, {"page": 3}).content.decode()
