"""Dates, moments and money as a reader of each language writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from tenon.web.languages import write_date, write_moment, write_money

LATE = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)  # already the 22nd in Shanghai


@pytest.mark.parametrize(
    ("accepts", "day", "moment"),
    [
        ("zh-CN", "2026年11月22日", "2026年11月22日 02:30"),
        ("en", "22 Nov 2026", "22 Nov 2026, 02:30"),
    ],
)
def test_days_and_moments_are_written_in_the_sites_zone(
    frame: Flask, accepts: str, day: str, moment: str
) -> None:
    with frame.test_request_context("/", headers={"Accept-Language": accepts}):
        assert write_date(LATE) == day
        assert write_date(date(2026, 11, 22)) == day
        assert write_moment(LATE) == moment
        assert (write_date(None), write_moment(None)) == ("", "")


@pytest.mark.parametrize(
    ("accepts", "minor", "currency", "written"),
    [
        ("zh-CN", 50_000_000, "CNY", "50 万元"),
        ("zh-CN", 1_250_000, "CNY", "1.25 万元"),
        ("zh-CN", 1_234_567, "CNY", "¥12,345.67"),
        ("zh-CN", 50_000_000, "USD", "50 万 USD"),
        ("en", 50_000_000, "CNY", "CN¥500,000"),
        ("en", 1050, "USD", "$10.50"),
        ("en", None, "CNY", ""),
    ],
)
def test_money_is_written_as_the_language_counts(
    frame: Flask, accepts: str, minor: int | None, currency: str, written: str
) -> None:
    with frame.test_request_context("/", headers={"Accept-Language": accepts}):
        assert write_money(minor, currency) == written
