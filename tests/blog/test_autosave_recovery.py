"""What was typed and not saved is offered again, compared, gone on with or discarded."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog import autosave, publishing, writing
from blog.models import Autosave, Category, Post
from blog.taxonomy import save_category
from tests.blog.admin_form import ADD, change_address, filled
from tests.blog.conftest import NOON

pytestmark = pytest.mark.django_db


def typed(user, post=None, *, key="", **fields):
    """An unsaved text; returns its key."""
    key = key or (f"post:{post.pk}:a" if post else "new:a")
    base = post.content_version if post else None
    autosave.keep(user, key, fields, base_version=base, sequence=1, at=NOON)
    return key


def compare(key):
    return reverse("admin:blog_post_unsaved_text", args=[key])


def go_on(key):
    return reverse("admin:blog_post_unsaved_write", args=[key])


def text(page):
    return page.content.decode()


def test_the_form_offers_a_newer_text_with_its_time(author, write, client_of):
    post = write(text="As it was saved.")
    key = typed(author, post, title=post.title, content_markdown="As it was typed on.")
    page = text(client_of(author).get(change_address(post)))
    assert "not saved" in page and "4 May 2026, 13:00:00" in page  # noon in London's summer time
    assert "… typed on." in page
    assert compare(key) in page and go_on(key) in page


def test_a_text_that_says_nothing_new_is_not_offered_and_forgotten(author, write, client_of):
    post = write(text="Two\n\nparagraphs.", tags=["Guns"])
    same = {"title": post.title, "content_markdown": "Two\r\n\r\nparagraphs.", "tags_text": "Guns"}
    typed(author, post, **same, base_version="0", table_of_contents_enabled="on")
    page = client_of(author).get(change_address(post))
    assert "lp-unsaved" not in text(page)
    assert not Autosave.objects.exists()


def test_nobody_is_offered_anothers_text(author, editor, admin, write, client_of):
    post = write()
    key = typed(author, post, content_markdown="Between me and my desk.")
    for person in (editor, admin):
        client = client_of(person)
        assert "Between me" not in text(client.get(change_address(post)))
        assert "Between me" not in text(client.get(reverse("admin:blog_post_unsaved")))
        assert [client.get(compare(key)).status_code, client.get(go_on(key)).status_code] == [404, 404]
        assert client.post(compare(key)).status_code == 404
    assert autosave.newest(author, key) is not None


def test_readers_and_strangers_see_none_of_the_pages(author, reader, client, client_of):
    key = typed(author, content_markdown="Mine.")
    for address in (compare(key), go_on(key), reverse("admin:blog_post_unsaved")):
        assert client.get(address).status_code == 302
        assert client_of(reader).get(address).status_code == 302


def test_the_comparison_marks_what_differs(author, write, client_of):
    post = write("The noon gun", text="One shot at noon.\n\nNothing else.")
    key = typed(author, post, title="The noon guns", content_markdown="Two shots at noon.\n\nNothing else.")
    page = text(client_of(author).get(compare(key)))
    assert "<del>gun</del>" in page and "<ins>guns</ins>" in page
    assert "<ins>Two shots</ins>" in page
    assert "1 paragraph unchanged" in page and "Nothing else" not in page


def test_the_comparison_names_choices_in_words(author, write, client_of):
    places = save_category(Category(name="Places"))
    post = write()
    fields = {"title": post.title, "content_markdown": post.content_markdown}
    key = typed(author, post, **fields, category=str(places.pk), noindex="on", content_language="de")
    page = text(client_of(author).get(compare(key)))
    assert "Places" in page and "Yes" in page
    assert "slug_suggested" not in page and ">Text<" not in page


def test_typed_markup_is_shown_and_never_run(author, write, client_of):
    post = write()
    key = typed(author, post, title="<script>alert(1)</script>", content_markdown="<img src=x onerror=alert(1)>")
    client = client_of(author)
    for address in (change_address(post), compare(key), go_on(key), reverse("admin:blog_post_unsaved")):
        page = text(client.get(address))
        assert "<script>alert" not in page and "<img src=x" not in page


def test_going_on_puts_everything_back_into_the_form(author, write, client_of):
    places = save_category(Category(name="Places"))
    post = write("Saved title", tags=["Guns"])
    key = typed(
        author,
        post,
        title="Typed title",
        content_markdown="Typed words.",
        category=str(places.pk),
        tags_text="Guns, Clocks",
        noindex="on",
        content_language="de",
    )
    page = client_of(author).get(go_on(key))
    form = page.context["adminform"].form
    shown = {name: form[name].value() for name in ("title", "content_markdown", "category", "tags_text", "noindex")}
    assert shown == {
        "title": "Typed title",
        "content_markdown": "Typed words.",
        "category": str(places.pk),
        "tags_text": "Guns, Clocks",
        "noindex": True,
    }
    assert form["table_of_contents_enabled"].value() is False  # a box that was unticked sends nothing
    assert f'action="{change_address(post)}"' in text(page)
    assert page.context["autosave"]["key"] == key
    post.refresh_from_db()
    assert post.title == "Saved title"


def test_a_text_taken_up_and_saved_is_a_version_like_any_other(
    author, write, client_of, django_capture_on_commit_callbacks
):
    post, client = write(text="Before."), client_of(author)
    key = typed(author, post, title=post.title, content_markdown="After.")
    form = client.get(go_on(key)).context["adminform"].form
    sent = filled(post, content_markdown=form["content_markdown"].value(), autosave_key=key)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(change_address(post), sent)
    post.refresh_from_db()
    assert (post.content_markdown, post.content_version) == ("After.", 2)
    assert autosave.newest(author, key) is None


def test_a_text_begun_from_an_older_version_keeps_saying_so(author, editor, write, client_of):
    post = write(text="First.")
    key = typed(author, post, title=post.title, content_markdown="Mine.")
    post.content_markdown = "The editor's."
    writing.save(post, by=editor)
    client = client_of(author)
    assert "version 2 was saved since" in text(client.get(compare(key)))
    assert str(client.get(go_on(key)).context["adminform"].form["base_version"].value()) == "1"


def test_discarding_asks_for_a_post_request(author, write, client_of, django_capture_on_commit_callbacks):
    post, client = write(), client_of(author)
    key = typed(author, post, content_markdown="Not wanted.")
    client.get(compare(key))
    assert autosave.newest(author, key) is not None
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(compare(key))
    assert answer["Location"] == change_address(post)
    assert autosave.newest(author, key) is None
    assert client.post(go_on(key)).status_code == 405


def test_drafts_never_saved_are_offered_on_the_new_post_page(author, write, client_of):
    typed(author, key="new:a", title="First idea", content_markdown="How it begins and goes on.")
    typed(author, key="new:b", title="", content_markdown="Only words.")
    typed(author, write(), content_markdown="Of another post.")
    page = text(client_of(author).get(reverse(ADD)))
    assert "2 texts here that were not saved" in page
    assert "First idea" in page and "How it begins and goes on." in page and "Without a title" in page
    assert "Of another post." not in page


def test_of_many_texts_the_newest_is_open_and_the_others_are_folded(author, client_of):
    for number in range(4):
        typed(author, key=f"new:{number}", title=f"Idea {number}", content_markdown="Words.")
    page = text(client_of(author).get(reverse(ADD)))
    assert "3 older</summary>" in page
    assert page.count("Go on with this text") == 4


def test_an_unfinished_draft_is_gone_on_with_and_saved(author, client_of, django_capture_on_commit_callbacks):
    key = typed(author, key="new:a", title="First idea", content_markdown="How it begins.")
    client = client_of(author)
    page = client.get(go_on(key))
    assert page.context["adminform"].form["title"].value() == "First idea"
    assert f'action="{reverse(ADD)}"' in text(page)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse(ADD), filled(title="First idea", content_markdown="How it begins.", autosave_key=key))
    assert Post.objects.get().title == "First idea"
    assert "lp-unsaved" not in text(client.get(reverse(ADD)))


def test_the_text_of_a_post_that_is_gone_goes_on_as_a_new_one(author, write, client_of):
    post = write()
    key = typed(author, post, title="Still mine", content_markdown="Still here.")
    Autosave.objects.update(post=None)
    post.delete()
    client = client_of(author)
    assert "Still mine" in text(client.get(reverse(ADD)))
    assert "not there any more" in text(client.get(compare(key)))
    page = client.get(go_on(key), follow=True)
    assert page.context["adminform"].form["title"].value() == "Still mine"
    assert page.context["autosave"]["key"].startswith("new:")
    assert Autosave.objects.count() == 1


def test_the_text_of_a_post_that_is_no_longer_theirs_shows_nothing_of_it(author, editor, write, client_of):
    post = write("Once mine", text="The editor's secret.")
    key = typed(author, post, title="Typed", content_markdown="Typed.")
    Post.objects.update(author=editor)
    page = text(client_of(author).get(compare(key)))
    assert "Typed." in page
    assert "secret" not in page and "Once mine" not in page


def test_a_live_post_is_compared_with_its_newest_version_not_with_what_readers_see(author, editor, write, client_of):
    post = write(text="Public.")
    publishing.publish(post, by=editor)
    post.refresh_from_db()
    post.content_markdown = "Waiting to be brought out."
    writing.save(post, by=editor)
    key = typed(editor, post, title=post.title, content_markdown="Waiting to be brought out. Typed on.")
    page = text(client_of(editor).get(compare(key)))
    assert "Typed on." in page and "Public." not in page


@pytest.mark.parametrize("key", ["post:1", "new:unknown", "nonsense", "post:999999999999999999", "new:%00"])
def test_pages_of_no_text_are_absent(author, client_of, key):
    client = client_of(author)
    assert client.get(f"/admin/blog/post/unsaved/{key}/").status_code == 404
    assert client.get(f"/admin/blog/post/unsaved/{key}/write/").status_code == 404


def test_the_list_of_one_post_is_only_for_who_may_change_it(author, editor, write, client_of):
    hers = write(by=editor)
    address = reverse("admin:blog_post_unsaved")
    assert client_of(author).get(address, {"of": hers.pk}).status_code == 404
    assert client_of(editor).get(address, {"of": hers.pk}).status_code == 200


def test_the_form_asks_for_unsaved_texts_with_one_query(author, write, client_of):
    post, client = write(), client_of(author)
    client.get(change_address(post))

    with CaptureQueriesContext(connection) as queries:
        client.get(change_address(post))
    assert sum("blog_autosave" in query["sql"] for query in queries.captured_queries) == 1
