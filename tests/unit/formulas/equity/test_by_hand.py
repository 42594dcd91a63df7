"""Cases worked by hand from the Company Law and from the terms that such agreements state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from tenon.formulas import equity
from tenon.formulas.equity import Cash, Company, Grant, Impossible, Round, Technology
from tests.unit.formulas.equity.test_vectors import (
    CNY,
    DAY,
    MILLION,
    granted,
    market_round,
    start_up,
    ten_million_shares,
    warrant,
)

LATER = date(2027, 6, 1)


def cash_round(amount: int, pre_money: int, **terms: object) -> Round:
    """A round of one investor's cash, on fully diluted units."""
    payments = (Cash("investor", amount),)
    return replace(Round(LATER, payments, pre_money, "fully_diluted"), **terms)  # type: ignore[arg-type]  # the test's own terms


def refused(company: Company, event: equity.Event) -> str:
    """The code with which an event is refused."""
    with pytest.raises(Impossible) as caught:
        equity.apply(company, event)
    return caught.value.code


def test_in_a_limited_company_the_premium_of_a_round_is_capital_reserve() -> None:
    after = equity.apply(start_up("limited"), cash_round(10 * MILLION, 40 * MILLION)).after
    assert after.capital == Fraction("12.5") * MILLION
    assert after.reserve == Fraction("7.5") * MILLION
    assert after.issued["investor"] == 250_000_000  # fen of registered capital


def test_article_227_each_holder_may_take_up_its_part_of_an_increase() -> None:
    holdings = {"a": 5_000_000, "b": 3_000_000, "c": 2_000_000}
    assert equity.preemptive_units(1_000_001, holdings) == {
        "a": 500_001,
        "b": 300_000,
        "c": 200_000,
    }


def test_article_227_counts_what_was_paid_in_and_not_what_was_promised() -> None:
    holdings = {"a": 6_000_000, "b": 4_000_000}
    paid_in = {"a": 6_000_000, "b": 2_000_000}
    assert equity.preemptive_units(1_000_000, holdings, paid_in) == {"a": 750_000, "b": 250_000}


def test_article_227_joint_stock_companies_need_a_clause_and_limited_ones_an_exception() -> None:
    assert equity.has_preemption("limited")
    assert not equity.has_preemption("limited", stated=False)
    assert not equity.has_preemption("joint_stock")
    assert equity.has_preemption("joint_stock", stated=True)


def test_article_48_technology_is_not_taken_above_its_appraised_value() -> None:
    technology = Technology("institution", 3 * MILLION, appraised=2_900_000 * CNY)
    a_round = Round(LATER, (technology,), 40 * MILLION, "issued")
    assert refused(start_up("limited"), a_round) == "above_appraisal"
    assert equity.appraisal_flaw(3 * MILLION, None) == "missing"
    assert equity.appraisal_flaw(3 * MILLION, 4 * MILLION) == "below"
    assert equity.appraisal_flaw(3 * MILLION, 3 * MILLION) is None


def test_articles_49_and_50_what_technology_was_worth_less_is_owed() -> None:
    assert equity.shortfall(3 * MILLION, 2_200_000 * CNY) == 800_000 * CNY
    assert equity.shortfall(3 * MILLION, 3_500_000 * CNY) == 0


def test_article_152_an_authorised_board_issues_half_and_nothing_for_technology() -> None:
    issued = {"issued_at_authorisation": 10_000_000, "issued_since": 3_000_000}
    assert equity.board_may_issue(**issued, technology=False) == 2_000_000
    assert equity.board_may_issue(**issued, technology=True) == 0


def test_technology_enters_an_existing_company_at_the_price_of_the_round() -> None:
    # 8M before money over 10M shares: 0.80 is below par; 12M: 1.20, so 2.5M units for 3M.
    technology = Technology("university", 3 * MILLION, Fraction("0.5"),
                            (("inventor A", Fraction(3)), ("inventor B", Fraction(1))))  # fmt: skip
    step = equity.apply(
        ten_million_shares(), Round(LATER, (technology,), 12 * MILLION, "fully_diluted")
    )
    assert step.after.issued == {
        "founders": 10_000_000,
        "university": 1_250_000,
        "inventor A": 937_500,
        "inventor B": 312_500,
    }
    assert step.after.share("university") == Fraction("0.1")


def test_no_share_is_issued_below_par() -> None:
    assert refused(ten_million_shares(), cash_round(MILLION, 8 * MILLION)) == "below_par"


