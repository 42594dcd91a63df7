"""Inputs, terms and charts: what maps to what, exactly, and nothing that a form does not have."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.deals import forms, terms
from tenon.errors import Invalid
from tenon.formulas.simulation import FORMS
from tenon.simulations.catalogue import catalogue
from tenon.simulations.charts import bars, line_chart, nice_ticks
from tenon.simulations.mapping import input_values, mapping, simulated, term_values
from tenon.simulations.outcomes import picture, shown_minor
from tenon.simulations.reading import ask, check, first_values


def test_every_simulated_form_stands_for_deal_forms() -> None:
    assert tuple(mapping()) == FORMS
    known = {form.code for form in forms.all_forms()}
    assert all(set(each.deal_forms) <= known for each in mapping().values())
    assert simulated("licence_sole") == "licence"
    assert simulated("consulting") is None


@pytest.mark.parametrize("code", [code for each in mapping().values() for code in each.deal_forms])
def test_what_is_taken_over_is_what_the_form_takes(code: str) -> None:
    question, _faults = ask(list(FORMS[:6]), {"minimum": "100000", "conversion_cap": "30000000"})
    values = term_values(question, code)
    read = terms.parse(forms.get(code), values)
    lost = set(values) - set(read)
    # Both are mapped, since a new and an existing company call it differently.
    assert lost <= {"pre_money", "cash_contributions"}


@pytest.mark.parametrize("code", ["licence_exclusive", "pay_after_use", "share_subscription"])
def test_there_and_back(code: str) -> None:
    typed = {
        "royalty_rate": "4.75",
        "minimum": "120000",
        "trial_months": "9",
        "subscription_amount": "750000.5",
    }
    question, _faults = ask(["licence"], typed)
    back = input_values(code, term_values(question, code))
    assert all(question.values[name] == value for name, value in back.items())
    assert back


def test_the_technologys_part_of_the_company() -> None:
    """3 million beside 7 million is 30 %."""
    question, _faults = ask(["equity"], {"technology_value": "3000000", "company_value": "7000000"})
    assert question.setting().equity_share == Fraction(3, 10)


def test_defaults_are_within_their_bounds() -> None:
    for code, asked in catalogue().inputs.items():
        assert check(asked, first_values()[code]) == asked.default


@pytest.mark.parametrize(
    ("code", "text", "fault"),
    [
        ("years", "2.5", "too_fine"),
        ("years", "0", "out_of_range"),
        ("growth", "-51", "out_of_range"),
        ("price", "", "required"),
        ("price", "1e999", "out_of_range"),
        ("units", "1e999999999", "out_of_range"),
        ("price", "NaN", "not_a_number"),
        ("price", "zehn", "not_a_number"),
        ("pay_mode", "later", "unknown_code"),
    ],
)
def test_what_cannot_be_taken(code: str, text: str, fault: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(catalogue().inputs[code], text)
    assert refused.value.fields == {code: fault}


def test_thousands_may_be_parted() -> None:
    assert check(catalogue().inputs["launch"], "1,200,000") == "1200000"
    assert check(catalogue().inputs["success"], "60 %") == "60"


@given(st.fractions(-(10**12), 10**12), st.fractions(-(10**12), 10**12))
def test_the_axis_covers_what_it_shows(one: Fraction, other: Fraction) -> None:
    low, high = sorted([one, other])
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low
    assert ticks[-1] >= high
    assert 0 in ticks
    assert 2 <= len(ticks) <= 14


def test_a_higher_value_lies_higher() -> None:
    chart = line_chart({"a": [Fraction(-5), Fraction(10)], "b": [Fraction(0), Fraction(3)]})
    first, second = chart.lines
    assert first.end[1] < second.end[1] < chart.zero


def test_bars_begin_at_zero() -> None:
    drawn = bars({"x": {"team": Fraction(30), "firm": Fraction(-10)}}, 400)
    team, firm = drawn["x"]
    assert (firm.x, firm.width) == (0, 100)
    assert (team.x, team.width) == (100, 300)


def test_amounts_are_rounded_for_reading_only() -> None:
    assert shown_minor(Fraction(123_456_789)) == 123_460_000
    assert shown_minor(Fraction(12_345, 7)) == 1_800
    question, _faults = ask(["assignment", "licence"], {"purchase_price": "1999999.99"})
    paid = picture(question, "firm").setting.purchase_price
    assert paid == Decimal(199999999)
