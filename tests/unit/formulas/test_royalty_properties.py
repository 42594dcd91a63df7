"""Royalties: what holds of every licence, and that two ways to compute one agree."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.royalty import (
    Mode,
    Standing,
    Terms,
    Tier,
    Use,
    once,
    opening,
    percent,
    rounded_half_up,
    state,
    statements,
)
from tenon.formulas.royalty.keeping import (
    standing_from_json,
    standing_to_json,
    step_from_json,
    step_to_json,
)
from tests.unit.formulas.licences import (
    START,
    amounts,
    payable,
    quarters,
    rates,
    terms,
    used,
)
from tests.unit.formulas.naive_royalty import naive


@given(st.lists(st.sampled_from("abcdef")), st.sets(st.sampled_from("abcdef")))
def test_each_lot_counts_once_in_all(lots: list[str], before: set[str]) -> None:
    counted = [lot for lot, counts in zip(lots, once(lots, before=before), strict=True) if counts]
    assert len(counted) == len(set(counted))
    assert set(counted) == set(lots) - before


@given(used())
def test_a_statement_equals_the_naive_one(case: tuple[Terms, list[Use]]) -> None:
    licence, uses = case
    found = statements(licence, uses)
    expected = naive(licence, uses)
    assert [(s.net, s.earned, s.top_up, s.payable) for s in found] == [
        (row.net, row.earned, row.top_up, row.payable) for row in expected
    ]


@given(used())
def test_the_lines_of_a_statement_add_up_to_what_is_payable(case: tuple[Terms, list[Use]]) -> None:
    for found in statements(*case):
        assert sum(step.amount for step in found.steps if step.amount is not None) == found.payable
        assert sum(step.base or 0 for step in found.steps if step.amount is None) == found.net
        assert found.payable >= 0


@given(used())
def test_no_money_appears_or_is_lost_over_a_licences_life(case: tuple[Terms, list[Use]]) -> None:
    licence, uses = case
    found = statements(licence, uses)
    ahead = -sum(
        int(step.amount or 0)
        for each in found
        for step in each.steps
        if step.what in ("minimum_ahead", "maintenance", "upfront")
    )
    owed = sum(each.earned + each.top_up for each in found)
    assert sum(payable(found)) == owed - ahead + found[-1].after.overpaid


@given(used())
def test_caps_hold_and_no_credit_is_used_twice(case: tuple[Terms, list[Use]]) -> None:
    licence, uses = case
    found = statements(licence, uses)
    if licence.cap_total is not None:
        assert sum(each.earned + each.top_up for each in found) <= licence.cap_total
    used_up = -sum(
        int(step.amount or 0) for each in found for step in each.steps if step.what == "upfront"
    )
    assert used_up + found[-1].after.upfront_left == licence.creditable
    for before, after in pairwise(_standings(licence, uses)):
        assert 0 <= after.upfront_left <= before.upfront_left


def _standings(licence: Terms, uses: list[Use]) -> list[Standing]:
    return [opening(licence), *(each.after for each in statements(licence, uses))]


@given(st.lists(st.tuples(st.integers(1, 10**10), rates), max_size=5), rates, amounts, amounts)
def test_marginal_tiers_never_earn_less_for_more(
    upper: list[tuple[int, Fraction]], first: Fraction, one: int, other: int
) -> None:
    bounds = dict(upper)
    found = (Tier(0, first), *(Tier(start, bounds[start]) for start in sorted(bounds)))
    licence = Terms(tiers=found, starts=START, mode="marginal", window="period")
    less, more = sorted((one, other))
    low, high = (
        state(licence, Use(START, START, amount), opening(licence)) for amount in (less, more)
    )
    assert low.payable <= high.payable


@given(
    st.lists(amounts, min_size=4, max_size=4),
    st.sampled_from(["marginal", "whole"]),
    st.booleans(),
)
def test_four_quarters_are_the_year_but_for_their_roundings(
    sales: list[int], mode: Mode, rising: bool
) -> None:
    rows = ["2.5", "3.3", "4.7"] if rising else ["4.7", "3.3", "2.5"]
    found = tuple(Tier(i * 10**10, percent(rate)) for i, rate in enumerate(rows))
    licence = terms(tiers=found, mode=mode, window="year")
    by_quarter = statements(licence, [
        Use(use.start, use.end, amount)
        for use, amount in zip(quarters(*[0] * 4), sales, strict=True)
    ])  # fmt: skip
    [at_once] = statements(licence, [Use(START, date(2027, 12, 31), sum(sales))])
    assert abs(sum(each.earned for each in by_quarter) - at_once.earned) <= 2


@given(st.fractions())
def test_rounding_is_half_up_away_from_nothing(exact: Fraction) -> None:
    found = rounded_half_up(exact)
    assert abs(found - exact) <= Fraction(1, 2)
    assert rounded_half_up(-exact) == -found
    if abs(found - exact) == Fraction(1, 2):
        assert abs(found) > abs(exact)


@given(used())
def test_what_is_kept_as_json_comes_back_exact(case: tuple[Terms, list[Use]]) -> None:
    for found in statements(*case):
        kept = json.loads(json.dumps([step_to_json(step) for step in found.steps]))
        assert tuple(step_from_json(each) for each in kept) == found.steps
        after = json.loads(json.dumps(standing_to_json(found.after)))
        assert standing_from_json(after) == found.after


def test_per_cent_is_exact() -> None:
    assert percent("5.25") == percent(Decimal("5.25")) == Fraction(21, 400)
