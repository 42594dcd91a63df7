"""What the terms of a deal would bring, before anything is recorded; nothing is kept.

``Picture`` of a contribution as accepted or proposed, of a right exercised wholly, and of rounds
and pools that somebody tries out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from tenon.equity import terms
from tenon.formulas import equity as eq

OTHERS, INSTITUTION, TEAM, HOLDER, INVESTOR = "?others", "?institution", "?team", "?holder", "?new"
"""Keys of holders that a preview names and the table does not know yet."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Two states, with the step between them."""

    before: eq.Company
    after: eq.Company
    step: eq.Step


def contribution(values: Mapping[str, Any], company: eq.Company, day: date) -> Preview | None:
    """Return what contributed technology would bring; None while terms are missing.

    At a founding beside the others' cash, at the price that the part of it which becomes
    registered capital gives (par, where none is stated); else at the pre-money valuation.
    Raises ``equity.Impossible``.
    """
    value = terms.minor(values, "technology_value")
    if not value:
        return None
    share = terms.part(values, "team_share")
    technology = eq.Technology(INSTITUTION, value, share, ((TEAM, Fraction(1)),))
    event: eq.Event
    if values.get("new_company") is True:
        cash = terms.minor(values, "cash_contributions") or 0
        payments = (eq.Cash(OTHERS, cash), technology) if cash else (technology,)
        event = eq.Incorporation(day, payments, founding_price(values, company))
        company = replace(company, issued={})
    else:
        pre_money = terms.minor(values, "pre_money")
        if not pre_money or not company.issued_units:
            return None
        base = "fully_diluted" if values.get("pre_money_base") == "fully_diluted" else "issued"
        event = eq.Round(day, (technology,), pre_money, base)
    step = eq.apply(company, event)
    return Preview(company, step.after, step)


def founding_price(values: Mapping[str, Any], company: eq.Company) -> Fraction | None:
    """Return the price a unit at which terms found a company, None for par."""
    value, capital = (terms.minor(values, code) for code in ("technology_value", "capital_part"))
    if not value or not capital or company.kind != "limited":
        return None
    return Fraction(value, capital)


def subscription(values: Mapping[str, Any], company: eq.Company, day: date) -> Preview | None:
    """Return what a right would bring if it were exercised wholly at once."""
    if not company.issued_units or not values.get("strike_rule"):
        return None
    try:
        right = terms.right_of(values, holder=HOLDER, company=company, day=day)
    except (KeyError, TypeError, ValueError):
        return None  # terms that are still being drafted
    whole = replace(right, vesting=(), expires_on=date.max)
    granted = eq.apply(company, eq.RightGranted(day, HOLDER, whole)).after
    step = eq.apply(granted, eq.Exercise(day, HOLDER, whole.open_units))
    return Preview(company, step.after, step)


def exercised(company: eq.Company, key: str, day: date) -> Preview | None:
    """Return what a right of the table would bring if what is open of it were exercised now.

    None where nothing of it is open any more.
    """
    right = company.rights.get(key)
    if right is None or not right.open_units:
        return None
    whole = replace(right, vesting=(), expires_on=date.max)
    granted = replace(company, rights={**company.rights, key: whole})
    step = eq.apply(granted, eq.Exercise(day, key, whole.open_units))
    return Preview(company, step.after, step)


@dataclass(frozen=True, slots=True)
class Trial:
    """A round that somebody tries out: minor units, a part of all units for the pool."""

    amount: int
    pre_money: int
    pool: Fraction = Fraction(0)


def rounds(
    company: eq.Company,
    trials: Sequence[Trial],
    *,
    base: str,
    timing: str,
    day: date,
    converts: bool,
) -> list[eq.Step]:
    """Return the steps of rounds on top of a company; open grants convert with the first, if asked.

    Raises ``equity.Impossible``.
    """
    steps: list[eq.Step] = []
    for number, trial in enumerate(trials, start=1):
        pool = eq.PoolTerms(trial.pool, timing) if trial.pool else None
        keys = tuple(company.grants) if converts and number == 1 else ()
        payments = (eq.Cash(f"{INVESTOR}{number}", trial.amount),)
        event = eq.Round(day, payments, trial.pre_money, base, pool, keys)
        steps.append(eq.apply(company, event))
        company = steps[-1].after
    return steps
