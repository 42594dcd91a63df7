"""Commission as arithmetic: parts add up, and nobody gives back what they never had."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.commissions.arithmetic import (
    Due,
    Earning,
    Terms,
    by_side,
    earned,
    percentages,
    take,
    targets,
    vat_on,
)

MONEY = st.integers(0, 10**13)
RATE = st.decimals(0, 100, places=4)
TERMS = st.builds(
    Terms,
    basis=st.just("percent"),
    percent=RATE,
    vat_rate=RATE,
    seller_percent=RATE,
    cap_minor=st.none() | st.integers(1, 10**12),
)


def test_tiers_count_each_slice_once() -> None:
    tiers = [(100_000, Decimal(10)), (300_000, Decimal(5)), (None, Decimal(1))]
    terms = Terms("tiers", tiers=tiers)
    assert [earned(terms, base, happened=True) for base in (0, 50_000, 100_000, 400_000)] == [
        0,
        5_000,
        10_000,
        10_000 + 10_000 + 1_000,
    ]


def test_a_cap_and_half_a_fen() -> None:
    assert earned(Terms("percent", percent=Decimal("0.5")), 100, happened=True) == 1
    assert earned(Terms("percent", percent=Decimal("0.5")), 99, happened=True) == 0
    capped = Terms("percent", percent=Decimal(50), cap_minor=7)
    assert earned(capped, 1_000, happened=True) == 7
    assert earned(Terms("fixed", fixed_minor=9), 0, happened=False) == 0
    assert (vat_on(25, Decimal(6)), vat_on(-25, Decimal(6))) == (2, -2)


@given(TERMS, st.lists(MONEY, min_size=1, max_size=6))
def test_sides_sum_to_what_is_earned_and_never_fall_while_money_comes(
    terms: Terms, payments: list[int]
) -> None:
    base, before = 0, {"seller": Due(), "buyer": Due()}
    for paid in payments:
        base += paid
        now = targets([Earning(terms, base)])
        assert sum(each.net for each in now.values()) == earned(terms, base, happened=True)
        for side, due in now.items():
            assert due.net >= before[side].net
            assert due.vat >= before[side].vat
        before = now


@given(st.lists(st.tuples(TERMS, MONEY, MONEY, MONEY), min_size=1, max_size=4), st.data())
def test_a_refund_takes_what_it_had_earned_and_no_other_version_changes(
    drawn: list[tuple[Terms, int, int, int]], data: st.DataObject
) -> None:
    full = [Earning(terms, base + back, start) for terms, start, base, back in drawn]
    which = data.draw(st.integers(0, len(drawn) - 1))
    terms, start, base, _ = drawn[which]
    left = [Earning(terms, base, start) if at == which else each for at, each in enumerate(full)]
    before, after = targets(full), targets(left)
    lost = sum(before[side].net - after[side].net for side in before)
    assert lost == full[which].net() - left[which].net() >= 0
    assert all(due.net >= 0 and due.vat >= 0 for due in after.values()), "never below nothing"
    nothing = targets([Earning(terms, 0, start) for terms, start, _, _ in drawn])
    assert set(nothing.values()) == {Due()}


@given(st.integers(-(10**13), 10**13), RATE)
def test_two_sides_sum(net: int, percent: Decimal) -> None:
    assert sum(by_side(net, percent).values()) == net


@given(st.lists(st.integers(0, 100), min_size=1, max_size=20).filter(any))
def test_percentages_sum_to_a_hundred(weights: list[int]) -> None:
    found = percentages(weights)
    assert sum(found) == 100
    assert all(each >= 0 for each in found)
    assert all(found[i] == 0 for i, weight in enumerate(weights) if not weight)


@given(st.data())
def test_what_is_taken_back_was_granted_and_open_sums_go_first(data: st.DataObject) -> None:
    owed = data.draw(st.lists(st.integers(0, 10**9), min_size=1, max_size=8))
    paid = [data.draw(st.integers(0, each)) for each in owed]
    open_ = [o - p for o, p in zip(owed, paid, strict=True)]
    total = data.draw(st.integers(0, sum(owed)))
    parts = take(total, open_, owed)
    assert sum(parts) == total
    assert all(0 <= part <= had for part, had in zip(parts, owed, strict=True))
    if total <= sum(open_):
        assert all(part <= free for part, free in zip(parts, open_, strict=True))


def test_more_than_was_granted_is_refused() -> None:
    with pytest.raises(ValueError, match="more is taken"):
        take(2, [1], [1])
