"""The ten minutes of a stranger: read, write, schedule, change, restore, rename, import."""

import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from tests.journeys.conftest import ROOT, publication

__all__ = ["publication"]
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db]

OLD_SITE = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<title>The old site</title><link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url>
<item><title>Brought from elsewhere</title><link>https://old.example/2019/05/brought-from-elsewhere/</link>
<dc:creator>ada</dc:creator><content:encoded><![CDATA[Once it lived <em>there</em>.]]></content:encoded>
<wp:post_id>7</wp:post_id><wp:post_date>2019-05-01 10:00:00</wp:post_date>
<wp:post_date_gmt>2019-05-01 10:00:00</wp:post_date_gmt><wp:post_name>brought-from-elsewhere</wp:post_name>
<wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>
</channel></rss>
"""


@pytest.fixture
def page(chromium, publication):
    publication.start("-m", "config.serve")
    publication.wait_until_listening()
    context = chromium.new_context(base_url=publication.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def write(page, title, text):
    page.goto("/admin/blog/post/add/")
    page.fill("#id_title", title)
    page.fill("#id_content_markdown", text)


def test_a_stranger_reads_writes_schedules_restores_renames_and_imports(page, publication, tmp_path):
    # Reads
    page.goto("/")
    page.get_by_role("link", name="The harbour that kept two clocks").first.click()
    assert page.locator("h1").inner_text() == "The harbour that kept two clocks"

    # Signs in
    page.goto("/admin/")
    page.fill("input[name=login]", "editor")
    page.fill("input[name=password]", "letterpress")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/admin/")

    # Writes and publishes
    write(page, "My first post", "The first words.")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/change/**")
    mine = page.url
    page.goto("/blog/my-first-post/")
    assert "The first words." in page.locator(".prose").inner_text()

    # Schedules another for tomorrow
    write(page, "For tomorrow", "Patience.")
    page.fill("#id_scheduled_at", (datetime.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Schedule").click()
    page.wait_for_url("**/change/**")
    assert "Scheduled" in page.locator(".lp-state").inner_text()
    assert publication.status("/blog/for-tomorrow/") == 404

    # Changes the first, and has it back
    page.goto(mine)
    page.fill("#id_content_markdown", "Other words.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".messagelist").wait_for()
    assert "Other words." not in page.request.get("/blog/my-first-post/").text()
    page.get_by_role("button", name="Update now").click()
    page.get_by_text("see the newest version now").wait_for()
    page.goto("/blog/my-first-post/")
    assert "Other words." in page.locator(".prose").inner_text()
    page.goto(mine)
    page.get_by_role("link", name="Versions").click()
    page.get_by_role("link", name="Restore").last.click()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Update now").click()
    page.get_by_text("see the newest version now").wait_for()
    page.goto("/blog/my-first-post/")
    assert "The first words." in page.locator(".prose").inner_text()

    # Renames it
    page.goto(mine)
    if not page.locator("#id_slug").is_visible():
        page.locator("details", has=page.locator("#id_slug")).locator("summary").first.click()
    page.fill("#id_slug", "a-better-address")
    page.get_by_role("button", name="Update now").click()
    page.get_by_text("see the newest version now").wait_for()
    page.goto("/blog/my-first-post/")
    assert page.url.endswith("/blog/a-better-address/")

    # Imports an old site
    export = tmp_path / "old-site.xml"
    export.write_text(OLD_SITE)
    command = [sys.executable, "manage.py", "import_wordpress", str(export)]
    done = subprocess.run(command, env=publication.env, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    page.goto("/2019/05/brought-from-elsewhere/")
    assert page.url.endswith("/blog/brought-from-elsewhere/")
    assert page.locator(".prose em").inner_text() == "there"
