"""Obligations follow from terms, keep their keys, and lose no payment when terms change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.schedule import (
    Existing,
    Instalment,
    MoneyTerms,
    Planned,
    Reports,
    Yearly,
    apply,
    plan,
    regenerate,
)

SIGNED = date(2027, 3, 1)
LICENCE = MoneyTerms(
    "CNY",
    starts=date(2027, 10, 1),
    ends=date(2029, 6, 30),
    upfront=Instalment(20_000_000, after="signed", days=30),
    milestones=(
        Instalment(5_000_000, "pilot line", after="milestone:1"),
        Instalment(8_000_000, "approval", on=date(2028, 5, 1)),
    ),
    minimum=Yearly((30_000_000,), due_days=45),
    maintenance=Yearly((1_200_000,), due_days=0, advance=True),
    reports=Reports(6, due_days=30),
    royalty_days=15,
)


def keyed(found: tuple[Planned, ...]) -> dict[str, tuple[int | None, date | None]]:
    return {each.key: (each.amount, each.due_on) for each in found}


def test_a_licence_makes_every_obligation_of_its_terms() -> None:
    found = keyed(plan(LICENCE, {"signed": SIGNED}, until=date(2040, 1, 1)))
    assert found == {
        "upfront": (20_000_000, date(2027, 3, 31)),
        "milestone:1": (5_000_000, None),
        "milestone:2": (8_000_000, date(2028, 5, 1)),
        "minimum:2027": (7_500_000, date(2028, 2, 14)),
        "minimum:2028": (30_000_000, date(2029, 2, 14)),
        "minimum:2029": (15_000_000, date(2029, 8, 14)),
        "maintenance:2027": (300_000, date(2027, 10, 1)),
        "maintenance:2028": (1_200_000, date(2028, 1, 1)),
        "maintenance:2029": (600_000, date(2029, 1, 1)),
        "report:2027H2": (None, date(2028, 1, 30)),
        "royalty:2027H2": (None, date(2028, 2, 14)),
        "report:2028H1": (None, date(2028, 7, 30)),
        "royalty:2028H1": (None, date(2028, 8, 14)),
        "report:2028H2": (None, date(2029, 1, 30)),
        "royalty:2028H2": (None, date(2029, 2, 14)),
        "report:2029H1": (None, date(2029, 7, 30)),
        "royalty:2029H1": (None, date(2029, 8, 14)),
    }


def test_what_waits_for_an_event_comes_last_and_is_dated_when_it_happens() -> None:
    before = plan(LICENCE, {}, until=date(2028, 1, 1))
    assert [(each.key, each.waits_for) for each in before[-2:]] == [
        ("upfront", "signed"),
        ("milestone:1", "milestone:1"),
    ]
    after = keyed(plan(LICENCE, {"milestone:1": date(2028, 7, 7)}, until=date(2028, 1, 1)))
    assert after["milestone:1"] == (5_000_000, date(2028, 7, 7))


def test_every_other_form_of_payment() -> None:
    """Civil Code 846: one sum, instalments; pay after use: trial fee, buy-out, stages."""
    terms = MoneyTerms(
        "CNY",
        trial_fee=Instalment(100_000, after="effective"),
        buyout=Instalment(9_000_000, after="accepted", days=10),
        stages=(Instalment(1, after="accepted"), Instalment(2, after="accepted", days=90)),
        instalments=(Instalment(3, on=date(2027, 1, 1)), Instalment(4, on=date(2027, 7, 1))),
    )
    events = {"effective": SIGNED, "accepted": date(2027, 6, 1)}
    assert keyed(plan(terms, events, until=date(2030, 1, 1))) == {
        "instalment:1": (3, date(2027, 1, 1)),
        "trial": (100_000, SIGNED),
        "stage:1": (1, date(2027, 6, 1)),
        "buyout": (9_000_000, date(2027, 6, 11)),
        "instalment:2": (4, date(2027, 7, 1)),
        "stage:2": (2, date(2027, 8, 30)),
    }


@pytest.mark.parametrize(
    ("months", "keys"),
    [
        (3, ["2027Q4", "2028Q1", "2028Q2", "2028Q3"]),
        (6, ["2027H2", "2028H1", "2028H2"]),
        (12, ["2027", "2028"]),
    ],
)
def test_an_open_licence_is_planned_as_far_as_one_looks(months: int, keys: list[str]) -> None:
    terms = MoneyTerms("CNY", starts=date(2027, 10, 1), reports=Reports(months))
    found = plan(terms, {}, until=date(2028, 8, 15))
    assert [each.key for each in found] == [f"report:{key}" for key in keys]


def test_looking_further_only_adds() -> None:
    open_ended = MoneyTerms(
        "CNY", starts=date(2027, 10, 1), minimum=Yearly((100,)), reports=Reports(3), royalty_days=9
    )
    near = keyed(plan(open_ended, {}, until=date(2028, 2, 1)))
    far = keyed(plan(open_ended, {}, until=date(2031, 2, 1)))
    assert near.items() <= far.items()


# An amendment.


def existing(key: str, amount: int | None, paid: int = 0, **parts: Any) -> Existing:
    values: dict[str, Any] = {
        "kind": "milestone",
        "currency": "CNY",
        "due_on": date(2028, 1, 1),
    } | parts
    return Existing(key=key, amount=amount, paid=paid, **values)


def planned(key: str, amount: int | None, currency: str = "CNY") -> Planned:
    return Planned(key, "upfront", currency, amount, date(2028, 1, 1))


def test_a_lowered_sum_that_was_paid_in_part_keeps_its_payment() -> None:
    [change] = regenerate([existing("upfront", 1000, 400)], [planned("upfront", 700)])
    assert (change.action, change.surplus) == ("alter", 0)
    [after] = apply([change])
    assert (after.amount, after.paid) == (700, 400)


def test_a_sum_lowered_below_what_was_paid_leaves_a_surplus() -> None:
    [change] = regenerate([existing("upfront", 1000, 900)], [planned("upfront", 700)])
    assert (change.action, change.surplus) == ("alter", 200)


def test_a_sum_that_is_agreed_away_is_dropped_or_closed_at_what_was_paid() -> None:
    old = [existing("milestone:1", 500), existing("milestone:2", 500, 120)]
    changes = {change.key: change.action for change in regenerate(old, [])}
    assert changes == {"milestone:1": "drop", "milestone:2": "close"}
    [left] = apply(regenerate(old, []))
    assert (left.amount, left.paid) == (120, 120)


def test_what_a_statement_charged_stays_whatever_the_terms_say() -> None:
    charged = existing("royalty:2027Q1", 740, 100, charged=True)
    for new in ([], [planned("royalty:2027Q1", None)], [planned("royalty:2027Q1", 3, "USD")]):
        assert apply(regenerate([charged], new)) == (charged,)


def test_another_currency_is_another_obligation_once_something_was_paid() -> None:
    unpaid = regenerate([existing("upfront", 1000)], [planned("upfront", 150, "USD")])
    assert [(each.key, each.currency, each.amount) for each in apply(unpaid)] == [
        ("upfront", "USD", 150)
    ]
    paid = apply(regenerate([existing("upfront", 1000, 400)], [planned("upfront", 150, "USD")]))
    assert {(each.key, each.currency, each.amount, each.paid) for each in paid} == {
        ("upfront", "CNY", 400, 400),
        ("upfront/USD", "USD", 150, 0),
    }
    again = regenerate(paid, [planned("upfront", 175, "USD")])
    assert {(each.key, each.amount, each.paid) for each in apply(again)} == {
        ("upfront", 400, 400),
        ("upfront/USD", 175, 0),
    }


def test_one_key_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="comes twice"):
        regenerate([], [planned("upfront", 1), planned("upfront", 2)])


keys = st.sampled_from(["upfront", "upfront/USD", "milestone:1", "minimum:2027", "royalty:2027Q1"])
currencies = st.sampled_from(["CNY", "USD"])
days = st.dates(date(2027, 1, 1), date(2027, 1, 5))
sums = st.none() | st.integers(0, 5000)


def _as_it_can_be(each: Existing) -> Existing:
    """A key that names a currency is of that currency."""
    return replace(each, currency="USD") if "/" in each.key else each


olds = st.lists(
    st.builds(
        Existing, keys, st.just("upfront"), currencies, sums, days, st.integers(0, 5000),
        st.booleans(),
    ).map(_as_it_can_be),
    unique_by=lambda each: each.key,
)  # fmt: skip
news = st.lists(
    st.builds(
        Planned, keys.filter(lambda key: "/" not in key), st.just("upfront"), currencies, sums, days
    ),
    unique_by=lambda each: each.key,
)


def paid_by_currency(things: list[Existing] | tuple[Existing, ...]) -> dict[str, int]:
    found: dict[str, int] = {"CNY": 0, "USD": 0}
    for each in things:
        found[each.currency] += each.paid
    return found


@given(olds, st.lists(news, min_size=1, max_size=3))
def test_no_chain_of_amendments_loses_or_makes_a_payment(
    old: list[Existing], amendments: list[list[Planned]]
) -> None:
    standing: tuple[Existing, ...] = tuple(old)
    for amendment in amendments:
        changes = regenerate(standing, amendment)
        handled = [change.existing.key for change in changes if change.existing is not None]
        assert sorted(handled) == sorted(each.key for each in standing)
        after = apply(changes)
        assert paid_by_currency(after) == paid_by_currency(standing)
        assert len({each.key for each in after}) == len(after)
        charged = {each for each in standing if each.charged}
        assert charged <= set(after)
        standing = after


@given(olds, news)
def test_the_same_terms_a_second_time_change_nothing(
    old: list[Existing], new: list[Planned]
) -> None:
    once = apply(regenerate(old, new))
    twice = regenerate(once, new)
    assert {change.action for change in twice} <= {"keep"}
    assert set(apply(twice)) == set(once)


@given(olds, news)
def test_every_sum_of_the_new_terms_stands_unless_a_statement_settled_it(
    old: list[Existing], new: list[Planned]
) -> None:
    after = {each.key: each for each in apply(regenerate(old, new))}
    for each in new:
        names = (each.key, f"{each.key}/{each.currency}")
        found = [after[name] for name in names if name in after]
        wanted = (each.currency, each.amount, each.due_on)
        assert any(one.charged or (one.currency, one.amount, one.due_on) == wanted for one in found)
