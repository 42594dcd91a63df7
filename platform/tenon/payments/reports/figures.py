"""The figures of a report: read from what was typed, checked, and led to the royalty's base.

Pure. Amounts are integer minor units of the report's currency. Figures as they are kept:
``units``, ``gross``, ``deductions`` (kind -> amount), ``adjustment`` (of earlier periods, may be
negative), ``already`` (bore its royalty before), ``sublicence``, ``third_party`` (per cent, text),
``note``, and where a file of lines was read ``lines`` (how many) and ``repeated`` (left out).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Final

from tenon.errors import Invalid
from tenon.formulas.royalty import Use, percent
from tenon.money import exponent
from tenon.payments.reports.agreed import Agreed

MOST: Final = 10**15
"""Of any amount, in minor units: ten thousand thousand million of whole ones."""
MOST_UNITS: Final = 10**12
NOTE_LIMIT: Final = 2000
SALES_BASES: Final = ("net_sales", "gross_sales", "product_price")
_GROUPED = re.compile(r"^[+-]?(\d{1,3}([,，]\d{3})+|\d+)(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures a report has, by what was agreed.

    Attributes:
        units: number sold.
        amount: code of what is stated: gross sales, output value or profit; empty for none.
        deductions: kinds, in the terms' order.
        already: what bore its royalty before.
        third_party: rate paid to others.
        sublicence: income from sublicences.
        negative: whether the amount may lie below nothing (a loss).
    """

    units: bool
    amount: str
    deductions: tuple[str, ...]
    already: bool
    third_party: bool
    sublicence: bool
    negative: bool


def asked(agreed: Agreed) -> Asked:
    """Return the figures that a report has."""
    sales = agreed.base in SALES_BASES
    return Asked(
        units=sales,
        amount="" if agreed.base == "none" else "gross_sales" if sales else agreed.base,
        deductions=agreed.deductions,
        already=sales and agreed.one_per_unit,
        third_party=agreed.terms.stacking is not None,
        sublicence=agreed.terms.sublicence_share > 0,
        negative=agreed.base == "new_profit",
    )


def read_amount(text: str, currency: str, *, negative: bool = False) -> int:
    """Return an amount in minor units; raises ValueError with an error code.

    Codes: ``not_a_number``, ``too_fine`` (finer than the currency), ``out_of_range``.
    """
    cleaned = text.strip().replace(" ", "").replace("\u00a0", "")
    if not _GROUPED.match(cleaned):
        raise ValueError("not_a_number")
    try:
        scaled = Decimal(cleaned.replace(",", "").replace("，", "")).scaleb(exponent(currency))
    except InvalidOperation as error:
        raise ValueError("not_a_number") from error
    if scaled != scaled.to_integral_value():
        raise ValueError("too_fine")
    if abs(scaled) > MOST or (scaled < 0 and not negative):
        raise ValueError("out_of_range")
    return int(scaled)


def read_units(text: str) -> int:
    """Return a number of units; raises ValueError as :func:`read_amount` does."""
    cleaned = text.strip().replace(" ", "")
    if not re.fullmatch(r"\d{1,3}([,，]\d{3})+|\d+", cleaned):
        raise ValueError("not_a_number")
    found = int(cleaned.replace(",", "").replace("，", ""))
    if found > MOST_UNITS:
        raise ValueError("out_of_range")
    return found


def read(
    typed: Mapping[str, str], agreed: Agreed, *, from_lines: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a report's figures from what was typed.

    Typed names are those of the figures; deductions are ``deduction_<kind>``. ``from_lines`` are
    units, gross, deductions, already and repeated of a file that was read: these are not typed
    then. An empty amount is nothing, save for the amount itself. Raises Invalid with a code at
    every name that is wrong.
    """
    wanted = asked(agreed)
    faults: dict[str, str] = {}
    lines = from_lines or {}

    def amount(name: str, *, negative: bool = False, required: bool = False) -> int:
        text = typed.get(name, "").strip()
        if not text:
            if required:
                faults[name] = "required"
            return 0
        try:
            return read_amount(text, agreed.currency, negative=negative)
        except ValueError as error:
            faults[name] = str(error)
            return 0

    found: dict[str, Any] = {"adjustment": amount("adjustment", negative=True)}
    if lines:
        found |= lines
    else:
        found |= {
            "units": _units(typed, faults) if wanted.units else 0,
            "gross": amount("gross", negative=wanted.negative, required=True)
            if wanted.amount
            else 0,
            "deductions": {kind: amount(f"deduction_{kind}") for kind in wanted.deductions},
            "already": amount("already") if wanted.already else 0,
        }
    found["sublicence"] = amount("sublicence") if wanted.sublicence else 0
    found["third_party"] = _rate(typed, faults) if wanted.third_party else "0"
    found["note"] = typed.get("note", "").strip()
    if len(found["note"]) > NOTE_LIMIT:
        faults["note"] = "too_long"
    if found["adjustment"] and not found["note"]:
        faults["note"] = "say_why"
    if not faults and sum(found["deductions"].values()) > found["gross"] and not wanted.negative:
        faults["gross"] = "less_than_deductions"
    if faults:
        raise Invalid(faults)
    return found


def _units(typed: Mapping[str, str], faults: dict[str, str]) -> int:
    text = typed.get("units", "").strip()
    if not text:
        faults["units"] = "required"
        return 0
    try:
        return read_units(text)
    except ValueError as error:
        faults["units"] = str(error)
        return 0


def _rate(typed: Mapping[str, str], faults: dict[str, str]) -> str:
    text = typed.get("third_party", "").strip().removesuffix("%").strip()
    if not text:
        return "0"
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", text) or Decimal(text) > 100:
        faults["third_party"] = "out_of_range"
        return "0"
    return str(Decimal(text))


def net_of(figures: Mapping[str, Any]) -> int:
    """Return gross sales less deductions, with what corrects earlier periods; may be negative."""
    deducted = sum(int(minor) for minor in figures["deductions"].values())
    return int(figures["gross"]) - deducted + int(figures["adjustment"])


def use_of(figures: Mapping[str, Any], *, start: date, end: date) -> Use:
    """Return what the royalty is computed of."""
    rate = figures["third_party"]
    return Use(
        start=start,
        end=end,
        amount=net_of(figures),
        already=int(figures["already"]),
        sublicence_income=int(figures["sublicence"]),
        third_party=percent(rate) if rate != "0" else Fraction(0),
    )


def fits(figures: Mapping[str, Any], agreed: Agreed) -> bool:
    """Whether figures that were written earlier are ones that the terms ask for now."""
    wanted = asked(agreed)
    taken = [kind for kind, minor in figures["deductions"].items() if minor]
    return (
        all(kind in wanted.deductions for kind in taken)
        and (wanted.already or not figures["already"])
        and (wanted.sublicence or not figures["sublicence"])
        and (bool(wanted.amount) or not figures["gross"])
    )
