"""What a question comes to, ready to be shown: outcomes, who changes the mind when, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tenon.formulas.simulation import (
    PARTIES,
    Outcome,
    Setting,
    cumulative,
    indifferent_sales,
    simulate,
)
from tenon.money import exponent
from tenon.simulations.charts import Bar, LineChart, bars, line_chart
from tenon.simulations.reading import Question

BAR_WIDTH = 300
_JOIN = ("institution", "team", "public")


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the page shows of a question.

    Attributes:
        setting: what was asked, exact.
        outcomes: one a form.
        parties: those who get or pay anything under any form.
        party: whose lines are drawn and whose mind may change.
        lines: cumulative expected cash of that party, a line a form.
        bars: form -> a bar a party of its net present value.
        zero: where the bars begin.
        indifferent: form -> first-year sales at which the party no longer prefers the same of it
            and the first form; None where that never happens.
        held: forms under which the institution, the team or the public joins the company.
    """

    setting: Setting
    outcomes: Sequence[Outcome]
    parties: Sequence[str]
    party: str
    lines: LineChart
    bars: Mapping[str, Sequence[Bar]]
    zero: float
    indifferent: Mapping[str, int | None]
    held: Sequence[Outcome]


def picture(question: Question, party: str) -> Picture:
    """Return what a question comes to; an unknown party is the institution."""
    setting = question.setting()
    outcomes = [simulate(form, setting) for form in question.forms]
    parties = [each for each in PARTIES if any(_concerned(one, each) for one in outcomes)]
    chosen = party if party in parties else PARTIES[0]
    first = question.forms[0]
    values = {one.form: {each: one.npv[each] for each in parties} for one in outcomes}
    drawn = bars(values, BAR_WIDTH)
    lowest = min([Fraction(0), *(one.npv[each] for one in outcomes for each in parties)])
    highest = max([Fraction(0), *(one.npv[each] for one in outcomes for each in parties)])
    span = highest - lowest or Fraction(1)
    return Picture(
        setting=setting,
        outcomes=outcomes,
        parties=parties,
        party=chosen,
        lines=line_chart({one.form: cumulative(one.expected[chosen]) for one in outcomes}),
        bars=drawn,
        zero=round(float(-lowest / span) * BAR_WIDTH, 1),
        indifferent={
            form: indifferent_sales(setting, chosen, first, form) for form in question.forms[1:]
        },
        held=[one for one in outcomes if any(one.held[-1].units[each] for each in _JOIN)],
    )


def _concerned(outcome: Outcome, party: str) -> bool:
    cases = (outcome.success.by_party[party], outcome.failure.by_party[party])
    return any(cash for flow in cases for cash in flow)


def shown_minor(amount: Fraction) -> int:
    """Return an amount for people: whole units, hundreds of them from ten thousand on."""
    unit = 100 if abs(amount) < 1_000_000 else 10_000
    return round(amount / unit) * unit


def short_money(amount: Fraction, currency: str, language: str) -> str:
    """Return an amount as an axis has it: in 万 in Chinese, in thousands or millions in English."""
    whole = amount / 10 ** exponent(currency)
    if language.startswith("zh"):
        return f"{float(whole / 10_000):,.6g} 万"
    for size, letter in ((1_000_000, "m"), (1_000, "k")):
        if abs(whole) >= size:
            return f"{float(whole / size):,.4g} {letter}"
    return f"{float(whole):,.4g}"
