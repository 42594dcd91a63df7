"""Term values: read into one shape, refused at their own field, compared, put into words."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenon.deals import forms, terms
from tenon.deals.forms.schema import Form, Term
from tenon.deals.terms.types import CHECKS
from tenon.errors import Invalid

LICENCE = forms.get("licence_exclusive")
FORMS = forms.all_forms()


def yuan(amount: int) -> dict[str, Any]:
    """An amount of whole yuan."""
    return {"minor": amount * 100, "currency": "CNY"}


RUNNING: dict[str, Any] = {
    "payment_mode": "entry_and_running",
    "up_front": yuan(500_000),
    "royalty_base": "net_sales",
    "royalty_scheme": "tiers",
    "royalty_tiers": [
        {"from": 0, "rate": "5"},
        {"from": 500_000_000, "rate": "4.0"},
        {"from": 1_500_000_000, "rate": 3},
    ],
    "tier_mode": "marginal",
    "vat_mode": "exempt",
    "sublicensing": "none",
    "duration": "fixed",
    "term_months": 60,
}


def faults(form: Form, values: dict[str, Any]) -> dict[str, str]:
    """What parse finds wrong."""
    with pytest.raises(Invalid) as caught:
        terms.parse(form, values)
    return caught.value.fields


def test_a_whole_licence_is_read_and_nothing_is_missing() -> None:
    values = terms.parse(LICENCE, terms.defaults(LICENCE, RUNNING))
    assert terms.missing(LICENCE, values) == []
    assert [row["rate"] for row in values["royalty_tiers"]] == ["5", "4", "3"]
    assert values["deductions"] == ["returns", "discounts", "freight", "taxes"]
    assert terms.currency_of(values) == "CNY"


def test_reading_what_was_read_changes_nothing_whatever_the_order() -> None:
    values = terms.parse(LICENCE, terms.defaults(LICENCE, RUNNING))
    again = terms.parse(LICENCE, dict(reversed(json.loads(json.dumps(values)).items())))
    assert list(again.items()) == list(values.items())


def test_what_is_not_asked_for_cannot_bind() -> None:
    """A rate left in the form from an earlier choice does not enter the terms."""
    once = {
        **RUNNING,
        "payment_mode": "single",
        "royalty_rate": "nonsense",
        "tier_mode": "marginal",
    }
    values = terms.parse(LICENCE, once)
    assert not {"royalty_tiers", "royalty_base", "tier_mode", "royalty_rate"} & set(values)


def test_only_what_the_choices_ask_for_is_missing() -> None:
    empty = terms.missing(LICENCE, {})
    assert {"payment_mode", "vat_mode", "duration"} <= set(empty)
    assert "tier_mode" not in empty
    assert "tier_mode" in terms.missing(LICENCE, {**RUNNING, "tier_mode": None})


def test_defaults_follow_the_choices_and_never_decide_what_is_ambiguous() -> None:
    assert "report_period" not in terms.defaults(LICENCE)
    filled = terms.defaults(LICENCE, {"payment_mode": "running", "royalty_scheme": "tiers"})
    assert filled["report_period"] == "quarter"
    assert "tier_mode" not in filled
    assert "vat_mode" not in filled


@pytest.mark.parametrize(
    ("term", "value", "fault"),
    [
        ("up_front", {"minor": -1, "currency": "CNY"}, "out_of_range"),
        ("up_front", {"minor": 12.5, "currency": "CNY"}, "not_a_number"),
        ("up_front", {"minor": True, "currency": "CNY"}, "not_a_number"),
        ("up_front", {"minor": 100, "currency": "yuan"}, "not_a_number"),
        ("up_front", 500, "not_a_number"),
        ("up_front_days", "soon", "not_a_number"),
        ("up_front_days", 731, "out_of_range"),
        ("late_interest", "24.1", "out_of_range"),
        ("late_interest", "1e3", "not_a_number"),
        ("late_interest", "NaN", "not_a_number"),
        ("effective_on", "2027-02-29", "not_a_date"),
        ("effective_on", "20270201", "not_a_date"),
        ("vat_mode", "maybe", "unknown_code"),
        ("manner", ["make", "steal"], "unknown_code"),
        ("manner", "make", "not_a_list"),
        ("territory", ["XX"], "unknown_code"),
        ("other_terms", "x" * 4001, "too_long"),
        ("other_terms", 7, "not_a_text"),
        ("fields_of_use", ["x" * 201], "too_long"),
        ("research_reserved", "yes", "unknown_code"),
        ("royalty_tiers", [{"from": 100, "rate": "5"}], "not_rising"),
        ("royalty_tiers", [{"from": 0, "rate": "5"}, {"from": 0, "rate": "4"}], "not_rising"),
        ("royalty_tiers", [{"from": 0, "rate": "101"}], "out_of_range"),
        ("royalty_tiers", ["5"], "not_a_list"),
        ("milestones", [{"title": "", "criterion": "a", "minor": 1}], "required"),
        ("milestones", [{"title": "a", "criterion": "b", "minor": None}], "not_a_number"),
        ("no_such_term", 1, "unknown_term"),
    ],
)
def test_a_wrong_value_is_refused_at_its_own_term(term: str, value: Any, fault: str) -> None:
    assert faults(LICENCE, {**RUNNING, term: value}) == {term: fault}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ({"title": "首付", "minor": 1}, "day_or_event"),
        ({"title": "首付", "minor": 1, "on": "2027-01-01", "after": "signed"}, "day_or_event"),
        ({"title": "首付", "minor": 1, "after": "moon"}, "unknown_code"),
        ({"title": "首付", "minor": 1, "on": "2027-01-01", "days": 3}, "out_of_range"),
        ({"title": "", "minor": 1, "after": "signed"}, "required"),
    ],
)
def test_an_instalment_has_one_day_or_one_event(row: dict[str, Any], fault: str) -> None:
    values = {"payment_mode": "instalments", "instalments": [row]}
    assert faults(LICENCE, values) == {"instalments": fault}


def test_an_instalment_may_wait_for_a_step_of_its_own_form_only() -> None:
    rows = [{"title": "尾款", "minor": 1, "after": "register_title", "days": 30}]
    values = {"payment_mode": "instalments", "instalments": rows}
    assert terms.parse(forms.get("assignment"), values)["instalments"][0]["days"] == 30
    assert faults(LICENCE, values) == {"instalments": "unknown_code"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"cap_annual": yuan(10), "minimum_annual": yuan(11)}, {"minimum_annual": "above_other"}),
        ({"cap_annual": yuan(12), "cap_total": yuan(11)}, {"cap_annual": "above_other"}),
        (
            {
                "royalty_scheme": "flat",
                "royalty_rate": "5",
                "stacking_share": "50",
                "stacking_floor": "5.5",
            },
            {"stacking_floor": "above_other"},
        ),
        (
            {"maintenance_fee": {"minor": 100, "currency": "USD"}},
            {"maintenance_fee": "mixed_currencies"},
        ),
    ],
)
def test_terms_that_contradict_each_other_are_refused(
    changes: dict[str, Any], expected: dict[str, str]
) -> None:
    found = faults(LICENCE, {**RUNNING, **changes})
    assert expected.items() <= found.items()


def test_the_parts_of_a_grant_add_up_to_it() -> None:
    form = forms.get("invest_then_equity")
    parts = [{"title": "首期", "minor": 100, "after": "signed"}]
    values = {"payment_mode": "instalments", "grant_amount": yuan(2), "instalments": parts}
    assert faults(form, values) == {"instalments": "does_not_add_up"}
    whole = [*parts, {"title": "二期", "minor": 100, "on": "2027-06-30"}]
    assert terms.parse(form, {**values, "instalments": whole})


def test_a_share_of_profit_is_not_taken_of_sales() -> None:
    form = forms.get("pay_after_use")
    profit = {"payment_mode": "profit_share", "royalty_base": "net_sales"}
    assert faults(form, profit) == {"royalty_base": "does_not_fit"}
    assert terms.parse(form, {**profit, "royalty_base": "new_profit"})
    assert terms.parse(form, {**profit, "payment_mode": "sales_share"})


def test_vesting_makes_a_whole() -> None:
    form = forms.get("share_subscription")
    rows = [{"on": "2027-01-01", "percent": "50"}, {"on": "2028-01-01", "percent": "49.9"}]
    assert faults(form, {"vesting": rows}) == {"vesting": "not_a_whole"}
    rows[1]["percent"] = "50"
    assert terms.parse(form, {"vesting": rows})["vesting"] == rows
    assert faults(form, {"vesting": rows[::-1]}) == {"vesting": "not_rising"}


def test_worldwide_and_all_fields_swallow_the_rest() -> None:
    values = {"territory": ["CN", "*"], "fields_of_use": ["电池", "*"]}
    assert terms.parse(LICENCE, values) == {"territory": ["*"], "fields_of_use": ["*"]}


def test_a_discount_and_a_cap_ask_how_they_go_together() -> None:
    form = forms.get("invest_then_equity")
    assert "discount_and_cap" not in terms.missing(form, {"discount": "20"})
    assert "discount_and_cap" in terms.missing(form, {"discount": "20", "cap": yuan(1)})


def test_differences_name_the_terms_that_changed() -> None:
    old = terms.parse(LICENCE, RUNNING)
    new = terms.parse(
        LICENCE, {**RUNNING, "term_months": 72, "cap_annual": yuan(9), "vat_mode": ""}
    )
    found = [(each.term.code, each.old, each.new) for each in terms.differences(old, new, LICENCE)]
    assert found == [
        ("vat_mode", "exempt", None),
        ("cap_annual", None, yuan(9)),
        ("term_months", 60, 72),
    ]


def test_a_change_of_form_carries_over_what_the_new_form_knows() -> None:
    values = terms.parse(LICENCE, {**RUNNING, "territory": ["CN"]})
    kept = terms.carried(forms.get("assignment"), values)
    assert kept["up_front"] == yuan(500_000)
    assert "territory" not in kept
    works = terms.carried(forms.get("service"), values)
    assert "payment_mode" not in works  # an up-front fee with royalties is no way to pay a service
    assert works["vat_mode"] == "exempt"


def test_a_licence_ends_so_many_months_after_it_takes_effect() -> None:
    days = {"effective": date(2027, 8, 31)}
    assert terms.ends_on(LICENCE, {"term_months": 6}, days) == date(2028, 2, 29)
    assert terms.ends_on(LICENCE, {"duration": "patent_life"}, days) is None
    trial = forms.get("pay_after_use")
    assert terms.ends_on(trial, {"term_months": 6}, days) is None  # not converted yet
    assert terms.ends_on(trial, {"term_months": 6}, {"convert": date(2027, 1, 1)}) == date(
        2027, 7, 1
    )
    held = terms.ends_on(forms.get("share_subscription"), {"expiry": "2030-01-01"}, {})
    assert held == date(2030, 1, 1)


@pytest.mark.parametrize(
    ("code", "value", "zh", "en"),
    [
        ("up_front", yuan(500_000), "500,000.00 元", "CNY 500,000.00"),
        ("up_front", {"minor": 5, "currency": "USD"}, "0.05 美元", "USD 0.05"),
        ("up_front", {"minor": 5, "currency": "JPY"}, "5 日元", "JPY 5"),
        ("late_interest", "5.25", "年利率 5.25%", "5.25% a year"),
        ("term_months", 1, "1 个月", "1 month"),
        ("term_months", 60, "60 个月", "60 months"),
        ("support_days", 5, "5 人日", "5 person-days"),
        ("effective_on", "2027-03-31", "2027年3月31日", "31 March 2027"),
        ("manner", ["make", "sell"], "制造、销售", "Make; Sell"),
        ("territory", ["*"], "全球", "Worldwide"),
        ("territory", ["420100", "DE"], "湖北省武汉市、德国", "Wuhan, Hubei; Germany"),
        ("fields_of_use", ["电池", "储能"], "电池；储能", "电池; 储能"),
        ("research_reserved", False, "否", "No"),
        (
            "royalty_by_year",
            ["5", "4"],
            "第 1 个日历年：5%\n第 2 个日历年及以后：4%",
            "calendar year 1: 5%\ncalendar year 2 and later: 4%",
        ),
        (
            "instalments",
            [
                {"title": "首付", "minor": 100, "on": "2027-03-31", "after": None, "days": 0},
                {"title": "尾款", "minor": 250, "on": None, "after": "signed", "days": 30},
            ],
            "1. 首付：1.00 元，2027年3月31日前\n2. 尾款：2.50 元，“签约”后 30 日内",
            (
                "1. 首付: CNY 1.00, by 31 March 2027\n"
                "2. 尾款: CNY 2.50, within 30 days after “signing”"
            ),
        ),
        (
            "milestones",
            [{"title": "样机", "criterion": "通过测试", "minor": 100, "due": None}],
            "1. 样机：1.00 元；验收标准：通过测试",
            "1. 样机: CNY 1.00; criterion: 通过测试",
        ),
        ("buy_out", None, "", ""),
    ],
)
def test_values_are_put_into_words(code: str, value: Any, zh: str, en: str) -> None:
    term = LICENCE.term(code)
    assert term is not None
    assert terms.words(term, value, "zh") == zh
    assert terms.words(term, value, "en") == en


def test_tiers_are_written_in_the_deals_currency() -> None:
    term = LICENCE.term("royalty_tiers")
    assert term is not None
    rows = [{"from": 0, "rate": "5"}, {"from": 500_000_000, "rate": "4"}]
    assert terms.words(term, rows, "zh", currency="USD").splitlines() == [
        "0.00 美元至 5,000,000.00 美元：5%",
        "5,000,000.00 美元以上：4%",
    ]


def sample(term: Term) -> st.SearchStrategy[Any]:
    """Values that a term takes, roughly as people fill them in."""
    low, high = term.low or 0, term.high or 100
    money = st.builds(
        lambda minor: {"minor": minor, "currency": "CNY"}, st.integers(max(low, 1), 10**12)
    )
    decimals = st.decimals(low, high, places=2).map(str)
    days = st.dates(date(2027, 1, 1), date(2040, 1, 1)).map(date.isoformat)
    titles = st.text("样机验收test ", min_size=1, max_size=20).filter(str.strip)
    minor = st.integers(0, 10**10)
    starts = st.lists(st.integers(1, 10**10), unique=True, max_size=4)
    strategies: dict[str, st.SearchStrategy[Any]] = {
        "money": money,
        "percent": decimals,
        "number": st.decimals(-1000, 1000, places=3).map(str),
        "date": days,
        "text": titles,
        "choice": st.sampled_from(list(term.choices) or [""]),
        "many": st.lists(st.sampled_from(list(term.choices) or [""]), min_size=1),
        "boolean": st.booleans(),
        "territory": st.lists(st.sampled_from(["CN", "US", "420000", "*"]), min_size=1),
        "fields_of_use": st.lists(titles, min_size=1, max_size=3),
        "tiers": starts.map(lambda more: [{"from": n, "rate": "5"} for n in [0, *sorted(more)]]),
        "rates": st.lists(st.decimals(0, 100, places=1).map(str), min_size=1, max_size=5),
        "instalments": st.lists(
            st.builds(
                lambda t, m, e: {"title": t, "minor": m, "after": e},
                titles,
                minor,
                st.sampled_from(list(term.events) or [""]),
            ),
            min_size=1,
            max_size=3,
        ),
        "milestones": st.lists(
            st.builds(
                lambda t, m, d: {"title": t, "criterion": t, "minor": m, "due": d},
                titles,
                minor,
                days,
            ),
            min_size=1,
            max_size=3,
        ),
        "vesting": days.map(lambda on: [{"on": on, "percent": "100"}]),
    }
    return strategies.get(term.type, st.integers(low, high))


@given(data=st.data(), form=st.sampled_from(FORMS))
def test_whatever_is_filled_in_is_read_once_and_for_all(data: st.DataObject, form: Form) -> None:
    """A value that a term takes stays itself when read again, and has words in both languages."""
    term = data.draw(st.sampled_from(form.terms))
    value = CHECKS[term.type](term, data.draw(sample(term)))
    assert CHECKS[term.type](term, json.loads(json.dumps(value))) == value
    for language in ("zh", "en"):
        assert terms.words(term, value, language).strip()


@given(data=st.data(), form=st.sampled_from(FORMS))
def test_terms_filled_in_by_the_wizard_are_whole(data: st.DataObject, form: Form) -> None:
    """Filling what is missing, whatever is chosen, comes to an end at terms that lack nothing."""
    values: dict[str, Any] = terms.defaults(form)
    for _ in range(len(form.terms)):
        gaps = terms.missing(form, values)
        if not gaps:
            break
        for code in gaps:
            term = form.term(code)
            assert term is not None
            values[code] = data.draw(sample(term))
        values = terms.defaults(form, values)
    assert terms.missing(form, values) == []
    try:
        assert terms.missing(form, terms.parse(form, values)) == []
    except Invalid as error:  # drawn apart from each other, they may contradict each other
        allowed = {"above_other", "does_not_add_up", "does_not_fit", "before_other"}
        assert set(error.fields.values()) <= allowed  # noqa: PT017  # what else is wrong is a bug


def test_percents_are_exact() -> None:
    values = terms.parse(LICENCE, {**RUNNING, "late_interest": "3.650"})
    assert values["late_interest"] == "3.65"
    assert Decimal(values["late_interest"]) == Decimal("3.65")
