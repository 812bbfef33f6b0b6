"""What the writing page asks while somebody writes: posts to link to, snippets, a picture kept."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from blog import publishing
from blog.models import Post, Snippet
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
LINKS = "admin:blog_post_links"


def titles(client, **query):
    answer = client.get(reverse(LINKS), query)
    assert answer.status_code == 200
    return [post["title"] for post in answer.json()["posts"]]


def png(name="noon gun.png", side=8):
    kept = io.BytesIO()
    Image.new("RGB", (side, side), "navy").save(kept, "PNG")
    return SimpleUploadedFile(name, kept.getvalue(), "image/png")


@pytest.fixture
def shelf(write, publish, editor):
    from accounts.roles import Role

    other = make_person("other", Role.AUTHOR)
    publish("The noon gun", by=other)
    write("My gun draft")
    write("Their gun draft", by=other)
    write("The gun in the bin", by=other)
    publishing.trash(Post.objects.get(title="The gun in the bin"), by=editor)
    trashed = write("My own gun in the bin")
    publishing.trash(trashed, by=editor)


def test_an_author_links_to_live_posts_and_drafts_of_their_own(client_of, author, shelf):
    assert sorted(titles(client_of(author), q="gun")) == ["My gun draft", "The noon gun"]


def test_an_editor_links_to_every_draft_but_to_nothing_trashed(client_of, editor, shelf):
    assert sorted(titles(client_of(editor), q="gun")) == ["My gun draft", "The noon gun", "Their gun draft"]


def test_every_word_of_the_search_is_in_the_title(client_of, editor, shelf):
    assert titles(client_of(editor), q="noon  GUN") == ["The noon gun"]
    assert titles(client_of(editor), q="noon clock") == []
    assert titles(client_of(editor), q="%") == []


def test_the_post_that_is_written_is_not_offered(client_of, author, shelf):
    mine = Post.objects.get(title="My gun draft")
    assert titles(client_of(author), q="gun", but=mine.pk) == ["The noon gun"]


def test_a_row_says_where_the_post_lives_and_how_it_stands(client_of, author, shelf):
    rows = client_of(author).get(reverse(LINKS), {"q": "noon"}).json()["posts"]
    assert rows == [{"title": "The noon gun", "path": "/blog/the-noon-gun/", "state": "Published"}]


def test_posts_come_in_pages_of_twenty_in_one_query(client_of, author, write, django_assert_num_queries):
    for number in range(41):
        write(f"Post {number}")
    client = client_of(author)
    client.get(reverse(LINKS))
    with django_assert_num_queries(4):
        # session, person, permissions, posts
        first = client.get(reverse(LINKS), {"q": "post"}).json()
    second, third = (client.get(reverse(LINKS), {"q": "post", "page": page}).json() for page in (2, 3))
    assert [len(answer["posts"]) for answer in (first, second, third)] == [20, 20, 1]
    assert [answer["more"] for answer in (first, second, third)] == [True, True, False]
    assert len({post["path"] for answer in (first, second, third) for post in answer["posts"]}) == 41


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "x"}, {"page": "9" * 30}, {"but": "9" * 40}, {"q": "\0"}])
def test_odd_questions_are_answered(client_of, author, write, query):
    write("A post")
    assert client_of(author).get(reverse(LINKS), query).status_code == 200


@pytest.mark.parametrize("name", [LINKS, "admin:blog_post_snippets"])
def test_who_may_not_write_is_told_nothing(client_of, client, reader, name):
    for visitor in (client, client_of(reader)):
        answer = visitor.get(reverse(name))
        assert answer.status_code == 302 and not answer.content


def test_snippets_come_with_their_text(client_of, author):
    Snippet.objects.create(name="Correction", content_markdown="*Corrected.*")
    answer = client_of(author).get(reverse("admin:blog_post_snippets")).json()
    assert answer == {"snippets": [{"name": "Correction", "text": "*Corrected.*"}]}


def test_the_form_knows_the_tools(client_of, author):
    page = client_of(author).get(reverse("admin:blog_post_add")).content.decode()
    assert f'data-links="{reverse(LINKS)}?but="' in page
    assert f'data-snippets="{reverse("admin:blog_post_snippets")}"' in page
