"""The organiser registers somebody who has an account, by the address they sign in with."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, Organisation, User
from tenon.accounts.queries import person_by_email
from tenon.accounts.services.people import normalise_email
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.events.models import Event, Registration
from tenon.events.permissions import may_run
from tenon.events.queries import registration_of
from tenon.events.states import REGISTRATION
from tenon.events.taking_part.phases import require_alive
from tenon.events.taking_part.services import places
from tenon.events.taking_part.services.answers import faults_of_attending
from tenon.events.taking_part.services.registering import begin_part, open_chain


def enter(
    session: Session,
    event: Event,
    *,
    email: str,
    group: str,
    by: Actor,
    now: datetime,
    attends: str = "on_site",
) -> Registration:
    """Register somebody; they get a place or a number on the waiting list, and are told.

    They come for the organisation they joined first, or for themselves, with no listing, and
    speak the language in which they read this site, until they say more. It works until the
    event is over, without approval, and for somebody who was declined before.

    Raises:
        Forbidden: the actor does not organise the event.
        Conflict: ``already_registered``, or the event's state.
        Invalid: at ``group``, at ``attends`` (asked at a hybrid event), or at ``email``:
            ``not_an_address``, ``nobody_to_register``. That says nothing of whether there is an
            account that is blocked, left or not confirmed.
    """
    if not may_run(by, event):
        raise Forbidden("not_allowed")
    event = places.lock(session, event)
    require_alive(event, now)
    chosen = next((each for each in event.groups if each.code == group), None)
    faults = {} if chosen else {"group": "unknown_code" if group else "required"}
    faults |= faults_of_attending(event, attends)
    try:
        user = _person(session, email)
    except Invalid as error:
        raise Invalid({**faults, **error.fields}) from None
    if chosen is None or faults:
        raise Invalid(faults)
    if registration_of(session, event, user.id) is not None:
        raise Conflict("already_registered", kind=REGISTRATION.kind)
    places.offer_free_places(session, event, now=now)  # those who wait come first
    made = begin_part(
        session,
        event,
        user=user,
        organisation_id=_house(session, user),
        group=chosen,
        state="waiting" if places.free_places(session, event) == 0 else "confirmed",
        now=now,
    )
    made.languages = [user.language]
    made.attends = attends if event.mode == "hybrid" else "on_site"
    made.decided_by = by.user_id
    session.flush()
    open_chain(session, made, "enter", by=by, now=now)
    return made


def _person(session: Session, email: str) -> User:
    """Return who can be registered under an address; all others are refused in one way."""
    if not email.strip():
        raise Invalid({"email": "required"})
    address = normalise_email(email)
    try:
        found = person_by_email(session, address)
    except NotFound:
        raise Invalid({"email": "nobody_to_register"}) from None
    if not found.active or found.erased_at is not None or found.confirmed_at is None:
        raise Invalid({"email": "nobody_to_register"})
    return found


def _house(session: Session, user: User) -> int | None:
    """Return the approved organisation that somebody joined first, or None."""
    return session.scalar(
        sa.select(Membership.organisation_id)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(
            Membership.user_id == user.id,
            Membership.state == "active",
            Organisation.state == "approved",
        )
        .order_by(Membership.id)
        .limit(1)
    )
