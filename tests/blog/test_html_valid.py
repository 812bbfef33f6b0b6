"""The Nu HTML checker finds nothing wrong with any kind of page, plain or full of odd words."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, TopicCluster
from tests.media_assets.making_assets import make_asset

pytestmark = [pytest.mark.slow, pytest.mark.once]

CHECKER = Path(settings.BASE_DIR) / "bin" / "validate_html"
EVIL = "</title><script>alert(1)</script>\"'&<b>"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEXT = """## One

A [link](/about/) and a note[^1].

| a | b |
|---|---|
| 1 | 2 |

```python
print("hello")
```

## Two

> Said somebody.

[^1]: The note.
"""


@pytest.fixture
def site(publish, author, editor):
    ensure_profile(author)
    places = taxonomy.save_category(Category(name=f"Places {EVIL}", slug="places"))
    topic = TopicCluster.objects.create(name="Hours", slug="hours")
    fields = {"category": places, "topic_cluster": topic, "tags": ["ferries", EVIL[:60]]}
    publish("About", kind="page", text=TEXT.replace("/about/", "/blog/"))
    publish("The harbour", text=TEXT, featured_image=make_asset(alt_text=EVIL), at=NOON, **fields)
    publish(f"Odd {EVIL}", slug="odd", text=EVIL, content_language="ar", excerpt=EVIL, at=NOON, **fields)


def test_every_kind_of_page_is_valid(client, client_of, reader, site, tmp_path):
    addresses = [
        *("/", "/blog/", "/blog/the-harbour/", "/blog/odd/", "/about/", "/archive/", "/archive/2026/5/", "/contact/"),
        *("/category/places/", "/topic/hours/", "/tag/ferries/", "/author/author/", "/feed/about/", "/corrections/"),
        *("/search/", "/search/?q=harbour", "/search/?q=nothing-like-it", "/nowhere/at/all/"),
        *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
    ]
    own = ["/", "/me/", "/me/notifications/", "/accounts/password/change/", "/blog/the-harbour/"]
    named: dict[str, str] = {}
    for who, asked, visited in (("stranger", addresses, client), ("reader", own, client_of(reader))):
        for number, address in enumerate(asked):
            path = tmp_path / f"{who}-{number}.html"
            path.write_bytes(visited.get(address).content)
            named[path.name] = f"{address} for a {who}"
    done = subprocess.run([CHECKER, *sorted(tmp_path.glob("*.html"))], capture_output=True, text=True, timeout=300)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    found = done.stdout + done.stderr
    for name, address in named.items():
        found = found.replace(str(tmp_path / name), address)
    assert done.returncode == 0, found[:6000]
