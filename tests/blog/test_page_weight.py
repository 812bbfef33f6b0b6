"""What a page asks of a telephone besides its words and pictures: its sheets and scripts together, as they are kept."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from blog import taxonomy
from blog.models import Category

# Of a stranger's page, and of a signed-in reader's; and of one read to its end, with what arrives on the way.
MOST, MOST_SIGNED_IN, MOST_TO_THE_END = 57_000, 60_000, 85_000
LINKED = re.compile(r'<link rel="stylesheet" href="/static/([^"]+)"|<script[^>]* src="/static/([^"]+)"')
ARRIVING = re.compile(r'data-(?:module|sheets)="([^"]+)"')
WITHOUT_SCRIPTS = re.compile(r"<noscript>.*?</noscript>")
IMPORTED = re.compile(r"""(?:import|from)\s*\(?\s*["'](\.[^"']+)["']""")

# Everything a text can ask a module for: headings, code, a table, a note, a picture, a video.
EVERYTHING = """## One

Words.[^1]

## Two

```python
x = 1
```

| a | b |
|--:|---|
| 1 | 2 |

![A boat](https://elsewhere.example/boat.png "A boat")

https://www.youtube.com/watch?v=dQw4w9WgXcQ

[^1]: A note.
"""


def files_of(html: str, *, to_the_end: bool = False) -> set[Path]:
    """The files a page links to, and what their modules import; `to_the_end`: also what arrives while it is read."""
    html = WITHOUT_SCRIPTS.sub("", html)
    found = [Path(finders.find(sheet or script)) for sheet, script in LINKED.findall(html)]
    if to_the_end:
        names = [name for names in ARRIVING.findall(html) for name in names.split()]
        found += [Path(finders.find(name.removeprefix("/static/"))) for name in names]
    seen: set[Path] = set()
    while found:
        path = found.pop()
        if path not in seen:
            seen.add(path)
            if path.suffix == ".js":
                found += [(path.parent / name).resolve() for name in IMPORTED.findall(path.read_text())]
    return seen


@pytest.fixture
def magazine(publish):
    publish("One", text=EVERYTHING, tags=["boats"], category=taxonomy.save_category(Category(name="Places")))


@pytest.mark.parametrize("address", ["/", "/blog/", "/blog/one/", "/search/?q=one", "/category/places/", "/nowhere/"])
def test_a_page_is_light(client, client_of, reader, magazine, address):
    files = files_of(client.get(address).content.decode())
    assert {"tokens.css", "theme.js"} <= {path.name for path in files}
    weights = {path.name: path.stat().st_size for path in files}
    assert sum(weights.values()) < MOST, (address, weights)
    signed_in = files_of(client_of(reader).get(address).content.decode())
    assert ("reading.js" in {path.name for path in signed_in - files}) == (address == "/blog/one/")
    assert sum(path.stat().st_size for path in signed_in) < MOST_SIGNED_IN, address


def test_a_plain_text_asks_for_no_module_it_has_no_use_for(client, publish):
    publish("Plain", text="Only words.")
    names = {path.name for path in files_of(client.get("/blog/plain/").content.decode())}
    assert not {"notes.js", "zoom.js", "videos.js", "contents.js"} & names and "post.css" in names
    assert not {"prose.css", "post.css"} & {path.name for path in files_of(client.get("/").content.decode())}


def test_what_arrives_while_a_page_is_read_is_light_too(client, magazine):
    html = client.get("/blog/one/").content.decode()
    at_once, in_all = files_of(html), files_of(html, to_the_end=True)
    arrived = {path.name for path in in_all - at_once}
    assert {"notes.js", "zoom.js", "videos.js", "conversation.js", "comments.css", "liking.js"} <= arrived
    assert sum(path.stat().st_size for path in in_all) < MOST_TO_THE_END
