"""An event is announced, taken back, called off, closed: by hand, or by the clock at its end."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Event, Registration
from tenon.events.permissions import may_run
from tenon.events.planning.checks import lacks
from tenon.events.states import ACTIVE_REGISTRATIONS, EVENT
from tenon.outbox import emit

REASON_LIMIT = 1000
AT_A_TIME = 200


def _require(event: Event, version: int | None, by: Actor) -> None:
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    if version is not None and version != event.version:
        raise Conflict("changed_meanwhile", kind="event")


def _version(event: Event) -> dict[str, int]:
    """Return the version that a step makes, for who saves a form of the one before."""
    return {"version": event.version + 1}


def open_event(session: Session, event: Event, *, version: int, by: Actor, now: datetime) -> None:
    """Announce an event: everybody sees it from now on.

    Raises Forbidden, Conflict, Invalid with the codes of what is missing under the empty name.
    """
    _require(event, version, by)
    missing = lacks(session, event, now=now)
    if event.state == "draft" and missing:
        raise Invalid({"": "not_complete"}, missing=[each.code for each in missing])
    EVENT.move(event, "open", by=by, now=now, facts=_version(event))


def take_back(session: Session, event: Event, *, version: int, by: Actor, now: datetime) -> None:
    """Hide an announced event again while nobody has registered; else it is called off.

    Raises Forbidden, Conflict (``has_registrations``).
    """
    _require(event, version, by)
    live = sa.select(Registration.id).where(
        Registration.event_id == event.id, Registration.state.in_(ACTIVE_REGISTRATIONS)
    )
    if session.scalar(live.limit(1)) is not None:
        raise Conflict("has_registrations", kind="event")
    EVENT.move(event, "take_back", by=by, now=now, facts=_version(event))


def call_off(
    session: Session, event: Event, *, reason: str, version: int, by: Actor, now: datetime
) -> None:
    """Call an announced event off; calendars hear of it, and so do the later rooms.

    Raises Forbidden, Conflict, Invalid at ``reason`` (required, too_long).
    """
    _require(event, version, by)
    words = reason.strip()
    if not words or len(words) > REASON_LIMIT:
        raise Invalid({"reason": "too_long" if words else "required"})
    along = {"called_off_reason": words, "sequence": event.sequence + 1}
    EVENT.move(event, "call_off", by=by, now=now, facts=_version(event), along=along)
    emit(session, "event.called_off", {"id": event.id}, now=now)


def close(session: Session, event: Event, *, version: int, by: Actor, now: datetime) -> None:  # noqa: ARG001  # verbs are called alike
    """Close an event that has begun; one that has not is called off. Raises Forbidden, Conflict."""
    _require(event, version, by)
    if event.starts_at > now:
        raise Conflict("not_begun", kind="event")
    EVENT.move(event, "close", by=by, now=now, facts=_version(event))


def close_ended(session: Session, *, now: datetime) -> int:
    """Close all announced events whose end has passed; return how many."""
    wanted = sa.select(Event).where(Event.state == "open", Event.ends_at <= now)
    ended = session.scalars(wanted.order_by(Event.ends_at, Event.id).limit(AT_A_TIME)).all()
    for event in ended:
        EVENT.move(event, "close", by=SYSTEM, now=now)
    return len(ended)
