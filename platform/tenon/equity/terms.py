"""What the accepted terms of a deal say, as the arithmetic needs it.

Term codes are those of the three forms that bring units (deals/forms). Knows no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from tenon.formulas import equity as eq
from tenon.money import exponent

KINDS = {"limited": "limited", "by_shares": "joint_stock", "joint_stock": "joint_stock"}
"""Term ``company_kind`` -> kind of company."""

Values = Mapping[str, Any]


def minor(values: Values, code: str) -> int | None:
    """Return a money term's minor units, None where it is left out."""
    value = values.get(code)
    return None if value is None else int(value["minor"])


def part(values: Values, code: str) -> Fraction:
    """Return a percent term as a part of 1; zero where it is left out."""
    value = values.get(code)
    return Fraction(0) if value in (None, "") else Fraction(str(value)) / 100


def price_a_unit(stated: int, company: eq.Company) -> Fraction:
    """Return a price as the forms ask for it, a unit: a share, or a yuan of registered capital."""
    if company.kind == "limited":
        return Fraction(stated, 10 ** exponent(company.currency))
    return Fraction(stated)


def shown_price(price: Fraction, company: eq.Company) -> Fraction:
    """Return a price a unit as people read it: minor units a share, or a yuan of capital."""
    if company.kind == "limited":
        return price * Fraction(10 ** exponent(company.currency))
    return price


def right_of(values: Values, *, holder: str, company: eq.Company, day: date) -> eq.Right:
    """Return the subscription right that terms grant on a day.

    A valuation is divided by the units of that day, issued or fully diluted as chosen. Raises
    ValueError where there are no units to divide by, KeyError for a term that is missing.
    """
    if values["strike_rule"] == "valuation":
        whole = values.get("valuation_base") != "issued"
        units = company.diluted_units if whole else company.issued_units
        strike = eq.strike_at(minor(values, "valuation") or 0, units)
    else:
        strike = price_a_unit(minor(values, "strike") or 0, company)
    vesting = tuple(
        (date.fromisoformat(each["on"]), Fraction(str(each["percent"])) / 100)
        for each in values.get("vesting") or ()
    )
    return eq.Right(
        holder=holder,
        amount=Fraction(minor(values, "subscription_amount") or 0),
        strike=strike,
        granted_on=day,
        expires_on=date.fromisoformat(values["expiry"]),
        vesting=vesting,
        adjustment=values["adjustment"],
    )


def grant_of(values: Values, *, holder: str, day: date) -> eq.Grant:
    """Return the grant that terms make; a discount on the capped price is a lower cap."""
    discount, cap = part(values, "discount"), minor(values, "cap")
    highest = None if cap is None else Fraction(cap)
    if highest is not None and values.get("discount_and_cap") == "both":
        highest *= 1 - discount
    limit = part(values, "holding_limit")
    chosen = values.get("pre_money_includes_conversion")
    return eq.Grant(
        holder=holder,
        amount=minor(values, "grant_amount") or 0,
        granted_on=day,
        discount=discount,
        cap=highest,
        includes=None if chosen is None else chosen == "includes",
        limit=limit if 0 < limit < 1 else None,
    )
