"""Organisers and outlines for the room's tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.events.models import Event, EventSlot
from tenon.events.planning import services
from tenon.events.planning.services import Basics, Limits, Outline
from tenon.events.planning.slots import Hours
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.events import make_meeting, make_registration

DAY = date(2027, 3, 1)
"""A Monday, some three months after the tests' present."""


@dataclass(frozen=True, slots=True)
class Cast:
    """A host, who organises there, and who has nothing to do with it."""

    host: Organisation
    broker: User
    editor: User
    member: User
    stranger: User
    other_broker: User
    operator: User


def make_cast(session: Session) -> Cast:
    """Make them; flushed."""
    host, elsewhere = make_organisation(session), make_organisation(session)
    broker, other_broker = make_user(session), make_user(session)
    editor, member, stranger = make_user(session), make_user(session), make_user(session)
    operator = make_user(session)
    grant_role(session, broker, "broker")
    grant_role(session, other_broker, "broker")
    grant_role(session, operator, "operator")
    make_membership(session, broker, host, "member")
    make_membership(session, editor, host, "editor")
    make_membership(session, member, host, "member")
    make_membership(session, stranger, elsewhere, "administrator")
    return Cast(host, broker, editor, member, stranger, other_broker, operator)


def outline(host: Organisation, **changes: Any) -> Outline:
    """The short form as most people fill it in."""
    values: dict[str, Any] = {
        "kind": "one_to_one",
        "title_zh": "光电子供需对接会",
        "title_en": "Photonics matchmaking day",
        "first_day": DAY,
        "last_day": DAY,
        "opens": 9 * 60,
        "closes": 17 * 60,
        "organisation_id": host.id,
        "venue_zh": "示例会展中心",
        "tables": 12,
        "slot_minutes": 20,
    } | changes
    return Outline(**values)


def begun(session: Session, cast: Cast, now: datetime, **changes: Any) -> Event:
    """An event begun by the broker with the short form."""
    return services.begin_event(
        session, outline(cast.host, **changes), by=actor_for(cast.broker), now=now
    )


def phase(event: Event, name: str) -> datetime:
    """A phase's moment that must be set."""
    found = getattr(event, name)
    assert isinstance(found, datetime)
    return found


def announced(session: Session, cast: Cast, now: datetime, **changes: Any) -> Event:
    """The same, announced."""
    event = begun(session, cast, now, **changes)
    services.open_event(session, event, version=event.version, by=actor_for(cast.broker), now=now)
    return event


def broker(cast: Cast) -> Actor:
    """The broker as an actor."""
    return actor_for(cast.broker)


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
WHOLE = [Hours(DAY, 9 * 60, 17 * 60, [(12 * 60, 13 * 60 + 30)])]


def basics_of(event: Event, **changes: Any) -> Basics:
    """What an event says of itself, with some of it changed."""
    names = Basics.__dataclass_fields__
    return replace(Basics(**{name: getattr(event, name) for name in names}), **changes)


def limits_of(event: Event, **changes: Any) -> Limits:
    """An event's phases and limits, with some of them changed."""
    names = Limits.__dataclass_fields__
    return replace(Limits(**{name: getattr(event, name) for name in names}), **changes)


def set_days(
    session: Session, event: Event, cast: Cast, now: datetime, days: list[Hours]
) -> object:
    """Set an event's days as its broker."""
    return services.change_days(
        session,
        event,
        days=days,
        slot_minutes=event.slot_minutes,
        walk_minutes=event.walk_minutes,
        version=event.version,
        by=broker(cast),
        now=now,
    )


def meeting_in(session: Session, event: Event, slot: EventSlot, **more: Any) -> object:
    """An agreed meeting of two new people in a slot."""
    first = make_registration(session, event, group="researcher")
    second = make_registration(session, event, group="company")
    return make_meeting(session, first, second, slot, **more)
