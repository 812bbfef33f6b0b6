"""Translations beside the form of a post: seen, linked, begun and unlinked."""

import pytest
from django.urls import reverse

from blog import translations
from blog.models import Post
from tests.blog.admin_form import change_address, filled


def page_of(post: Post) -> str:
    return reverse("admin:blog_post_translations", args=[post.pk])


def said(response) -> list[str]:
    return [str(each) for each in response.context["messages"]]


def test_a_post_is_found_linked_shown_and_unlinked(client_of, editor, write):
    post, other = write("The harbour", content_language="en"), write("Der Hafen", content_language="de")
    write("Hafen twin", content_language="en")
    client = client_of(editor)
    page = client.get(page_of(post), {"find": "hafen"}).content.decode()
    assert f'name="link" value="{other.pk}"' in page
    assert page.count('name="link"') == 1
    assert said(client.post(page_of(post), {"link": other.pk}, follow=True)) == ["“Der Hafen” is linked."]
    assert "Der Hafen" in client.get(change_address(post)).content.decode()
    assert said(client.post(page_of(post), {"unlink": other.pk}, follow=True)) == [
        "“Der Hafen” is no longer a translation of these."
    ]
    post.refresh_from_db()
    assert post.translation_group is None


def test_a_translation_is_begun_with_one_button(client_of, author, write):
    post = write("The harbour", text="Boats.")
    response = client_of(author).post(page_of(post), {"start": "de"})
    draft = Post.objects.get(content_language="de")
    assert response.url == change_address(draft)
    assert (draft.content_markdown, draft.status, draft.author) == ("Boats.", "draft", author)


@pytest.mark.parametrize("sent", [{"link": "0"}, {"link": "²"}, {"unlink": "x"}, {"start": "x" * 99}])
def test_what_is_no_post_and_no_language_is_refused(client_of, editor, write, sent):
    post = write("The harbour")
    assert len(said(client_of(editor).post(page_of(post), sent, follow=True))) == 1
    assert Post.objects.count() == 1


def test_others_drafts_stay_unseen(client_of, author, editor, write):
    post, secret = write("The harbour"), write("Geheim", content_language="de", by=editor)
    translations.link(post, secret, by=editor)
    client = client_of(author)
    assert "Geheim" not in client.get(page_of(post), {"find": "geheim"}).content.decode()
    assert "Geheim" not in client.get(change_address(post)).content.decode()
    second = write("Mein Hafen", content_language="de")
    (refusal,) = said(client.post(page_of(post), {"link": second.pk}, follow=True))
    assert "another post" in refusal and "Geheim" not in refusal
    refused = client.post(change_address(post), filled(post, content_language="de")).content.decode()
    assert "is in Deutsch already" in refused and "Geheim" not in refused
    assert client.get(page_of(secret)).status_code == 404


def test_a_language_nobody_offers_is_kept_and_offered(client_of, editor, write):
    post = write("nuqneH", content_language="tlh")
    client = client_of(editor)
    assert '<option value="tlh" selected>tlh</option>' in client.get(change_address(post)).content.decode()
    client.post(change_address(post), filled(post, content_language="tlh", title="Qapla'"))
    post.refresh_from_db()
    assert (post.title, post.content_language) == ("Qapla'", "tlh")
