"""The two pages of the API: Swagger UI and Redoc from our own files, under our own policy."""

import pytest
from playwright.sync_api import expect

from config.api import described
from tests.blog.conftest import publish, write  # noqa: F401  (fixtures)

pytestmark = pytest.mark.browser


def watched(page):
    """Everything the page asked for."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def test_swagger_ui_shows_the_api_and_tries_it_out(browser_page, live_server, publish):  # noqa: F811
    publish("Ferries")
    described()  # as any server that runs for a while
    page = browser_page()
    asked = watched(page)
    page.goto("/api/docs/")
    expect(page.get_by_role("heading", name="Letterpress API")).to_be_visible(timeout=20_000)
    operation = page.locator("#operations-posts-posts_list")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text("Ferries")
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked), asked
    assert not page.complaints, page.complaints


def test_redoc_shows_the_api(browser_page, live_server, publish):  # noqa: F811
    described()
    page = browser_page()
    asked = watched(page)
    page.goto("/api/redoc/")
    expect(page.get_by_role("heading", name="Letterpress API")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="What changed since a cursor").first).to_be_attached(timeout=20_000)
    # Its styles carry the nonce of the page: without them the menu would stand over the text.
    assert page.locator(".menu-content").evaluate("it => getComputedStyle(it).position") == "sticky"
    mark = "https://cdn.redoc.ly/redoc/logo-mini.svg"
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked if url != mark), asked
    # The mark of its makers is refused by the policy of the page, and nothing else.
    assert all("logo-mini.svg" in each for each in page.complaints), "\n".join(page.complaints)


@pytest.mark.parametrize("path", ["/api/docs/", "/api/redoc/"])
def test_the_policy_lets_nothing_in_from_elsewhere(client, db, path):
    policy = client.get(path)["Content-Security-Policy"]
    said = {each.split()[0]: each.split()[1:] for each in policy.split(";")}
    assert said["script-src"] == ["'self'"] and said["connect-src"] == ["'self'"]
    assert said["img-src"] == ["'self'", "data:"] and said["frame-ancestors"] == ["'none'"]
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy
