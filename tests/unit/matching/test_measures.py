"""Figures with units."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.measures import measures
from matching.numerals import chinese_number
from matching.units import canonical, parse_dimension, parse_unit


@pytest.mark.parametrize(
    ("text", "low", "high", "dimension"),
    [
        ("200℃", 473.15, 473.15, "Θ"),
        ("392 °F", 473.15, 473.15, "Θ"),
        ("30元/kg", 30, 30, "CNY·M^-1"),
        ("3000元／吨", 3, 3, "CNY·M^-1"),
        ("30 yuan per kg", 30, 30, "CNY·M^-1"),
        ("10^6次", 1e6, 1e6, "cycle"),
        ("5×10⁴次", 5e4, 5e4, "cycle"),
        ("30万次", 3e5, 3e5, "cycle"),
        ("1.2 million cycles", 1.2e6, 1.2e6, "cycle"),
        ("30-50 μm", 30e-6, 50e-6, "L"),
        ("3~5万元", 3e4, 5e4, "CNY"),
        ("95 %", 0.95, 0.95, "1"),
        ("百分之九十五", 0.95, 0.95, "1"),
        ("30 ppm", 3e-5, 3e-5, "1"),
        ("-40~85℃", 233.15, 358.15, "Θ"),
        ("-40 ℃ ~ 85 ℃", 233.15, 358.15, "Θ"),
        ("120 MPa", 1.2e8, 1.2e8, "M·L^-1·T^-2"),
        ("10-6 Pa", 1e-6, 1e-6, "M·L^-1·T^-2"),
        ("1.5 W/(m·K)", 1.5, 1.5, "M·L·T^-3·Θ^-1"),
        ("20 t/d", 20000 / 86400, 20000 / 86400, "M·T^-1"),
        ("90 min", 5400, 5400, "T"),
        ("两小时", 7200, 7200, "T"),
        ("two-hour", 7200, 7200, "T"),
        ("10 GΩ to 100 TΩ", 1e10, 1e14, "M·L^2·T^-3·I^-2"),
        ("$500", 500, 500, "USD"),
        ("１，２００ ｍｍ".replace("ｍｍ", "mm"), 1, 200e-3, "L"),
    ],
)
def test_figures_come_in_base_units(text: str, low: float, high: float, dimension: str) -> None:
    found = list(measures(text))

    assert found
    last = found[-1]
    assert last.unit.dimension == dimension
    assert math.isclose(last.high, high, rel_tol=1e-9)
    if len(found) == 1:
        assert math.isclose(last.low, low, rel_tol=1e-9)


def test_a_thousands_comma_belongs_to_the_number() -> None:
    assert [m.low for m in measures("up to 1,200 hours")] == [1200 * 3600]


def test_years_and_vague_numbers_are_no_figures() -> None:
    assert list(measures("2017年，几小时，一种方法，CO2")) == []


@given(st.integers(0, 99999), st.sampled_from(["℃", "mm", "元/kg", "%", "MPa", "小时"]))
def test_a_figure_is_a_verbatim_part_of_its_text(number: int, unit: str) -> None:
    text = f"要求达到{number}{unit}，其他不限"
    (found,) = measures(text)

    assert text[found.start : found.end] == found.text == f"{number}{unit}"


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("一百二十", 120), ("两", 2), ("九十五", 95), ("半", 0.5)]
)
def test_chinese_numbers_are_read(text: str, number: float) -> None:
    assert chinese_number(text) == number


def test_what_is_no_unit_is_refused() -> None:
    assert parse_unit("foo/kg") is None


def test_dimensions_have_one_form() -> None:
    assert parse_dimension("T^-1·M") == canonical({"M": 1, "T": -1}) == "M·T^-1"
    assert canonical({"M": 1} | {"M": 0}) == "1"
