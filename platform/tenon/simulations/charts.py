"""Where the lines and bars of the charts lie. Pure geometry; colours and words are the template's.

Drawn by the server as SVG: the same without JavaScript, in the dark and on paper.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 12, 14, 30


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid: where it lies, and the value (or year) that it stands for."""

    at: float
    value: Fraction


@dataclass(frozen=True, slots=True)
class Line:
    """A form's line: points as an SVG path, and where it ends."""

    code: str
    path: str
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over years, with the grid and the height of zero."""

    lines: Sequence[Line]
    ticks: Sequence[Tick]
    years: Sequence[Tick]
    zero: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar beside zero: a party's under a form."""

    code: str
    x: float
    width: float
    value: Fraction


def nice_ticks(low: Fraction, high: Fraction, wanted: int = 5) -> list[Fraction]:
    """Return round values from below ``low`` to above ``high``, zero among them."""
    low, high = min(low, Fraction(0)), max(high, Fraction(0))
    span = high - low or Fraction(1)
    rough = float(span) / wanted
    power = Fraction(10) ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if float(power * each) >= rough)
    first = math.floor(low / step)
    last = max(math.ceil(high / step), first + 1)
    return [step * number for number in range(first, last + 1)]


def line_chart(series: Mapping[str, Sequence[Fraction]]) -> LineChart:
    """Return lines of values by year, from year 0."""
    values = [value for flow in series.values() for value in flow]
    ticks = nice_ticks(min(values), max(values))
    years = max(len(flow) for flow in series.values()) - 1
    low, high = ticks[0], ticks[-1]

    def height(value: Fraction) -> float:
        part = float((value - low) / (high - low))
        return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM), 1)

    def along(year: int) -> float:
        return round(_LEFT + year / max(years, 1) * (WIDTH - _LEFT - _RIGHT), 1)

    lines = []
    for code, flow in series.items():
        points = [(along(year), height(value)) for year, value in enumerate(flow)]
        path = "M" + "L".join(f"{x} {y}" for x, y in points)
        lines.append(Line(code, path, points[-1]))
    every = 1 if years <= 10 else 2
    return LineChart(
        lines,
        [Tick(height(value), value) for value in ticks],
        [Tick(along(year), Fraction(year)) for year in range(0, years + 1, every)],
        height(Fraction(0)),
    )


def bars(values: Mapping[str, Mapping[str, Fraction]], width: int) -> Mapping[str, Sequence[Bar]]:
    """Return group -> its bars, all on one scale, within ``width``; zero lies where all agree."""
    every = [value for group in values.values() for value in group.values()]
    low, high = min([Fraction(0), *every]), max([Fraction(0), *every])
    span = high - low or Fraction(1)

    def place(value: Fraction) -> float:
        return float((value - low) / span) * width

    zero = place(Fraction(0))
    return {
        group: [
            Bar(
                code,
                round(min(zero, place(value)), 1),
                round(max(abs(place(value) - zero), 0.8 if value else 0), 1),
                value,
            )
            for code, value in parties.items()
        ]
        for group, parties in values.items()
    }
