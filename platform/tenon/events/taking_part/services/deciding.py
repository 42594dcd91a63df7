"""The organiser admits or declines, one or many; the clock lets offers lapse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, DomainError, Forbidden, Invalid
from tenon.events.models import Event, Registration
from tenon.events.permissions import may_run
from tenon.events.states import REGISTRATION
from tenon.events.taking_part.phases import require_alive
from tenon.events.taking_part.services import places

REASON_LIMIT = 500
AT_ONCE = 200
DECISIONS = ("approve", "decline")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of a choice.

    Attributes:
        key: the public id chosen.
        code: empty where it was done, else why not.
        registration: the one concerned, where it is of this event.
    """

    key: str
    code: str = ""
    registration: Registration | None = None


def approve(
    session: Session,
    registration: Registration,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Admit somebody; they get a place, or a number on the waiting list where all are taken.

    Raises Forbidden, IllegalTransition, Conflict.
    """
    _require_runs(by, registration.event)
    event = places.lock_with(session, registration)
    require_alive(event, now)
    if registration.state != "pending":
        raise Conflict("decided_already", kind=REGISTRATION.kind)
    places.offer_free_places(session, event, now=now)
    full = places.free_places(session, event) == 0
    places.step(
        registration,
        "queue" if full else "approve",
        by=by,
        now=now,
        place=places.next_place(session, event) if full else None,
        expected_version=expected_version,
    )


def decline(
    session: Session,
    registration: Registration,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Decline somebody, or take their place from them, with a reason that they read.

    Raises Forbidden, IllegalTransition, Conflict, Invalid at ``reason``.
    """
    _require_runs(by, registration.event)
    check_reason(reason)
    require_alive(registration.event, now)
    places.end(
        session, registration, "decline", by=by, now=now, reason=reason.strip(),
        expected_version=expected_version,
    )  # fmt: skip


def decide_many(
    session: Session,
    event: Event,
    choice: Sequence[tuple[str, int | None]],
    *,
    decision: str,
    reason: str = "",
    by: Actor,
    now: datetime,
) -> list[Outcome]:
    """Admit or decline many; return each row's outcome, in the order of the choice.

    ``choice`` are public ids with the versions that the actor looked at (None: whatever it is).
    Raises Forbidden, Invalid at ``chosen`` for an empty choice or more than AT_ONCE, at
    ``decision``, and at ``reason``.
    """
    _require_runs(by, event)
    rows = dict(choice)
    if not rows or len(rows) > AT_ONCE:
        raise Invalid({"chosen": "too_many_at_once" if rows else "nothing_chosen"})
    if decision not in DECISIONS:
        raise Invalid({"decision": "unknown_code"})
    if decision == "decline":
        check_reason(reason)
    event = places.lock(session, event)
    found = {
        each.public_id: each
        for each in session.scalars(
            sa.select(Registration).where(
                Registration.event_id == event.id, Registration.public_id.in_(rows)
            )
        )
    }
    return [
        _one(session, key, found.get(key), version, decision, reason, by, now)
        for key, version in rows.items()
    ]


def _one(
    session: Session,
    key: str,
    registration: Registration | None,
    version: int | None,
    decision: str,
    reason: str,
    by: Actor,
    now: datetime,
) -> Outcome:
    if registration is None:
        return Outcome(key, "not_found")
    try:
        with session.begin_nested():
            if decision == "approve":
                approve(session, registration, by=by, now=now, expected_version=version)
            else:
                decline(
                    session, registration, reason=reason, by=by, now=now, expected_version=version
                )
    except DomainError as error:
        session.refresh(registration)
        return Outcome(key, error.code, registration)
    return Outcome(key, "", registration)


def lapse(session: Session, registration: Registration, *, now: datetime) -> bool:
    """Let an offer lapse that was held long enough; return whether it did. The next gets it."""
    places.lock_with(session, registration)
    due = registration.offer_until is not None and registration.offer_until <= now
    if registration.state != "offered" or not due:
        return False
    places.end(session, registration, "lapse", by=SYSTEM, now=now)
    return True


def settle_places(session: Session, *, now: datetime) -> None:
    """Let every offer lapse that is due, and offer what is free: where a capacity was raised.

    Events are locked one after another in the order of their keys, as by all who lock several.
    """
    due = sa.and_(Registration.state == "offered", Registration.offer_until <= now)
    concerned = sa.exists().where(
        Registration.event_id == Event.id, sa.or_(due, Registration.state == "waiting")
    )
    for event in session.scalars(sa.select(Event).where(concerned).order_by(Event.id)).all():
        places.lock(session, event)
        late = sa.select(Registration).where(Registration.event_id == event.id, due)
        for each in session.scalars(late.order_by(Registration.id)).all():
            lapse(session, each, now=now)
        places.offer_free_places(session, event, now=now)


def check_reason(reason: str) -> None:
    """Raise Invalid at ``reason`` where there is none or it is too long."""
    if not reason.strip():
        raise Invalid({"reason": "required"})
    if len(reason) > REASON_LIMIT:
        raise Invalid({"reason": "too_long"})


def _require_runs(by: Actor, event: Event) -> None:
    if not may_run(by, event):
        raise Forbidden("not_allowed")
