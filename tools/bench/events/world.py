"""A running event with everybody in it: who takes part, with which listings, who meets whom.

Houses, people and listings are those of the introductions' bench, smaller. Meetings go by turns:
in each slot some of one side meet the other side shifted by a number of that slot's own, so that
nobody sits twice and no pair meets twice; every constraint of the database stays on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, User
from tenon.app import load_tasks
from tenon.db import Database
from tenon.events.models import (
    CheckIn,
    Event,
    EventInterpreter,
    EventSession,
    EventSpeaker,
    Meeting,
    Registration,
    RegistrationListing,
    Seat,
)
from tenon.events.states import LIVE_MEETINGS
from tenon.listings.models import Listing
from tenon.taxonomy.services import load as load_taxonomy
from tests.factories.events import make_event, slots
from tools.bench.introductions.drawing import Chance
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.loading import Rows, finish, load
from tools.bench.introductions.making import make_world
from tools.bench.introductions.sizes import Sizes

RUNNING: Final = 9
"""The number of the slot that runs, from 0: what lies before it is held or missed."""

_EVERY: Final = timedelta(minutes=25)
_RESEARCHERS: Final = 10
_INTERPRETERS: Final = 5
_TALKS: Final = 16
_ARRIVED: Final = 0.6
_MISSED: Final = 0.1
_CALLED_OFF: Final = 0.08
_ZONES: Final = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland")
"""Whatever the hour is: in one of them the event begins and ends on the same day."""


@dataclass(frozen=True, slots=True)
class Hall:
    """What there is.

    Attributes:
        event: its public id.
        organiser: key of the broker who runs it.
        people: keys of those who take part.
        codes: on the badges, of the same people in the same order.
        expected: codes of those who have not arrived.
        meetings: live ones, seats for both in each.
    """

    event: str
    organiser: int
    people: tuple[int, ...]
    codes: tuple[str, ...]
    expected: tuple[str, ...]
    meetings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Full:
    """How much is made up: as the bar has it; the tests make less."""

    people: int = 1_000
    slots: int = 24
    tables: int = 250
    meetings: int = 3_500

    def times(self, share: float) -> Self:
        """Return the same event with another number of people; the slots stay."""
        return type(self)(
            people=2 * max(self.slots, round(self.people * share / 2)),
            slots=self.slots,
            tables=max(1, round(self.tables * share)),
            meetings=max(self.slots, round(self.meetings * share)),
        )

    @property
    def sizes(self) -> Sizes:
        """Houses and listings for as many people, half of them researchers."""
        half = self.people // 2
        return Sizes(
            firms=half,
            institutions=-(-half // _RESEARCHERS),
            researchers=_RESEARCHERS,
            brokers=5,
            operators=1,
            listings=2 * self.people,
            introductions=2 * self.people,
            messages=8 * self.people,
            readers=self.people,
            notices=10,
        )


def make_hall(database: Database, full: Full, *, now: datetime, seed: int) -> Hall:
    """Migrate an empty database and fill it with a running event."""
    load_tasks()
    chance = Chance(f"{seed} events {full.people}", now)
    with database.writing() as session:
        load_taxonomy(session, now=now)
    make_world(database, full.sizes, now=now.replace(minute=0, second=0), seed=seed)
    with database.writing() as session:
        return _Filling(session, full, chance).write()


class _Filling:
    """The rows of one event, in an order that foreign keys allow."""

    def __init__(self, session: Session, full: Full, chance: Chance) -> None:
        self._session, self._full, self._chance = session, full, chance
        houses = Houses(full.sizes, ())
        self._organiser = houses.broker(0)
        half = full.people // 2
        researchers = range(1, half + 1)
        firms = range(houses.researchers + 1, houses.researchers + 1 + full.people - half)
        self._people = (*researchers, *firms)
        self._event = self._make_event()
        self._slots = [slot.id for slot in slots(session, self._event)]
        self._registrations = list(self._taking_part())
        self._meetings = [*self._held(), *self._called_off()]

    def write(self) -> Hall:
        """Write all and return it."""
        connection = self._session.connection()
        load(connection, Registration, iter(self._registrations))
        load(connection, RegistrationListing, self._brought())
        load(connection, Meeting, iter(self._meetings))
        live = [each for each in self._meetings if each["state"] in LIVE_MEETINGS]
        load(connection, Seat, _seats(live))
        arrived = [each for each in self._registrations if self._chance.share() < _ARRIVED]
        load(connection, CheckIn, self._arrivals(arrived))
        self._programme()
        finish(connection)
        here = {each["code"] for each in arrived}
        codes = tuple(each["code"] for each in self._registrations)
        return Hall(
            self._event.public_id,
            self._organiser,
            self._people,
            codes,
            tuple(code for code in codes if code not in here),
            len(live),
        )

    def _make_event(self) -> Event:
        # A minute ago: the slot that runs now must not end while the load runs.
        minute = self._chance.now.replace(second=0, microsecond=0) - timedelta(minutes=1)
        starts = minute - RUNNING * _EVERY
        ends = starts + self._full.slots * _EVERY
        zones = (
            name
            for name in _ZONES
            if starts.astimezone(ZoneInfo(name)).date() == ends.astimezone(ZoneInfo(name)).date()
        )
        event = make_event(
            self._session,
            owner=self._session.get_one(User, self._organiser),
            organisation=self._session.get_one(Organisation, 1),
            starts_at=starts,
            slots=self._full.slots,
            tables=self._full.tables,
            zone=next(zones),
        )
        self._interpreters = [
            EventInterpreter(event_id=event.id, name=f"样例译员{place}", languages=["zh", "en"])
            for place in range(_INTERPRETERS)
        ]
        self._session.add_all(self._interpreters)
        self._session.flush()
        self._tables = [table.id for table in event.rooms[0].tables]
        return event

    def _taking_part(self) -> Iterator[dict[str, Any]]:
        event, half = self._event, self._full.people // 2
        groups = {group.code: group.id for group in event.groups}
        memberships = sa.select(Membership.user_id, Membership.organisation_id)
        house_of = {row[0]: row[1] for row in self._session.execute(memberships)}
        for key, user in enumerate(self._people, start=1):
            yield {
                "id": key,
                "public_id": self._chance.public_id(),
                "code": self._chance.salt()[:12],
                "event_id": event.id,
                "user_id": user,
                "organisation_id": house_of[user],
                "group_id": groups["researcher" if key <= half else "company"],
                "state": "confirmed",
                "version": 1,
                "live_key": f"{event.id}:{user}",
                "languages": ["zh"] if key % 4 else ["en"],
                "wants_interpreter": key % 20 == 0,
                "about": "这是生成的样例文字，不代表任何真实单位。",
                "seeks": "",
                "shows_contact": key % 2 == 0,
                "created_at": event.created_at,
                "state_since": event.created_at,
            }

    def _brought(self) -> Rows:
        """Yield who comes with which listings of their house: at most two."""
        own: dict[int, list[int]] = {}
        listings = sa.select(Listing.id, Listing.organisation_id).where(
            Listing.state == "published", Listing.organisation_id.is_not(None)
        )
        for listing, house in self._session.execute(listings):
            own.setdefault(house, []).append(listing)
        for each in self._registrations:
            for listing in own.get(each["organisation_id"], [])[:2]:
                yield {"registration_id": each["id"], "listing_id": listing}

    def _held(self) -> Iterator[dict[str, Any]]:
        """Yield live meetings, spread evenly over the slots, each at a table of its own."""
        full, keys = self._full, count(1)
        half = full.people // 2
        for number, slot in enumerate(self._slots):
            many = full.meetings * (number + 1) // full.slots - full.meetings * number // full.slots
            ones = sorted(range(half), key=lambda _: self._chance.share())[:many]
            places = sorted(self._tables, key=lambda _: self._chance.share())
            shift = number * half // full.slots
            for place, one in enumerate(ones):
                a, b = 1 + one, 1 + half + (one + shift) % half
                state, missed = self._outcome(number)
                yield self._meeting(next(keys), slot, a, b) | {
                    "table_id": places[place],
                    "interpreter_id": (
                        self._interpreters[place].id if place < _INTERPRETERS else None
                    ),
                    "state": state,
                    "missed_by": missed,
                    "live_pair": f"{self._event.id}:{a}:{b}",
                }

    def _outcome(self, number: int) -> tuple[str, str | None]:
        if number >= RUNNING:
            return "planned", None
        missed = self._chance.share() < _MISSED
        return ("no_show", self._chance.pick(("a", "b"))) if missed else ("held", None)

    def _called_off(self) -> Iterator[dict[str, Any]]:
        """Yield meetings that hold nothing any more; agendas show them apart."""
        half, first = self._full.people // 2, self._full.meetings + 1
        for key in range(first, first + round(_CALLED_OFF * self._full.meetings)):
            a, b = 1 + self._chance.below(half), 1 + half + self._chance.below(half)
            slot = self._chance.pick(self._slots)
            yield self._meeting(key, slot, a, b) | {
                "state": "called_off",
                "called_off_reason": "replan",
                "sequence": 1,
            }

    def _meeting(self, key: int, slot: int, a: int, b: int) -> dict[str, Any]:
        return {
            "id": key,
            "public_id": self._chance.public_id(),
            "event_id": self._event.id,
            "slot_id": slot,
            "table_id": None,
            "a_id": a,
            "b_id": b,
            "interpreter_id": None,
            "state": "planned",
            "version": 1,
            "live_pair": None,
            "origin": "timetable",
            "pinned": False,
            "value": self._chance.below(1_000),
            "sequence": 0,
            "missed_by": None,
            "called_off_reason": None,
            "reminded": 0,
            "created_at": self._event.created_at,
            "changed_at": self._event.created_at,
        }

    def _arrivals(self, arrived: list[dict[str, Any]]) -> Rows:
        for key, each in enumerate(arrived, start=1):
            at = self._chance.between(self._event.starts_at, self._chance.now)
            yield {
                "id": key,
                "event_id": self._event.id,
                "registration_id": each["id"],
                "way": "camera",
                "at": at,
                "received_at": at,
                "by_user_id": self._organiser,
            }

    def _programme(self) -> None:
        """Add talks, each with somebody who takes part."""
        step = (self._event.ends_at - self._event.starts_at) / _TALKS
        for place in range(_TALKS):
            talk = EventSession(
                event_id=self._event.id,
                kind="talk",
                title_zh=f"样例报告{place}",
                title_en=f"Sample talk {place}",
                room_id=self._event.rooms[0].id,
                starts_at=self._event.starts_at + place * step,
                ends_at=self._event.starts_at + (place + 1) * step,
            )
            talk.speakers = [EventSpeaker(registration_id=1 + place)]
            self._session.add(talk)
        self._session.flush()


def _seats(meetings: list[dict[str, Any]]) -> Rows:
    for each in meetings:
        for side in ("a_id", "b_id"):
            seat: Mapping[str, Any] = {
                "slot_id": each["slot_id"],
                "registration_id": each[side],
                "meeting_id": each["id"],
            }
            yield seat
