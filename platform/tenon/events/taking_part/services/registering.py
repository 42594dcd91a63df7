"""Register oneself or a colleague, change what was said, take up an offer, cancel."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Membership, Organisation, User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.events.models import Event, EventGroup, Registration, Wish
from tenon.events.permissions import may_act_for
from tenon.events.states import REGISTRATION
from tenon.events.taking_part.phases import require_alive, require_registration
from tenon.events.taking_part.services import places
from tenon.events.taking_part.services.answers import Answers, check, fill
from tenon.outbox import emit

CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are misread for another; the code is typed at the door where no camera is."""

CODE_LENGTH = 8


def register(
    session: Session,
    event: Event,
    *,
    user: User,
    organisation_id: int | None,
    answers: Answers,
    by: Actor,
    now: datetime,
) -> Registration:
    """Register a person; they get a place, a number on the waiting list, or wait for approval.

    Args:
        session: writing.
        event: public, in its phase of registration.
        user: oneself, or a colleague for whom an editor of their house registers.
        organisation_id: that they come for, of which they are a member; None for themselves.
        answers: what is asked.
        by: who registers.
        now: the moment.

    Raises:
        Forbidden: the actor may not register this person.
        Conflict: ``already_registered``, ``not_admitted`` (the organiser declined before), or the
            phase: ``registration_not_yet``, ``registration_over``, ``event_over`` ...
        Invalid: at the answers.
    """
    _require_may(session, user, organisation_id, by)
    require_registration(event, now)
    event = places.lock(session, event)
    require_registration(event, now)
    _require_new(session, event, user)
    checked = check(session, event, answers, organisation_id=organisation_id, now=now)
    places.offer_free_places(session, event, now=now)  # those who wait come first
    state = _first_state(session, event)
    made = begin_part(
        session,
        event,
        user=user,
        organisation_id=organisation_id,
        group=checked.group,
        state=state,
        now=now,
    )
    fill(session, made, answers, checked)
    open_chain(session, made, "register", by=by, now=now)
    return made


def begin_part(
    session: Session,
    event: Event,
    *,
    user: User,
    organisation_id: int | None,
    group: EventGroup,
    state: str,
    now: datetime,
) -> Registration:
    """Return a new part in the session, not flushed; the event is locked."""
    made = Registration(
        event=event,
        user=user,
        user_id=user.id,
        organisation_id=organisation_id,
        group=group,
        state=state,
        code=new_code(),
        live_key=f"{event.id}:{user.id}",
        place=places.next_place(session, event) if state == "waiting" else None,
        created_at=now,
        state_since=now,
    )
    session.add(made)
    return made


def change(
    session: Session,
    registration: Registration,
    *,
    answers: Answers,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change what was said at registration, until the event is over.

    The organisation stays; the group too once wishes were made. Agreed meetings follow
    ``event_registration.attends_changed`` ({id}), where somebody attends otherwise. Raises
    Forbidden, Conflict (``changed_meanwhile``, ``part_over``, the event's state), Invalid at the
    answers.
    """
    _require_acts(by, registration)
    event = places.lock_with(session, registration)
    require_alive(event, now)
    if registration.live_key is None:
        raise Conflict("part_over", kind=REGISTRATION.kind)
    kept = [listing.id for listing in registration.listings]
    checked = check(
        session, event, answers, organisation_id=registration.organisation_id, kept=kept, now=now
    )
    if checked.group.id != registration.group_id and _has_wishes(session, registration):
        raise Invalid({"group": "group_is_settled"})
    _swap_version(registration, expected_version)
    before = registration.online
    fill(session, registration, answers, checked)
    if registration.online != before:
        emit(session, "event_registration.attends_changed", {"id": registration.id}, now=now)
    _note(session, registration, "change", by=by, now=now)


def take_offer(
    session: Session,
    registration: Registration,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take up a place that is held. Raises Conflict ``offer_over`` once it is held no more."""
    _require_acts(by, registration)
    event = places.lock_with(session, registration)
    require_alive(event, now)
    if registration.offer_until is not None and registration.offer_until <= now:
        raise Conflict("offer_over", kind=REGISTRATION.kind)
    places.step(registration, "take_offer", by=by, now=now, expected_version=expected_version)


def cancel(
    session: Session,
    registration: Registration,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give up one's part, place on the waiting list or offer; the next is offered the place."""
    _require_acts(by, registration)
    require_alive(registration.event, now)
    places.end(session, registration, "cancel", by=by, now=now, expected_version=expected_version)


def new_code() -> str:
    """Return a code for a badge that says nothing of whoever wears it."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _require_may(session: Session, user: User, organisation_id: int | None, by: Actor) -> None:
    """Check that the actor may register this person for this organisation."""
    own = by.user_id is not None and by.user_id == user.id
    if not own and not by.at_least("editor", organisation_id):
        raise Forbidden(action="register")
    if not user.active or user.erased_at is not None:
        raise Forbidden(action="register")
    if organisation_id is None:
        return
    belongs = session.scalar(
        sa.select(Organisation.state)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(
            Membership.user_id == user.id,
            Membership.organisation_id == organisation_id,
            Membership.state == "active",
        )
    )
    if belongs is None:
        raise Invalid({"organisation": "unknown_code"})
    if belongs not in ("approved", "pending"):
        raise Invalid({"organisation": "organisation_not_approved"})


def _require_new(session: Session, event: Event, user: User) -> None:
    earlier = session.scalars(
        sa.select(Registration.state).where(
            Registration.event_id == event.id,
            Registration.user_id == user.id,
            sa.or_(Registration.live_key.is_not(None), Registration.state == "declined"),
        )
    ).all()
    if any(state != "declined" for state in earlier):
        raise Conflict("already_registered", kind=REGISTRATION.kind)
    if earlier:
        raise Conflict("not_admitted", kind=REGISTRATION.kind)


def _first_state(session: Session, event: Event) -> str:
    """Return how a part begins; the event is locked, and those who wait had their offers."""
    if event.needs_approval:
        return "pending"
    return "waiting" if places.free_places(session, event) == 0 else "confirmed"


def _require_acts(by: Actor, registration: Registration) -> None:
    if not may_act_for(by, registration):
        raise Forbidden(action="act_for")


def _has_wishes(session: Session, registration: Registration) -> bool:
    """Whether wishes rest on the group somebody came as."""
    found = session.scalar(
        sa.select(Wish.id)
        .where(
            sa.or_(Wish.from_id == registration.id, Wish.to_id == registration.id),
            Wish.state.in_(("open", "accepted")),
        )
        .limit(1)
    )
    return found is not None


def _swap_version(registration: Registration, expected: int | None) -> None:
    if expected is not None and registration.version != expected:
        raise Conflict("changed_meanwhile", kind=REGISTRATION.kind)
    registration.version += 1


def open_chain(
    session: Session, made: Registration, step: str, *, by: Actor, now: datetime
) -> None:
    """Write how a flushed part began, ``register`` or ``enter``, and let it be told."""
    _note(session, made, step, by=by, now=now)
    payload = {"id": made.id, "change": step, "from": None, "to": made.state}
    emit(session, "event_registration.moved", payload, now=now)


def _note(session: Session, part: Registration, kind: str, *, by: Actor, now: datetime) -> None:
    """Write history; what was said is not repeated there."""
    facts = {"event": part.event.public_id, "group": part.group.code, "state": part.state}
    chain = (REGISTRATION.kind, part.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
