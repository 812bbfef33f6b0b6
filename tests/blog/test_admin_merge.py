"""A stale save: refused, never lost, put together on a page that needs no script."""

import html
import re

import pytest
from django.urls import reverse

from blog import publishing, writing
from blog.merging import MAX_CONFLICTS
from blog.models import Post, PostVersion
from tests.blog.admin_form import ADD, change_address, filled

THREE = "One.\n\nTwo.\n\nThree."


@pytest.fixture
def saved_by(editor):
    """Somebody else saves a newer version meanwhile."""

    def save(post: Post, **changes) -> Post:
        theirs = Post.objects.get(pk=post.pk)
        tags = changes.pop("tags", None)
        for name, value in changes.items():
            setattr(theirs, name, value)
        writing.save(theirs, by=editor, tags=tags)
        return theirs

    return save


def newest(post: Post) -> dict:
    return PostVersion.objects.filter(post=post).first().snapshot


def sent_by(page, **changes) -> dict:
    """What a browser sends of the merge page, with the choices made."""
    content = page.content.decode()
    fields: dict = {}
    for tag in re.findall(r"<input[^>]*type=\"(?:hidden|radio)\"[^>]*>", content.split("data-merge")[1]):
        name, value = (html.unescape(re.search(rf' {part}="([^"]*)"', tag)[1]) for part in ("name", "value"))
        if 'type="radio"' not in tag or " checked" in tag:
            fields.setdefault(name, []).append(value)
    fields.pop("csrfmiddlewaretoken", None)
    return {**fields, "_continue": "1", **changes}


def messages_of(client, post) -> str:
    return client.get(change_address(post)).content.decode()


def test_a_stale_save_is_answered_with_the_three_texts_and_saves_nothing(write, author, saved_by, client_of):
    post = write(text=THREE)
    saved_by(post, content_markdown="One.\n\nTwo, theirs.\n\nThree.")
    page = client_of(author).post(change_address(post), filled(post, content_markdown="One.\n\nTwo, mine.\n\nThree."))
    assert page.status_code == 409
    content = page.content.decode()
    for words in ("theirs", "mine", "Two.", "version 1", "version 2"):
        assert words in content
    post.refresh_from_db()
    assert (post.content_version, post.content_markdown) == (2, "One.\n\nTwo, theirs.\n\nThree.")


