"""Every equity vector of domain-rules.md, section 7."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tenon.formulas import equity
from tenon.formulas.equity import Cash, Company, Grant, Incorporation, Right, Round, Technology

CNY = 100
MILLION = 1_000_000 * CNY
DAY = date(2026, 3, 2)


def percent(part: Fraction, places: int = 3) -> Fraction:
    """A share as a percentage, rounded half up for comparison with the printed vector."""
    scale = 10**places
    return Fraction(int(part * 100 * scale + Fraction(1, 2)), scale)


def start_up(kind: str) -> Company:
    """Founders put in 7M cash, an institution technology valued at 3M, 70 % of it to its team."""
    par = Fraction(CNY) if kind == "joint_stock" else None
    founding = Incorporation(
        DAY,
        (
            Cash("founders", 7 * MILLION),
            Technology(
                "institution", 3 * MILLION, Fraction("0.7"), (("team", Fraction(1)),), 3 * MILLION
            ),
        ),
    )
    return equity.apply(equity.found(kind, "CNY", par), founding).after


def ten_million_shares() -> Company:
    """A joint-stock company with 10M shares of CNY 1, all held by its founders."""
    empty = equity.found("joint_stock", "CNY", Fraction(CNY))
    return equity.apply(empty, Incorporation(DAY, (Cash("founders", 10 * MILLION),))).after


@pytest.mark.parametrize("kind", equity.KINDS)
def test_technology_of_3m_beside_7m_cash_is_split_between_team_and_institution(kind: str) -> None:
    shares = start_up(kind).shares()
    assert shares == {
        "founders": Fraction("0.70"),
        "institution": Fraction("0.09"),
        "team": Fraction("0.21"),
    }


@pytest.mark.parametrize("kind", equity.KINDS)
def test_a_round_of_10m_at_40m_before_money_dilutes_all_alike(kind: str) -> None:
    a_round = Round(DAY, (Cash("investor", 10 * MILLION),), 40 * MILLION, "fully_diluted")
    shares = equity.apply(start_up(kind), a_round).after.shares()
    assert shares == {
        "founders": Fraction("0.56"),
        "institution": Fraction("0.072"),
        "team": Fraction("0.168"),
        "investor": Fraction("0.20"),
    }


def warrant() -> Right:
    """The right to subscribe CNY 500,000 at a valuation of 20M over 10M units."""
    return Right(
        holder="university",
        amount=Fraction(500_000 * CNY),
        strike=equity.strike_at(20 * MILLION, 10_000_000),
        granted_on=DAY,
        expires_on=date(2029, 3, 1),
    )


def test_a_warrant_of_500000_at_a_valuation_of_20m() -> None:
    company = ten_million_shares()
    granted = equity.apply(company, equity.RightGranted(DAY, "w", warrant())).after
    assert granted.rights["w"].strike == 2 * CNY
    assert granted.rights["w"].exercisable_units(DAY) == 250_000
    step = equity.apply(granted, equity.Exercise(DAY, "w", 250_000))
    assert step.lines[0].amount == 500_000 * CNY
    assert percent(step.after.share("university")) == Fraction("2.439")
    assert step.after.rights == {}


def test_the_warrant_is_worth_750000_at_a_price_of_5() -> None:
    assert warrant().intrinsic_value(Fraction(5 * CNY)) == 750_000 * CNY
    assert warrant().intrinsic_value(Fraction(CNY)) == 0


def granted(discount: str = "0", *, includes: bool) -> Company:
    """Ten million shares and a public grant of 2M that may become equity."""
    grant = Grant("fund", 2 * MILLION, DAY, Fraction(discount), None, includes)
    return equity.apply(ten_million_shares(), equity.GrantMade(DAY, "g", grant)).after


def market_round() -> Round:
    """10M at 50M before money; the grant converts with it."""
    payments = (Cash("investor", 10 * MILLION),)
    return Round(DAY, payments, 50 * MILLION, "fully_diluted", converting=("g",))


def test_a_grant_of_2m_converts_on_top_of_the_pre_money() -> None:
    step = equity.apply(granted(includes=False), market_round())
    assert step.price == 5 * CNY
    assert step.after.issued["fund"] == 400_000
    assert percent(step.after.share("fund")) == Fraction("3.226")
    assert percent(step.after.share("investor")) == Fraction("16.129")
    assert step.after.grants == {}


def test_the_same_grant_with_a_discount_of_20_percent() -> None:
    step = equity.apply(granted("0.2", includes=False), market_round())
    assert step.after.issued["fund"] == 500_000
    assert step.after.share("fund") == Fraction("0.04")


def test_the_same_grant_where_the_pre_money_includes_it() -> None:
    step = equity.apply(granted(includes=True), market_round())
    assert step.price == Fraction("4.8") * CNY
    conversion = step.lines[-1]
    assert (conversion.what, conversion.units) == ("conversion", 416_666)
    assert conversion.residue == Fraction("3.20") * CNY
    assert percent(step.after.share("fund")) == Fraction("3.333")
    assert percent(step.after.share("investor")) == Fraction("16.667")
    assert step.after.capital + step.after.reserve == 22 * MILLION
