"""Every measure counts what happened, and as of a past day says what it said on that day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.figures.queries import Scope as ContractScope
from tenon.figures.queries import figures, local_conversion
from tenon.insight import measures
from tenon.insight.measures import Measure, Scope
from tenon.insight.measures.recording import record_staff
from tenon.listings.states import LISTING
from tenon.network.models import BrokerProfile
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.factories.listings import make_need
from tests.insight.going_on import REGION, Stage, at, go_on, stage

MARCH, JUNE, JULY = date(2026, 3, 10), date(2026, 6, 9), date(2026, 7, 8)
YEAR = Scope(first=date(2026, 1, 1), last=date(2026, 12, 31))
THEN = Scope(first=YEAR.first, last=YEAR.last, as_of=MARCH)
CODES = [each.code for each in measures.every()]


def everything(session: Session, measure: Measure, scope: Scope) -> dict[str, Any]:
    """The figure, its series by month and by week, and every break-down."""
    found: dict[str, Any] = {"value": measure.count(session, scope)}
    if measure.adds:
        found |= {step: measure.series(session, scope, step) for step in ("month", "week")}
    for dimension in measure.dimensions:
        found[dimension] = measure.by(session, scope, dimension)
    return found


def test_a_past_day_says_again_what_it_said(session: Session) -> None:
    """All that can be withdrawn, undone, amended, struck is; March stays as it was in March."""
    first = stage(session, MARCH)
    in_march = {code: everything(session, measures.get(code), YEAR) for code in CODES}
    go_on(session, first, JUNE)
    in_june = {code: measures.get(code).count(session, YEAR) for code in CODES}
    stage(session, JULY)
    for code in CODES:
        measure = measures.get(code)
        assert everything(session, measure, THEN) == in_march[code], code
    still = [
        code
        for code in CODES
        if in_june[code] == measures.get(code).count(session, YEAR) == in_march[code]["value"]
    ]
    # Nothing that the world does to them; all others are seen to change.
    assert still == ["certified_liaisons"]


def test_every_measure_counts_the_stage_it_is_about(session: Session) -> None:
    """What one day brought, by hand."""
    stage(session, MARCH)
    got = {code: measures.get(code).count(session, YEAR) for code in CODES}
    numbers = {code: value.number for code, value in got.items() if not value.sums}
    assert numbers == {
        "events_held": 1, "meetings_held": 1, "introductions_passed_on": 1,
        "introductions_accepted": 1, "needs_collected": 2, "needs_answered": 1,
        "needs_answered_in_time": 1, "needs_done": 2, "needs_completion": 2,
        "achievements_published": 1, "deals_signed": 1, "contracts_registered": 1,
        "local_conversion": 0, "deals_from_needs": 1, "brokers_active": 2, "heads": 1,
        "brokers": 2, "liaisons": 1, "certified_brokers": 1, "certified_managers": 0,
        "certified_liaisons": 0,
    }  # fmt: skip
    assert got["needs_completion"].percent == 100
    money = {code: dict(value.sums) for code, value in got.items() if value.sums}
    assert money == {
        "contract_value": {"CNY": 10_000_000}, "technology_value": {"CNY": 7_000_000},
        "registered_value": {"CNY": 9_000_000}, "payments_received": {"CNY": 500_000},
        "local_conversion_value": {"CNY": 0},
    }  # fmt: skip


def test_narrowing_and_parts_agree(session: Session) -> None:
    """A part of a break-down is what the measure says when narrowed to it; parts add up."""
    one, other = stage(session, MARCH), stage(session, JUNE)
    narrowed: dict[str, Callable[[str], dict[str, Any]]] = {
        "station": lambda key: {"station_ids": frozenset({int(key)})},
        "broker": lambda key: {"broker_id": int(key)},
        "region": lambda key: {"region": key},
        "field": lambda key: {"field": tuple(key.split(":"))},
        "institution": lambda key: {"organisation_id": int(key)},
    }
    for code in CODES:
        measure = measures.get(code)
        whole = measure.count(session, YEAR)
        for dimension in measure.dimensions:
            parts = measure.by(session, YEAR, dimension)
            if measure.adds:
                assert sum(part.value.number for part in parts) == whole.number, (code, dimension)
            for part in parts:
                if part.key is None or dimension == "institution":  # either side counts there
                    continue
                scope = Scope(first=YEAR.first, last=YEAR.last, **narrowed[dimension](part.key))
                assert measure.count(session, scope) == part.value, (code, dimension, part.key)
    both = frozenset({one.station.id, other.station.id})
    scope = Scope(first=YEAR.first, last=YEAR.last, station_ids=both)
    assert measures.get("deals_signed").count(session, scope).number == 2


def test_contracts_are_those_of_the_room_of_figures(session: Session) -> None:
    """The same sums as the pages of contract figures, to the fen; the same local rate."""
    go_on(session, stage(session, MARCH), JUNE)
    stage(session, JULY)
    for day in (None, MARCH, JUNE):
        scope = Scope(first=YEAR.first, last=YEAR.last, as_of=day)
        theirs = ContractScope(first=YEAR.first, last=YEAR.last, as_of=day)
        [line] = figures(session, theirs, by="contract")
        assert measures.get("deals_signed").count(session, scope).number == line.count
        assert measures.get("contract_value").count(session, scope).sums["CNY"] == line.value_minor
        technology = measures.get("technology_value").count(session, scope).sums["CNY"]
        assert technology == line.technology_minor
        registered = measures.get("registered_value").count(session, scope).sums["CNY"]
        assert registered == line.registered_minor
        local = local_conversion(session, theirs)
        rate = measures.get("local_conversion").count(session, scope)
        assert (rate.number, rate.whole) == (local.local, local.all)


def test_lists_show_what_may_be_opened_and_say_what_is_left_out(session: Session) -> None:
    """An operator sees all; a broker of the place what lies there; each is told how many more."""
    first = stage(session, MARCH)
    other = stage(session, JUNE)
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    for code in CODES:
        found = measures.get(code).rows(session, YEAR, operator)
        assert found.hidden == 0, code
        assert len(found.rows) == found.open, code
        assert all(row.title_zh for row in found.rows), code
    here = actor_for(first.broker)
    first.need.state = other.need.state = "in_review"  # no longer public: sight decides
    first.done.station_id = other.done.station_id = None
    session.flush()
    found = measures.get("needs_collected").rows(session, YEAR, here)
    shown = {row.public_id for row in found.rows}
    assert first.need.public_id in shown
    assert other.need.public_id not in shown
    assert found.hidden >= 1
    deals = measures.get("deals_signed").rows(session, YEAR, here)
    assert [row.public_id for row in deals.rows] == [first.deal.public_id]
    assert deals.hidden == 1


def test_a_measure_asks_once_for_each_reading(session: Session) -> None:
    """One statement for the figure, one for a series, one for a break-down; four for a list."""
    first = stage(session, MARCH)
    reader = actor_for(first.broker)
    for code in CODES:
        _asks_once(session, measures.get(code), first, reader)


def _asks_once(session: Session, measure: Measure, first: Stage, reader: Actor) -> None:
    scope = Scope(
        first=YEAR.first,
        last=YEAR.last,
        as_of=JULY,
        station_ids=frozenset({first.station.id}) if "station" in measure.dimensions else None,
    )
    asked: list[str] = []
    bind = session.get_bind()
    listener = lambda *args: asked.append(args[2])  # noqa: E731
    sa.event.listen(bind, "before_cursor_execute", listener)
    try:
        measure.count(session, scope)
        assert len(asked) == 1
        measure.series(session, scope, "week")
        assert len(asked) == 2
        for dimension in measure.dimensions:
            measure.by(session, scope, dimension)
        assert len(asked) == 2 + len(measure.dimensions)
        measure.rows(session, scope, reader)
        assert len(asked) <= 2 + len(measure.dimensions) + 4
    finally:
        sa.event.remove(bind, "before_cursor_execute", listener)


def test_work_is_recorded_once_until_it_changes(session: Session) -> None:
    """The clock may ask as often as it likes; a change makes one row more."""
    first = stage(session, MARCH)
    assert record_staff(session, now=at(JUNE)) == 0
    session.get_one(BrokerProfile, first.broker.id).certificate = "manager"
    session.flush()
    assert record_staff(session, now=at(JUNE)) == 1
    assert record_staff(session, now=at(JULY)) == 0


def test_a_day_is_the_sites_day(session: Session) -> None:
    """What happens at half past seven of the evening UTC is tomorrow's in Wuhan."""
    made = stage(session, date(2026, 3, 31))
    late = make_need(session, region=REGION)
    LISTING.move(late, "submit", by=SYSTEM, now=at(date(2026, 3, 31), 17))
    session.flush()
    march = Scope(first=date(2026, 3, 1), last=date(2026, 3, 31))
    assert measures.get("needs_collected").count(session, march).number == 2
    months = measures.get("needs_collected").series(session, YEAR, "month")
    assert [step.value.number for step in months[:5]] == [0, 0, 2, 1, 0]
    assert made.need.state == "published"
