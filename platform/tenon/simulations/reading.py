"""What was typed, as a setting of the formulas: exact, checked, kept as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from tenon.errors import Invalid
from tenon.formulas.simulation import FORMS, Setting
from tenon.money import exponent
from tenon.simulations.catalogue import Input, catalogue

MOST_FORMS = 6
_DIGITS = 4
FIRST_FORMS = ("assignment", "licence", "equity", "pay_after_use")
_SETTING = frozenset(field.name for field in fields(Setting))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the simulator.

    Attributes:
        forms: one to six, in the catalogue's order.
        values: input -> exact text, every input of the catalogue.
        currency: of all amounts.
    """

    forms: tuple[str, ...]
    values: Mapping[str, str]
    currency: str = "CNY"

    def setting(self) -> Setting:
        """Return it for the formulas; amounts in minor units, rates as parts of one."""
        scale = 10 ** exponent(self.currency)
        known: dict[str, Any] = {}
        for code, text in self.values.items():
            asked = catalogue().inputs[code]
            known[code] = text if asked.kind == "choice" else _exact(asked, text, scale)
        technology, company = known["technology_value"], known["company_value"]
        known["equity_share"] = technology / (technology + company)
        return Setting(**{name: value for name, value in known.items() if name in _SETTING})


def _exact(asked: Input, text: str, scale: int) -> Fraction | int:
    number = Fraction(Decimal(text))
    if asked.kind == "money":
        return number * scale
    if asked.kind == "percent":
        return number / 100
    return int(number) if asked.kind in ("years", "months") else number


def first_values() -> dict[str, str]:
    """Return every input's default."""
    return {code: each.default for code, each in catalogue().inputs.items()}


def ask(
    forms: list[str], typed: Mapping[str, str], *, currency: str = "CNY"
) -> tuple[Question, Mapping[str, str]]:
    """Return a question, and input -> error code of what could not be taken.

    What was not typed has its default; what could not be taken too, so that the page always has
    something to show. The faults of ``forms`` are ``required`` and ``too_many``.
    """
    faults: dict[str, str] = {}
    values = first_values()
    for code, asked in catalogue().inputs.items():
        if code not in typed:
            continue
        try:
            values[code] = check(asked, typed[code])
        except Invalid as error:
            faults[code] = error.fields[code]
    chosen = tuple(form for form in FORMS if form in forms)
    if not chosen:
        faults["forms"] = "required"
        chosen = FIRST_FORMS
    if len(chosen) > MOST_FORMS:
        faults["forms"] = "too_many"
        chosen = chosen[:MOST_FORMS]
    return Question(chosen, values, currency), faults


def check(asked: Input, text: str) -> str:
    """Return an input's text in the one form that is kept; raises Invalid at its code."""
    plain = text.replace(",", "").replace("，", "").replace("%", "").strip()
    if asked.kind == "choice":
        if plain not in {each.code for each in asked.choices}:
            raise Invalid({asked.code: "unknown_code"})
        return plain
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise Invalid({asked.code: "not_a_number" if plain else "required"}) from None
    if not number.is_finite():
        raise Invalid({asked.code: "not_a_number"})
    # First of all, since working with 1e999999999 would take this machine's memory.
    if not asked.low <= number <= asked.high:
        raise Invalid({asked.code: "out_of_range"})
    whole = asked.kind in ("years", "months", "count")
    exact = number.as_tuple().exponent
    if (whole and number != int(number)) or (isinstance(exact, int) and exact < -_DIGITS):
        raise Invalid({asked.code: "too_fine"})
    return f"{number.normalize():f}"