def test_a_pool_made_before_the_money_is_paid_for_by_those_before() -> None:
    # 20 % to the investor, 10 % pool, 70 % = 10M shares: 14,285,714.28 shares, price 3.50.
    pool = equity.PoolTerms(Fraction("0.1"), "pre_money")
    step = equity.apply(ten_million_shares(), cash_round(10 * MILLION, 40 * MILLION, pool=pool))
    assert step.price == Fraction("3.5") * CNY
    assert step.after.issued["investor"] == 2_857_142
    assert step.after.pool == 1_428_571


def test_a_pool_made_after_the_money_is_paid_for_by_all() -> None:
    pool = equity.PoolTerms(Fraction("0.1"), "post_money")
    step = equity.apply(ten_million_shares(), cash_round(10 * MILLION, 40 * MILLION, pool=pool))
    assert step.price == 4 * CNY
    assert step.after.issued["investor"] == 2_500_000
    assert step.after.pool == 1_388_888  # a ninth of 12.5M


def test_a_pool_that_is_large_enough_already_stays_as_it_is() -> None:
    with_pool = equity.apply(ten_million_shares(), equity.Pool(DAY, Fraction("0.2"))).after
    assert with_pool.pool == 2_500_000
    pool = equity.PoolTerms(Fraction("0.1"), "pre_money")
    step = equity.apply(with_pool, cash_round(10 * MILLION, 50 * MILLION, pool=pool))
    assert step.price == 4 * CNY
    assert step.after.pool == 2_500_000


def test_a_pool_and_a_conversion_in_one_round() -> None:
    # Excluded grant 2M, pool 10 % before the money, round 10M at 40M: all units are worth 52M at
    # the price, the pool 5.2M of it, so that 10M shares are worth 34.8M: 3.48 each.
    grant = Grant("fund", 2 * MILLION, DAY, includes=False)
    company = equity.apply(ten_million_shares(), equity.GrantMade(DAY, "g", grant)).after
    pool = equity.PoolTerms(Fraction("0.1"), "pre_money")
    step = equity.apply(
        company, cash_round(10 * MILLION, 40 * MILLION, pool=pool, converting=("g",))
    )
    assert step.price == Fraction("3.48") * CNY
    assert step.after.issued["fund"] == 574_712
    assert step.after.pool == 1_494_252


def capped(cap: int, discount: str, *, includes: bool) -> Company:
    """A grant of 2M with a cap over ten million shares."""
    grant = Grant("fund", 2 * MILLION, DAY, Fraction(discount), Fraction(cap), includes)
    return equity.apply(ten_million_shares(), equity.GrantMade(DAY, "g", grant)).after


def test_a_cap_of_30m_converts_at_3_whatever_the_round_pays() -> None:
    step = equity.apply(capped(30 * MILLION, "0", includes=False), market_round())
    assert step.lines[-1].price == 3 * CNY
    assert step.lines[-1].units == 666_666
    assert step.lines[-1].residue == 2 * CNY


def test_a_cap_inside_the_pre_money_lowers_the_price_for_the_investor_too() -> None:
    step = equity.apply(capped(30 * MILLION, "0", includes=True), market_round())
    assert step.price == Fraction("4.6875") * CNY  # 50M over 10,666,666.67
    assert step.lines[-1].units == 666_666


def test_of_discount_and_cap_the_lower_price_holds() -> None:
    step = equity.apply(capped(45 * MILLION, "0.2", includes=False), market_round())
    assert step.lines[-1].price == 4 * CNY  # 20 % off 5.00 is below 45M over 10M
    step = equity.apply(capped(35 * MILLION, "0.2", includes=False), market_round())
    assert step.lines[-1].price == Fraction("3.5") * CNY


def test_two_grants_one_inside_the_pre_money_and_capped_one_outside() -> None:
    company = capped(30 * MILLION, "0", includes=True)
    second = equity.GrantMade(DAY, "h", Grant("city", MILLION, DAY, Fraction("0.2"), None, False))
    company = equity.apply(company, second).after
    step = equity.apply(company, replace(market_round(), converting=("g", "h")))
    assert step.price == Fraction("4.6875") * CNY
    assert step.after.issued["city"] == 266_666  # 1M at 3.75


def test_nothing_converts_before_it_is_chosen_whether_the_pre_money_includes_it() -> None:
    grant = Grant("fund", 2 * MILLION, DAY)
    company = equity.apply(ten_million_shares(), equity.GrantMade(DAY, "g", grant)).after
    assert refused(company, market_round()) == "includes_not_chosen"


def test_a_pre_money_below_what_it_includes_is_refused() -> None:
    company = granted(includes=True)
    small = replace(market_round(), pre_money=2 * MILLION)
    assert refused(company, small) == "pre_money_too_small"


