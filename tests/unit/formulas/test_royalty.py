"""Royalties: the vectors of domain-rules 7, more worked by hand, and what is refused."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tenon.formulas.royalty import (
    Minimum,
    Mode,
    Stacking,
    Terms,
    Tier,
    Use,
    minimum_of,
    once,
    opening,
    percent,
    reduced,
    rounded_half_up,
    state,
    statements,
)
from tests.unit.formulas.licences import (
    START,
    payable,
    quarters,
    terms,
    tiers,
    year,
    yuan,
)

THREE_TIERS = tiers((0, "5"), (5_000_000, "4"), (15_000_000, "3"))


# The vectors of domain-rules.md, section 7.


@pytest.mark.parametrize(("mode", "expected"), [("marginal", 740_000), ("whole", 540_000)])
def test_sales_of_18_million_in_three_falling_tiers(mode: Mode, expected: int) -> None:
    licence = terms(tiers=THREE_TIERS, mode=mode, window="year")
    assert payable(statements(licence, [year(18_000_000)])) == [yuan(expected)]


@pytest.mark.parametrize(
    ("earned", "top_up"), [(180_000, 120_000), (740_000, 0), (300_000, 0), (0, 300_000)]
)
def test_what_was_earned_counts_towards_the_minimum_of_the_year(earned: int, top_up: int) -> None:
    licence = terms("10", minimum=Minimum((yuan(300_000),)))
    [found] = statements(licence, [year(earned * 10)])
    assert (found.earned, found.top_up) == (yuan(earned), yuan(top_up))


def test_the_first_years_minimum_is_cut_where_sales_start_on_1_october() -> None:
    licence = terms(starts=date(2027, 10, 1), minimum=Minimum((yuan(300_000),)))
    assert minimum_of(licence, 2027) == yuan(75_000)
    [found] = statements(licence, quarters(0, start=date(2027, 10, 1)))
    assert found.payable == yuan(75_000)


@pytest.mark.parametrize(("others", "left"), [("4", "3"), ("8", "2.5"), ("0", "5")])
def test_half_of_what_others_get_comes_off_down_to_the_floor(others: str, left: str) -> None:
    stacking = Stacking(Fraction(1, 2), floor=percent("2.5"))
    assert reduced(percent(5), percent(others), stacking) == percent(left)
    licence = terms("5", stacking=stacking)
    [found] = statements(licence, [year(1_000_000, third_party=percent(others))])
    assert found.payable == yuan(10_000) * percent(left) * 100


# Worked by hand from the articles named.


def test_a_fixed_rate_of_sales() -> None:
    """Civil Code 846: a fixed share; 3.75 % of 1,234,567.89 is 46,296.295875."""
    [found] = statements(terms("3.75"), [year("1234567.89")])
    assert found.payable == yuan("46296.30")


def test_a_rising_rate_earns_more_of_what_comes_later() -> None:
    """Civil Code 846: 3 % to 2 million, 5 % above; of 3.5 million 60,000 and 75,000."""
    licence = terms(tiers=tiers((0, "3"), (2_000_000, "5")), mode="marginal", window="year")
    [found] = statements(licence, [year(3_500_000)])
    assert [step.amount for step in found.steps if step.what == "tier"] == [
        yuan(60_000),
        yuan(75_000),
    ]


def test_an_amount_for_each_unit() -> None:
    """Interpretation on technology contracts, product price as base: 12.50 for 4,321 units."""
    licence = terms(tiers=(Tier(0, Fraction(1250)),), base="units")
    [found] = statements(licence, [Use(START, date(2027, 12, 31), 4321)])
    assert found.payable == yuan("54012.50")


def test_an_amount_for_each_unit_that_falls_with_the_number() -> None:
    """2.00 for each of the first 10,000, 1.50 beyond: 25,000 units are 20,000 and 22,500."""
    licence = terms(
        tiers=(Tier(0, Fraction(200)), Tier(10_000, Fraction(150))),
        base="units",
        mode="marginal",
        window="licence",
    )
    found = statements(licence, [Use(START, date(2027, 12, 31), 25_000)])
    assert payable(found) == [yuan(42_500)]


def test_a_share_of_profit_lets_a_loss_lower_the_next_years() -> None:
    """Civil Code 846, profit as base: -200,000, then 500,000; 10 % of 300,000."""
    licence = terms("10", base="new_profit")
    uses = [year(-200_000), year(500_000, 2028)]
    assert payable(statements(licence, uses)) == [0, yuan(30_000)]
    strict = terms("10", base="new_profit", carry=False)
    assert payable(statements(strict, uses)) == [0, yuan(50_000)]


def test_an_entry_fee_is_set_off_to_half_of_each_royalty() -> None:
    """Civil Code 846, running share with an entry fee: 100,000 creditable, half a time.

    80,000 is halved; of 160,000 the 60,000 that are left come off; the rest is paid in full.
    """
    licence = terms("10", creditable=yuan(100_000), credit_limit=Fraction(1, 2))
    found = statements(licence, quarters(800_000, 1_600_000, 100_000))
    assert payable(found) == [yuan(40_000), yuan(100_000), yuan(10_000)]


def test_a_years_tiers_go_on_from_quarter_to_quarter_and_begin_anew() -> None:
    """5 % to 5 million a year, 4 % above: 3 million each quarter, then the next year's first."""
    licence = terms(tiers=THREE_TIERS[:2], mode="marginal", window="year")
    found = statements(licence, quarters(*[3_000_000] * 5))
    assert payable(found) == [
        yuan(amount) for amount in (150_000, 100_000 + 40_000, 120_000, 120_000, 150_000)
    ]


