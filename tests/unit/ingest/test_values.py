"""Single cells: what is understood, and what is refused with which code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import values
from ingest.values import FaultError


def code_of(call: object, *arguments: object) -> str:
    assert callable(call)
    with pytest.raises(FaultError) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "2027-03-09",
        "2027-3-9",
        "2027/3/9",
        "2027.03.09",
        "2027年3月9日",
        "20270309",
        "２０２７-03-09",
    ],
)
def test_date_is_read_in_every_order_of_year_month_day(text: str) -> None:
    assert values.date_of(text) == date(2027, 3, 9)


@pytest.mark.parametrize("text", ["03/09/2027", "2027-13-01", "2027-02-30", "soon", "27-03-09"])
def test_date_that_is_unclear_is_refused(text: str) -> None:
    assert code_of(values.date_of, text) == "not_a_date"


@given(st.dates(min_value=date(1000, 1, 1)))
def test_iso_dates_read_back(day: date) -> None:
    assert values.date_of(day.isoformat()) == day


def test_english_dates_of_the_sources() -> None:
    assert values.english_date_of("March 30, 2017") == date(2017, 3, 30)
    assert values.english_date_of("February 30, 2017") is None
    assert values.english_date_of("unknown") is None


@pytest.mark.parametrize(
    ("raw", "minor"),
    [
        ("1,234,567.89", 123456789),
        (300000, 30_000_000),
        (0.1, 10),
        ("¥50万", 50_000_000),
        ("1.2亿元", 12_000_000_000),
        ("300万元", 300_000_000),
        ("５００", 50_000),
        ("$ 12.50", 1250),
        ("0", 0),
    ],
)
def test_amount_is_in_minor_units(raw: object, minor: int) -> None:
    assert values.amount_of(raw) == minor


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("面议", "not_a_number"),
        ("1,23", "not_a_number"),
        ("1e5", "not_a_number"),
        ("", "not_a_number"),
        (".", "not_a_number"),
        (True, "not_a_number"),
        ("-5", "out_of_range"),
        ("99999999999999999", "out_of_range"),
        ("1.005", "too_precise"),
        ([1], "not_text"),
    ],
)
def test_amount_that_is_none_is_refused(raw: object, code: str) -> None:
    assert code_of(values.amount_of, raw) == code


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_amounts_are_exact(amount: Decimal) -> None:
    assert values.amount_of(f"{amount:,.2f}") == int(amount * 100)


@pytest.mark.parametrize("raw", ["6", 6, "TRL 6", "TRL6", "trl-6", "6级", "6.0", "６"])
def test_level_is_a_whole_number(raw: object) -> None:
    assert values.whole_of(raw, 1, 9) == 6


def test_level_out_of_bounds_or_not_whole_is_refused() -> None:
    assert code_of(values.whole_of, "10", 1, 9) == "out_of_range"
    assert code_of(values.whole_of, "0", 1, 9) == "out_of_range"
    assert code_of(values.whole_of, "5.5", 1, 9) == "not_a_number"


@pytest.mark.parametrize(
    ("raw", "expected"), [("是", True), ("Yes", True), (True, True), ("否", False), ("0", False)]
)
def test_boolean_in_both_languages(raw: object, expected: bool) -> None:
    assert values.boolean_of(raw) is expected


def test_boolean_of_another_word_is_refused() -> None:
    assert code_of(values.boolean_of, "maybe") == "not_a_boolean"


def test_urls_cannot_run_scripts() -> None:
    assert values.url_of("https://example.com/a?b", 100) == "https://example.com/a?b"
    for text in (
        "javascript:alert(1)",
        "ftp://example.com",
        "example.com",
        "http://a b",
        "http://[",
    ):
        assert code_of(values.url_of, text, 100) == "not_a_url"


def test_email_host_is_lowered() -> None:
    assert values.email_of("Zhang.San@Example.COM", 254) == "Zhang.San@example.com"
    for text in ("zhang", "a@b", "a b@example.com", "a@@example.com"):
        assert code_of(values.email_of, text, 254) == "not_an_email"


def test_lists_split_where_people_separate() -> None:
    assert values.parts_of("a;b；c\n d ;;", 10) == ("a", "b", "c", "d")
    assert values.parts_of("转让、许可，服务", 10, enumerated=True) == ("转让", "许可", "服务")
    assert values.parts_of("耐温 200，误差 1、2", 20) == ("耐温 200，误差 1、2",)
    assert values.parts_of(["a;b", 3], 10) == ("a;b", "3")
    assert code_of(values.parts_of, {"a": 1}, 10) == "not_a_list"
    assert code_of(values.parts_of, ["x"] * 201, 10) == "too_many_values"


def test_text_is_measured_and_checked() -> None:
    assert code_of(values.text_of, "abc", 2) == "too_long"
    assert code_of(values.text_of, "a\x00", 9) == "bad_character"
    assert code_of(values.text_of, "a\ud800", 9) == "bad_character"
    assert code_of(values.text_of, {"a": 1}, 9) == "not_text"
