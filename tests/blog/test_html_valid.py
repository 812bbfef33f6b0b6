"""The Nu HTML checker finds nothing wrong with any kind of page, plain or full of odd words."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings

from accounts.authors import ensure_profile
from blog import taxonomy
from blog.models import Category, TopicCluster
from tests.blog import screens
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
def stage(db):
    return screens.set_the_stage()


@pytest.fixture
def site(stage, publish, author, editor):
    """Beside the stage, what is full of odd words."""
    screens.put_right(stage)
    ensure_profile(author)
    places = taxonomy.save_category(Category(name=f"Odd places {EVIL}", slug="odd-places"))
    topic = TopicCluster.objects.create(name="Odd hours", slug="odd-hours")
    fields = {"category": places, "topic_cluster": topic, "tags": ["ferries", EVIL[:60]]}
    publish("Imprint", kind="page", text=TEXT.replace("/about/", "/blog/"))
    publish("The harbour", text=TEXT, featured_image=make_asset(alt_text=EVIL), at=NOON, **fields)
    publish(f"Odd {EVIL}", slug="odd", text=EVIL, content_language="ar", excerpt=EVIL, at=NOON, **fields)


def test_every_kind_of_page_is_valid(client, client_of, reader, stage, site, tmp_path):
    whole = stage.post.get_absolute_url()
    addresses = [
        *("/", "/blog/", "/blog/the-harbour/", "/blog/odd/", "/imprint/", "/archive/", "/archive/2026/5/", "/contact/"),
        *("/category/odd-places/", "/topic/odd-hours/", "/tag/ferries/", "/author/author/", "/feed/about/"),
        *("/search/", "/search/?q=harbour", "/search/?q=nothing-like-it", "/nowhere/at/all/"),
        *("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
        *(whole, "/corrections/", "/blog/zwei-uhren/"),
        *("/de/", "/de/blog/", "/de/search/?q=Uhren", "/ar/", "/ar/search/"),
    ]
    own = ["/", "/me/", "/me/notifications/", "/accounts/password/change/", "/blog/the-harbour/", "/me/sessions/"]
    pages = {f"{address} for a stranger": client.get(address) for address in addresses}
    pages |= {f"{address} for a reader": client_of(reader).get(address) for address in own}
    pages |= {f"{address} for who follows": client_of(stage.reader).get(address) for address in (whole, "/blog/")}
    assert b'id="corrections"' in pages[f"{whole} for a stranger"].content
    answers = screens.screens(stage)
    assert screens.left_out(answers) == [] and screens.misnamed(answers) == []
    named: dict[str, str] = {}
    for number, (address, response) in enumerate((pages | answers).items()):
        path = tmp_path / f"page-{number:03}.html"
        path.write_bytes(response.content)
        named[path.name] = address
    done = subprocess.run([CHECKER, *sorted(tmp_path.glob("*.html"))], capture_output=True, text=True, timeout=300)
    if done.returncode == 77:
        pytest.skip(done.stdout.strip())
    found = done.stdout + done.stderr
    for name, address in named.items():
        found = found.replace(str(tmp_path / name), address)
    assert done.returncode == 0, found[:6000]
