"""Term values as somebody proposes them: checked one by one and against each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tenon.deals.forms.schema import Check, Form, Term
from tenon.deals.terms.types import CHECKS, Fault
from tenon.errors import Invalid
from tenon.formulas.days import months_later

_ONE_CURRENCY = ("price", "royalty", "trial")
"""Groups whose sums are added or compared; a valuation may be in another currency."""


def parse(form: Form, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that ``raw`` gives to the terms of a form, in their canonical shape.

    A term that is empty or not asked for, given the others, is left out: what is not asked for
    cannot bind. Nothing is filled in. Raises Invalid, term code -> error code: ``unknown_term``,
    ``not_a_number``, ``not_a_date``, ``not_a_text``, ``not_a_list``, ``out_of_range``,
    ``too_long``, ``too_many``, ``unknown_code``, ``required`` (within a row), ``not_rising``,
    ``not_a_whole``, ``day_or_event``, ``mixed_currencies``, ``above_other``, ``before_other``,
    ``does_not_add_up``, ``does_not_fit``.
    """
    known = {term.code for term in form.terms}
    faults = {code: "unknown_term" for code in raw if code not in known}
    given: dict[str, Any] = {}
    for term in form.terms:
        value = raw.get(term.code)
        if value is None or value == "" or value == []:
            continue
        try:
            checked = CHECKS[term.type](term, value)
        except Fault as fault:
            faults[term.code] = str(fault)
            continue
        if checked is not None:
            given[term.code] = checked
    # A fault in a term that is not asked for is none; one asked for by a faulty term shows later.
    values = _asked(form, given)
    asked = {term.code for term in form.terms if term.asked(values)}
    faults = {code: fault for code, fault in faults.items() if code not in known or code in asked}
    faults |= {code: fault for code, fault in _together(form, values) if code not in faults}
    if faults:
        raise Invalid(faults)
    return values


def missing(form: Form, values: Mapping[str, Any]) -> list[str]:
    """Return the codes of terms that the form requires, given the others, and that are empty."""
    return [
        term.code
        for term in form.terms
        if term.required and term.asked(values) and values.get(term.code) is None
    ]


def defaults(form: Form, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return ``values`` with the default of every term that is asked for and empty.

    There is none where only the parties can choose. Of a term that is not asked for the value is
    left out.
    """
    known = {term.code for term in form.terms}
    found = _asked(form, {code: each for code, each in (values or {}).items() if code in known})
    while True:
        more = {
            term.code: term.default
            for term in form.terms
            if term.default is not None and term.code not in found and term.asked(found)
        }
        if not more:
            return found
        found = _asked(form, {**found, **more})


def carried(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of another form's values that this form takes too, with its own defaults."""
    given = {}
    for term in form.terms:
        if values.get(term.code) is not None:
            try:
                given[term.code] = CHECKS[term.type](term, values[term.code])
            except Fault:
                continue
    return defaults(form, given)


def currency_of(values: Mapping[str, Any]) -> str | None:
    """Return the currency of the first amount of money in term values."""
    for value in values.values():
        if isinstance(value, Mapping) and "currency" in value:
            return str(value["currency"])
    return None


def ends_on(form: Form, values: Mapping[str, Any], days: Mapping[str, date]) -> date | None:
    """Return the day on which a deal ends by its terms; None where they set none.

    ``days`` tells when things happened: ``effective``, ``signed`` or a step's name. A period of
    months ends on the day of the month on which it began (Civil Code 202).
    """
    runs = form.runs
    if runs is None:
        return None
    if runs.until and values.get(runs.until):
        return date.fromisoformat(values[runs.until])
    start = days.get(runs.after)
    if runs.months is None or start is None or not values.get(runs.months):
        return None
    return months_later(start, int(values[runs.months]))


def _asked(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are asked for; leaving one out may leave out others."""
    values = dict(given)
    while True:
        kept = {t.code: values[t.code] for t in form.terms if t.code in values and t.asked(values)}
        if len(kept) == len(values):
            return kept
        values = kept


def _together(form: Form, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the faults that lie between terms: mixed currencies, a floor above its rate."""
    found = [(each.term, fault) for each in form.checks if (fault := _disagreement(each, values))]
    currencies = [
        (term, values[term.code]["currency"]) for term in form.terms if _counts(term, values)
    ]
    first = currencies[0][1] if currencies else None
    return [*found, *((term.code, "mixed_currencies") for term, own in currencies if own != first)]


def _counts(term: Term, values: Mapping[str, Any]) -> bool:
    return term.type == "money" and term.group in _ONE_CURRENCY and term.code in values


def _disagreement(check: Check, values: Mapping[str, Any]) -> str | None:
    one, other = values.get(check.term), values.get(check.other)
    if one is None or other is None:
        return None
    if check.rule == "adds_up_to":
        return None if sum(row["minor"] for row in one) == other["minor"] else "does_not_add_up"
    if check.rule == "not_before":
        return "before_other" if one < other else None
    if check.rule == "fits":
        return "does_not_fit" if one not in check.fits.get(other, (one,)) else None
    return "above_other" if _size(one) > _size(other) else None


def _size(value: Any) -> Decimal:
    return Decimal(value["minor"] if isinstance(value, Mapping) else value)
