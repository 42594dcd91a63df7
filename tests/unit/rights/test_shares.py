"""Shares sum to the whole, exactly, whatever is granted."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.rights.shares import WHOLE, Owner, grant_part, part_of, problem

D = Decimal
HOUSE = Owner(D(100), organisation_id=1)


def person(key: int, share: str = "1") -> Owner:
    return Owner(D(share), user_id=key)


def total(owners: tuple[Owner, ...]) -> Decimal:
    return sum((each.share for each in owners), D(0))


def test_seventy_percent_to_a_team_of_three() -> None:
    team = [(person(7), D(50)), (person(8), D(30)), (person(9), D(20))]
    after = grant_part([HOUSE], giver=1, part=D(70), team=team)
    assert [each.share for each in after] == [D(30), D(35), D(21), D(14)]
    assert problem(after) is None


def test_three_equal_parts_still_make_the_whole() -> None:
    team = [(person(key), D(1)) for key in (7, 8, 9)]
    after = grant_part([HOUSE], giver=1, part=D(100), team=team)
    assert [each.share for each in after] == [D("33.333334"), D("33.333333"), D("33.333333")]
    assert total(after) == WHOLE


def test_a_co_owner_keeps_their_part() -> None:
    before = [Owner(D(60), organisation_id=1), Owner(D(40), organisation_id=2)]
    after = grant_part(before, giver=1, part=D(42), team=[(person(7), D(1))])
    assert {each.key: each.share for each in after} == {
        ("organisation", 1): D(18),
        ("organisation", 2): D(40),
        ("person", 7): D(42),
    }


def test_who_owns_already_owns_more() -> None:
    before = [Owner(D(90), organisation_id=1), person(7, "10")]
    after = grant_part(before, giver=1, part=D(45), team=[(person(7), D(1))])
    assert {each.key: each.share for each in after} == {
        ("organisation", 1): D(45),
        ("person", 7): D(55),
    }


def test_nobody_gives_more_than_they_own() -> None:
    before = [Owner(D(60), organisation_id=1), Owner(D(40), organisation_id=2)]
    with pytest.raises(ValueError, match="more than they own"):
        grant_part(before, giver=1, part=D("60.000001"), team=[(person(7), D(1))])


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ([], "required"),
        ([HOUSE], None),
        ([Owner(D("99.999999"), organisation_id=1)], "not_whole"),
        ([Owner(D(100), organisation_id=1), Owner(D(0), user_id=2)], "not_positive"),
        ([Owner(D("33.3333333"), organisation_id=1)], "too_fine"),
        ([Owner(D(50), organisation_id=1), Owner(D(50), organisation_id=1)], "owner_twice"),
        (
            [
                Owner(D(50), name="示例研究所", outside_kind="organisation"),
                Owner(D(50), name="示例研究所", outside_kind="person"),
            ],
            None,
        ),
    ],
)
def test_what_cannot_be_owners(owners: list[Owner], expected: str | None) -> None:
    assert problem(owners) == expected


@given(
    weights=st.lists(st.integers(1, 1000), min_size=1, max_size=12),
    held=st.integers(2, 100_000_000),
    data=st.data(),
)
def test_no_grant_makes_or_loses_a_millionth(
    weights: list[int], held: int, data: st.DataObject
) -> None:
    part = D(data.draw(st.integers(1, held))).scaleb(-6)
    mine = D(held).scaleb(-6)
    before = [Owner(mine, organisation_id=1)]
    if mine < WHOLE:
        before.append(Owner(WHOLE - mine, organisation_id=2))
    team = [(person(key), D(weight)) for key, weight in enumerate(weights, start=10)]
    after = grant_part(before, giver=1, part=part, team=team)
    assert total(after) == WHOLE
    assert all(each.share > 0 for each in after)
    gained = sum((each.share for each in after if each.user_id), D(0))
    assert gained == part


def test_a_part_of_a_part_is_never_too_much() -> None:
    assert part_of(D(60), Fraction(1, 3)) == D(20)
    assert part_of(D(100), Fraction(1, 3)) == D("33.333333")
    assert part_of(D("0.000001"), Fraction(1)) == D("0.000001")
