"""Tables in texts: columns that are set to the right keep away from their neighbours."""

from pathlib import Path

import pytest

from core.markup import render

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TABLE = "| Year | Vessel | Tons |\n| ---: | :--- | ---: |\n| 1868 | Mail packet | 1,240 |\n| 1902 | Lugger | 31 |"


@pytest.mark.parametrize("width", [390, 1440])
def test_no_two_columns_touch(browser_page, settings, width):
    page = browser_page(width=width)
    page.set_content(f'<main class="prose">{render(TABLE).html}</main>')
    for sheet in ("tokens", "prose"):
        page.add_style_tag(content=(Path(settings.BASE_DIR) / "static" / "css" / f"{sheet}.css").read_text())
    year, vessel, _ = (
        page.locator("tbody tr")
        .first.locator("td")
        .evaluate_all(
            """cells => cells.map(cell => {
          const words = document.createRange();
          words.selectNodeContents(cell);
          const { left, right } = words.getBoundingClientRect();
          return { left, right };
        })"""
        )
    )
    assert vessel["left"] - year["right"] >= 9
    assert page.locator("tbody td").first.evaluate("cell => getComputedStyle(cell).paddingLeft") == "0px"
    assert page.locator("tbody td").last.evaluate("cell => getComputedStyle(cell).paddingRight") == "0px"
