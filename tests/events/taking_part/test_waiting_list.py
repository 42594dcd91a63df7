"""The waiting list as a machine: never more than fit, first come first served, unique numbers."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import Database
from tenon.errors import Conflict
from tenon.events.models import Event, Registration
from tenon.events.states import TAKES_A_PLACE
from tenon.events.taking_part import services
from tenon.events.taking_part.phases import offer_until
from tenon.events.taking_part.queries.people import rank_in_queue, ranks_in_queue
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage
from tests.events.taking_part.cast import Cast, make_cast, register
from tests.factories.accounts import actor_for, make_user
from tests.factories.events import make_registration

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class _WaitingList(RuleBasedStateMachine):
    """Register, cancel, take offers, let them lapse, change the capacity, in any order.

    ``queue`` is the model: keys of those who wait, in the order in which they came.
    """

    template: Path
    folder: Path
    number = 0

    @initialize(capacity=st.integers(1, 4), approval=st.booleans())
    def begin(self, capacity: int, approval: bool) -> None:
        type(self).number += 1
        copy = self.folder / f"{self.number}.db"
        shutil.copyfile(self.template, copy)
        self.database = Database(f"sqlite:///{copy}")
        self.session: Session = self.database.writer()
        self.now = START
        self.cast: Cast = make_cast(
            self.session, now=START, capacity=capacity, needs_approval=approval
        )
        self.event: Event = self.cast.event
        self.broker: Actor = self.cast.actor("broker")
        self.users: dict[int, User] = {}
        self.queue: list[int] = []
        self.most_taken = 0

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()
            self.database.dispose()

    def _parts(self, *states: str) -> list[Registration]:
        return list(
            self.session.scalars(
                sa.select(Registration)
                .where(Registration.event_id == self.event.id, Registration.state.in_(states))
                .order_by(Registration.id)
            )
        )

    def _follow(self) -> None:
        """Check who left the queue since the last step: from its front, or of their own will."""
        waiting = [key for key, _place in self._waiting()]
        offered = {each.id for each in self._parts("offered")}
        stayed = [key for key in self.queue if key in waiting]
        gone = [key for key in self.queue if key in offered]
        if gone and stayed:
            assert self.queue.index(gone[-1]) < self.queue.index(stayed[0]), "order broken"
        assert waiting[: len(stayed)] == stayed, "those who wait changed places"
        self.queue = waiting

    def _waiting(self) -> list[tuple[int, int]]:
        rows = self.session.execute(
            sa.select(Registration.id, Registration.place)
            .where(Registration.event_id == self.event.id, Registration.state == "waiting")
            .order_by(Registration.place)
        )
        return [(key, place) for key, place in rows if place is not None]

    @rule()
    def come(self) -> None:
        user = make_user(self.session)
        part = register(self.session, self.event, user, now=self.now)
        self.users[part.id] = user
        if part.state == "waiting":
            assert rank_in_queue(self.session, part) == len(self.queue) + 1
        self._follow()

    @rule(place=st.integers(0, 30), admit=st.booleans())
    def decide(self, place: int, admit: bool) -> None:
        pending = self._parts("pending")
        if pending:
            part = pending[place % len(pending)]
            if admit:
                services.approve(self.session, part, by=self.broker, now=self.now)
            else:
                services.decline(self.session, part, reason="x", by=self.broker, now=self.now)
            self._follow()

    @rule(place=st.integers(0, 30), state=st.sampled_from(["waiting", "offered", "confirmed"]))
    def leave(self, place: int, state: str) -> None:
        parts = self._parts(state)
        if parts:
            part = parts[place % len(parts)]
            by = actor_for(self.users[part.id])
            services.cancel(self.session, part, by=by, now=self.now)
            self._follow()

    @rule(place=st.integers(0, 30))
    def take(self, place: int) -> None:
        offered = self._parts("offered")
        if offered:
            part = offered[place % len(offered)]
            by = actor_for(self.users[part.id])
            if part.offer_until is not None and part.offer_until <= self.now:
                with pytest.raises(Conflict, match="offer_over"):
                    services.take_offer(self.session, part, by=by, now=self.now)
            else:
                services.take_offer(self.session, part, by=by, now=self.now)
            self._follow()

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        if self.now >= START + timedelta(days=15):
            self.now = START + timedelta(days=15)
        services.settle_places(self.session, now=self.now)
        self._follow()
        held = [each.offer_until for each in self._parts("offered")]
        assert all(until is not None and until > self.now for until in held)

    @rule(more=st.integers(1, 2))
    def widen(self, more: int) -> None:
        self.event.capacity = (self.event.capacity or 0) + more
        self.session.flush()
        services.settle_places(self.session, now=self.now)
        self._follow()

    @invariant()
    def never_more_than_fit(self) -> None:
        if hasattr(self, "session"):
            assert len(self._parts(*TAKES_A_PLACE)) <= (self.event.capacity or 0)

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        if hasattr(self, "session"):
            taken = len(self._parts(*TAKES_A_PLACE))
            assert not self.queue or taken == self.event.capacity

    @invariant()
    def numbers_are_unique_and_gapless(self) -> None:
        if hasattr(self, "session"):
            places = [place for _key, place in self._waiting()]
            assert len(set(places)) == len(places)
            ranks = ranks_in_queue(self.session, self.event)
            assert sorted(ranks.values()) == list(range(1, len(places) + 1))


def test_waiting_list_holds_whatever_happens(sqlite_template: Path, tmp_path: Path) -> None:
    _WaitingList.template, _WaitingList.folder = sqlite_template, tmp_path
    run_state_machine_as_test(
        _WaitingList,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _actor(part: Registration) -> Actor:
    assert part.user is not None
    return actor_for(part.user)


def _full(session: Session, cast: Cast, *, now: datetime, waiting: int) -> list[Registration]:
    """Fill the event's one place; return who has it and who waits."""
    cast.event.capacity = 1
    session.flush()
    return [register(session, cast.event, make_user(session), now=now) for _ in range(1 + waiting)]


