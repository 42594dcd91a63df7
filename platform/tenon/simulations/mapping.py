"""Between the simulator's inputs and the terms of deals, as the data file maps them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from tenon.deals import forms
from tenon.money import exponent
from tenon.simulations.catalogue import catalogue
from tenon.simulations.reading import Question

Values = Mapping[str, Any]
"""Term code -> JSON by its type, as versions of terms keep it."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """How one simulated form stands for deal forms.

    Attributes:
        deal_forms: codes of the deal forms.
        parts: (pay mode or None, terms with a fixed value, term -> input).
    """

    deal_forms: tuple[str, ...]
    parts: tuple[tuple[str | None, Mapping[str, Any], Mapping[str, str]], ...]


@cache
def mapping() -> Mapping[str, Mapped]:
    """Return simulated form -> how it is mapped; raises ValueError for an unknown term or input."""
    text = files(__package__).joinpath("mapping.toml").read_text(encoding="utf-8")
    found = {code: _read(said) for code, said in tomllib.loads(text).items()}
    for code, each in found.items():
        for deal_form in each.deal_forms:
            terms = {term.code for term in forms.get(deal_form).terms}
            for _mode, fixed, mapped in each.parts:
                unknown = ({*fixed, *mapped} - terms) | (
                    set(mapped.values()) - set(catalogue().inputs)
                )
                if unknown:
                    raise ValueError(f"{code}, {deal_form}: unknown {sorted(unknown)}")
    return MappingProxyType(found)


def _read(said: Mapping[str, Any]) -> Mapped:
    parts = [(None, said.get("fixed", {}), said.get("terms", {}))]
    parts += [(each["pay_mode"], each["fixed"], each["terms"]) for each in said.get("when", ())]
    return Mapped(tuple(said["deal_forms"]), tuple(parts))


def simulated(deal_form: str) -> str | None:
    """Return the simulated form that stands for a deal form, if there is one."""
    return next((code for code, each in mapping().items() if deal_form in each.deal_forms), None)


def term_values(question: Question, deal_form: str) -> Values:
    """Return the values of a deal form's terms that a question sets; zero sums are left out."""
    code = simulated(deal_form)
    if code is None:
        return {}
    found: dict[str, Any] = {}
    for mode, fixed, mapped in mapping()[code].parts:
        if mode is not None and question.values["pay_mode"] != mode:
            continue
        found |= fixed
        for term, name in mapped.items():
            value = _as_term(question, deal_form, term, name)
            if value is not None:
                found[term] = value
    return found


def _as_term(question: Question, deal_form: str, term: str, name: str) -> Any:
    """Return an input as a term's value; None for a sum of zero, which says nothing."""
    known = forms.get(deal_form).term(term)
    number = Decimal(question.values[name])
    if known is None:
        return None
    if known.type == "money":
        minor = int(number * 10 ** exponent(question.currency))
        return {"minor": minor, "currency": question.currency} if minor else None
    if known.type in ("months", "days", "integer"):
        return int(number)
    return f"{number.normalize():f}"


def input_values(deal_form: str, values: Values) -> dict[str, str]:
    """Return the inputs that a version of terms sets: the way back."""
    code = simulated(deal_form)
    if code is None:
        return {}
    found: dict[str, str] = {}
    for mode, fixed, mapped in mapping()[code].parts:
        if mode is not None and any(values.get(term) != value for term, value in fixed.items()):
            continue
        if mode is not None:
            found["pay_mode"] = mode
        for term, name in mapped.items():
            value = values.get(term)
            if value is not None and name not in found:
                found[name] = _as_input(value)
    return found


def _as_input(value: Any) -> str:
    if isinstance(value, dict):
        amount = Decimal(value["minor"]).scaleb(-exponent(value["currency"]))
        return f"{amount.normalize():f}"
    return str(value)
