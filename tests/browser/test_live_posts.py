"""The story of a live post edited in private and updated at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blog import publishing, writing
from blog.models import Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_live_post_is_edited_in_private_and_updated_at_a_time(desk_of, browser_page, editor):
    post = Post(title="The noon gun", content_markdown="It fires at noon.", author=editor)
    writing.save(post, by=editor)
    publishing.publish(post, by=editor)
    desk, reader = desk_of(editor), browser_page(script=False)
    when = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)

    desk.goto(f"/admin/blog/post/{post.pk}/change/")
    assert "stays private until you update it" in desk.locator(".lp-waiting").inner_text()
    desk.locator("#id_content_markdown").fill("It fires at one.")
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_text("Readers see version 2.").wait_for()
    reader.goto("/blog/the-noon-gun/")
    assert "It fires at noon." in reader.content()

    desk.locator("#id_scheduled_at").fill(timezone.localtime(when).strftime("%Y-%m-%dT%H:%M"))
    desk.get_by_role("button", name="Update on…").click()
    desk.get_by_text("will see these changes on").wait_for()
    assert "replaces it on" in desk.locator(".lp-waiting").inner_text()

    publishing.publish_due(when - timedelta(seconds=1))
    reader.reload()
    assert "It fires at noon." in reader.content()
    publishing.publish_due(when)
    reader.reload()
    assert "It fires at one." in reader.content() and "at noon" not in reader.locator(".prose").inner_text()
    desk.reload()
    assert "stays private until you update it" in desk.locator(".lp-waiting").inner_text()
    assert [said for said in desk.complaints if "Failed to load resource" not in said] == []


def test_changes_are_dropped_only_after_a_question(desk_of, editor):
    post = Post(title="The noon gun", content_markdown="It fires at noon.", author=editor)
    writing.save(post, by=editor)
    publishing.publish(post, by=editor)
    desk = desk_of(editor, width=390)
    desk.goto(f"/admin/blog/post/{post.pk}/change/")
    desk.locator("#id_content_markdown").fill("It fires at one.")
    desk.get_by_role("button", name="Save", exact=True).click()
    desk.get_by_text("Readers see version 2.").wait_for()
    desk.get_by_role("link", name="Discard changes").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("link", name="Cancel").click()
    assert desk.locator("#id_content_markdown").input_value() == "It fires at one."
    desk.get_by_role("link", name="Discard changes").click()
    dialog.get_by_role("button", name="Discard changes").click()
    desk.get_by_text("are dropped").wait_for()
    assert desk.locator("#id_content_markdown").input_value() == "It fires at noon."