def test_tiers_over_the_licence_never_begin_anew() -> None:
    licence = terms(tiers=THREE_TIERS, mode="marginal", window="licence")
    found = statements(licence, [year(18_000_000), year(1_000_000, 2028)])
    assert payable(found) == [yuan(740_000), yuan(30_000)]


def test_tiers_of_a_period_begin_anew_with_each() -> None:
    licence = terms(tiers=THREE_TIERS[:2], mode="whole", window="period")
    found = statements(licence, quarters(6_000_000, 4_000_000))
    assert payable(found) == [yuan(240_000), yuan(200_000)]


def test_a_whole_rate_that_falls_lowers_what_was_charged_before() -> None:
    """4.5 million at 5 % are 225,000; with 1 million more all is at 4 %: 220,000, 5,000 too much.

    The 5,000 are set off against the next quarter's 40,000.
    """
    licence = terms(tiers=THREE_TIERS[:2], mode="whole", window="year")
    found = statements(licence, quarters(4_500_000, 1_000_000, 1_000_000))
    assert [each.earned for each in found] == [yuan(225_000), yuan(-5_000), yuan(40_000)]
    assert payable(found) == [yuan(225_000), 0, yuan(35_000)]


def test_a_whole_rate_that_rises_charges_the_earlier_quarters_after() -> None:
    """2 % to 1 million, 3 % from there: 600,000, then 400,000 make 12,000, then 30,000 in all."""
    licence = terms(tiers=tiers((0, "2"), (1_000_000, "3")), mode="whole", window="year")
    found = statements(licence, quarters(600_000, 400_000))
    assert payable(found) == [yuan(12_000), yuan(18_000)]
    assert found[1].steps[-1][:5] == ("rerated", yuan(600_000), percent(1), yuan(6_000), "tiers")


def test_a_minimum_is_not_raised_by_what_a_falling_whole_rate_gives_back() -> None:
    """900,000 at 10 %, then 200,000 bring all to 1 %: 79,000 too much; the minimum stays 20,000."""
    licence = terms(
        tiers=tiers((0, "10"), (1_000_000, "1")),
        mode="whole",
        window="licence",
        minimum=Minimum((yuan(20_000),)),
    )
    found = statements(licence, [year(900_000), year(200_000, 2028)])
    assert (found[1].earned, found[1].top_up, found[1].payable) == (
        yuan(-79_000),
        yuan(20_000),
        yuan(20_000),
    )
    assert found[1].after.overpaid == yuan(79_000)


