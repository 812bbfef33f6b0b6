"""The form of a live post: saved in private, brought out by its own buttons."""

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from blog import pending
from blog.models import Post
from tests.blog.admin_form import change_address, filled


@pytest.fixture
def live(publish):
    return publish("First title", text="First words.", tags=["old"])


def send(client, post, **changes):
    return client.post(change_address(post), filled(post, **changes), follow=True).content.decode()


def form_of(client, post):
    return html.unescape(client.get(change_address(post)).content.decode())


def test_saving_says_that_readers_do_not_see_it(client_of, editor, live):
    page = send(client_of(editor), live, title="Second title", tags_text="new")
    assert "Readers see version 2" in page
    assert Post.objects.get(pk=live.pk).title == "First title"


def test_the_form_goes_on_with_what_waits(client_of, editor, live):
    client = client_of(editor)
    send(client, live, title="Second title", tags_text="new, other", content_markdown="Second words.")
    page = form_of(client, live)
    assert ">\nSecond title</textarea>" in page
    assert 'value="new, other"' in page
    assert "Second words." in page


def test_update_now_saves_first(client_of, editor, live):
    page = send(client_of(editor), live, title="Second title", _step="update")
    assert "Readers of “First title”" not in page
    assert Post.objects.get(pk=live.pk).title == "Second title"
    assert "Second title" in Client().get(live.get_absolute_url()).content.decode()


def test_update_then_needs_a_time_and_keeps_it(client_of, editor, live):
    client = client_of(editor)
    page = send(client, live, title="Second title", _step="plan_update")
    assert "Choose the day and the time it goes live." in page
    when = timezone.localtime(timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    send(client, live, title="Second title", _step="plan_update", scheduled_at=when.strftime("%Y-%m-%dT%H:%M"))
    assert pending.change_of(live).go_live_at == when
    assert when.strftime("%Y-%m-%dT%H:%M") in form_of(client, live)


def test_discarding_asks_first(client_of, editor, live):
    client = client_of(editor)
    send(client, live, title="Second title")
    page = reverse("admin:blog_post_step", args=[live.pk, "discard"])
    assert "Discard the changes" in client.get(page).content.decode()
    assert pending.change_of(live)
    client.post(page)
    assert pending.change_of(live) is None


def test_discarding_names_what_is_dropped_and_drops_nothing_newer(client_of, editor, live):
    client = client_of(editor)
    when = timezone.localtime(timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
    send(client, live, title="Second title", _step="plan_update", scheduled_at=when.strftime("%Y-%m-%dT%H:%M"))
    address = reverse("admin:blog_post_step", args=[live.pk, "discard"])
    compare = reverse("admin:blog_post_compare", args=[live.pk])
    for page in (html.unescape(client.get(address).content.decode()), form_of(client, live)):
        assert "Dropped is version 3" in page
        assert f"{when:%H:%M}" in page
        assert f"{compare}?from=2&to=3" in page
        assert '<input type="hidden" name="seen" value="3">' in page
    for nothing in ("archive", "trash"):
        assert "Dropped is version" not in client.get(address.replace("discard", nothing)).content.decode()
    send(client, live, title="Third title", base_version=3)
    answer = client.post(address, {"seen": "3"}, follow=True)
    assert "saved version 4" in answer.content.decode()
    assert pending.change_of(live).version.number == 4
    client.post(address, {"seen": "4"})
    assert pending.change_of(live) is None


def test_an_author_saves_and_submits_but_cannot_update(client_of, author, live):
    client = client_of(author)
    page = form_of(client, live)
    assert 'value="submit"' in page and 'value="update"' not in page
    send(client, live, title="Second title", author="", _step="update")
    assert Post.objects.get(pk=live.pk).title == "First title"
    send(client, live, title="Second title", author="", base_version=3, _step="submit")
    assert live.review_requests.get().version.number == 3


def test_the_list_shows_that_changes_wait(client_of, editor, live):
    client = client_of(editor)
    assert "state=changes" not in client.get(reverse("admin:blog_post_changelist")).content.decode()
    send(client, live, title="Second title")
    page = client.get(reverse("admin:blog_post_changelist")).content.decode()
    assert "Changes wait" in page
    assert "First title" in client.get(reverse("admin:blog_post_changelist") + "?state=changes").content.decode()


def test_the_way_to_the_site_is_the_live_address(client_of, editor, live):
    client = client_of(editor)
    send(client, live, slug="second")
    page = form_of(client, live)
    assert 'href="/blog/first-title/"' in page
    assert 'href="/blog/second/"' not in page


def test_a_form_sent_back_untouched_changes_nothing(client_of, editor, publish):
    paragraphs = "First words.\n\nSecond words.\n\n- one\n- two"
    live = publish("Clocks", text=paragraphs, excerpt="Two\nlines.")
    sent = filled(live, author=live.author_id, excerpt=live.excerpt)
    as_browsers_do = {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else value for name, value in sent.items()
    }
    page = client_of(editor).post(change_address(live), as_browsers_do, follow=True).content.decode()
    assert "Nothing was changed or saved." in page
    assert pending.change_of(live) is None


def test_a_text_of_one_megabyte_of_short_lines_is_saved(client_of, editor, write):
    post = write()
    line = "A line of some words that go on for a while.\n"
    text = (line * (2**20 // len(line)))[: 2**20].strip()
    sent = filled(post, content_markdown=text.replace("\n", "\r\n"))
    client_of(editor).post(change_address(post), sent)
    assert len(Post.objects.get(pk=post.pk).content_markdown) == len(text)