def test_a_grant_that_is_repaid_leaves_the_table_as_it_was() -> None:
    company = granted(includes=False)
    after = equity.apply(company, equity.GrantClosed(LATER, "g", "repaid")).after
    assert after.issued == ten_million_shares().issued
    assert after.grants == {}
    assert refused(after, market_round()) == "no_such_grant"


def test_a_conversion_confirmed_later_issues_what_the_round_priced() -> None:
    # Included: the investor pays 4.80 at once; the fund's units follow, at the same price.
    company = granted(includes=True)
    priced = replace(market_round(), converting=(), pricing=("g",))
    company = equity.apply(company, priced).after
    assert company.issued["investor"] == 2_083_333
    assert "fund" not in company.issued
    company = equity.apply(company, equity.Split(LATER, Fraction(2))).after
    step = equity.apply(company, equity.Conversion(LATER, "g"))
    assert step.lines[0].price == Fraction("2.4") * CNY
    assert step.after.issued["fund"] == 833_333
    assert refused(step.after, equity.Conversion(LATER, "g")) == "no_such_grant"


def test_a_grant_that_no_round_has_priced_does_not_convert() -> None:
    assert refused(granted(includes=True), equity.Conversion(LATER, "g")) == "not_priced"


def test_a_limit_on_the_funders_part_leaves_the_rest_to_be_repaid() -> None:
    # 10M + 2M units; at most 2 %: 12M * 2/98 = 244,897 units for 1,224,485; 775,515 repaid.
    company = granted(includes=False)
    grant = replace(company.grants["g"], limit=Fraction("0.02"))
    company = replace(company, grants={"g": grant})
    step = equity.apply(company, market_round())
    assert step.lines[-1].units == 244_897
    assert step.lines[-1].amount == 1_224_485 * CNY
    assert step.after.share("fund") <= Fraction("0.02")


def test_a_grant_may_convert_at_an_agreed_valuation_where_no_round_came() -> None:
    company = granted(includes=True)
    price = equity.strike_at(25 * MILLION, 10_000_000)
    step = equity.apply(company, equity.Conversion(LATER, "g", price))
    assert step.after.issued["fund"] == 800_000


def with_warrant(adjustment: str) -> Company:
    """Ten million shares and the warrant at 2.00, adjusted as stated."""
    right = replace(warrant(), adjustment=adjustment)
    return equity.apply(ten_million_shares(), equity.RightGranted(DAY, "w", right)).after


@pytest.mark.parametrize(
    ("adjustment", "strike", "units"),
    [
        ("none", Fraction(2), 250_000),
        ("full_ratchet", Fraction("1.25"), 400_000),
        # 10.25M units before; 1M money buys 500,000 at 2.00 and gets 800,000:
        # 2 * 10.75 / 11.05.
        ("weighted_average", Fraction(430, 221), 256_976),
    ],
)
def test_a_cheaper_round_moves_the_strike_as_agreed(
    adjustment: str, strike: Fraction, units: int
) -> None:
    step = equity.apply(with_warrant(adjustment), cash_round(MILLION, 12_812_500 * CNY))
    assert step.price == Fraction("1.25") * CNY
    assert step.after.rights["w"].strike == strike * CNY
    assert step.after.rights["w"].open_units == units


def test_a_dearer_round_moves_no_strike() -> None:
    step = equity.apply(with_warrant("full_ratchet"), cash_round(MILLION, 40 * MILLION))
    assert step.moved == {}


def test_a_split_halves_strike_and_par_and_doubles_units() -> None:
    after = equity.apply(with_warrant("none"), equity.Split(LATER, Fraction(2))).after
    assert after.rights["w"].strike == CNY
    assert after.rights["w"].open_units == 500_000
    assert after.issued["founders"] == 20_000_000
    assert after.capital == 10 * MILLION


def test_a_limited_company_multiplies_its_capital_only_out_of_its_reserve() -> None:
    company = equity.apply(start_up("limited"), cash_round(10 * MILLION, 40 * MILLION)).after
    after = equity.apply(company, equity.Split(LATER, Fraction("1.6"))).after
    assert after.capital == 20 * MILLION
    assert after.reserve == 0
    assert after.shares() == company.shares()
    assert refused(company, equity.Split(LATER, Fraction(2))) == "reserve_too_small"


def test_a_consolidation_that_would_leave_parts_of_shares_is_refused() -> None:
    assert refused(ten_million_shares(), equity.Split(LATER, Fraction(1, 3))) == (
        "split_leaves_parts"
    )


