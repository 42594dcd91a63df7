"""Income sharing: the domain's vectors, more worked by hand, and what must hold for all sums.

Amounts are in fen. Sections named are those of the reference on domain rules (7: vectors,
9: policy) or of the statute that the vector was worked from.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.formulas.sharing import (
    BelowFloor,
    Floor,
    Share,
    distribute,
    main_part,
    net_income,
    own_use_reward,
    pot_of,
    split_pot,
    transfer_tax,
)
from tenon.money import split

NATIONAL = Floor.of_percent(50, binding=True, source="Act 45")
ZHEJIANG = Floor.of_percent(70, binding=True, source="Zhejiang 18")
DEFAULT = Floor.of_percent(50, binding=False, source="Act 45")


def shares(*percents: str) -> list[Share]:
    return [Share(Decimal(each)) for each in percents]


class TestVectorsOfTheReference:
    def test_a_million_less_sixty_thousand_seventy_percent_to_three(self) -> None:
        found = distribute(
            100_000_000, {"agency": 6_000_000}, Decimal("0.7"), shares("50", "30", "20")
        )
        assert found.pot == 65_800_000
        assert found.parts == (32_900_000, 19_740_000, 13_160_000)
        assert found.institution == 28_200_000

    def test_a_hundred_yuan_in_three_equal_parts(self) -> None:
        assert split(10_000, [1, 1, 1]) == [3334, 3333, 3333]
        assert split_pot(10_000, shares("33.3334", "33.3333", "33.3333")) == [3334, 3333, 3333]

    def test_seventy_percent_of_thirty_percent_of_the_equity(self) -> None:
        """Ten million units, technology 30 %: the team 21 %, the institution 9 %."""
        technology = 3_000_000
        team = pot_of(technology, Decimal("0.7"), ZHEJIANG)
        assert (team, technology - team) == (2_100_000, 900_000)

    def test_tax_on_eight_million_of_transfer_income(self) -> None:
        found = transfer_tax(800_000_000, exempt=500_000_000, rate=Decimal("0.25"))
        assert (found.exempt, found.reduced) == (500_000_000, 300_000_000)
        assert found.tax == 37_500_000


class TestWorkedByHand:
    def test_costs_of_several_kinds_come_off_first(self) -> None:
        """Zhejiang 18: 480,000 less 12,000 + 3,500.50 + 28,800 + 9,600 leaves 426,099.50."""
        costs = {"appraisal": 1_200_000, "travel": 350_050, "tax": 2_880_000, "agency": 960_000}
        assert net_income(48_000_000, costs).net == 42_609_950

    def test_costs_above_the_income_leave_nothing_and_are_told(self) -> None:
        found = net_income(5_000_000, {"appraisal": 6_200_000})
        assert (found.net, found.uncovered) == (0, 1_200_000)

    def test_the_national_floor_exactly_reached(self) -> None:
        """The Act, 45: half of 250,000.01 is 125,000.005; the team may not be below it."""
        assert pot_of(25_000_001, Decimal("0.5"), NATIONAL) == 12_500_001

    def test_forty_nine_percent_is_refused_where_the_floor_binds(self) -> None:
        with pytest.raises(BelowFloor) as refused:
            pot_of(1_000_000, Decimal("0.49"), NATIONAL)
        assert refused.value.floor.source == "Act 45"
        assert refused.value.rate == Fraction(49, 100)

    def test_forty_nine_percent_stands_where_the_floor_is_a_default(self) -> None:
        assert pot_of(1_000_000, Decimal("0.49"), DEFAULT) == 490_000

    def test_rounding_goes_up_where_the_floor_binds(self) -> None:
        """70 % of 1.02 yuan is 71.4 fen: 71 by largest remainder, 72 where 70 % binds."""
        assert pot_of(102, Decimal("0.7")) == 71
        assert pot_of(102, Decimal("0.7"), ZHEJIANG) == 72

    def test_more_than_the_floor_is_nobodys_business(self) -> None:
        assert pot_of(90_000_000, Decimal("0.85"), ZHEJIANG) == 76_500_000

    def test_all_of_it_to_the_team(self) -> None:
        assert pot_of(33_333, Decimal(1), ZHEJIANG) == 33_333

    def test_uneven_shares_of_an_uneven_pot(self) -> None:
        """100,001 fen at 33.5/33.25/33.25 %: 33,500.335 and twice 33,250.3325; one fen is left."""
        assert split_pot(100_001, shares("33.5", "33.25", "33.25")) == [33_501, 33_250, 33_250]

    def test_main_contributors_have_seventy_percent_of_the_pot(self) -> None:
        """Zhejiang: two main contributors with 45 + 25 % are at the floor."""
        crew = [
            Share(Decimal(45), main=True),
            Share(Decimal(25), main=True),
            Share(Decimal(30)),
        ]
        assert main_part(crew) == Fraction(7, 10)
        assert split_pot(1_000_000, crew, ZHEJIANG) == [450_000, 250_000, 300_000]

    def test_main_contributors_below_seventy_percent_are_refused(self) -> None:
        crew = [Share(Decimal("69.99"), main=True), Share(Decimal("30.01"))]
        with pytest.raises(BelowFloor):
            split_pot(1_000_000, crew, ZHEJIANG)

    def test_rounding_never_takes_a_fen_from_the_main_contributors(self) -> None:
        """101 fen at 35/35/30: 35.35, 35.35, 30.3 give 36/35/30; 70 % is 70.7, so 71 stands.

        103 fen at 70/30: 72.1 and 30.9 give 72/31 by largest remainder; 70 % is 72.1, so 73/30.
        """
        three = [Share(Decimal(35), main=True), Share(Decimal(35), main=True), Share(Decimal(30))]
        assert split_pot(101, three, ZHEJIANG) == [36, 35, 30]
        two = [Share(Decimal(70), main=True), Share(Decimal(30))]
        assert split_pot(103, two) == [72, 31]
        assert split_pot(103, two, ZHEJIANG) == [73, 30]

    def test_own_use_for_five_years_with_one_loss(self) -> None:
        """The Act, 45: 5 % of 2.0, 3.4, -1.0, 4.1, 5.0 million; the sixth year gives nothing."""
        floor = Floor.of_percent(5, binding=True, source="Act 45")
        profits = [200_000_000, 340_000_000, -100_000_000, 410_000_000, 500_000_000, 900_000_000]
        assert own_use_reward(profits, Decimal("0.05"), years=5, floor=floor) == [
            10_000_000,
            17_000_000,
            0,
            20_500_000,
            25_000_000,
            0,
        ]

    def test_own_use_in_zhejiang_wants_ten_percent(self) -> None:
        floor = Floor.of_percent(10, binding=True, source="Zhejiang 18")
        with pytest.raises(BelowFloor):
            own_use_reward([100_000_000], Decimal("0.05"), years=5, floor=floor)
        assert own_use_reward([100_000_000], Decimal("0.1"), years=5, floor=floor) == [10_000_000]

    def test_no_tax_up_to_the_exempt_amount(self) -> None:
        assert transfer_tax(500_000_000, exempt=500_000_000, rate=Decimal("0.25")).tax == 0
        assert transfer_tax(120_000_000, exempt=500_000_000, rate=Decimal("0.25")).exempt == (
            120_000_000
        )

    def test_half_rate_of_fifteen_percent(self) -> None:
        """A high-tech firm at 15 %: 12.3 million, 7.3 million of it at 7.5 % is 547,500."""
        assert transfer_tax(1_230_000_000, exempt=500_000_000, rate=Decimal("0.15")).tax == (
            54_750_000
        )

    def test_shares_that_do_not_sum_to_a_hundred_are_refused(self) -> None:
        with pytest.raises(ValueError, match="100"):
            split_pot(1000, shares("50", "49.99"))

    def test_a_negative_share_is_refused(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            split_pot(1000, shares("110", "-10"))


# ---- what holds for all sums ------------------------------------------------------------------

amounts = st.integers(0, 10**13)
rates = st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000)


@st.composite
def crews(draw: st.DrawFn) -> list[Share]:
    """Up to nine contributors whose percentages, of four decimals, sum to 100."""
    cuts = sorted(draw(st.lists(st.integers(0, 1_000_000), max_size=8)))
    edges = [0, *cuts, 1_000_000]
    return [Share(Decimal(b - a) / 10_000, main=draw(st.booleans())) for a, b in pairwise(edges)]


@given(amounts, st.lists(amounts, max_size=4), rates, crews())
def test_every_fen_goes_somewhere_and_nobody_is_negative(
    income: int, costs: list[int], rate: Decimal, crew: list[Share]
) -> None:
    found = distribute(income, {str(n): cost for n, cost in enumerate(costs)}, rate, crew)
    assert sum(found.parts) == found.pot
    assert found.pot + found.institution == found.net.net
    assert income - sum(costs) == found.net.net - found.net.uncovered
    assert min(found.parts) >= 0
    assert min(found.institution, found.net.net, found.net.uncovered) >= 0


@given(amounts, rates, rates)
def test_the_pot_is_never_below_a_floor_that_binds(net: int, rate: Decimal, least: Decimal) -> None:
    floor = Floor(Fraction(least), binding=True)
    try:
        pot = pot_of(net, rate, floor)
    except BelowFloor:
        assert rate < least
    else:
        assert rate >= least
        assert Fraction(pot) >= floor.rate * net
        assert abs(pot - Fraction(rate) * net) < 1


@given(amounts, crews(), rates)
def test_the_main_contributors_are_never_below_their_floor(
    pot: int, crew: list[Share], least: Decimal
) -> None:
    floor = Floor(Fraction(least), binding=True)
    try:
        parts = split_pot(pot, crew, floor)
    except BelowFloor:
        assert main_part(crew) < floor.rate
        return
    assert sum(parts) == pot
    assert min(parts) >= 0
    assert sum(part for part, s in zip(parts, crew, strict=True) if s.main) >= floor.rate * pot
    for part, share in zip(parts, crew, strict=True):
        assert abs(part - Fraction(share.percent) * pot / 100) < 2


@given(amounts, crews())
def test_who_has_more_percent_never_gets_less(pot: int, crew: list[Share]) -> None:
    parts = split_pot(pot, crew)
    for part, share in zip(parts, crew, strict=True):
        for other, rival in zip(parts, crew, strict=True):
            if share.percent > rival.percent:
                assert part >= other


@given(amounts, amounts, rates)
def test_the_tax_grows_with_the_income_and_never_exceeds_the_full_rate(
    income: int, more: int, rate: Decimal
) -> None:
    low = transfer_tax(income, exempt=500_000_000, rate=rate)
    high = transfer_tax(income + more, exempt=500_000_000, rate=rate)
    assert low.tax <= high.tax
    assert low.exempt + low.reduced == income
    assert low.tax <= Fraction(rate) * income + 1


@given(st.lists(st.integers(-(10**11), 10**11), max_size=8), rates, st.integers(0, 6))
def test_own_use_pays_only_in_its_years_and_never_for_a_loss(
    profits: list[int], rate: Decimal, years: int
) -> None:
    rewards = own_use_reward(profits, rate, years=years)
    assert len(rewards) == len(profits)
    for number, (profit, reward) in enumerate(zip(profits, rewards, strict=True)):
        assert reward >= 0
        if profit <= 0 or number >= years:
            assert reward == 0
