"""One result under several forms: the domain's vectors, more worked by hand, and what must hold.

Amounts are minor units; a plain market sells 1,000,000 a year for three years.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenon.formulas.simulation import (
    FORMS,
    PARTIES,
    Setting,
    Stage,
    cash_of,
    cumulative,
    indifferent_sales,
    npv,
    project_cash,
    simulate,
    stages,
    stays_positive_from,
)
from tenon.formulas.simulation.flows import payments

F = Fraction
PLAIN = Setting(years=3, units=F(1000), price=F(1000), team_share=F(7, 10))
MILLION = 100_000_000  # fen


def paid(form: str, setting: Setting, *, succeeds: bool = True) -> list[Fraction]:
    return payments(form, setting, succeeds=succeeds)


def parts(stage: Stage) -> dict[str, Fraction]:
    return {party: stage.part(party) for party in PARTIES if stage.units[party]}


class TestVectorsOfTheReference:
    def test_thirty_percent_for_the_technology_then_a_round(self) -> None:
        """Section 7: team 21, institution 9; after 10M at 40M: 56, 16.8, 7.2, investor 20 %."""
        setting = replace(PLAIN, equity_share=F(3, 10), round_amount=F(10), round_pre_money=F(40))
        _start, contribution, after = stages("equity", setting)
        assert parts(contribution) == {
            "firm": F(70, 100),
            "team": F(21, 100),
            "institution": F(9, 100),
        }
        assert parts(after) == {
            "firm": F(56, 100),
            "team": F(168, 1000),
            "institution": F(72, 1000),
            "investor": F(20, 100),
        }

    def test_subscription_of_half_a_million_at_twenty(self) -> None:
        """Section 7: 250,000 of 10M units at 2.0; 2.439 % after; worth 750,000 at a price of 5."""
        setting = replace(
            PLAIN,
            years=1,
            units=F(1),
            price=F(5075 * MILLION, 100),
            exit_multiple=F(1),
            subscription_amount=F(MILLION, 2),
            subscription_valuation=F(20 * MILLION),
        )
        last = stages("subscription", setting)[-1]
        holders = last.part("institution") + last.part("team")
        assert round(float(holders * 100), 3) == 2.439
        flows = cash_of("subscription", setting, succeeds=True).by_party
        assert flows["institution"][-1] + flows["team"][-1] == 750_000_00

    @pytest.mark.parametrize(
        ("discount", "public", "investor"),
        [(F(0), F(1, 31), F(5, 31)), (F(1, 5), F(4, 100), F(16, 100))],
    )
    def test_a_grant_of_two_million_converts_at_fifty(
        self, discount: Fraction, public: Fraction, investor: Fraction
    ) -> None:
        """Section 7, pre-money without the conversion: 3.226 % and 16.129 %; with 20 %, 4.0 %."""
        setting = replace(
            PLAIN,
            grant=F(2),
            round_amount=F(10),
            round_pre_money=F(50),
            conversion_discount=discount,
        )
        last = stages("invest_then_equity", setting)[-1]
        assert (last.part("public"), last.part("investor")) == (public, investor)


class TestWorkedByHand:
    def test_licence_with_growing_sales(self) -> None:
        """100,000 up front; 5 % of 1.0, 1.1 and 1.21 million; seven tenths to the team."""
        setting = replace(PLAIN, growth=F(1, 10), up_front=F(100_000), royalty_rate=F(5, 100))
        assert paid("licence", setting) == [100_000, 50_000, 55_000, 60_500]
        flows = cash_of("licence", setting, succeeds=True).by_party
        assert flows["team"] == [70_000, 35_000, 38_500, 42_350]
        assert flows["institution"] == [30_000, 15_000, 16_500, 18_150]

    def test_its_present_value_at_ten_percent(self) -> None:
        """Each royalty is worth 50,000 / 1.1 today, so 100,000 + 150,000 / 1.1."""
        flow = [F(100_000), F(50_000), F(55_000), F(60_500)]
        assert npv(flow, F(1, 10)) == 100_000 + F(150_000) / F(11, 10)

    def test_minimum_takes_the_place_of_a_lower_royalty(self) -> None:
        setting = replace(PLAIN, growth=F(1, 10), royalty_rate=F(5, 100), minimum=F(60_000))
        assert paid("licence", setting) == [0, 60_000, 60_000, 60_500]

    def test_direct_costs_come_off_before_the_team(self) -> None:
        """120,000 of cost: nothing of the first 100,000; 70 % of 30,000 in year 1."""
        setting = replace(
            PLAIN, up_front=F(100_000), royalty_rate=F(5, 100), transfer_cost=F(120_000)
        )
        flows = cash_of("licence", setting, succeeds=True).by_party
        assert flows["team"] == [0, 21_000, 35_000, 35_000]
        assert flows["institution"] == [-20_000, 29_000, 15_000, 15_000]

    def test_equity_is_worth_its_part_at_the_end(self) -> None:
        """40 % of a million is profit, five times that the company: 2,000,000, of it 30 %."""
        setting = replace(PLAIN, cost_ratio=F(6, 10), exit_multiple=F(5), equity_share=F(3, 10))
        flows = cash_of("equity", setting, succeeds=True).by_party
        assert flows["team"] == [0, 0, 0, 420_000]
        assert flows["institution"] == [0, 0, 0, 180_000]
        assert flows["firm"] == [0, 400_000, 400_000, 1_800_000]

    def test_holders_get_dividends(self) -> None:
        """Half of a profit of 400,000 is paid out; 30 % of that is 60,000 a year."""
        setting = replace(PLAIN, cost_ratio=F(6, 10), payout=F(1, 2), equity_share=F(3, 10))
        flows = cash_of("equity", setting, succeeds=True).by_party
        assert [a + b for a, b in zip(flows["team"], flows["institution"], strict=True)] == [
            0,
            60_000,
            60_000,
            60_000,
        ]

    def test_a_trial_of_eighteen_months_converts_in_the_second_year(self) -> None:
        """Trial fee 10,000; in year 2 the fee of 50,000 and half a year's 5 %; then a whole."""
        setting = replace(
            PLAIN,
            royalty_rate=F(5, 100),
            trial_months=18,
            trial_fee=F(10_000),
            conversion_fee=F(50_000),
        )
        assert paid("pay_after_use", setting) == [10_000, 0, 75_000, 50_000]
        with_minimum = replace(setting, minimum=F(60_000))
        assert paid("pay_after_use", with_minimum) == [10_000, 0, 80_000, 60_000]

    def test_a_trial_that_ends_in_a_buy_out(self) -> None:
        setting = replace(
            PLAIN, trial_months=12, trial_fee=F(5_000), pay_mode="buy_out", buy_out=F(400_000)
        )
        assert paid("pay_after_use", setting) == [5_000, 400_000, 0, 0]

    def test_a_trial_that_outlasts_the_years_pays_its_fee_alone(self) -> None:
        setting = replace(PLAIN, trial_months=48, trial_fee=F(5_000), conversion_fee=F(1))
        assert paid("pay_after_use", setting) == [5_000, 0, 0, 0]

    def test_a_failed_licence_pays_one_minimum_and_ends(self) -> None:
        setting = replace(PLAIN, up_front=F(100_000), royalty_rate=F(5, 100), minimum=F(60_000))
        assert paid("licence", setting, succeeds=False) == [100_000, 60_000, 0, 0]

    def test_a_failed_trial_costs_its_fee_alone(self) -> None:
        setting = replace(PLAIN, trial_months=6, trial_fee=F(10_000), conversion_fee=F(50_000))
        assert paid("pay_after_use", setting, succeeds=False) == [10_000, 0, 0, 0]

    def test_sixty_percent_chance(self) -> None:
        """Licence: 0.6 x 50,000 a year, and the up-front fee in any case."""
        setting = replace(
            PLAIN,
            up_front=F(100_000),
            royalty_rate=F(5, 100),
            success=F(6, 10),
            team_share=F(0),
        )
        found = simulate("licence", setting)
        assert found.expected["institution"] == [100_000, 30_000, 30_000, 30_000]
        assert found.worst["institution"] == 100_000

    def test_the_firm_has_its_launch_back_in_the_third_year(self) -> None:
        """-500,000, then 200,000 a year: -300,000, -100,000, +100,000."""
        setting = replace(PLAIN, cost_ratio=F(8, 10), launch=F(500_000))
        found = simulate("assignment", setting)
        assert found.break_even["firm"] == 3
        assert found.deepest["firm"] == -500_000
        assert found.worst["firm"] == -500_000

    def test_one_who_loses_again_breaks_even_only_afterwards(self) -> None:
        assert stays_positive_from([F(5), F(-9), F(2), F(3)]) == 3
        assert stays_positive_from([F(5), F(-9)]) is None
        assert stays_positive_from([F(0), F(0)]) == 0

    def test_selling_outright_or_five_percent(self) -> None:
        """A price of 1,000,000 equals 5 % of 20,000,000: 5,000,000 a year for four years."""
        setting = replace(PLAIN, years=4, purchase_price=F(1_000_000), royalty_rate=F(5, 100))
        for party in ("institution", "team", "firm"):
            assert indifferent_sales(setting, party, "assignment", "licence") == 5_000_000
        assert indifferent_sales(setting, "public", "assignment", "licence") is None

    def test_a_grant_without_a_round_is_repaid_and_closed_on_failure(self) -> None:
        setting = replace(PLAIN, grant=F(200_000))
        good = cash_of("invest_then_equity", setting, succeeds=True).by_party["public"]
        bad = cash_of("invest_then_equity", setting, succeeds=False).by_party["public"]
        assert good == [-200_000, 0, 0, 200_000]
        assert bad == [-200_000, 0, 0, 0]

    def test_a_cap_bounds_the_price_of_the_conversion(self) -> None:
        """Cap 25 at a pre-money of 50: twice the units, 0.08 of 1.28 are 6.25 %."""
        setting = replace(
            PLAIN,
            grant=F(2),
            round_amount=F(10),
            round_pre_money=F(50),
            conversion_cap=F(25),
        )
        assert stages("invest_then_equity", setting)[-1].part("public") == F(625, 10_000)

    def test_a_subscription_under_water_is_not_exercised(self) -> None:
        """Worth 400,000 at the end, subscribed at 1,000,000."""
        setting = replace(
            PLAIN,
            cost_ratio=F(9, 10),
            exit_multiple=F(4),
            subscription_amount=F(100_000),
            subscription_valuation=F(1_000_000),
        )
        found = simulate("subscription", setting)
        assert not found.success.exercised
        assert [each.name for each in found.held] == ["start"]
        assert found.expected["institution"][-1] == 0

    def test_what_cannot_be_is_refused_by_name(self) -> None:
        for change, name in (
            ({"years": 0}, "years"),
            ({"success": F(11, 10)}, "success"),
            ({"growth": F(-1)}, "growth"),
            ({"equity_share": F(1)}, "equity_share"),
            ({"up_front": F(-1)}, "up_front"),
            ({"round_amount": F(5)}, "round_pre_money"),
        ):
            with pytest.raises(ValueError, match=name):
                replace(PLAIN, **change)