def test_what_does_not_overlap_is_saved_with_one_button(write, author, saved_by, client_of):
    post = write("Old title", text=THREE, tags=["Clocks"])
    fields = filled(post, content_markdown="One.\r\n\r\nTwo.\r\n\r\nThree, mine.", tags_text="Clocks, Mine")
    saved_by(post, content_markdown="One, theirs.\n\nTwo.\n\nThree.", title="New title", tags=["Clocks", "Theirs"])
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert page.status_code == 409
    assert "Nothing overlaps." in page.content.decode()
    assert "Save both together" in page.content.decode()
    assert client.post(change_address(post), sent_by(page)).status_code == 302
    post.refresh_from_db()
    assert (post.title, post.content_version) == ("New title", 3)
    assert post.content_markdown == "One, theirs.\n\nTwo.\n\nThree, mine."
    assert sorted(post.tags.names()) == ["Clocks", "Mine", "Theirs"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"_merge-text-0": "theirs"}, "One.\n\nTheirs.\n\nThree."),
        ({"_merge-text-0": "mine"}, "One.\n\nMine.\n\nThree."),
        ({"_merge-text-0": "both"}, "One.\n\nTheirs.\n\nMine.\n\nThree."),
        ({"_merge-text-0": "hand", "_merge_text-text-0": "By\r\nhand."}, "One.\n\nBy\nhand.\n\nThree."),
        ({"_merge_text-text-0": "Only typed."}, "One.\n\nOnly typed.\n\nThree."),
    ],
)
def test_each_choice_is_what_is_saved(write, author, saved_by, client_of, choice, expected):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One.\n\nMine.\n\nThree.")
    saved_by(post, content_markdown="One.\n\nTheirs.\n\nThree.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert client.post(change_address(post), sent_by(page, **choice)).status_code == 302
    post.refresh_from_db()
    assert post.content_markdown == expected
    assert post.content_version == (2 if choice.get("_merge-text-0") == "theirs" else 3)


def test_what_was_not_chosen_is_asked_again_with_what_was(write, author, saved_by, client_of):
    post = write("Old", text=THREE)
    fields = filled(post, title="My title", content_markdown="One, mine.\n\nTwo.\n\nThree, mine.")
    saved_by(post, title="Their title", content_markdown="One, theirs.\n\nTwo.\n\nThree, theirs.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    again = client.post(change_address(post), sent_by(page, **{"_merge-title": "mine", "_merge-text-1": "theirs"}))
    assert again.status_code == 409
    assert "still to be chosen" in again.content.decode()
    assert again.content.decode().count("lp-undecided") == 1
    assert client.post(change_address(post), sent_by(again, **{"_merge-text-0": "both"})).status_code == 302
    post.refresh_from_db()
    assert post.title == "My title"
    assert post.content_markdown == "One, theirs.\n\nOne, mine.\n\nTwo.\n\nThree, theirs."


def test_fields_of_every_kind_come_over(write, editor, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown=f"{THREE}\n\nMine.", meta_title="Mine")
    saved_by(post, noindex=True, excerpt="Theirs.", geo_target_country="GB", table_of_contents_enabled=False)
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert client.post(change_address(post), sent_by(page)).status_code == 302
    post.refresh_from_db()
    assert (post.noindex, post.table_of_contents_enabled, post.meta_title) == (True, False, "Mine")
    assert (post.excerpt, post.geo_target_country) == ("Theirs.", "GB")
    assert post.content_markdown == f"{THREE}\n\nMine."


def test_a_third_save_in_between_is_asked_again_and_nothing_is_lost(write, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.")
    saved_by(post, content_markdown="One.\n\nTwo, theirs.\n\nThree.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    saved_by(post, content_markdown="One, third.\n\nTwo, theirs.\n\nThree, third.")
    again = client.post(change_address(post), sent_by(page))
    assert again.status_code == 409
    assert client.post(change_address(post), sent_by(again, **{"_merge-text-0": "both"})).status_code == 302
    post.refresh_from_db()
    assert post.content_markdown == "One, third.\n\nOne, mine.\n\nTwo, theirs.\n\nThree, third."


def test_the_pressed_step_is_kept(write, editor, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.", _step="publish")
    del fields["_continue"]
    saved_by(post, content_markdown="One.\n\nTwo, theirs.\n\nThree.")
    client = client_of(editor)
    page = client.post(change_address(post), fields)
    assert page.status_code == 409
    assert 'name="_step" value="publish"' in page.content.decode()
    post.refresh_from_db()
    assert not post.is_public
    pressed = sent_by(page, _step="publish")
    del pressed["_continue"]
    assert client.post(change_address(post), pressed).status_code == 302
    post.refresh_from_db()
    assert post.is_public
    assert post.content_markdown == "One, mine.\n\nTwo, theirs.\n\nThree."


def test_at_a_live_post_the_waiting_versions_are_put_together(publish, author, saved_by, client_of):
    post = publish(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.")
    saved_by(post, content_markdown="One.\n\nTwo.\n\nThree, theirs.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert client.post(change_address(post), sent_by(page)).status_code == 302
    post.refresh_from_db()
    assert post.content_markdown == THREE
    assert newest(post)["content_markdown"] == "One, mine.\n\nTwo.\n\nThree, theirs."


def test_a_version_that_changed_nothing_asks_nothing(write, author, editor, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.")
    publishing.publish(Post.objects.get(pk=post.pk), by=editor)
    assert client_of(author).post(change_address(post), fields).status_code == 302
    assert newest(post)["content_markdown"] == "One, mine.\n\nTwo.\n\nThree."


def test_the_same_save_sent_twice_asks_nothing(write, author, client_of):
    post = write(text=THREE)
    client, fields = client_of(author), filled(post, content_markdown="Twice.")
    assert client.post(change_address(post), fields).status_code == 302
    assert client.post(change_address(post), fields).status_code == 302
    post.refresh_from_db()
    assert (post.content_version, post.content_markdown) == (2, "Twice.")


def test_who_changed_nothing_is_shown_the_newest(write, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post)
    saved_by(post, content_markdown="Theirs.")
    client = client_of(author)
    assert client.post(change_address(post), fields).status_code == 302
    assert "You had changed nothing, so nothing was saved." in messages_of(client, post)
    post.refresh_from_db()
    assert (post.content_version, post.content_markdown) == (2, "Theirs.")


@pytest.mark.parametrize("base", ["", "0", "99", "1" * 18])
def test_an_unknown_beginning_asks_for_every_difference(write, author, saved_by, client_of, base):
    post = write(text=THREE)
    fields = filled(post, base_version=base, content_markdown=f"{THREE}\n\nMine.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert page.status_code == 409
    assert client.post(change_address(post), sent_by(page, **{"_merge-text-0": "both"})).status_code == 302
    post.refresh_from_db()
    assert post.content_markdown == f"{THREE}\n\nMine."


def test_errors_of_the_form_come_first_and_the_merge_after(write, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.", title="")
    saved_by(post, content_markdown="One, theirs.\n\nTwo.\n\nThree.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert page.status_code == 200
    assert 'name="base_version" value="1"' in page.content.decode()
    assert client.post(change_address(post), fields | {"title": "A title"}).status_code == 409


def test_a_restored_field_the_writer_may_not_decide_stays_theirs(write, author, saved_by, client_of):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.")
    saved_by(post, is_featured=True)
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert client.post(change_address(post), sent_by(page)).status_code == 302
    post.refresh_from_db()
    assert post.is_featured
    assert post.content_markdown == "One, mine.\n\nTwo.\n\nThree."


def test_texts_are_shown_as_text(write, author, saved_by, client_of):
    post = write(text="One.")
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    fields = filled(post, content_markdown=f"Mine {evil}", title=f"Mine {evil}")
    saved_by(post, content_markdown=f"Theirs {evil}", title=f"Theirs {evil}")
    content = client_of(author).post(change_address(post), fields).content.decode()
    assert "<script>alert" not in content
    assert "<img src=x" not in content


def test_hundreds_of_conflicts_fit_one_form(write, author, saved_by, client_of):
    text = "\n\n".join(f"Paragraph {number}." for number in range(400))
    post = write(text="\n\n".join(f"{part}\n\nStays." for part in text.split("\n\n")))
    fields = filled(post, content_markdown=post.content_markdown.replace("graph", "graph (mine)"))
    saved_by(post, content_markdown=post.content_markdown.replace("graph", "graph (theirs)"))
    client = client_of(author)
    page = client.post(change_address(post), fields)
    asked = {f"_merge-text-{number}": "both" for number in range(MAX_CONFLICTS)}
    assert client.post(change_address(post), sent_by(page, **asked)).status_code == 302
    post.refresh_from_db()
    for number in range(400):
        assert f"Paragraph (mine) {number}." in post.content_markdown
        assert f"Paragraph (theirs) {number}." in post.content_markdown


def test_a_megabyte_is_put_together(write, author, saved_by, client_of):
    text = "\n\n".join(f"{number} {'words ' * 30}." for number in range(5_000))
    post = write(text=text)
    fields = filled(post, content_markdown=f"Mine.\n\n{text}")
    saved_by(post, content_markdown=f"{text}\n\nTheirs.")
    client = client_of(author)
    page = client.post(change_address(post), fields)
    assert client.post(change_address(post), sent_by(page)).status_code == 302
    post.refresh_from_db()
    assert post.content_markdown == f"Mine.\n\n{text}\n\nTheirs."


# --- odd input, rights ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("odd", ["", "0", "-1", "999", "x", "9" * 40, "1"])
def test_a_forged_merge_overwrites_nothing(write, author, saved_by, client_of, odd):
    post = write(text=THREE)
    fields = filled(post, content_markdown="One, mine.\n\nTwo.\n\nThree.")
    saved_by(post, content_markdown="One, theirs.\n\nTwo.\n\nThree.")
    forged = {"_merge_theirs": odd, "_merge-text-0": "nonsense", "_merge-text-x": "mine", "_merge-title": "hand"}
    assert client_of(author).post(change_address(post), fields | forged).status_code == 409
    post.refresh_from_db()
    assert post.content_markdown == "One, theirs.\n\nTwo.\n\nThree."


def test_nobody_merges_at_anothers_post(write, author, editor, client_of):
    post = write(by=editor, text="Secret words.")
    fields = filled(post, content_markdown="Mine.", _merge_theirs="1", base_version="0")
    for extra in ({}, {"_merge-text-0": "mine"}):
        page = client_of(author).post(change_address(post), fields | extra)
        assert page.status_code == 404
        assert "Secret words." not in page.content.decode()
    post.refresh_from_db()
    assert post.content_version == 1


# --- gone ------------------------------------------------------------------------------------------------------------
def test_a_post_deleted_meanwhile_keeps_the_text_and_can_be_saved_anew(write, author, client_of):
    post = write("The gun", text=THREE, tags=["Clocks"])
    fields = filled(post, content_markdown="Everything I <wrote>.", _step="publish")
    address = change_address(post)
    Post.objects.filter(pk=post.pk).delete()
    client = client_of(author)
    page = client.post(address, fields)
    assert page.status_code == 404
    content = page.content.decode()
    assert "Everything I &lt;wrote&gt;." in content
    carried = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', content.split("lp-gone")[1])
    anew = {name: html.unescape(value) for name, value in carried if name != "csrfmiddlewaretoken"}
    assert "_step" not in anew
    assert client.post(reverse(ADD), anew | {"_continue": "1"}).status_code == 302
    saved = Post.objects.get()
    assert (saved.title, saved.content_markdown, saved.status) == ("The gun", "Everything I <wrote>.", "draft")
    assert list(saved.tags.names()) == ["Clocks"]


def test_looking_at_a_post_that_is_gone_is_just_not_found(admin, client_of):
    page = client_of(admin).get(reverse("admin:blog_post_change", args=[999]))
    assert page.status_code == 404
    assert "lp-gone" not in page.content.decode()
