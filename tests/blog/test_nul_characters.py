"""A character nobody types and PostgreSQL does not keep is left out of whatever a form or an address brings."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from blog import versions, writing
from blog.models import GateOverride, PostVersion, PreviewLink
from tests.blog.admin_form import change_address, filled

pytestmark = pytest.mark.django_db


def test_the_name_of_a_preview_link(client_of, author, write):
    post = write()
    response = client_of(author).post(
        reverse("admin:blog_post_preview_links", args=[post.pk]), {"name": "Ag\0nes", "days": "7", "version": "1"}
    )
    assert response.status_code < 400
    assert PreviewLink.objects.get().name == "Agnes"


def test_the_name_of_a_version(client_of, author, write):
    post = write()
    client_of(author).post(reverse("admin:blog_post_name_version", args=[post.pk, 1]), {"name": "As s\0ent"})
    assert PostVersion.objects.get().name == "As sent"


def test_the_note_of_a_step(client_of, editor, publish):
    post = publish()
    post.title = "Another"
    writing.save(post, by=editor)
    waiting = str(versions.latest(post).number)
    step = reverse("admin:blog_post_step", args=[post.pk, "discard"])
    client_of(editor).post(step, {"note": "Not \0now", "seen": waiting})
    assert versions.latest(post).reason == "Not now"


def test_the_reason_to_go_over_a_check(client_of, editor, write):
    post = write(text="See [there](/blog/nowhere/).")
    browser = client_of(editor)
    data = filled(post, _step="publish", override_reason="It \0comes")
    assert browser.post(change_address(post), data).status_code == 302
    assert GateOverride.objects.get().reason == "It comes"


def test_the_note_to_a_reviewer(client_of, author, write):
    post = write()
    browser = client_of(author)
    data = filled(post, _step="submit", review_note="Look\0 here")
    assert browser.post(change_address(post), data).status_code == 302
    assert post.review_requests.get().note == "Look here"


@pytest.mark.parametrize("address", ["admin:blog_post_versions", "admin:blog_post_compare"])
def test_what_stands_in_an_address(client_of, author, write, address):
    post = write()
    query = urlencode({"kind": "sa\0ve", "view": "\0source", "fr\0om": "\0001", "person": "\0"})
    response = client_of(author).get(reverse(address, args=[post.pk]) + f"?{query}")
    assert response.status_code == 200


def test_everything_else_is_left_as_it_was(client_of, author, write):
    post = write()
    browser = client_of(author)
    text = "One\r\n\ttwo \u200f\ufeff\U0001f517 \u0085 \x1f"
    browser.post(reverse("admin:blog_post_name_version", args=[post.pk, 1]), {"name": "a\ufeffb"})
    assert PostVersion.objects.get().name == "a\ufeffb"
    answer = browser.post(reverse("admin:blog_post_preview"), {"content_markdown": f"{text}\0"})
    assert "\U0001f517" in answer.json()["html"]