def test_a_cap_ends_a_year_and_another_the_licence() -> None:
    """10 % with 50,000 a year and 80,000 in all: 50,000 of the first year, 30,000 of the second."""
    licence = terms("10", cap_year=yuan(50_000), cap_total=yuan(80_000))
    uses = quarters(*[200_000] * 9)
    found = statements(licence, uses)
    assert payable(found) == [
        yuan(amount) for amount in (20_000, 20_000, 10_000, 0, 20_000, 10_000, 0, 0, 0)
    ]
    assert [step.what for step in found[2].steps if step.what.startswith("cap")] == ["cap_year"]
    assert [step.what for step in found[5].steps if step.what.startswith("cap")] == ["cap_total"]


def test_a_share_of_what_sublicensees_pay() -> None:
    """30 % of 250,000 passed on, besides 5 % of 1 million."""
    licence = terms("5", sublicence_share=percent(30))
    [found] = statements(licence, [year(1_000_000, sublicence_income=yuan(250_000))])
    assert found.payable == yuan(125_000)


def test_a_minimum_paid_ahead_is_worked_off_in_the_year() -> None:
    """120,000 at the year's beginning; royalties of 50,000 a quarter: 30,000 and 50,000 remain."""
    licence = terms("10", minimum=Minimum((yuan(120_000),), advance=True))
    found = statements(licence, quarters(*[500_000] * 5))
    assert payable(found) == [0, 0, yuan(30_000), yuan(50_000), 0]
    assert not any(each.top_up for each in found)


def test_minimums_that_rise_with_the_years() -> None:
    licence = terms(minimum=Minimum((yuan(100), yuan(200), yuan(300))))
    assert [minimum_of(licence, number) for number in (2027, 2028, 2029, 2033)] == [
        yuan(amount) for amount in (100, 200, 300, 300)
    ]


def test_a_patent_licence_ends_with_the_patent_and_cuts_the_last_minimum() -> None:
    """Civil Code 865: ends on 19 August; 7 months and 19/31 of 300,000 a year: 190,322.58."""
    licence = terms(ends=date(2028, 8, 19), minimum=Minimum((yuan(300_000),)))
    assert minimum_of(licence, 2028) == yuan("190322.58")
    by_days = terms(ends=date(2028, 8, 19), minimum=Minimum((yuan(300_000),), prorate="days"))
    assert minimum_of(by_days, 2028) == rounded_half_up(Fraction(yuan(300_000) * 232, 366))


def test_a_minimum_that_counts_from_the_first_sale() -> None:
    """Nothing in the year before; 9 of 12 months of 120,000 in the year of the first sale."""
    found = Minimum((yuan(120_000),), starts=date(2028, 4, 1))
    licence = terms(minimum=found)
    assert [minimum_of(licence, number) for number in (2027, 2028, 2029)] == [
        0,
        yuan(90_000),
        yuan(120_000),
    ]


def test_a_rate_that_falls_from_year_to_year() -> None:
    """Civil Code 846: 5 %, then 4 %, then 3 % for good, of 1 million each year."""
    licence = terms(by_year=(percent(5), percent(4), percent(3)))
    found = statements(licence, [year(1_000_000, 2027 + number) for number in range(4)])
    assert payable(found) == [yuan(amount) for amount in (50_000, 40_000, 30_000, 30_000)]


def test_an_early_end_settles_the_minimum_up_to_that_day() -> None:
    licence = terms("10", minimum=Minimum((yuan(120_000),)))
    uses = quarters(100_000, 100_000)
    last = Use(uses[1].start, uses[1].end, uses[1].amount, last=True)
    found = statements(licence, [uses[0], last])
    assert payable(found) == [yuan(10_000), yuan(10_000) + yuan(60_000) - yuan(20_000)]


def test_a_maintenance_fee_is_set_off_once_a_year() -> None:
    licence = terms("10", maintenance=yuan(15_000))
    found = statements(licence, quarters(*[100_000] * 5))
    assert payable(found) == [yuan(amount) for amount in (0, 5_000, 10_000, 10_000, 0)]


def test_credits_do_not_lower_the_minimum() -> None:
    """Earned 20,000 all set off against the entry fee; the 80,000 to the minimum are paid."""
    licence = terms("10", creditable=yuan(500_000), minimum=Minimum((yuan(100_000),)))
    [found] = statements(licence, [year(200_000)])
    assert (found.payable, found.after.upfront_left) == (yuan(80_000), yuan(480_000))


