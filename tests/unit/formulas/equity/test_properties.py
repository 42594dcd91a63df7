"""What holds for every cap table, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tenon.formulas import equity
from tenon.formulas.equity import Cash, Converting, Impossible, Technology, price_round

DAY = date(2026, 1, 1)
HOLDERS = ("university", "team", "firm", "fund")
amounts = st.integers(1, 10**11)
parts = st.fractions(0, 1, max_denominator=100)
some = st.sampled_from


class CapTable(RuleBasedStateMachine):
    """Any order of events: money is never lost, units never appear from nowhere."""

    @initialize(kind=some(equity.KINDS), first=amounts, second=amounts)
    def founding(self, kind: str, first: int, second: int) -> None:
        self.day, self.count = DAY, 0
        par = Fraction(1) if kind == "joint_stock" else None
        empty = equity.found(kind, "CNY", par)
        event = equity.Incorporation(DAY, (Cash("firm", first), Cash("university", second)))
        self.company = equity.apply(empty, event).after
        self.paid = Fraction(first + second)

    def happen(self, event: equity.Event) -> equity.Step | None:
        try:
            step = equity.apply(self.company, event)
        except Impossible:
            return None
        self.company = step.after
        return step

    @rule(days=st.integers(0, 400))
    def time_passes(self, days: int) -> None:
        self.day += timedelta(days)

    @rule(
        holder=some(HOLDERS), amount=amounts, pre=amounts, base=some(equity.BASES),
        timing=some(("", *equity.TIMINGS)), share=parts, team=parts,
    )  # fmt: skip
    def a_round(
        self, holder: str, amount: int, pre: int, base: str, timing: str, share: Fraction,
        team: Fraction,
    ) -> None:  # fmt: skip
        payment = (
            Cash(holder, amount)
            if holder != "university"
            else Technology(holder, amount, team, (("team", Fraction(1)),))
        )
        pool = equity.PoolTerms(share, timing) if timing else None
        keys = tuple(self.company.grants)
        converted = sum(grant.amount for grant in self.company.grants.values())
        before = self.company.issued_units
        step = self.happen(equity.Round(self.day, (payment,), pre, base, pool, keys))
        if step is not None:
            self.paid += amount + converted
            assert sum(line.amount for line in step.lines) == amount + converted
            assert self.company.issued_units == before + sum(line.units for line in step.lines)
            converting = [line for line in step.lines if line.what == "conversion"]
            assert all(0 <= line.residue < line.price for line in converting if line.units)
            # Of one contribution less than a unit's price is left, however it is divided.
            paid = [line for line in step.lines if line.what != "conversion"]
            left = sum(line.amount - line.units * line.price for line in paid)
            assert not any(line.units for line in paid) or 0 <= left < paid[0].price

    @rule(share=parts)
    def a_pool(self, share: Fraction) -> None:
        if self.happen(equity.Pool(self.day, share)) is not None:
            assert self.company.pool <= share * self.company.diluted_units

    @rule(amount=amounts, strike=st.fractions(1, 1000, max_denominator=50),
          adjustment=some(equity.ADJUSTMENTS), half=st.booleans())  # fmt: skip
    def a_right(self, amount: int, strike: Fraction, adjustment: str, half: bool) -> None:
        self.count += 1
        vesting = ((self.day, Fraction(1, 2)), (self.day + timedelta(200), Fraction(1, 2)))
        right = equity.Right(
            "fund", Fraction(amount), strike, self.day, self.day + timedelta(900),
            vesting if half else (), adjustment,
        )  # fmt: skip
        self.happen(equity.RightGranted(self.day, f"r{self.count}", right))

    @rule(part=parts)
    def an_exercise(self, part: Fraction) -> None:
        for key, right in list(self.company.rights.items()):
            units = int(right.exercisable_units(self.day) * part)
            step = self.happen(equity.Exercise(self.day, key, units))
            if step is not None:
                self.paid += step.lines[0].amount
                assert step.lines[0].amount >= units * right.strike
                assert right.used(units).exercised <= right.amount

    @rule(amount=amounts, discount=st.fractions(0, "0.5", max_denominator=20),
          cap=st.none() | amounts, includes=st.booleans())  # fmt: skip
    def a_grant(self, amount: int, discount: Fraction, cap: int | None, includes: bool) -> None:
        self.count += 1
        highest = None if cap is None else Fraction(cap)
        grant = equity.Grant("fund", amount, self.day, discount, highest, includes)
        self.happen(equity.GrantMade(self.day, f"g{self.count}", grant))

    @rule(seller=some(HOLDERS), buyer=some(HOLDERS), units=amounts)
    def a_transfer(self, seller: str, buyer: str, units: int) -> None:
        before = self.company.issued_units
        self.happen(equity.Transfer(self.day, seller, buyer, units))
        assert self.company.issued_units == before

    @rule(holder=some(HOLDERS), units=st.integers(1, 1000), paid=st.integers(0, 10**6))
    def a_repurchase(self, holder: str, units: int, paid: int) -> None:
        step = self.happen(equity.Repurchase(self.day, holder, units, paid))
        if step is not None:
            self.paid += step.beyond_reserve - paid

    @rule(ratio=some([Fraction(2), Fraction(3), Fraction(1, 2), Fraction(3, 2)]))
    def a_split(self, ratio: Fraction) -> None:
        shares = self.company.shares()
        self.happen(equity.Split(self.day, ratio))
        assert self.company.shares() == shares

    @invariant()
    def every_fen_is_capital_or_reserve(self) -> None:
        assert self.company.capital + self.company.reserve == self.paid

    @invariant()
    def percentages_make_one_and_nobody_is_below_zero(self) -> None:
        assert sum(self.company.shares().values()) == 1
        assert sum(self.company.diluted_shares().values()) == 1
        assert all(units > 0 for units in self.company.issued.values())
        assert self.company.pool >= 0
        assert self.company.reserve >= 0
        assert all(right.strike >= self.company.par for right in self.company.rights.values())


TestCapTable = CapTable.TestCase
TestCapTable.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


def test_a_team_without_a_whole_unit_leaves_its_value_with_the_institution() -> None:
    founded = equity.apply(
        equity.found("limited", "CNY", None),
        equity.Incorporation(DAY, (Cash("firm", 1), Cash("university", 1))),
    ).after
    given = Technology("university", 92_493_512, Fraction(1, 17), (("team", Fraction(1)),))
    step = equity.apply(founded, equity.Round(DAY, (given,), 23_837_949, "issued"))
    assert [(line.holder, line.amount, line.units) for line in step.lines] == [
        ("university", 92_493_512, 7)
    ]


grants = st.lists(
    st.builds(
        Converting,
        key=st.uuids().map(str),
        amount=st.integers(1, 10**9),
        discount=st.fractions(0, "0.6", max_denominator=20),
        cap=st.none() | st.integers(10**9, 10**12).map(Fraction),
        includes=st.booleans(),
    ),
    max_size=4,
)
rounds = {
    "pre_money": st.integers(5 * 10**9, 10**12),
    "new_money": st.integers(1, 10**12),
    "base_units": st.integers(1, 10**9),
    "converting": grants,
}


@given(**rounds)
def test_the_pre_money_is_the_price_of_the_units_that_it_includes(
    pre_money: int, new_money: int, base_units: int, converting: list[Converting]
) -> None:
    found = price_round(
        pre_money=pre_money, new_money=new_money, base_units=base_units, converting=converting
    )
    inside = sum(g.amount / found.conversions[g.key] for g in converting if g.includes)
    assert found.price * (base_units + inside) == pre_money
    for grant in converting:
        at = found.conversions[grant.key]
        assert at <= found.price * (1 - grant.discount)
        assert grant.cap is None or at <= grant.cap / base_units


@given(**rounds, percent=st.fractions("0.01", "0.2", max_denominator=100))
def test_a_pool_before_the_money_is_its_part_of_all_units_and_inside_the_pre_money(
    pre_money: int, new_money: int, base_units: int, converting: list[Converting],
    percent: Fraction,
) -> None:  # fmt: skip
    pool = equity.PoolTerms(percent, "pre_money")
    try:
        found = price_round(
            pre_money=pre_money, new_money=new_money, base_units=base_units,
            converting=converting, pool=pool,
        )  # fmt: skip
    except ValueError:
        return  # the new money is so large that its pool is worth more than the pre-money
    units = {g.key: g.amount / found.conversions[g.key] for g in converting}
    whole = (base_units + new_money / found.price + sum(units.values())) / (1 - percent)
    inside = sum(units[g.key] for g in converting if g.includes)
    assert found.price * (base_units + percent * whole + inside) == pre_money
    assert found.pool == int(percent * whole)


@given(**rounds, more=st.integers(1, 10**11))
def test_a_higher_valuation_never_lowers_the_price(
    pre_money: int, new_money: int, base_units: int, converting: list[Converting], more: int
) -> None:
    lower, higher = (
        price_round(pre_money=value, new_money=new_money, base_units=base_units,
                    converting=converting)
        for value in (pre_money, pre_money + more)
    )  # fmt: skip
    assert lower.price < higher.price


@given(**rounds)
def test_including_a_conversion_never_raises_the_price(
    pre_money: int, new_money: int, base_units: int, converting: list[Converting]
) -> None:
    outside = [replace(grant, includes=False) for grant in converting]
    terms = {"pre_money": pre_money, "new_money": new_money, "base_units": base_units}
    included = price_round(**terms, converting=converting)  # type: ignore[arg-type]  # three integers
    excluded = price_round(**terms, converting=outside)  # type: ignore[arg-type]  # three integers
    assert included.price <= excluded.price
