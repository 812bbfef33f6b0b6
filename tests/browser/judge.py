"""The judge of the pages: axe-core, by WCAG 2.2 A and AA."""

import time

import pytest

# Only violations are asked for: what passed would be gathered and carried over in each of its elements.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
COLOURS = ["color-contrast", "link-in-text-block"]
STILL = (
    "() => document.getAnimations().every("
    "(each) => each.playState !== 'running' || each.timeline !== document.timeline)"
)


def settle(page) -> None:
    """Wait until the page has what it asked for, and nothing on it moves or fades."""
    until = time.monotonic() + 10
    while page.asked and time.monotonic() < until:
        page.wait_for_timeout(10)
    page.wait_for_function(STILL)


def violations(page, *, rules: list[str] | None = None) -> list[dict]:
    """What axe finds on the page as it is now; by some rules alone when they are named."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    asked = RULES | ({"runOnly": rules} if rules else {})
    return axe.run(page, options=asked).response["violations"]


def faults(page, *views: tuple[int, str]) -> list[tuple]:
    """What axe finds on the page in each of the windows (width, scheme), and which of them it is too wide for.

    The page is loaded once. Another scheme changes nothing but colours, so there only what sees colours is asked again.
    """
    found, judged = [], set()
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        settle(page)
        for each in violations(page, rules=COLOURS if width in judged else None):
            found.append((width, scheme, each["id"], [node["html"][:160] for node in each["nodes"][:3]]))
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if too_wide > 0 and width not in judged:
            found.append((width, f"{too_wide} px too wide"))
        judged.add(width)
    return found