def test_returns_beyond_a_periods_sales_lower_the_next_one() -> None:
    found = statements(terms("5"), quarters(100_000, -40_000, 60_000))
    assert payable(found) == [yuan(5_000), 0, yuan(1_000)]


def test_what_bore_its_royalty_elsewhere_bears_none_here() -> None:
    [found] = statements(terms("5"), [year(1_000_000, already=yuan(400_000))])
    assert found.payable == yuan(30_000)


def test_stacking_reduces_each_tier_and_never_raises_one_below_the_floor() -> None:
    """5 / 2 % with a floor of 2.5 %, others get 8 %: 2.5 % of the first, 2 % of the second."""
    licence = terms(
        tiers=tiers((0, "5"), (1_000_000, "2")),
        mode="marginal",
        window="year",
        stacking=Stacking(Fraction(1, 2), percent("2.5")),
    )
    [found] = statements(licence, [year(3_000_000, third_party=percent(8))])
    assert found.payable == yuan(25_000 + 40_000)
    assert [step.full for step in found.steps if step.what == "tier"] == [percent(5), None]


def test_half_a_fen_is_rounded_up_once_after_all_tiers() -> None:
    """Two tiers of 0.3 and 0.2 fen make half a fen: 1, where rounding each would make 0."""
    licence = Terms(
        tiers=(Tier(0, Fraction(3, 100)), Tier(10, Fraction(2, 100))),
        starts=START,
        mode="marginal",
        window="period",
    )
    found = state(licence, Use(START, START, 20), opening(licence))
    assert found.payable == 1
    assert found.steps[-1][:4] == ("rounding", None, None, Fraction(1, 2))


def test_a_year_that_begins_in_july_keeps_its_tiers_over_new_years_eve() -> None:
    licence = terms(
        tiers=tiers((0, "5"), (1_000_000, "4")),
        mode="marginal",
        window="year",
        starts=date(2027, 7, 1),
        year_starts=7,
    )
    found = statements(licence, quarters(*[600_000] * 5, start=date(2027, 7, 1)))
    assert payable(found) == [
        yuan(amount) for amount in (30_000, 20_000 + 8_000, 24_000, 24_000, 30_000)
    ]


# One royalty per unit.


def test_a_lot_under_two_patents_counts_once() -> None:
    assert once(["A1", "A1", "A2", "A0", "A2"], before={"A0"}) == [True, False, True, False, False]


# What is refused.


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"tiers": THREE_TIERS}, "neither is guessed"),
        ({"tiers": THREE_TIERS, "mode": "whole"}, "neither is guessed"),
        ({"tiers": ()}, "starts at 0"),
        ({"tiers": (Tier(5, Fraction(1)),)}, "starts at 0"),
        ({"tiers": (Tier(0, Fraction(1)), Tier(0, Fraction(2)))}, "above the other"),
        ({"tiers": (Tier(0, Fraction(-1)),)}, "at least 0"),
        ({"base": "units", "stacking": Stacking(Fraction(1))}, "not amounts per unit"),
        ({"ends": date(2026, 1, 1)}, "before it begins"),
        (
            {"by_year": (Fraction(1),), "tiers": THREE_TIERS, "mode": "whole", "window": "year"},
            "exclude each other",
        ),
        ({"by_year": (Fraction(-1),)}, "at least 0"),
        ({"year_starts": 13}, "twelve months"),
        ({"creditable": -1}, "at least nothing"),
        ({"credit_limit": Fraction(2)}, "between 0 and 1"),
    ],
)
def test_terms_that_do_not_say_how_to_compute_are_refused(
    parts: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        terms(**parts)


def test_periods_follow_each_other_and_stay_inside_a_year() -> None:
    licence = terms(ends=date(2029, 12, 31))
    first, second, third = quarters(1, 2, 3)
    for uses in ([second], [first, third], [first, first]):
        with pytest.raises(ValueError, match="next period begins"):
            statements(licence, uses)
    with pytest.raises(ValueError, match="over the end"):
        statements(licence, [Use(START, date(2028, 1, 31), 1)])
    with pytest.raises(ValueError, match="within the licence"):
        statements(licence, [Use(START, date(2030, 1, 31), 1)])
