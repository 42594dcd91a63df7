"""The figures are those of trec_eval, counted by hand, and never leave their range."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.evaluation.bm25 import Bm25
from matching.evaluation.intervals import difference_interval, mean_interval
from matching.evaluation.measures import figures_of

NAMES = st.integers(0, 30).map(str)


def test_figures_counted_by_hand() -> None:
    found = figures_of(["x", "a", "y", "b"], {"a": 2.0, "b": 1.0, "never": 1.0})

    gained = 2 / math.log2(3) + 1 / math.log2(5)
    best = 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found.ndcg10 == pytest.approx(gained / best)
    assert found.recall1 == 0.0
    assert found.recall10 == pytest.approx(2 / 3)
    assert found.mrr10 == pytest.approx(0.5)


def test_nothing_found_is_nothing_earned() -> None:
    found = figures_of([], {"a": 1.0})

    assert (found.ndcg10, found.recall100, found.mrr10) == (0.0, 0.0, 0.0)


@given(
    st.lists(NAMES, unique=True, max_size=120),
    st.dictionaries(NAMES, st.sampled_from([1.0, 2.0, 3.0]), min_size=1),
)
def test_figures_stay_between_nothing_and_all(found: list[str], judged: dict[str, float]) -> None:
    figures = figures_of(found, judged)

    assert all(0 <= getattr(figures, name) <= 1 + 1e-9 for name in figures.__slots__)
    best = sorted(judged, key=lambda name: -judged[name])
    assert figures_of(best, judged).ndcg10 == pytest.approx(1)


def test_intervals_hold_the_mean_and_narrow_with_more_queries() -> None:
    few, many = mean_interval([0.0, 1.0] * 10), mean_interval([0.0, 1.0] * 1_000)

    assert few.low < few.mean == 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_a_paired_difference_sees_what_two_means_cannot() -> None:
    base = [place / 100 for place in range(100)]
    better = [value + 0.01 for value in base]

    found = difference_interval(better, base)

    assert found.low == pytest.approx(0.01)
    assert found.high == pytest.approx(0.01)
    assert mean_interval(better).low < mean_interval(base).high


def test_the_textbook_baseline_scores_by_its_formula() -> None:
    index = Bm25(["laser cutting", "laser welding laser", "rice planting rice fields"])

    assert index.search("laser laser", 10) == [1, 0]
    assert index.search("rice", 10) == [2]
    assert index.search("什么", 10) == []
    assert Bm25(["", ""]).search("rice", 10) == []
