"""robots.txt (RFC 9309): what collectors are asked to leave alone, and the lines editors add."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import reverse

from core import languages, publication

# What is for people who are signed in, and nothing but work for a collector.
PRIVATE = ("/admin/", "/accounts/", "/me/", "/api/")
# The same in each edition, under its code.
PRIVATE_IN_EDITIONS = ("/accounts/", "/me/")
# Names under which texts are collected to train language models; those that fetch a page because a reader asked for it,
# and search engines, are others and stay welcome.
LEARNERS = (
    *("AI2Bot", "Ai2Bot-Dolma", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot"),
    *("cohere-ai", "cohere-training-data-crawler", "Diffbot", "FacebookBot", "Google-Extended", "GPTBot"),
    *("ICC-Crawler", "ImagesiftBot", "img2dataset", "Kangaroo Bot", "Meta-ExternalAgent", "omgili", "omgilibot"),
    *("PanguBot", "SemrushBot-OCOB", "Timpibot", "VelenPublicWebCrawler", "Webzio-Extended"),
)
WORDS = frozenset(
    "user-agent allow disallow crawl-delay sitemap host clean-param request-rate visit-time content-signal".split()
)
_LINE = re.compile(r"(?P<word>[A-Za-z-]+)[ \t]*:[ \t]*(?P<value>[^\x00-\x1f\x7f]*)")


def is_rule(line: str) -> bool:
    """Whether collectors understand it; a row may hold what was never asked about (a hand in the database)."""
    line = line.strip()
    if not line or line.startswith("#"):
        return line.isprintable()
    found = _LINE.fullmatch(line)
    if found is None or found["word"].lower() not in WORDS:
        return False
    is_path = found["word"].lower() in {"allow", "disallow"}
    return not is_path or found["value"].split("#")[0].strip()[:1] in {"", "/", "*"}


def lines() -> Iterator[str]:
    """robots.txt, line by line."""
    site = publication.current()
    yield "User-agent: *"
    yield from (f"Disallow: {path}" for path in PRIVATE)
    yield from (f"Disallow: /{code}{path}" for code in languages.editions() for path in PRIVATE_IN_EDITIONS)
    # They stand here so that a rule without a name of its own is for everybody.
    yield from (line.strip() for line in site.robots_rules.splitlines() if line.strip() and is_rule(line))
    yield ""
    if not site.machines_may_learn:
        yield "# Language models are asked not to learn from these texts."
        yield from (f"User-agent: {name}" for name in LEARNERS)
        yield "Disallow: /"
        yield ""
    yield f"Sitemap: {site.url}{reverse('sitemap')}"
