"""Licences, uses and amounts for the tests of royalties."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tenon.formulas.periods import periods
from tenon.formulas.royalty import Minimum, Stacking, Terms, Tier, Use, percent

START = date(2027, 1, 1)


def yuan(amount: int | str) -> int:
    """Return fen."""
    return int(Fraction(amount) * 100)


def tiers(*pairs: tuple[int, str]) -> tuple[Tier, ...]:
    """Return tiers of (from, per cent) in yuan."""
    return tuple(Tier(yuan(start), percent(rate)) for start, rate in pairs)


def terms(rate: str = "5", **parts: Any) -> Terms:
    """Return a licence from 1 January 2027 with one rate, unless told otherwise."""
    values: dict[str, Any] = {"tiers": tiers((0, rate)), "starts": START} | parts
    return Terms(**values)


def year(amount: int | str, number: int = 2027, **parts: Any) -> Use:
    """Return the use of a calendar year, in yuan."""
    return Use(date(number, 1, 1), date(number, 12, 31), yuan(amount), **parts)


def quarters(*amounts: int | str, start: date = START, **parts: Any) -> list[Use]:
    """Return the uses of the quarters from a day on, in yuan."""
    found = periods(start, date(start.year + 20, 12, 31), months=3)
    return [
        Use(period.start, period.end, yuan(amount), **parts)
        for period, amount in zip(found, amounts, strict=False)
    ]


rates = st.integers(0, 4000).map(lambda points: Fraction(points, 10_000))
amounts = st.integers(0, 10**12)


@st.composite
def licences(draw: st.DrawFn) -> Terms:
    """Draw terms of every sort that the dataclass allows."""
    starts = sorted(draw(st.sets(st.integers(1, 10**11), max_size=4)))
    several = bool(starts)
    begins = draw(st.dates(date(2019, 1, 1), date(2031, 12, 31)))
    open_end = draw(st.booleans())
    return Terms(
        tiers=tuple(Tier(start, draw(rates)) for start in [0, *starts]),
        starts=begins,
        by_year=() if several else tuple(draw(st.lists(rates, max_size=3))),
        ends=None if open_end else draw(st.dates(begins, date(begins.year + 4, 12, 31))),
        mode=draw(st.sampled_from(["marginal", "whole"])) if several else None,
        window=draw(st.sampled_from(["period", "year", "licence"])) if several else None,
        stacking=draw(st.none() | st.builds(Stacking, rates, rates)),
        sublicence_share=draw(rates),
        minimum=draw(st.none() | minimums()),
        cap_year=draw(st.none() | st.integers(0, 10**11)),
        cap_total=draw(st.none() | st.integers(0, 10**12)),
        creditable=draw(st.integers(0, 10**10)),
        credit_limit=draw(st.sampled_from([Fraction(1), Fraction(1, 2), Fraction(1, 3)])),
        maintenance=draw(st.integers(0, 10**9)),
        carry=draw(st.booleans()),
        year_starts=draw(st.sampled_from([1, 4, 7])),
    )


def minimums() -> st.SearchStrategy[Minimum]:
    """Draw minimum annual royalties."""
    return st.builds(
        Minimum,
        st.lists(st.integers(0, 10**10), min_size=1, max_size=3).map(tuple),
        st.sampled_from(["months", "days", "none"]),
        st.booleans(),
        st.none() | st.dates(date(2019, 1, 1), date(2032, 12, 31)),
    )


@st.composite
def used(draw: st.DrawFn) -> tuple[Terms, list[Use]]:
    """Draw a licence with up to four years of reports, each following the one before."""
    licence = draw(licences())
    until = licence.ends or date(licence.starts.year + draw(st.integers(0, 3)), 12, 31)
    months = draw(st.sampled_from([3, 6, 12]))
    found = periods(
        licence.starts, max(until, licence.starts), months=months, starts=licence.year_starts
    )
    uses = [
        Use(
            period.start,
            period.end,
            draw(st.integers(-(10**9), 10**11)),
            already=draw(st.sampled_from([0, 0, 10**7])),
            sublicence_income=draw(st.sampled_from([0, 12_345_678])),
            third_party=draw(st.sampled_from([Fraction(0), Fraction(4, 100), Fraction(8, 100)])),
        )
        for period in found
    ]
    if draw(st.booleans()):
        last = uses[-1]
        uses[-1] = Use(
            last.start, last.end, last.amount, last.already, last.sublicence_income,
            last.third_party, last=True,
        )  # fmt: skip
    return licence, uses


def payable(found: Sequence[Any]) -> list[int]:
    """Return what each statement comes to."""
    return [statement.payable for statement in found]
