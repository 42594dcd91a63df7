"""Properties of reading and comparing figures, whatever the figures, units and texts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.claims import claims
from matching.measures import measures
from matching.requirements import (
    MOST_FOUND,
    check_all,
    find_requirements,
    parse_all,
    parse_requirement,
)
from matching.results import Verdict
from matching.sentences import sentences
from matching.units import parse_unit

FAMILIES = (
    ("耐温", ("℃", "K", "°F", "摄氏度")),
    ("探测距离", ("m", "km", "mm", "米", "公里", "英尺")),
    ("使用寿命", ("h", "年", "天", "个月", "小时", "s")),
    ("抗压强度", ("MPa", "kPa", "GPa", "psi", "兆帕", "N/mm²")),
    ("单价", ("元/kg", "元/吨", "元/克", "元/斤")),
    ("处理量", ("t/d", "kg/h", "吨/天", "t/h")),
    ("传输速率", ("Mbps", "GB/s", "kbit/s", "MB/s")),
)
family = st.sampled_from(FAMILIES)
value = st.floats(0.01, 9e5, allow_nan=False).map(lambda number: float(f"{number:.6g}"))


def write(number: float) -> str:
    """Write a number in plain digits, as a person would."""
    return f"{number:.12f}".rstrip("0").rstrip(".")


def in_unit(base: float, symbol: str) -> str:
    """Write a value given in base units in another unit."""
    unit = parse_unit(symbol)
    assert unit is not None
    return f"{write((base - unit.offset) / unit.factor)} {symbol}"


@settings(deadline=None)
@given(family, value, st.data())
def test_a_conversion_and_back_gives_the_same_value(
    kind: tuple[str, tuple[str, ...]], number: float, data: st.DataObject
) -> None:
    one, other = (parse_unit(data.draw(st.sampled_from(kind[1]))) for _ in range(2))
    assert one is not None
    assert other is not None
    base = one.to_base(number)
    back = other.to_base((base - other.offset) / other.factor)

    assert math.isclose(back, base, rel_tol=1e-9, abs_tol=1e-9)


@settings(deadline=None)
@given(family, value, value, st.data())
def test_the_verdict_does_not_hang_on_the_unit(
    kind: tuple[str, tuple[str, ...]], asked: float, stated: float, data: st.DataObject
) -> None:
    name, units = kind
    first = data.draw(st.sampled_from(units))
    unit = parse_unit(first)
    assert unit is not None
    base = unit.to_base(stated)
    if math.isclose(asked, stated, rel_tol=1e-4):
        return  # rounding of the written figure may fall on either side
    verdicts = set()
    for symbol in units:
        (checked,) = check_all(
            parse_all([f"{name}不低于{write(asked)} {first}"]), f"{name}为{in_unit(base, symbol)}。"
        )
        if float(in_unit(base, symbol).split()[0]) > 0:  # tiny figures round to nothing
            verdicts.add(checked.verdict)

    assert verdicts <= {Verdict.MET if stated >= asked else Verdict.NOT_MET}


@settings(deadline=None)
@given(family, value, value)
def test_at_least_and_at_most_are_each_others_opposite(
    kind: tuple[str, tuple[str, ...]], asked: float, stated: float
) -> None:
    name, (unit, *_) = kind
    text = f"{name}为{write(stated)} {unit}。"
    least, most = check_all(
        parse_all([f"{name}不低于{write(asked)} {unit}", f"{name}不超过{write(asked)} {unit}"]),
        text,
    )
    if not math.isclose(asked, stated, rel_tol=1e-6):
        assert {least.verdict, most.verdict} == {Verdict.MET, Verdict.NOT_MET}


PIECES = st.sampled_from(
    [
        "耐温", "≥", "200", "℃", "元/", "kg", "1.2×10^6", "10⁻", "±", "至", "~", "-", "/", "百分之",
        "一千", "万", "pH", "IP", "不超过", "at least", "between", " and ", "min", "。", ",", "\n",
        " ", "per ", "in", "半", "零下", "e5", "...", "dB(A)", "(", ")", "$", "two hundred ",
    ]
)  # fmt: skip
anything = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))


@settings(max_examples=300, deadline=None)
@given(anything)
def test_no_text_is_too_strange(text: str) -> None:
    for measure in measures(text):
        assert text[measure.start : measure.end].strip() == measure.text
        assert measure.low <= measure.high
        assert math.isfinite(measure.low)
        assert math.isfinite(measure.high)
    for claim in claims(text):
        assert claim.low <= claim.high
        assert claim.measure.text in text
    parse_requirement(text)
    assert all(clause in text for clause in find_requirements(text))
    for checked in check_all(parse_all([text, "耐温≥200℃"]), text):
        assert checked.sentence is None or checked.sentence in text


UGLY = (
    " ", "\t", "1", "1 ", "1,", "1-", "1±", "30℃", "一万", "百分之", "10⁻", "1×10", "a thousand ",
    "heat resistance of 200 C and ", "元/", "kg·", "每", "不", '."', "e.g. ", "≥", "minus ", "$",
)  # fmt: skip


@pytest.mark.parametrize("piece", UGLY)
def test_no_expression_goes_back_over_a_long_text(piece: str) -> None:
    """A run in which time grew with the square of the length would not end within the hour."""
    text = (piece * (400_000 // len(piece) + 1))[:400_000]

    found = sentences(text)
    parse_requirement.__wrapped__(text)

    assert all(sentence == sentence.strip() for sentence in found)
    assert len(find_requirements(text)) <= MOST_FOUND


def test_a_text_of_a_million_characters_is_read() -> None:
    text = "涂层耐温达230℃，" * 100_000

    (checked,) = check_all(parse_all(["耐温≥200℃"]), text)

    assert checked.verdict == Verdict.MET
