"""Two at once: one gets the last place, one answer stands, nobody is told two things."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict, DomainError
from tenon.events.models import Event, Registration, Wish
from tenon.events.states import TAKES_A_PLACE
from tenon.events.taking_part import services
from tenon.events.taking_part.services import wishing
from tenon.history import proof
from tests.events.taking_part.cast import make_cast, register
from tests.factories.accounts import actor_for, make_user
from tests.factories.events import make_registration, make_wish

Act = Callable[[Session], object]


def _together(database: Database, acts: Sequence[Act]) -> list[DomainError | None]:
    """Do things at once, each in a transaction of its own; return what each got.

    On PostgreSQL all have begun before any writes; SQLite's one writer makes the others wait.
    """
    begun = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Act) -> DomainError | None:
        try:
            if early:
                begun.wait(timeout=30)
            with database.writing() as session:
                if not early:
                    session.execute(sa.text("SELECT 1"))
                    begun.wait(timeout=30)
                doing(session)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def _states(database: Database, event_id: int) -> dict[str, int]:
    with database.reading() as session:
        assert list(proof.verify(session)) == []
        rows = session.execute(
            sa.select(Registration.state, sa.func.count(Registration.id))
            .where(Registration.event_id == event_id)
            .group_by(Registration.state)
        )
        return {row[0]: row[1] for row in rows}


def _registering(event_id: int, user_id: int, now: datetime) -> Act:
    def act(session: Session) -> object:
        user = session.get_one(User, user_id)
        return register(session, session.get_one(Event, event_id), user, now=now)

    return act


@pytest.mark.parametrize("people", [2, 6])
def test_last_place_goes_to_one_and_the_others_wait(
    database: Database, now: datetime, people: int
) -> None:
    with database.writing() as session:
        event = make_cast(session, now=now, capacity=1).event
        users = [make_user(session).id for _ in range(people)]
    told = _together(database, [_registering(event.id, user, now) for user in users])
    assert told == [None] * people
    assert _states(database, event.id) == {"confirmed": 1, "waiting": people - 1}
    with database.reading() as session:
        rows = session.scalars(sa.select(Registration.place)).all()
        assert sorted(each for each in rows if each is not None) == list(range(1, people))


def test_the_same_person_twice_is_registered_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        event = make_cast(session, now=now).event
        user = make_user(session).id
    told = _together(database, [_registering(event.id, user, now)] * 2)
    assert told.count(None) == 1
    assert {each.code for each in told if each} == {"already_registered"}
    assert _states(database, event.id) == {"confirmed": 1}


def test_who_registers_while_the_organiser_does_it_is_registered_once(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, capacity=1)
        event, user, by = cast.event, make_user(session), cast.actor("broker")
        key, email = user.id, user.email

    def enter(session: Session) -> object:
        own = session.get_one(Event, event.id)
        return services.enter(session, own, email=email, group="company", by=by, now=now)

    told = _together(database, [_registering(event.id, key, now), enter])
    assert sorted(each.code if each else "" for each in told) == ["", "already_registered"]
    assert _states(database, event.id) == {"confirmed": 1}


def test_of_two_organisers_who_give_a_table_the_second_is_told(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        part, by, key = make_registration(session, cast.event), cast.actor("broker"), cast.event.id
        choice = [(part.public_id, part.version)]
    codes: list[str] = []

    def give(table: str) -> Act:
        def act(session: Session) -> object:
            event = session.get_one(Event, key)
            done = services.give_tables(session, event, choice, tables=table, by=by, now=now)
            codes.extend(each.code for each in done)
            return done

        return act

    assert _together(database, [give("1"), give("2")]) == [None, None]
    assert sorted(codes) == ["", "changed_meanwhile"]


def test_two_cancel_and_two_come_and_no_place_is_given_twice(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        event = make_cast(session, now=now, capacity=3).event
        there = [register(session, event, make_user(session), now=now) for _ in range(5)]
        leaving = [(each.id, actor_for(each.user)) for each in there[:2] if each.user]
        coming = [make_user(session).id for _ in range(2)]

    def leave(key: int, by: Actor) -> Act:
        return lambda session: services.cancel(
            session, session.get_one(Registration, key), by=by, now=now
        )

    acts = [leave(key, by) for key, by in leaving]
    acts += [_registering(event.id, user, now) for user in coming]
    assert _together(database, acts) == [None] * 4
    states = _states(database, event.id)
    assert states == {"cancelled": 2, "confirmed": 1, "offered": 2, "waiting": 2}
    with database.reading() as session:
        taken = session.scalar(
            sa.select(sa.func.count(Registration.id)).where(
                Registration.event_id == event.id, Registration.state.in_(TAKES_A_PLACE)
            )
        )
        offered = session.scalars(
            sa.select(Registration.id).where(Registration.state == "offered")
        ).all()
        assert taken == 3
        assert set(offered) == {each.id for each in there[3:]}


def test_taking_an_offer_as_it_lapses_ends_one_way(database: Database, now: datetime) -> None:
    with database.writing() as session:
        event = make_cast(session, now=now, capacity=1).event
        part = make_registration(
            session, event, state="offered", offer_until=now + timedelta(hours=1)
        )
        assert part.user is not None
        by = actor_for(part.user)
    at = now + timedelta(hours=1)

    def take(session: Session) -> None:
        mine = session.get_one(Registration, part.id)
        early = at - timedelta(seconds=1)  # the request began before the moment passed
        services.take_offer(session, mine, by=by, now=early)

    def lapse(session: Session) -> object:
        return services.lapse(session, session.get_one(Registration, part.id), now=at)

    told = _together(database, [take, lapse])
    states = _states(database, event.id)
    if told[0] is None:
        assert states == {"confirmed": 1}
    else:
        assert isinstance(told[0], Conflict)
        assert states == {"lapsed": 1}


def test_accept_and_decline_at_once_leave_one_answer(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        asks = make_registration(session, cast.event, group="company")
        asked = make_registration(
            session, cast.event, user=cast.people["maker"], organisation=cast.university
        )
        wish = make_wish(session, asks, asked)
        actors = (cast.actor("maker"), cast.actor("helper"))

    def accept(session: Session) -> None:
        it = session.get_one(Wish, wish.id)
        wishing.accept(session, it, by=actors[0], now=now, expected_version=1)

    def decline(session: Session) -> None:
        it = session.get_one(Wish, wish.id)
        wishing.decline(session, it, reason="no_time", by=actors[1], now=now, expected_version=1)

    told = _together(database, [accept, decline])
    assert told.count(None) == 1
    assert all(isinstance(each, Conflict) for each in told if each)
    with database.reading() as session:
        it = session.get_one(Wish, wish.id)
        assert it.state == ("accepted" if told[0] is None else "declined")
        assert it.version == 2


def test_two_who_ask_each_other_at_once_agree(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        one = make_registration(session, cast.event, group="company", user=cast.people["buyer"])
        other = make_registration(session, cast.event, user=cast.people["maker"])
        actors = (cast.actor("buyer"), cast.actor("maker"))
        keys = (one.id, other.id)

    def ask(place: int) -> Act:
        def act(session: Session) -> object:
            from_ = session.get_one(Registration, keys[place])
            to = session.get_one(Registration, keys[1 - place])
            return wishing.wish(session, from_, to, kind="would", by=actors[place], now=now)

        return act

    assert _together(database, [ask(0), ask(1)]) == [None, None]
    with database.reading() as session:
        assert session.scalars(sa.select(Wish.state)).all() == ["accepted", "accepted"]


def test_the_last_open_wish_is_used_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now, most_requests=1)
        one = make_registration(session, cast.event, group="company", user=cast.people["buyer"])
        others = [make_registration(session, cast.event).id for _ in range(2)]
        by = cast.actor("buyer")

    def ask(key: int) -> Act:
        def act(session: Session) -> object:
            from_, to = session.get_one(Registration, one.id), session.get_one(Registration, key)
            return wishing.wish(session, from_, to, kind="must", by=by, now=now)

        return act

    told = _together(database, [ask(key) for key in others])
    assert [each.code for each in told if each] == ["too_many_wishes"]