# ---- what holds for every setting -------------------------------------------------------------

amounts = st.integers(0, 10**9).map(F)
rates = st.integers(0, 100).map(lambda n: F(n, 100))


@st.composite
def any_setting(draw: st.DrawFn) -> Setting:
    return Setting(
        years=draw(st.integers(1, 6)),
        units=draw(st.integers(0, 10_000).map(F)),
        price=draw(st.integers(0, 10**6).map(F)),
        growth=draw(st.integers(-50, 100).map(lambda n: F(n, 100))),
        cost_ratio=draw(rates),
        launch=draw(amounts),
        discount_rate=draw(rates),
        success=draw(rates),
        exit_multiple=draw(st.integers(0, 12).map(F)),
        payout=draw(rates),
        round_amount=draw(amounts),
        round_pre_money=draw(st.integers(1, 10**9).map(F)),
        transfer_cost=draw(amounts),
        team_share=draw(rates),
        purchase_price=draw(amounts),
        up_front=draw(amounts),
        royalty_rate=draw(rates),
        minimum=draw(amounts),
        annual_fee=draw(amounts),
        equity_share=draw(st.integers(0, 99).map(lambda n: F(n, 100))),
        subscription_amount=draw(amounts),
        subscription_valuation=draw(st.integers(1, 10**9).map(F)),
        trial_months=draw(st.integers(0, 40)),
        trial_fee=draw(amounts),
        pay_mode=draw(st.sampled_from(["running", "buy_out"])),
        conversion_fee=draw(amounts),
        buy_out=draw(amounts),
        grant=draw(amounts),
        conversion_discount=draw(st.integers(0, 99).map(lambda n: F(n, 100))),
        conversion_cap=draw(amounts),
    )


