"""Rows keep their numbers however a list is amended."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from tenon.formulas.carrying import numbers

A = {"title": "方案", "criterion": "评审通过", "minor": 100, "due": None}
B = {"title": "样机", "criterion": "连续运行", "minor": 200, "due": "2027-01-31"}
C = {"title": "小试", "criterion": "评审通过", "minor": 50, "due": None}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([A, B], (1, 2)),
        ([C, A, B], (3, 1, 2)),
        ([A, C, B], (1, 3, 2)),
        ([B, A], (2, 1)),
        ([B], (2,)),
        ([C, B], (3, 2)),
        ([A | {"minor": 120, "due": "2027-02-01"}, B], (1, 2)),
        ([A | {"criterion": "专家评审通过"}, B], (1, 2)),
        ([A | {"title": "总体方案"}, B], (1, 2)),
        ([A | {"title": "总体方案", "minor": 90}, B], (3, 2)),
        ([A, A, B], (1, 3, 2)),
        ([C | {"title": "方案"}, A, B], (3, 1, 2)),
        ([], ()),
    ],
)
def test_a_row_is_known_by_what_it_says(
    after: list[dict[str, Any]], expected: tuple[int, ...]
) -> None:
    assert numbers([[A, B], after]) == ((1, 2), expected)


def test_what_was_taken_out_and_comes_back_has_its_number_again() -> None:
    assert numbers([[A, B], [B], [C, B], [B, C, A]])[-1] == (2, 3, 1)


def test_however_rows_are_moved_each_keeps_its_number() -> None:
    for moved in permutations([(1, A), (2, B), (3, C)]):
        found = numbers([[A, B, C], [row for _, row in moved]])[-1]
        assert found == tuple(number for number, _ in moved)


def test_rows_without_words_go_by_their_sums_and_their_order() -> None:
    plain, more = {"title": "", "minor": 1}, {"title": "", "minor": 2}
    assert numbers([[plain, plain], [more, plain, plain]])[-1] == (3, 1, 2)
    assert numbers([]) == ()
