"""Charts of the admin: the numbers, a sentence that says them, and the drawing for browsers without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# The drawing's own measure; the page scales it.
WIDTH, HEIGHT = 700, 200
TOP, BOTTOM, RIGHT = 22, 28, 52
LINES = 4
# A bar takes this share of its place.
BAR = 0.62


def step_for(most: int) -> int:
    """The distance of grid lines a person can read: 1, 2 or 5 times a power of ten, at most four of them."""
    step, factors = 1, (2, 5, 10)
    base = 1
    while step * LINES < most:
        for factor in factors:
            step = base * factor
            if step * LINES >= most:
                break
        else:
            base *= 10
    return step


@dataclass(frozen=True)
class Series:
    """One row of numbers. `look`: "main", "rest" (bars behind the main ones) or "before" (an earlier time, dotted)."""

    name: str
    values: Sequence[int]
    look: str = "main"


@dataclass(frozen=True)
class Chart:
    """Numbers over time, as bars or as a line.

    `labels` stand below the drawing, where they fit; `names` are the same in full, for the table.
    """

    key: str
    title: str
    sentence: str
    labels: Sequence[str]
    names: Sequence[str]
    series: Sequence[Series]
    first_column: str
    kind: str = "bars"

    @property
    def most(self) -> int:
        return max((value for each in self.series for value in each.values), default=0)

    @property
    def is_empty(self) -> bool:
        return self.most == 0

    @cached_property
    def step(self) -> int:
        return step_for(max(self.most, 1))

    @property
    def top(self) -> int:
        return self.step * -(-max(self.most, 1) // self.step)

    def x(self, number: int) -> float:
        """The middle of a place."""
        return round((number + 0.5) * (WIDTH - RIGHT) / len(self.labels), 1)

    def y(self, value: int) -> float:
        return round(HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM), 1)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [{"y": self.y(value), "value": value} for value in range(0, self.top + 1, self.step)]

    @property
    def bars(self) -> list[dict[str, Any]]:
        if self.kind == "line":
            return []
        width = round(BAR * (WIDTH - RIGHT) / len(self.labels), 1)
        order = sorted((each for each in self.series if each.look != "before"), key=lambda each: each.look == "main")
        return [
            {
                "look": each.look,
                "x": round(self.x(number) - width / 2, 1),
                "y": self.y(value),
                "width": width,
                "height": round(HEIGHT - BOTTOM - self.y(value), 1),
            }
            for each in order
            for number, value in enumerate(each.values)
            if value
        ]

    @property
    def paths(self) -> list[dict[str, str]]:
        """The lines: of the earlier time, and of a chart that is a line itself."""
        drawn = [each for each in self.series if each.look == "before" or self.kind == "line"]
        return [
            {
                "look": each.look,
                "d": "M" + " L".join(f"{self.x(number)} {self.y(value)}" for number, value in enumerate(each.values)),
            }
            for each in sorted(drawn, key=lambda each: each.look == "main")
            if any(each.values)
        ]

    @property
    def marks(self) -> list[dict[str, Any]]:
        """Labels below, every second or fourth where there are many."""
        every = -(-len(self.labels) // 13)
        last = len(self.labels) - 1
        return [
            {"x": self.x(number), "label": label}
            for number, label in enumerate(self.labels)
            if (last - number) % every == 0
        ]

    @property
    def peak(self) -> dict[str, Any] | None:
        """The highest of all, to write its number on."""
        tallest = max((each for each in self.series if each.look != "before"), key=lambda each: max(each.values))
        most = max(tallest.values)
        if not most:
            return None
        number = list(tallest.values).index(most)
        return {"x": self.x(number), "y": self.y(most), "above": self.y(most) - 8, "value": most}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The table, the newest first."""
        columns = [each.values for each in self.series]
        rows = [
            {"name": name, "values": [values[number] for values in columns]} for number, name in enumerate(self.names)
        ]
        return rows[::-1]

    @property
    def script_id(self) -> str:
        return f"chart-{self.key}"

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws from."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "names": list(self.names),
            "series": [{"name": each.name, "values": list(each.values), "look": each.look} for each in self.series],
        }
