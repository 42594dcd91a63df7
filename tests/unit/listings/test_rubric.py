"""The thresholds of the review, as data and as outcomes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.listings.models import OUTCOMES
from tenon.listings.rubric import CRITERIA, Scores, rubric

points = st.integers(min_value=0, max_value=5)
any_scores = st.builds(Scores, points, points, points, points)


@pytest.mark.parametrize(
    ("scores", "proposed", "allowed"),
    [
        ((5, 5, 5, 5), "publish", ("publish", "return")),
        ((3, 3, 2, 2), "publish", ("publish", "return")),
        ((3, 2, 2, 2), "hold", ("hold", "return")),
        ((2, 1, 1, 1), "hold", ("hold", "return")),
        ((1, 1, 1, 1), "reject", ("reject", "return")),
        ((5, 5, 5, 0), "hold", ("hold", "return")),
        ((2, 1, 1, 0), "hold", ("hold", "reject", "return")),
    ],
)
def test_rubric_proposes_and_allows(
    scores: tuple[int, int, int, int], proposed: str, allowed: tuple[str, ...]
) -> None:
    given_scores = Scores(*scores)
    assert rubric().proposed(given_scores) == proposed
    assert rubric().allowed(given_scores) == allowed


@given(any_scores)
def test_rubric_publishes_only_from_ten_points_without_a_zero(scores: Scores) -> None:
    fit = scores.total >= 10 and 0 not in scores.points
    assert ("publish" in rubric().allowed(scores)) == fit
    assert "return" in rubric().allowed(scores)
    assert set(rubric().allowed(scores)) <= set(OUTCOMES)


@pytest.mark.parametrize("side", ["achievement", "need"])
def test_rubric_is_worded_in_both_languages(side: str) -> None:
    held = rubric()
    assert [criterion.code for criterion in held.criteria_for(side)] == list(CRITERIA)
    words = [
        *(criterion.name for criterion in held.criteria_for(side)),
        *(criterion.question for criterion in held.criteria_for(side)),
        *(level for criterion in held.criteria_for(side) for level in criterion.levels.values()),
        *(remark.text for remark in held.remarks_for(side)),
    ]
    assert all(entry["zh"] and entry["en"] for entry in words)
    assert [sorted(criterion.levels) for criterion in held.criteria_for(side)] == [[0, 1, 3, 5]] * 4
