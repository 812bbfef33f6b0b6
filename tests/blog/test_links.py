"""The index of links between pages: kept with every text, read for who links where and what nobody links to."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from blog import links, publishing, redirects, writing
from blog.arriving import Arrival, add, prepare
from blog.models import Post, PostLink
from tests.blog.conftest import NOON


def kept(post: Post) -> list[str]:
    return sorted(post.links.values_list("path", flat=True))


def titles(posts) -> set[str]:
    return {post.title for post in posts}


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/blog/a/", "/blog/a/"),
        ("/blog/a", "/blog/a/"),
        ("//localhost:8000/blog/a/", "/blog/a/"),
        ("http://LOCALHOST:8000/blog/a/?x=1#y", "/blog/a/"),
        ("a/", "/blog/base/a/"),
        ("../a/", "/blog/a/"),
        ("?page=2", "/blog/base/"),
        ("/blog/%E7%81%AF%E5%A1%94/", "/blog/灯塔/"),
        ("/?p=397", "/?p=397"),
        ("/?utm=1", "/"),
        ("#part", None),
        ("", None),
        ("mailto:a@example.org", None),
        ("https://example.org/blog/a/", None),
        ("javascript:alert(1)", None),
        ("http://[bad", None),
    ],
)
def test_an_address_is_one_path_however_it_is_written(href, path):
    assert links.path_of(href, "/blog/base/") == path


def test_a_saved_text_is_indexed_and_a_changed_one_anew(write, author):
    post = write(text="[a](/blog/a/) [again](/blog/a/#x) [b](b/) [far](https://example.org/) `[c](/c/)`")
    assert kept(post) == ["/blog/a/", f"/blog/{post.slug}/b/"]
    before = dict(post.links.values_list("path", "pk"))
    post.content_markdown = "[a](/blog/a/) [d](/d/)"
    writing.save(post, by=author)
    assert kept(post) == ["/blog/a/", "/d/"]
    assert dict(post.links.values_list("path", "pk"))["/blog/a/"] == before["/blog/a/"]


def test_a_save_that_leaves_the_text_asks_the_index_nothing(write, author, django_assert_max_num_queries):
    post = write(text="[a](/blog/a/)")
    post.title = "Another"
    with django_assert_max_num_queries(40) as asked:
        writing.save(post, by=author)
    assert not [query for query in asked.captured_queries if "blog_postlink" in query["sql"]]


def test_the_index_says_what_readers_see_until_changes_are_brought_out(publish, editor):
    for name in "AB":
        publish(name)
    post = publish(text="[a](/blog/a/)")
    post.content_markdown = "[b](/blog/b/)"
    writing.save(post, by=editor)
    assert kept(post) == ["/blog/a/"]
    publishing.update(post, by=editor)
    assert kept(post) == ["/blog/b/"]


def test_imported_posts_are_indexed_in_few_questions(author, django_assert_max_num_queries):
    posts = [
        Post(title=f"P {n}", slug=f"p-{n}", author=author, content_markdown=f"[a](/blog/p-{n + 1}/)") for n in range(9)
    ]
    arrivals = [Arrival(post, "published", NOON, NOON, published_at=NOON) for post in posts]
    for arrival in arrivals:
        prepare(arrival)
    with django_assert_max_num_queries(22):
        add(arrivals, at=NOON)
    assert PostLink.objects.count() == 9


def test_posts_from_before_the_index_are_taken_in_by_the_migration(write):
    posts = [write(text="[a](/blog/a/) [b](b/)"), write(text="[c](c/)", kind="page")]
    before = [kept(post) for post in posts]
    PostLink.objects.all().delete()
    migration = importlib.import_module("blog.migrations.0007_index_links")
    migration.index_links(apps, SimpleNamespace(connection=connection))
    assert [kept(post) for post in posts] == before


def test_who_links_here_are_live_pages_by_any_of_its_addresses(publish, write):
    target = publish("Target")
    redirects.remember_post("/old/target/", target)
    publish("By name", text="[t](/blog/target/)")
    publish("By old address", text="[t](/old/target/)")
    publish("A page", kind="page", text="[t](/blog/target)")
    write("A draft", text="[t](/blog/target/)")
    assert titles(links.linking_to(target)) == {"By name", "By old address", "A page"}


def test_orphans_are_live_and_linked_by_nothing_live_but_themselves(publish, write):
    publish("Linked")
    publish("Linker", text="[l](/blog/linked/)")
    publish("About", kind="page", text="[self](/about/)")
    moved = publish("Moved")
    redirects.remember_post("/2019/moved/", moved)
    publish("Pointer", text="[m](/2019/moved/) [p](/blog/linker/)")
    publish("Lonely", text="[self](/blog/lonely/)")
    write("Draft", text="[l](/blog/lonely/) [d](/blog/draft/)")
    assert titles(links.orphans()) == {"About", "Pointer", "Lonely"}


def test_the_list_of_orphans_shows_what_somebody_may_work_on(client_of, author, editor, reader, publish):
    publish("Mine")
    publish("Theirs", by=editor)
    page = client_of(author).get(reverse("admin:blog_post_orphans")).content.decode()
    assert "Mine" in page
    assert "Theirs" not in page
    assert "Theirs" in client_of(editor).get(reverse("admin:blog_post_orphans")).content.decode()
    assert client_of(reader).get(reverse("admin:blog_post_orphans")).status_code == 302


def test_the_list_of_orphans_asks_few_questions(client_of, editor, publish, django_assert_max_num_queries):
    for _ in range(20):
        publish()
    client = client_of(editor)
    client.get(reverse("admin:blog_post_orphans"))
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:blog_post_orphans"))
