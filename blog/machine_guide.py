"""llms.txt (llmstxt.org): the publication in a page of Markdown for programs that read on somebody's behalf."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from blog.feed_formats import addresses_under
from blog.menus import menus
from blog.models import Post
from core import publication

NEWEST = 20
_ODD = re.compile(r"([\\`*_\[\]<>])")


def text() -> str:
    return "\n".join(lines()) + "\n"


def lines() -> Iterator[str]:
    site = publication.current()
    yield f"# {plain(site.name)}"
    yield ""
    yield f"> {plain(site.description or site.tagline or site.name)}"
    yield ""
    if not site.machines_may_learn:
        yield _("The publication asks language models not to read its texts and not to learn from them.")
        return
    found = menus()
    pages = [(entry.name, entry.url, "") for entry in found.pages]
    pages += [(_("All posts"), reverse("posts"), ""), (_("Archive"), reverse("archive"), "")]
    parts = [(entry.name, entry.url, "") for entry in (*found.sections, *found.topics, *found.series)]
    feeds = [(kind.name, address, "") for kind, address in addresses_under(reverse("home"))]
    yield from section(_("Pages"), pages)
    yield from section(_("Subjects"), parts)
    yield from section(_("Newest posts"), [(post.title, post.get_absolute_url(), post.summary) for post in newest()])
    yield from section(_("Feeds"), [*feeds, (_("Sitemap"), reverse("sitemap"), "")])


def newest() -> Iterable[Post]:
    live = Post.objects.published().articles().in_edition().filter(noindex=False).newest()
    return live.only("title", "slug", "kind", "excerpt", "automatic_excerpt")[:NEWEST]


def section(title: str, links: list[tuple[str, str, str]]) -> Iterator[str]:
    """A heading and its links: name, path, a few words about each."""
    if not links:
        return
    yield f"## {title}"
    yield ""
    for name, path, about in links:
        said = f": {plain(about)}" if about else ""
        yield f"- [{plain(name)}]({publication.current().url}{path}){said}"
    yield ""


def plain(words: str) -> str:
    """Words on one line that mean nothing in Markdown."""
    return _ODD.sub(r"\\\1", " ".join(words.split()))
