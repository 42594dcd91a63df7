"""What the templates of use reports ask: states, figures and the steps of a statement in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import gettext as _

from tenon.deals import forms
from tenon.money import Money, exponent
from tenon.payments.books import today
from tenon.payments.reports import labels, permissions
from tenon.payments.reports.figures import net_of
from tenon.payments.reports.labels import names_of
from tenon.payments.reports.models import RoyaltyStatement, UseReport, UseReportRevision
from tenon.web.languages import language
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor, request_now

EXACT_DIGITS = 6
"""Digits after the point that an exact amount shows beyond the currency's own."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a statement, in words; an empty text is an empty cell.

    Attributes:
        kind: ``base`` (leads to the base), ``money``, or ``sum``.
        source: what the term it rests on is called.
    """

    kind: str
    label: str
    base: str
    rate: str
    amount: str
    source: str


def state_of(report: UseReport) -> str:
    """Return the code under which a report is shown."""
    day = today(request_now())
    return labels.state_code(report.state, over=day > report.ends_on, late=day > report.due_on)


def period_words(report: UseReport) -> str:
    """Return a report's period as people say it: Q1 2027, 2027 年第 1 季度."""
    return period_name(report.period)


def period_name(key: str) -> str:
    """Return a period's key in words."""
    return names_of(key)[language()]


def net_shown(report: UseReport, statement: RoyaltyStatement | None) -> int | None:
    """Return the net that a list shows: what was stated, handed in, or is the writer's own."""
    if statement is not None:
        return int(statement.content["net"])
    own = permissions.may_write(current_actor(), report.deal)
    if report.figures is None or not (own or report.state == "submitted"):
        return None
    return net_of(report.figures)


def amount(minor: int | None, currency: str) -> str:
    """Write an amount in full with its digits grouped and the currency; empty for None."""
    if minor is None:
        return ""
    return f"{Money(minor, currency).amount:,.{exponent(currency)}f} {currency}"


def exact_amount(minor: Fraction, currency: str) -> str:
    """Write an exact amount: as many digits after the point as it has, at most six more."""
    if minor.denominator == 1:
        return amount(int(minor), currency)
    digits = exponent(currency) + EXACT_DIGITS
    whole = Decimal(round(minor * 10**EXACT_DIGITS)).scaleb(-digits)
    text = f"{whole:,.{digits}f}".rstrip("0")
    return f"{text} {currency}"


def rate_words(rate: Fraction, what: str) -> str:
    """Write a rate in per cent; the share of a year that a minimum is cut to, as a fraction."""
    if what in ("minimum", "minimum_waived"):
        return f"{rate.numerator}/{rate.denominator}"
    value = (Decimal(rate.numerator) / Decimal(rate.denominator) * 100).normalize()
    return f"{value:f} %"


def rows(content: Mapping[str, Any]) -> list[Row]:
    """Return every line of a statement in words, with its sums."""
    currency, steps = content["currency"], content["steps"]
    found: list[Row] = []
    leading = [step for step in steps if step["amount"] is None]
    found += [_base_row(step, content) for step in leading]
    if leading and leading[-1]["what"] != "reported":
        words = str(_("Base of the royalty"))
        found.append(Row("sum", words, amount(content["net"], currency), "", "", ""))
    found += [_money_row(step, content) for step in steps if step["amount"] is not None]
    payable = amount(content["payable"], currency)
    found.append(Row("sum", str(_("Payable for this period")), "", "", payable, ""))
    return found


def _base_row(step: Mapping[str, Any], content: Mapping[str, Any]) -> Row:
    what = step["what"]
    kind = "base"
    if what == "reported":
        label = str(labels.AMOUNTS[content["base"]])
        kind = "base" if step is content["steps"][0] else "sum"
    elif what.startswith("deduction:"):
        words = deduction_words(content["form"], step["terms"][0], what.partition(":")[2])
        label = str(_("Less: %(kind)s", kind=words))
    else:
        label = str(labels.STEPS[what])
    base = amount(step["base"], content["currency"])
    return Row(kind, label, base, "", "", _sources(step, content))


def _money_row(step: Mapping[str, Any], content: Mapping[str, Any]) -> Row:
    what, currency = step["what"], content["currency"]
    return Row(
        "money",
        str(labels.STEPS[what]),
        amount(step["base"], currency),
        _rate(step),
        exact_amount(Fraction(step["amount"]), currency),
        _sources(step, content),
    )


def _rate(step: Mapping[str, Any]) -> str:
    """Return a step's rate; a reduced one with what it was before."""
    if step["rate"] is None:
        return ""
    rate = rate_words(Fraction(step["rate"]), step["what"])
    if step["full"] is None:
        return rate
    return f"{rate_words(Fraction(step['full']), step['what'])} → {rate}"


def _sources(step: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """Return the names of the terms that a step rests on."""
    names = [term_words(content["form"], code) for code in step["terms"]]
    return ("、" if language() == "zh" else ", ").join(names)


def term_words(form: str, code: str) -> str:
    """Return what a form calls a term; empty for none."""
    found = forms.get(form).term(code) if code and forms.is_form(form) else None
    return "" if found is None else found.names[language()]


def deduction_words(form: str, term: str, kind: str) -> str:
    """Return what a form calls a kind of deduction; its code where the form knows it no more."""
    found = forms.get(form).term(term) if term and forms.is_form(form) else None
    if found is None or kind not in found.choices:
        return kind
    return found.choices[kind][language()]


def figures_shown(
    report: UseReport, submissions: Sequence[UseReportRevision]
) -> Mapping[str, Any] | None:
    """Return the figures that the actor may read: drafts are the buyer's own affair.

    Until a corrected report is handed in again, the seller reads the one that was.
    """
    if permissions.may_write(current_actor(), report.deal):
        return report.figures
    if report.state in ("submitted", "accepted"):
        return report.figures
    return submissions[0].figures if submissions else None


def days_late(report: UseReport) -> int:
    """Return by how many days a report that was not handed in is late."""
    return max(0, (today(request_now()) - report.due_on).days)


def day(value: str) -> date:
    """Return a kept date."""
    return date.fromisoformat(value)


def install(app: Flask) -> None:
    """Let templates ask."""
    add_page_words(
        app,
        report_state=state_of,
        report_state_words=lambda code: labels.STATES[code],
        report_state_look=lambda code: labels.TONES[code],
        report_revision_words=lambda code: labels.REVISION_STATES[code],
        report_period=period_words,
        report_amount=amount,
        report_net=net_shown,
        report_days_late=days_late,
        report_permissions=permissions,
    )
