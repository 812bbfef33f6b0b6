"""The pages of the admin, judged by WCAG 2.2 A and AA in both schemes and on the phone."""

import pytest

from accounts.roles import Role
from blog import publishing, writing
from blog.models import Category, Post
from blog.taxonomy import save_category
from tests.browser.judge import faults
from tests.conftest import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_every_page_of_the_desk_is_open_to_everybody(browser_page, client_of, live_server):
    editor = make_person("editor", Role.EDITOR)
    post = Post(title="The noon gun", content_markdown="## Noon\n\nA gun.", excerpt="Bang.", author=editor)
    writing.save(post, by=editor, tags=["Clocks"])
    publishing.publish(post, by=editor)
    draft = Post(title="A draft", content_markdown="Words.", author=editor)
    writing.save(draft, by=editor)
    publishing.submit(draft, by=editor)
    save_category(Category(name="Bridges", parent=save_category(Category(name="Places"))))
    page = browser_page()
    cookie = client_of(editor).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    addresses = ["", "blog/post/", "blog/post/add/", f"blog/post/{post.pk}/change/", f"blog/post/{post.pk}/versions/"]
    addresses += [f"blog/post/{post.pk}/versions/1/", f"blog/post/{post.pk}/step/archive/", "blog/category/"]
    addresses += ["blog/category/add/", "blog/tag/", "blog/redirect/add/", "media_assets/mediaasset/upload/"]
    addresses += [
        "blog/post/calendar/",
        "blog/post/queue/",
        "blog/post/stale/",
        "blog/post/help/",
        "blog/checksetting/",
    ]
    addresses += [f"blog/post/{post.pk}/{name}/" for name in ("versions/compare", "preview-links")]
    addresses += ["blog/series/add/", "blog/redirect/check/", "blog/redirect/import/", "blog/redirectrule/add/"]
    addresses += ["blog/missingpath/", "blog/ignoredpath/add/", "blog/searchmiss/", "blog/correction/"]
    found = []
    for address in addresses:
        page.goto(f"/admin/{address}")
        found += [(address, *fault) for fault in faults(page, (1440, "light"), (1440, "dark"), (390, "light"))]
    assert found == []
