"""Requirements as people write them, and results' sentences against them: the written tables."""

from __future__ import annotations

import math

import pytest

from matching.cues import Comparison
from matching.requirements import check_all, parse_all, parse_requirement
from matching.results import Verdict
from tests.unit.matching.phrases import CHINESE, ENGLISH, PHRASES, Row
from tests.unit.matching.verdicts import VERDICTS

SIGNS = {
    ">=": Comparison.AT_LEAST,
    "<=": Comparison.AT_MOST,
    "..": Comparison.RANGE,
    "~": Comparison.ABOUT,
}


@pytest.mark.parametrize("row", PHRASES, ids=[row[0] for row in PHRASES])
def test_phrase_is_read(row: Row) -> None:
    text, quantity, sign, first, second = row
    found = parse_requirement(text)
    low, high = {
        ">=": (first, math.inf),
        "<=": (-math.inf, first),
        "..": (first, second),
        "~": (first * 0.9, first * 1.1),
    }[sign]

    assert (found.quantity, found.comparison) == (quantity, SIGNS[sign])
    assert math.isclose(found.low, low, rel_tol=1e-7)
    assert high is not None
    assert math.isclose(found.high, high, rel_tol=1e-7)
    assert found.figure is not None
    assert found.figure in text


@pytest.mark.parametrize(("requirement", "text", "verdict", "figure"), VERDICTS)
def test_verdict_is_a_brokers(
    requirement: str, text: str, verdict: Verdict, figure: str | None
) -> None:
    (checked,) = check_all(parse_all([requirement]), text)

    assert (checked.verdict, checked.found) == (verdict, figure)
    assert (checked.sentence is None) == (verdict == Verdict.NOT_STATED)
    if checked.sentence is not None:
        assert checked.sentence in text


def test_the_tables_are_as_large_as_they_claim() -> None:
    assert len({row[0] for row in PHRASES}) >= 120
    assert min(len(CHINESE), len(ENGLISH)) >= 50
    assert len(set(VERDICTS)) >= 60
    assert {row[2] for row in VERDICTS} == set(Verdict)
