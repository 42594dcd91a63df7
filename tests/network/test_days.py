"""Working days: weekdays, holidays, worked weekends; who keeps the calendar; duties follow it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network.queries import days
from tenon.network.services import calendar
from tenon.network.services.calendar import Special


@pytest.mark.parametrize(
    ("day", "number", "expected"),
    [
        (date(2027, 3, 1), 15, date(2027, 3, 22)),  # Monday and three weeks
        (date(2027, 3, 5), 1, date(2027, 3, 8)),  # Friday to Monday
        (date(2027, 3, 6), 1, date(2027, 3, 8)),  # Saturday to Monday
        (date(2027, 3, 1), 0, date(2027, 3, 1)),
        # The published calendar of 2026, taken over below.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over the Spring Festival
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over the National Day
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2025, 12, 31), 1, date(2026, 1, 4)),  # a Sunday that is worked
    ],
)
def test_working_days_later(session: Session, day: date, number: int, expected: date) -> None:
    calendar.set_days(session, calendar.published(2026), by=SYSTEM)
    assert days.working_days_later(session, day, number) == expected
    if number:
        assert days.is_working_day(session, expected)
    assert days.working_days_between(session, day, expected) == number


def test_the_published_days_of_2026_are_as_the_notice_says() -> None:
    found = calendar.published(2026)
    off = [each for each in found if each.kind == "holiday"]
    assert (len(off), len(found) - len(off)) == (33, 6)
    assert all(each.day.weekday() >= 5 for each in found if each.kind == "working")
    assert all(calendar.errors_of(each) == {} for each in found)
    with pytest.raises(NotFound):
        calendar.published(1999)


def test_a_year_that_is_all_holidays_still_ends(session: Session) -> None:
    first = date(2027, 1, 1)
    off = [
        Special(day=first + timedelta(days=each), kind="holiday", name_zh="假", name_en="Off")
        for each in range(365)
    ]
    calendar.set_days(session, off, by=SYSTEM)
    assert days.working_days_later(session, first, 1) == date(2028, 1, 3)


def test_operators_alone_keep_the_calendar(session: Session) -> None:
    day = Special(day=date(2027, 1, 1), kind="holiday", name_zh="元旦", name_en="")
    with pytest.raises(Forbidden):
        calendar.set_days(session, [day], by=Actor(user_id=1, broker=True))
    assert calendar.set_days(session, [day], by=SYSTEM) == 1
    assert calendar.set_days(session, [day], by=SYSTEM) == 0
    assert [each.name_en for each in days.special_days(session, 2027)] == ["元旦"]
    working = Special(day=date(2027, 1, 4), kind="working", name_zh="班", name_en="")
    with pytest.raises(Invalid) as refused:
        calendar.set_days(session, [working], by=SYSTEM)
    assert refused.value.fields == {"day": "is_worked_anyway"}
    calendar.clear_day(session, day.day, by=SYSTEM)
    assert days.is_working_day(session, day.day)
    with pytest.raises(NotFound):
        calendar.clear_day(session, day.day, by=SYSTEM)
