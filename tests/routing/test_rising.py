"""What the nights do to a need that nobody answers: reminded, risen, told weekly at the top."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.network.models import Absence, CalendarDay
from tenon.network.queries.days import working_days_later
from tenon.routing import services
from tenon.routing.models import NeedCase
from tenon.routing.queries.places import site_day
from tenon.routing.replaying import BrokenLog, replay
from tests.factories.listings import NOW
from tests.routing.scenes import (
    HONGSHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    kinds,
    make_firm,
    make_scene,
    moves,
    told,
)

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=NOW.tzinfo)


def begin(session: Session, *, days: int = 3) -> tuple[Scene, NeedCase]:
    """A need received on a Monday at a station that answers within some working days."""
    scene = make_scene(session)
    scene.tree.centre.answer_days = days
    firm, person = make_firm(session, region=HONGSHAN)
    case = services.receive(session, hand_in(session, firm, person), now=MONDAY)
    assert case is not None
    return scene, case


def nights(session: Session, number: int, *, since: datetime = MONDAY) -> None:
    """Let so many nights pass, each with its work done twice."""
    for each in range(number):
        now = since + timedelta(days=each)
        services.work_off(session, now=now)
        services.work_off(session, now=now)


def test_reminded_the_day_before_risen_the_day_after(session: Session) -> None:
    scene, case = begin(session)
    services.assign(session, case, scene.broker, by=actor(scene.head), now=MONDAY)
    assert case.due_on == date(2026, 11, 26)  # Thursday
    nights(session, 2)
    assert kinds(session, case) == ["received", "assigned"]
    nights(session, 3)  # until Friday the 27th
    assert kinds(session, case)[2:] == ["reminded"]
    assert told(session, "remind") == [scene.broker.id]
    nights(session, 5)
    assert kinds(session, case)[2:] == ["reminded", "escalated"]
    risen = moves(session, case)[-1]
    assert risen.at.date() == date(2026, 11, 27)
    assert (risen.from_station_id, risen.to_station_id) == (
        scene.tree.station.id,
        scene.tree.node.id,
    )
    assert case.due_on == date(2026, 12, 2)
    assert set(told(session, "escalate")) == {scene.head.id, scene.node_head.id, scene.broker.id}
    assert_log_tells(session, case)


def test_what_nobody_had_is_given_out_where_it_rises_to(session: Session) -> None:
    scene, case = begin(session, days=1)
    by = actor(scene.node_head)
    services.choose_automatic(session, scene.tree.node, automatic=True, by=by, now=MONDAY)
    nights(session, 3)
    assert kinds(session, case)[1:4] == ["reminded", "escalated", "assigned"]
    assert (case.station_id, case.broker_id) == (scene.tree.node.id, scene.node_head.id)
    assert told(session, "assigned") == [scene.node_head.id]
    assert_log_tells(session, case)


def test_holidays_stand_still(session: Session) -> None:
    for day in range(24, 31):
        session.add(
            CalendarDay(day=date(2026, 11, day), kind="holiday", name_zh="假", name_en="Holiday")
        )
    _scene, case = begin(session, days=1)
    assert case.due_on == date(2026, 12, 1)
    nights(session, 8)  # until 30 November
    assert kinds(session, case) == ["received", "reminded"]  # on the 23rd, the last day worked
    assert moves(session, case)[1].at.date() == date(2026, 11, 23)
    nights(session, 10)
    assert kinds(session, case)[2:4] == ["escalated", "reminded"]


def test_at_the_top_it_stays_and_is_told_weekly(session: Session) -> None:
    scene, case = begin(session, days=1)
    nights(session, 40)
    assert case.station_id == scene.tree.centre.id
    assert case.risen == 2
    log = moves(session, case)
    weekly = [each.at.date() for each in log if {"code": "at_the_top"} in each.reasons]
    assert len(weekly) >= 4
    assert all(b - a >= timedelta(days=7) for a, b in pairwise(weekly))
    assert Counter(told(session, "overdue")) == {scene.top.id: len(weekly)}
    assert_log_tells(session, case)


def test_whoever_is_away_is_not_reminded_but_the_deputy(session: Session) -> None:
    scene, case = begin(session)
    services.assign(session, case, scene.broker, by=actor(scene.head), now=MONDAY)
    session.add(
        Absence(
            user_id=scene.broker.id,
            first_day=MONDAY.date(),
            last_day=MONDAY.date() + timedelta(days=9),
            deputy_id=scene.second.id,
            created_at=NOW,
        )
    )
    session.flush()
    nights(session, 4)
    assert told(session, "remind") == [scene.second.id]


def test_answered_in_time_never_rises(session: Session) -> None:
    scene, case = begin(session)
    services.take(session, case, by=actor(scene.broker), now=MONDAY)
    services.reply(session, case, text="Yes.", by=actor(scene.broker), now=MONDAY)
    nights(session, 30)
    assert kinds(session, case) == ["received", "taken", "answered"]


def test_a_closed_level_is_passed_over(session: Session) -> None:
    scene, case = begin(session, days=1)
    scene.tree.node.state = "closed"
    nights(session, 4)
    assert case.station_id == scene.tree.centre.id
    assert case.risen == 1


STEPS = st.lists(
    st.sampled_from(
        ["night", "night", "night", "two_nights", "take", "pass", "reply", "assign", "close",
         "again", "send_down"]
    ),
    max_size=25,
)  # fmt: skip


@pytest.fixture
def scratch(sqlite_template: Path, tmp_path: Path) -> Database:
    import shutil

    shutil.copyfile(sqlite_template, tmp_path / "property.db")
    return Database(f"sqlite:///{tmp_path / 'property.db'}")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_whatever_happens_the_log_holds(scratch: Database, steps: list[str]) -> None:
    """Never twice for one deadline, never above the centre, every change in the log."""
    with scratch.writer() as session:
        scene, case = begin(session, days=2)
        now = MONDAY
        for step in steps:
            before = (case.state, case.station_id, case.broker_id, case.due_on, case.version)
            now = _take_step(session, scene, case, step, now)
            session.refresh(case)
            after = (case.state, case.station_id, case.broker_id, case.due_on, case.version)
            assert (before == after) == (before[-1] == after[-1])
            assert_log_tells(session, case)
        log = moves(session, case)
        assert len(log) == case.version  # one line for each change, from the first on
        deadlines = Counter(
            (each.reasons[0]["since"], each.from_station_id)
            for each in log
            if each.kind == "escalated"
        )
        assert all(number == 1 for number in deadlines.values())
        for each in log:
            if each.kind == "escalated":
                assert each.from_station_id != scene.tree.centre.id
                assert each.due_on >= working_days_later(session, site_day(each.at), 1)
        if len(log) > 1:
            with pytest.raises(BrokenLog):
                replay(log[1:])
        session.rollback()


def _take_step(
    session: Session, scene: Scene, case: NeedCase, step: str, now: datetime
) -> datetime:
    """Do one thing, where it may be done now; return the moment it is then."""
    if step in ("night", "two_nights"):
        days = 1 if step == "night" else 2
        nights(session, 1, since=now + timedelta(days=days))
        return now + timedelta(days=days)
    head = actor(scene.top)
    if step == "close" and case.state != "closed":
        case.listing.state = "withdrawn"
        services.follow_listing(session, case.listing, step="withdraw", came_from="", now=now)
    elif step == "again" and case.state == "closed":
        case.listing.state = "in_review"
        services.follow_listing(session, case.listing, step="submit", came_from="draft", now=now)
    elif case.state == "closed":
        return now
    elif step == "take" and case.broker_id is None:
        services.take(session, case, by=actor(scene.node_head), now=now)
    elif step == "pass" and case.broker_id == scene.node_head.id:
        services.pass_on(session, case, reason="no_time", by=actor(scene.node_head), now=now)
    elif step == "assign":
        services.assign(session, case, scene.second, by=head, now=now)
    elif step == "reply":
        services.reply(session, case, text="Yes.", by=head, now=now)
    elif step == "send_down":
        services.route(session, case, scene.tree.station, by=head, now=now)
    return now
