"""What no browser of ours sends: ids that are none, addresses that are none, hours that are none."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from blog.models import Post, Redirect
from tests.blog.admin_form import ADD, change_address, filled

pytestmark = pytest.mark.django_db
HUGE = "9" * 23


def errors(response):
    return response.context["adminform"].form.errors


@pytest.mark.parametrize(
    "field", ["pillar_post", "featured_image", "category", "author", "co_authors", "topic_cluster"]
)
@pytest.mark.parametrize("value", [HUGE, "x", "-1", "²"])
def test_a_choice_that_is_no_id_is_an_error_of_its_field(client_of, editor, write, field, value):
    post = write("Kept")
    response = client_of(editor).post(change_address(post), filled(post, author=post.author_id) | {field: value})
    assert response.status_code == 200
    assert field in errors(response)
    assert Post.objects.get().content_version == 1


@pytest.mark.parametrize("query", [f"author={HUGE}", "author=x", f"category={HUGE}", "state=x", "tag=%00", "p=x"])
def test_a_list_asked_for_nonsense_answers(client_of, editor, write, query):
    write()
    assert client_of(editor).get(f"/admin/blog/post/?{query}", follow=True).status_code == 200


@pytest.mark.parametrize("number", ["9" * 5000, HUGE, "²", "٣", "x"])
def test_the_checks_and_the_preview_pass_over_what_is_no_id(client_of, author, number):
    browser, typed = client_of(author), {"title": "The noon gun", "content_markdown": "It fires."}
    related = dict.fromkeys(("featured_image", "og_image", "category"), number)
    for name in ("checks", "preview"):
        address = reverse(f"admin:blog_post_{name}")
        assert browser.post(f"{address}?post={number}", typed | related).status_code == 200
    assert browser.get(reverse("admin:blog_post_preview"), {"post": number}).status_code == 200


def test_bulk_steps_pass_over_what_is_no_id(client_of, editor, write):
    post = write()
    data = {"action": "trash", "_selected_action": ["x", HUGE, str(post.pk)]}
    assert client_of(editor).post("/admin/blog/post/", data, follow=True).status_code == 200


@pytest.mark.parametrize("address", ["https://[::1", "http://example.org", "//example.org", "javascript:alert(1)"])
def test_a_redirect_to_no_address_is_refused(client_of, editor, address):
    data = {"old_path": "/old/", "new_path": address, "type": 301}
    response = client_of(editor).post(reverse("admin:blog_redirect_add"), data)
    assert "new_path" in errors(response)
    assert not Redirect.objects.exists()


@pytest.mark.parametrize("path", ["/", "/admin/x/", "/static/x.css"])
def test_a_redirect_that_would_never_be_asked_for_is_refused(client_of, editor, path):
    data = {"old_path": path, "new_path": "/about/", "type": 301}
    response = client_of(editor).post(reverse("admin:blog_redirect_add"), data)
    assert "never asks for redirects" in str(errors(response))
    assert not Redirect.objects.exists()


def test_a_draft_of_somebody_else_is_no_pillar(client_of, author, editor, write):
    secret, mine = write("Secret draft", by=editor), write("Mine", by=author)
    response = client_of(author).post(change_address(mine), filled(mine, pillar_post=secret.pk))
    assert "pillar_post" in errors(response)
    assert "Secret draft" not in response.content.decode()
    assert Post.objects.get(pk=mine.pk).pillar_post is None


@time_machine.travel(datetime(2026, 1, 5, tzinfo=UTC), tick=False)
def test_the_hour_left_out_in_spring_is_refused_by_name(client_of, editor):
    data = filled(scheduled_at="2026-03-29T01:30", _step="schedule")
    response = client_of(editor).post(reverse(ADD), data)
    assert "There is no 01:30 on that day in Europe/London" in str(errors(response))
    assert not Post.objects.exists()


@time_machine.travel(datetime(2026, 1, 5, tzinfo=UTC), tick=False)
def test_the_hour_that_comes_twice_in_autumn_is_taken_the_first_time(client_of, editor):
    client_of(editor).post(reverse(ADD), filled(scheduled_at="2026-10-25T01:30", _step="schedule"))
    assert Post.objects.get().scheduled_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
