"""The list of posts as a file: sensible columns, the rows of the list, and few questions whatever their number."""

import csv
import io
from datetime import UTC, datetime

import pytest

from blog import publishing, series
from blog.models import Category, Post, Series
from blog.taxonomy import save_category

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FILE = "/admin/blog/post/csv/"


def read(response) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_says_what_an_editor_wants_to_count(client_of, editor, publish, settings):
    bridges = save_category(Category(name="Bridges", parent=save_category(Category(name="Places"))))
    post = publish("=SUM(A1)", at=NOON, category=bridges, tags=["Zinc", "Ash, oak"])
    post.co_authors.add(editor)
    series.arrange(Series.objects.create(name="Ferries", slug="ferries"), [post.pk], by=editor)
    Post.objects.filter(pk=post.pk).update(view_count=7)
    (line,) = read(client_of(editor).get(FILE))
    assert line["Title"] == "'=SUM(A1)"
    assert line["Address"] == f"{settings.SITE_URL.rstrip('/')}{post.get_absolute_url()}"
    assert (line["Status"], line["Author"], line["Co-authors"]) == ("Published", "author", "editor")
    assert (line["Category"], line["Tags"], line["Series"]) == ("places/bridges", "Ash, oak, Zinc", "Ferries")
    assert (line["Words"], line["Views"]) == ("4", "7")
    assert datetime.fromisoformat(line["Published"]) == NOON
    assert line["Published"].endswith("+01:00")
    assert line["Scheduled"] == ""


def test_the_file_follows_tabs_filters_and_search(client_of, editor, write, publish):
    publishing.trash(write("Thrown away"), by=editor)
    write("Draft of a bridge")
    publish("A bridge")
    client = client_of(editor)

    def titles(query: str) -> set[str]:
        return {line["Title"] for line in read(client.get(FILE + query))}

    assert titles("") == {"Draft of a bridge", "A bridge"}
    assert titles("?state=trash") == {"Thrown away"}
    assert titles("?state=published&q=bridge&p=4") == {"A bridge"}


@pytest.mark.parametrize("number", [2, 70])
def test_the_questions_do_not_grow_with_the_posts(client_of, editor, author, number, django_assert_max_num_queries):
    Post.objects.bulk_create(
        Post(title=f"Post {n}", slug=f"post-{n}", author=author, content_markdown="x" * 5000) for n in range(number)
    )
    client = client_of(editor)
    client.get(FILE)
    with django_assert_max_num_queries(8) as captured:
        assert len(read(client.get(FILE))) == number
    assert not any("content_markdown" in query["sql"] for query in captured.captured_queries)