def test_place_goes_on_to_the_next_and_the_next(
    session: Session, cast: Cast, now: datetime
) -> None:
    first, second, third, fourth = _full(session, cast, now=now, waiting=3)
    assert [each.state for each in (first, second, third)] == ["confirmed", "waiting", "waiting"]
    services.cancel(session, first, by=_actor(first), now=now)
    assert (second.state, third.state) == ("offered", "waiting")
    assert second.offer_until == now + timedelta(hours=24)
    assert rank_in_queue(session, third) == 1
    later = now + timedelta(hours=24)
    services.settle_places(session, now=later)
    assert (second.state, third.state, fourth.state) == ("lapsed", "offered", "waiting")
    services.take_offer(session, third, by=_actor(third), now=later)
    services.settle_places(session, now=later + timedelta(days=3))
    assert (third.state, fourth.state) == ("confirmed", "waiting")


def test_offer_lapses_by_the_outbox_and_people_are_told(database: Database, now: datetime) -> None:
    with database.writing() as session:
        cast = make_cast(session, now=now)
        first, second, third = _full(session, cast, now=now, waiting=2)
        keys = (first.id, second.id, third.id)
        services.cancel(session, first, by=_actor(first), now=now)
    drain(database, now=now)
    drain(database, now=now + timedelta(hours=23))
    with database.reading() as session:
        assert session.get_one(Registration, keys[1]).state == "offered"
    drain(database, now=now + timedelta(hours=24, minutes=1))
    with database.reading() as session:
        states = [session.get_one(Registration, key).state for key in keys]
        assert states == ["cancelled", "lapsed", "offered"]
        failed = session.scalars(
            sa.select(OutboxMessage).where(OutboxMessage.error.is_not(None))
        ).all()
        assert [each.error for each in failed] == []


def test_who_waits_is_before_who_comes_when_capacity_was_raised(
    session: Session, cast: Cast, now: datetime
) -> None:
    _first, second = _full(session, cast, now=now, waiting=1)
    cast.event.capacity = 2
    session.flush()
    late = register(session, cast.event, make_user(session), now=now)
    assert (second.state, late.state) == ("offered", "waiting")


def test_offers_end_with_registration_and_before_the_event(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = cast.event
    day = timedelta(days=1)
    event.registration_until = now + timedelta(hours=5)
    assert offer_until(event, now) == now + timedelta(hours=5)
    event.registration_until = now + timedelta(minutes=5)
    assert offer_until(event, now) == now + day  # too short to be of use: it goes on after
    event.registration_until = now - day
    assert offer_until(event, now) == now + day
    event.starts_at = now + timedelta(hours=2)
    assert offer_until(event, now) == event.starts_at


def test_nothing_is_offered_of_an_event_that_has_begun(
    session: Session, cast: Cast, now: datetime
) -> None:
    cast.event.capacity = 5
    make_registration(session, cast.event, state="waiting", place=1)
    assert services.offer_free_places(session, cast.event, now=cast.event.starts_at) == []
    cast.event.state = "called_off"
    assert services.offer_free_places(session, cast.event, now=now) == []
    cast.event.state = "open"
    assert len(services.offer_free_places(session, cast.event, now=now)) == 1
