"""Events held, meetings held, introductions passed on and accepted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tenon.accounts.models import Organisation
from tenon.events.models import Event, EventSlot, Meeting, Registration
from tenon.events.results.queries.held import THING
from tenon.history.models import HistoryEntry
from tenon.insight.measures.counting import Condition, Counting, Moment, Source
from tenon.insight.measures.measure import Measure, register
from tenon.insight.measures.shared import (
    before,
    credited,
    credited_to,
    field_of,
    last_is,
    local_day,
    place_of,
)
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing

_MARKS = ("miss", "unmark", "call_off")


def _host(until: Moment) -> Any:
    return credited(THING, Event.public_id, "hosted", until)


def _hosted_at(until: Moment) -> Any:
    return place_of(_host(until), local_day(Event.starts_at))


def _hosted_by(person: int, until: Moment) -> Condition:
    return credited_to(THING, Event.public_id, "hosted", person, until)


def _events() -> Source:
    return Source(
        kind="event",
        start=lambda _: sa.inspect(Event).local_table,
        key=Event.id,
        at=Event.starts_at,
        where=lambda until: [Event.reached_at.is_not(None), *before(Event.reached_at, until)],
        columns={
            "region": lambda _: Event.region,
            "institution": lambda _: Event.organisation_id,
            "broker": _host,
            "station": _hosted_at,
        },
        within={"broker": _hosted_by},
    )


def _meetings() -> Source:
    def where(until: Moment) -> list[Condition]:
        if until is None:
            return [Meeting.state == "held"]
        return [last_is("event_meeting", Meeting.public_id, "hold", _MARKS, until)]

    def with_house(house: int, _until: Moment) -> Condition:
        own = sa.select(Registration.id).where(Registration.organisation_id == house)
        return sa.or_(Meeting.a_id.in_(own), Meeting.b_id.in_(own), Event.organisation_id == house)

    listing = sa.func.coalesce(Meeting.need_id, Meeting.achievement_id)
    return Source(
        kind="meeting",
        start=lambda _: sa.join(Meeting, EventSlot, EventSlot.id == Meeting.slot_id).join(
            Event, Event.id == Meeting.event_id
        ),
        key=Meeting.id,
        at=EventSlot.starts_at,
        where=where,
        columns={
            "region": lambda _: Event.region,
            "field": lambda _: field_of(listing),
            "institution": lambda _: Event.organisation_id,
            "broker": _host,
            "station": _hosted_at,
        },
        within={"broker": _hosted_by, "institution": with_house},
    )


def _passed_on_by(_until: Moment) -> Any:
    """Return who passed it on, by its history: who looks after it may change, this does not."""
    entry = aliased(HistoryEntry)
    return (
        sa.select(entry.actor_id)
        .where(
            entry.chain_kind == "introduction",
            entry.chain_id == Introduction.public_id,
            entry.kind == "pass_on",
        )
        .order_by(entry.sequence)
        .limit(1)
        .scalar_subquery()
    )


def _passed_on_by_person(person: int, _until: Moment) -> Condition:
    entry = aliased(HistoryEntry)
    return Introduction.public_id.in_(
        sa.select(entry.chain_id).where(
            entry.actor_id == person,
            entry.chain_kind == "introduction",
            entry.kind == "pass_on",
        )
    )


def _introduced_by(until: Moment) -> Any:
    return credited("introduction", Introduction.public_id, "introduced", until)


def _introduced_by_person(person: int, until: Moment) -> Condition:
    return credited_to("introduction", Introduction.public_id, "introduced", person, until)


def _introductions(at: Any, broker: Any, by_broker: Any) -> Source:
    other = aliased(Listing)
    approached_is_need = other.side == "need"
    here, there = Introduction.to_station_id, Introduction.from_station_id
    place = sa.case(
        (approached_is_need, sa.func.coalesce(here, there)), else_=sa.func.coalesce(there, here)
    )
    houses = Introduction.from_organisation_id, Introduction.to_organisation_id
    supply = sa.case((approached_is_need, houses[0]), else_=houses[1])
    seat = aliased(Organisation)

    def with_house(house: int, _until: Moment) -> Condition:
        return sa.or_(houses[0] == house, houses[1] == house)

    def start(used: frozenset[str]) -> Any:
        if not used & {"region", "station", "institution"}:
            return sa.inspect(Introduction).local_table
        return sa.join(Introduction, other, other.id == Introduction.listing_id).join(
            seat, seat.id == Introduction.to_organisation_id
        )

    return Source(
        kind="introduction",
        start=start,
        key=Introduction.id,
        at=at,
        columns={
            "region": lambda _: sa.func.coalesce(other.region, seat.region),
            "field": lambda _: field_of(Introduction.listing_id),
            "institution": lambda _: supply,
            "broker": broker,
            "station": lambda _: place,
        },
        within={"institution": with_house, "broker": by_broker},
    )


register(Measure("events_held", "count", ("events", "event_check_ins"), Counting(_events())))
register(
    Measure(
        "meetings_held",
        "count",
        ("event_meetings", "event_slots", "history_entries"),
        Counting(_meetings()),
    )
)
register(
    Measure(
        "introductions_passed_on",
        "count",
        ("introductions", "history_entries"),
        Counting(_introductions(Introduction.passed_on_at, _passed_on_by, _passed_on_by_person)),
    )
)
register(
    Measure(
        "introductions_accepted",
        "count",
        ("introductions", "credit_entries"),
        Counting(_introductions(Introduction.opened_at, _introduced_by, _introduced_by_person)),
    )
)
