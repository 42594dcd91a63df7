"""The table of units: against an independent library's factors, and against itself."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from matching.measures import quantities
from matching.units import UNITS_FILE, parse_unit

# What pint 0.25.3 makes of every unit that both know, in SI base units; see docs/decisions/0013.
BY_PINT: dict[str, float] = json.loads(
    Path(__file__).with_name("units_by_pint.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("symbol", sorted(BY_PINT))
def test_factor_agrees_with_an_independent_library(symbol: str) -> None:
    unit = parse_unit(symbol)

    assert unit is not None
    # some factors are written with six figures
    assert math.isclose(unit.factor, BY_PINT[symbol], rel_tol=1e-5)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("元/吨", "元/t"),
        ("千瓦时/吨", "kWh/t"),
        ("毫克/升", "mg/L"),
        ("立方米/小时", "m³/h"),
        ("千牛·米", "kN·m"),
        ("兆帕", "MPa"),
        ("微米", "μm"),
        ("摄氏度", "℃"),
        ("兆字节", "MB"),
        ("勒克斯", "lux"),
        ("转/分", "rpm"),
        ("吨/天", "t/d"),
        ("公里/小时", "km/h"),
        ("瓦/(米·开尔文)", "W/(m·K)"),
    ],
)
def test_chinese_and_latin_names_are_the_same_unit(left: str, right: str) -> None:
    one, other = parse_unit(left), parse_unit(right)

    assert one is not None
    assert other is not None
    assert (one.dimension, one.offset) == (other.dimension, other.offset)
    assert math.isclose(one.factor, other.factor, rel_tol=1e-12)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("HRC", "HV"),
        ("dB", "dBm"),
        ("lx", "lm"),
        ("元", "USD"),
        ("N·m/rad", "N·m"),
        ("ppm", "mg/L"),
    ],
)
def test_what_does_not_convert_has_another_dimension(left: str, right: str) -> None:
    one, other = parse_unit(left), parse_unit(right)

    assert one is not None
    assert other is not None
    assert one.dimension != other.dimension


def test_every_unit_of_the_table_is_read_as_itself() -> None:
    table = json.loads(UNITS_FILE.read_text(encoding="utf-8"))["units"]

    for symbol, (factor, *_) in table.items():
        unit = parse_unit(symbol)
        assert unit is not None
        assert unit.factor == factor > 0


def test_quantities_accept_only_quantities() -> None:
    table = quantities()

    for quantity in table.values():
        assert quantity.accepts <= table.keys()
        assert quantity.better in ("higher", "lower", "")
        assert quantity.cover in ("", "whole", "either")