def vesting() -> Company:
    """The warrant, a quarter vested after one year, a quarter after two, the rest shortly after."""
    steps = ((date(2027, 3, 1), Fraction("0.25")), (date(2028, 3, 1), Fraction("0.25")),
             (date(2028, 9, 1), Fraction("0.5")))  # fmt: skip
    right = replace(warrant(), vesting=steps)
    return equity.apply(ten_million_shares(), equity.RightGranted(DAY, "w", right)).after


def test_a_right_is_exercised_in_part_as_it_vests() -> None:
    company = vesting()
    assert company.rights["w"].exercisable_units(date(2027, 2, 28)) == 0
    assert company.rights["w"].exercisable_units(date(2027, 3, 1)) == 62_500
    company = equity.apply(company, equity.Exercise(date(2027, 4, 1), "w", 40_000)).after
    assert company.rights["w"].exercisable_units(date(2028, 3, 1)) == 85_000
    assert company.rights["w"].open_units == 210_000
    assert refused(company, equity.Exercise(date(2028, 3, 2), "w", 85_001)) == "not_exercisable"


def test_nothing_is_exercised_after_the_last_day() -> None:
    company = vesting()
    assert company.rights["w"].exercisable_units(date(2029, 3, 1)) == 250_000
    assert refused(company, equity.Exercise(date(2029, 3, 2), "w", 1)) == "not_exercisable"
    lapsed = equity.apply(company, equity.RightLapsed(date(2029, 3, 2), "w")).after
    assert lapsed.diluted_units == 10_000_000


def test_part_of_a_right_used_before_a_split_stays_used() -> None:
    company = vesting()
    company = equity.apply(company, equity.Exercise(date(2027, 4, 1), "w", 50_000)).after
    company = equity.apply(company, equity.Split(date(2027, 5, 1), Fraction(4))).after
    assert company.rights["w"].exercisable_units(date(2027, 5, 2)) == 50_000
    assert company.rights["w"].open_units == 800_000


def test_vesting_parts_must_make_up_the_whole() -> None:
    right = replace(warrant(), vesting=((LATER, Fraction("0.9")),))
    event = equity.RightGranted(DAY, "w", right)
    assert refused(ten_million_shares(), event) == "vesting_sum"


def test_an_exercise_at_a_strike_with_parts_of_a_fen_is_paid_rounded_up() -> None:
    right = replace(warrant(), strike=Fraction(1000, 3))
    assert right.payment(2) == 667


def test_options_are_issued_out_of_the_pool() -> None:
    company = equity.apply(ten_million_shares(), equity.Pool(DAY, Fraction("0.1"))).after
    assert company.pool == 1_111_111
    step = equity.apply(company, equity.PoolIssued(LATER, "engineer", 111_111, 111_111 * CNY))
    assert step.after.pool == 1_000_000
    assert step.after.diluted_units == company.diluted_units


def test_a_transfer_moves_units_and_no_capital() -> None:
    company = start_up("limited")
    after = equity.apply(company, equity.Transfer(LATER, "founders", "buyer", 100_000_000)).after
    assert after.issued["buyer"] == 100_000_000
    assert (after.capital, after.reserve) == (company.capital, company.reserve)
    assert refused(company, equity.Transfer(LATER, "team", "buyer", 210_000_001)) == (
        "not_enough_units"
    )


def test_a_repurchase_cancels_units_and_says_what_the_reserve_did_not_cover() -> None:
    company = equity.apply(start_up("limited"), cash_round(10 * MILLION, 40 * MILLION)).after
    # 210M fen of capital bought back for 10M: 7.9M beyond par, 7.5M of it out of the reserve.
    step = equity.apply(company, equity.Repurchase(LATER, "team", 210_000_000, 10 * MILLION))
    assert "team" not in step.after.issued
    assert step.after.reserve == 0
    assert step.beyond_reserve == 400_000 * CNY


def test_events_run_forward_in_time_and_begin_with_the_founding() -> None:
    empty = equity.found("limited", "CNY")
    assert refused(empty, equity.Pool(DAY, Fraction("0.1"))) == "not_founded"
    events: list[equity.Event] = [
        equity.Incorporation(LATER, (Cash("a", 100),)),
        equity.Transfer(DAY, "a", "b", 10),
    ]
    with pytest.raises(Impossible, match="out_of_order"):
        equity.course(empty, events)


def test_shown_percentages_add_up_to_100() -> None:
    shown = equity.shown_percentages({"a": 1, "b": 1, "c": 1}, places=2)
    assert list(shown.values()) == [Fraction("33.34"), Fraction("33.33"), Fraction("33.33")]
