"""Where a need goes when it comes in: keeper, region, centre; nothing without a network; once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.db import Database
from tenon.listings import services as listings
from tenon.network.models import CalendarDay
from tenon.outbox.dispatcher import drain
from tenon.routing import services
from tenon.routing.queries import case_of
from tests.factories.listings import NOW, make_achievement
from tests.routing.scenes import (
    CHENGDU,
    HONGSHAN,
    WUHAN,
    Scene,
    actor,
    assert_log_tells,
    hand_in,
    keep,
    kinds,
    make_firm,
    make_scene,
    moves,
    the_case,
    told,
)


def test_without_a_network_nothing_happens(session: Session) -> None:
    firm, person = make_firm(session)
    need = hand_in(session, firm, person)
    assert services.receive(session, need, now=NOW) is None
    assert need.station_id is None
    assert need.handling_station_id is None


Put = Callable[[Session, Scene, Organisation], None]


@pytest.mark.parametrize(
    ("region", "kept_by", "expected", "why"),
    [
        (CHENGDU, "sibling", "sibling", "keeper"),
        (HONGSHAN, None, "station", "region"),
        (WUHAN, None, "node", "region"),
        (CHENGDU, None, "other_node", "region"),
        ("310000", None, "centre", "centre"),
        (None, None, "centre", "centre"),
    ],
)
def test_where_a_firms_need_goes(
    session: Session, region: str | None, kept_by: str | None, expected: str, why: str
) -> None:
    scene = make_scene(session)
    firm, person = make_firm(session, region=region)
    if kept_by is not None:
        keep(session, firm, getattr(scene, kept_by), None)
    need = hand_in(session, firm, person)
    case = services.receive(session, need, now=NOW)
    assert case is not None
    place = getattr(scene.tree, expected)
    assert case.station_id == need.station_id == need.handling_station_id == place.id
    assert moves(session, case)[0].reasons == [{"code": f"arrived_{why}"}]
    assert_log_tells(session, case)


def test_a_closed_place_gets_nothing(session: Session) -> None:
    scene = make_scene(session)
    scene.tree.station.state = "closed"
    firm, person = make_firm(session, region=HONGSHAN)
    need = hand_in(session, firm, person)
    case = services.receive(session, need, now=NOW)
    assert case is not None
    assert case.station_id == scene.tree.node.id


def test_days_are_working_days_by_place_else_by_the_rule(session: Session) -> None:
    scene = make_scene(session)
    session.add(
        CalendarDay(day=date(2026, 11, 24), kind="holiday", name_zh="假", name_en="A holiday")
    )
    firm, person = make_firm(session, region=HONGSHAN)
    # Sunday 22 November: 23 is worked, 24 is not; five working days by the site's default.
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    assert case.due_on == date(2026, 11, 30)
    scene.tree.node.answer_days = 2
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    assert case.due_on == date(2026, 11, 25)


def test_heads_are_told_and_an_automatic_place_assigns(session: Session) -> None:
    scene = make_scene(session)
    firm, person = make_firm(session, region=HONGSHAN)
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    assert case.broker_id is None
    assert told(session, "received") == [scene.head.id]
    services.choose_automatic(
        session, scene.tree.node, automatic=True, by=actor(scene.node_head), now=NOW
    )
    keep(session, firm, scene.second, scene.tree.station)
    case = services.receive(session, hand_in(session, firm, person), now=NOW)
    assert case is not None
    assert case.broker_id == scene.second.id
    assert kinds(session, case) == ["received", "assigned"]
    reasons = [each["code"] for each in moves(session, case)[1].reasons]
    assert reasons == ["proposed", "keeper", "load"]
    assert told(session, "assigned") == [scene.second.id]
    assert_log_tells(session, case)


def test_by_the_outbox_once_and_achievements_never(app: Flask, database: Database) -> None:
    with database.writing() as session:
        scene = make_scene(session)
        firm, person = make_firm(session, region=HONGSHAN)
        need = hand_in(session, firm, person)
        offer = make_achievement(session, organisation=firm, author=person, state="published")
        listings.withdraw(session, offer, by=actor(person), now=NOW)
    drain(database, now=NOW)
    with database.writing() as session:
        again = session.merge(need)
        case = the_case(session, again)
        assert case.station_id == scene.tree.station.id
        assert kinds(session, case) == ["received"]
        services.follow_listing(session, again, step="submit", came_from="draft", now=NOW)
        assert kinds(session, case) == ["received"]
        assert case_of(session, offer.id) is None
