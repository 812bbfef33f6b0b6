"""The bell, the inbox, the review queue and the audit trail, judged by WCAG 2.2 A and AA, and by their width."""

import pytest

from accounts.roles import Role
from blog import publishing, writing
from blog.models import Post, ReviewRequest
from tests.browser.judge import faults, settle
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VIEWS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
LONG = "A-title-of-one-word-" * 9


def test_they_are_open_to_everybody_and_fit(browser_page, client_of, live_server):
    admin, author = make_person("admin", Role.ADMINISTRATOR), make_person("author", Role.AUTHOR)
    post = Post(title=LONG, content_markdown="Words.", author=author)
    writing.save(post, by=author)
    publishing.submit(post, by=author, note="Right?", reviewer=admin)
    publishing.send_back(post, by=admin, note="Not quite.")
    post.content_markdown = "Other words."
    writing.save(post, by=author, reason="As asked")
    publishing.submit(post, by=author, note="https://example.org/" + "x" * 300, reviewer=admin)
    asked = ReviewRequest.objects.get(decided_at=None)
    page = browser_page()
    cookie = client_of(admin).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    addresses = ["accounts/notification/", "blog/post/queue/", f"blog/post/queue/{asked.pk}/send-back/"]
    addresses += [f"blog/post/{post.pk}/change/", "accounts/auditentry/", "accounts/auditentry/?since=never"]
    found = []
    for address in addresses:
        page.goto(f"/admin/{address}")
        settle(page)
        for summary in page.locator("#content details:not([open]) > summary").all():
            if summary.is_visible() and "change" not in address:
                summary.click()
        if "notification" in address:
            page.locator(".lp-ring").click()
            page.locator(".lp-told li").first.wait_for()
        found += [(address, *fault) for fault in faults(page, *VIEWS)]
    assert found == []


def test_the_bell_is_rung_and_shut_with_the_keyboard(browser_page, client_of, live_server):
    author, editor = make_person("author", Role.AUTHOR), make_person("editor", Role.EDITOR)
    post = Post(title="Tides", content_markdown="Words.", author=author)
    writing.save(post, by=author)
    publishing.submit(post, by=author)
    page = browser_page()
    cookie = client_of(editor).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto("/admin/blog/post/queue/")
    bell = page.locator(".lp-ring")
    bell.focus()
    page.keyboard.press("Space")
    page.locator(".lp-told li").first.wait_for()
    assert bell.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Mark all as read"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.lp-told li') !== null")
    page.keyboard.press("Escape")
    assert page.locator(".lp-told").is_hidden()
    assert page.evaluate("document.activeElement.classList.contains('lp-ring')")
    assert page.url.endswith("/queue/")