any_form = st.sampled_from(FORMS)


@settings(max_examples=150)
@given(any_form, any_setting(), st.booleans())
def test_what_the_parties_get_is_what_the_project_gives(
    form: str, setting: Setting, succeeds: bool
) -> None:
    flows = cash_of(form, setting, succeeds=succeeds).by_party
    together = [sum(year) for year in zip(*flows.values(), strict=True)]
    assert together == project_cash(setting, succeeds=succeeds)


@settings(max_examples=60)
@given(any_form, any_setting())
def test_present_value_without_interest_is_the_sum(form: str, setting: Setting) -> None:
    found = simulate(form, replace(setting, discount_rate=F(0)))
    for party in PARTIES:
        assert found.npv[party] == sum(found.expected[party])
        assert found.npv[party] == cumulative(found.expected[party])[-1]


@settings(max_examples=60)
@given(any_form, any_setting())
def test_nobody_is_worse_off_than_in_the_worst_case(form: str, setting: Setting) -> None:
    found = simulate(form, setting)
    for party in PARTIES:
        assert found.worst[party] <= found.npv[party]


@given(st.sampled_from(["assignment", "open_licence"]), any_setting(), amounts)
def test_a_fixed_fee_does_not_depend_on_sales(form: str, setting: Setting, units: Fraction) -> None:
    assert paid(form, setting) == paid(form, replace(setting, units=units))


