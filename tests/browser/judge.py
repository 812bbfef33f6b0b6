"""The judge of the pages: axe-core, by WCAG 2.2 A and AA."""

import time

import pytest

# Only violations are asked for: what passed would be gathered and carried over in each of its elements.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
STILL = "() => document.getAnimations().every((each) => each.playState !== 'running' || each.timeline !== document.timeline)"


def settle(page) -> None:
    """Wait until the page has what it asked for, and nothing on it moves or fades."""
    until = time.monotonic() + 10
    while page.asked and time.monotonic() < until:
        page.wait_for_timeout(10)
    page.wait_for_function(STILL)


def violations(page) -> list[dict]:
    """What axe finds on the page as it is now."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return axe.run(page, options=RULES).response["violations"]
