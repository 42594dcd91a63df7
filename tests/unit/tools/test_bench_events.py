"""The bench of events: a hall that the pages show, screens read by it, delays, bars."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.db import Database
from tenon.events.models import CheckIn, Event, EventSlot, Meeting, Registration, Seat
from tenon.events.states import LIVE_MEETINGS
from tests.factories.accounts import sign_in
from tools.bench.events.command import AGENDA, PLAIN_NAME, Figures, plan_of, verdicts
from tools.bench.events.hall import Organiser, Screen, Watched, delays, held_tables
from tools.bench.events.world import RUNNING, Full, Hall, make_hall
from tools.bench.load import Latency, Question

SMALL = Full(people=60, slots=24, tables=20, meetings=200)
GOOD = Latency(number=10, p50=20, p95=40, worst=60, failed=0)


def filled(database: Database) -> Hall:
    return make_hall(database, SMALL, now=utc_now(), seed=1)


def test_a_hall_is_full_and_nobody_sits_twice(database: Database) -> None:
    hall = filled(database)
    with database.reading() as session:
        live = sa.select(Meeting).where(Meeting.state.in_(LIVE_MEETINGS))
        meetings = session.scalars(live).all()
        slots = {slot.id: slot.number for slot in session.scalars(sa.select(EventSlot))}
        parts = session.scalar(sa.select(sa.func.count()).select_from(Registration))
        seats = session.scalar(sa.select(sa.func.count()).select_from(Seat))
        arrived = session.scalar(sa.select(sa.func.count()).select_from(CheckIn))
    assert (parts, len(meetings), seats) == (60, 200, 400)
    assert (len(hall.people), len(set(hall.codes)), hall.meetings) == (60, 60, 200)
    assert arrived == 60 - len(hall.expected)
    assert set(Counter(slots[each.slot_id] for each in meetings).values()) == {8, 9}
    planned = {slots[each.slot_id] for each in meetings if each.state == "planned"}
    assert planned == set(range(RUNNING, 24))


def test_the_board_shows_what_the_organiser_marked(app: Flask, database: Database) -> None:
    hall = filled(database)
    organiser = Organiser(database, hall)
    organiser.run(2)
    assert organiser.error is None
    assert (len(organiser.marked), organiser.arrivals) == (1, 1)

    client = app.test_client()
    with database.reading() as session:
        assert session.scalars(sa.select(Event.owner_id)).all() == [hall.organiser]
        sign_in(client, session.get_one(User, hall.organiser))
    fragment = client.get(f"/events/{hall.event}/hall/part?screen=1").get_data(as_text=True)
    assert held_tables(fragment) == set(organiser.marked)


def test_what_stops_the_organiser_is_kept(database: Database) -> None:
    organiser = Organiser(database, Hall("gone", 1, (), (), ("code",), 0))
    organiser.run(2)
    assert organiser.error is not None


def test_a_screen_keeps_its_stamp_and_when_it_first_showed_a_table() -> None:
    screen = Screen(0, "/", "")
    held = '<li class="hallboard__table hallboard__table--held">\n<span class="hallboard__name">'
    screen._take(200, f"{held}7</span>", 0.0)
    first = dict(screen.shown)
    screen._take(200, f'{held}7</span>{held}8</span><h2 id="board-2">{held}9</span>', 0.0)
    screen._take(304, "", 0.0)
    screen._take(500, "", 0.0)
    assert (set(screen.shown), screen.unchanged, screen.failed) == ({"7", "8"}, 1, 1)
    assert screen.shown["7"] == first["7"]
    assert len(screen.took) == 3


def test_a_mark_that_a_screen_never_shows_counts() -> None:
    marked = {"1": 10.0, "2": 20.0}
    late, never = delays(marked, [{"1": 11.0, "2": 23.0}, {"1": 12.0}])
    assert (sorted(late), never) == ([1.0, 2.0, 3.0], 1)


def test_everybody_opens_their_agenda_once_at_some_moment() -> None:
    agendas = [Question("/agenda", cookie=str(each)) for each in range(100)]
    plan = plan_of(agendas, [Question("/account")], 10, random.Random(1))
    assert [each[0] for each in plan] == sorted(each[0] for each in plan)
    assert 0 <= plan[0][0] <= plan[-1][0] <= 10
    assert {each[2].cookie for each in plan if each[1] == AGENDA} == {str(n) for n in range(100)}
    assert Counter(each[1] for each in plan) == {AGENDA: 100, PLAIN_NAME: 50}


@pytest.mark.parametrize(
    ("agenda", "watched", "missed"),
    [
        ({}, {}, 0),
        ({"p95": 300.0}, {}, 1),
        ({"failed": 1}, {}, 1),
        ({"number": 0}, {}, 1),
        ({}, {"answers": replace(GOOD, failed=1)}, 1),
        ({}, {"delay": replace(GOOD, worst=5_000)}, 1),
        ({}, {"delay": replace(GOOD, failed=1)}, 1),
        ({}, {"delay": Latency.of([], 0)}, 1),
    ],
)
def test_a_bar_that_does_not_hold_is_told(
    agenda: dict[str, Any], watched: dict[str, Any], missed: int
) -> None:
    seen = replace(Watched(GOOD, 0, GOOD, 15, 45), **watched)
    figures = Figures(1_000, 3_500, 60, 2, seen, 0.4)
    figures.together = {AGENDA: replace(GOOD, **agenda), PLAIN_NAME: GOOD}
    assert sum(not holds for holds in verdicts(figures).values()) == missed