@given(any_setting(), st.integers(2, 9))
def test_a_plain_royalty_grows_with_the_sales(setting: Setting, factor: int) -> None:
    plain = replace(setting, minimum=F(0), up_front=F(0))
    more = paid("licence", replace(plain, units=plain.units * factor))
    assert more == [factor * amount for amount in paid("licence", plain)]


@given(any_setting(), rates)
def test_a_higher_rate_never_pays_less(setting: Setting, rate: Fraction) -> None:
    low, high = sorted([setting.royalty_rate, rate])
    for form in ("licence", "pay_after_use"):
        less = paid(form, replace(setting, royalty_rate=low))
        more = paid(form, replace(setting, royalty_rate=high))
        assert all(a <= b for a, b in zip(less, more, strict=True))


@given(any_form, any_setting(), st.booleans())
def test_the_holders_hold_the_whole_company(form: str, setting: Setting, succeeds: bool) -> None:
    held = stages(form, setting, succeeds=succeeds)
    for before, after in pairwise(held):
        assert sum(after.part(party) for party in PARTIES) == 1
        for party in PARTIES:
            if after.units[party] == before.units[party]:
                assert after.part(party) <= before.part(party)


@settings(max_examples=60)
@given(any_form, any_setting(), st.booleans())
def test_the_team_never_pays_in_unless_it_subscribes(
    form: str, setting: Setting, succeeds: bool
) -> None:
    cash = cash_of(form, setting, succeeds=succeeds)
    if not cash.exercised:
        assert min(cash.by_party["team"]) >= 0


@settings(max_examples=12, deadline=None)
@given(any_setting(), st.sampled_from(["institution", "firm"]))
def test_at_the_sales_of_indifference_the_better_form_changes(setting: Setting, party: str) -> None:
    found = indifferent_sales(setting, party, "assignment", "licence")
    if found is None:
        return

    def gap(sales: int) -> Fraction:
        there = replace(setting, units=F(sales), price=F(1))
        values = [simulate(form, there).npv[party] for form in ("assignment", "licence")]
        return values[0] - values[1]

    assert gap(found) * gap(found - 1) <= 0
    assert gap(found - 1) != 0
