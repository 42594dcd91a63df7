"""What those who take part are told: places, offers, wishes, answers, an event called off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import administrators
from tenon.events.models import Event, Registration, Wish
from tenon.events.states import ACTIVE_REGISTRATIONS
from tenon.events.taking_part.queries.people import rank_in_queue
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.rendering import translate
from tenon.notices.services import notify

REASONS: Mapping[str, str] = {
    "no_fit": N_("It does not fit what we look for"),
    "no_time": N_("No time left at this event"),
    "met_before": N_("We know each other already"),
    "already_in_touch": N_("We are in touch already"),
    "competitor": N_("We compete with each other"),
    "other": N_("Something else"),
}
"""Why a wish is declined, as the asker reads it."""

wording.register(
    {
        "event_part_confirmed": N_("You take part in “%(event)s”. Say now whom you wish to meet."),
        "event_part_entered": N_(
            "The organiser of “%(event)s” registered you: you take part. Say what you seek and "
            "offer, or cancel if you cannot come."
        ),
        "event_part_entered_waiting": N_(
            "The organiser of “%(event)s” registered you. It is full: you are number %(place)s "
            "on the waiting list."
        ),
        "event_part_pending": N_("“%(event)s”: the organiser looks at your registration."),
        "event_part_waiting": N_(
            "“%(event)s” is full. You are number %(place)s on the waiting list."
        ),
        "event_part_offered": N_(
            "A place at “%(event)s” is free and held for you until %(until)s. Please take it up."
        ),
        "event_part_lapsed": N_(
            "The place at “%(event)s” that was held for you went to the next, since you did not "
            "take it up."
        ),
        "event_part_declined": N_(
            "The organiser of “%(event)s” cannot offer you a place: %(reason)s"
        ),
        "event_part_cancelled": N_("Your part in “%(event)s” was cancelled."),
        "event_applied": N_("%(person)s asks to take part in “%(event)s”."),
        "event_part_called_off": N_("“%(event)s” was called off: %(reason)s"),
    },
    group="event_people",
    heading=N_("Taking part in events"),
    samples={
        "event": {"zh": "光电子技术对接会", "en": "Photonics matchmaking"},
        "place": "3",
        "until": "2027-03-31 18:00",
    },
)
wording.register(
    {
        "event_wish_received": N_("%(person)s wishes to meet you at “%(event)s”."),
        "event_wish_accepted": N_("%(person)s agrees to meet you at “%(event)s”."),
        "event_wish_declined": N_("%(person)s declined to meet you at “%(event)s”: %(reason)s."),
    },
    group="event_people",
    samples={"event": {"zh": "光电子技术对接会", "en": "Photonics matchmaking"}},
)


def tell_step(session: Session, registration: Registration, step: str, *, now: datetime) -> None:
    """Tell somebody what became of their part; for ``register`` and ``queue`` by its state."""
    if step in ("register", "approve", "queue", "take_offer"):
        if registration.state not in ("confirmed", "pending", "waiting"):
            return  # somebody acted meanwhile, and that step tells
        _tell(session, registration, f"event_part_{registration.state}", now=now)
        if step == "register" and registration.state == "pending":
            _tell_organiser(session, registration, now=now)
    elif step == "enter" and registration.state in ("confirmed", "waiting"):
        waits = "_waiting" if registration.state == "waiting" else ""
        _tell(session, registration, f"event_part_entered{waits}", now=now)
    elif step == "offer" and registration.offer_until is not None:
        until = registration.event.local(registration.offer_until)
        _tell(
            session,
            registration,
            "event_part_offered",
            {"until": f"{until:%Y-%m-%d %H:%M} ({registration.event.zone})"},
            now=now,
        )
    elif step == "lapse":
        _tell(session, registration, "event_part_lapsed", now=now)
    elif step == "decline":
        reason = registration.state_reason or ""
        _tell(session, registration, "event_part_declined", {"reason": reason}, now=now)
    elif step == "cancel":
        _tell(session, registration, "event_part_cancelled", now=now)


def tell_wish(session: Session, wish: Wish, *, now: datetime) -> None:
    """Tell somebody that another wishes to meet them; never of a "rather not"."""
    if wish.state == "open" and wish.kind != "rather_not":
        _tell_of(session, wish.to, wish.from_, "event_wish_received", {}, now=now)


def tell_answer(session: Session, wish: Wish, *, now: datetime) -> None:
    """Tell the asker what the other said."""
    if wish.state == "accepted":
        _tell_of(session, wish.from_, wish.to, "event_wish_accepted", {}, now=now)
    elif wish.state == "declined":
        facts = {"reason": reason_words(wish)}
        _tell_of(session, wish.from_, wish.to, "event_wish_declined", facts, now=now)


def tell_called_off(session: Session, event: Event, *, now: datetime) -> None:
    """Tell everybody who takes part, waits or is held a place."""
    parts = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.state.in_(ACTIVE_REGISTRATIONS))
        .order_by(Registration.id)
    )
    for each in parts:
        facts = {"reason": event.called_off_reason or ""}
        _tell(session, each, "event_part_called_off", facts, now=now)


def reason_words(wish: Wish) -> dict[str, str]:
    """Return language -> why a wish was declined, with the remark."""
    message = REASONS[wish.decline_reason or "other"]
    remark = f" ({wish.decline_remark})" if wish.decline_remark else ""
    return {language: translate(message, language) + remark for language in ("zh", "en")}


def _tell(
    session: Session,
    registration: Registration,
    kind: str,
    facts: Mapping[str, Any] | None = None,
    *,
    now: datetime,
) -> None:
    user, event = registration.user, registration.event
    if user is None:
        return
    known: dict[str, Any] = {"event": titles(event), **(facts or {})}
    if kind.endswith("_waiting"):
        known["place"] = str(rank_in_queue(session, registration))
    notify(
        session, user=user, kind=kind, facts=known, path=f"/events/{event.public_id}/my-part",
        now=now,
    )  # fmt: skip


def _tell_of(
    session: Session,
    told: Registration,
    other: Registration,
    kind: str,
    facts: Mapping[str, Any],
    *,
    now: datetime,
) -> None:
    """Tell somebody of what another wishes or says."""
    if told.user is None or other.user is None:
        return
    notify(
        session,
        user=told.user,
        kind=kind,
        facts={"event": titles(told.event), "person": _named(other), **facts},
        path=f"/events/{told.event.public_id}/wishes",
        now=now,
        about=other.user,
    )


def _tell_organiser(session: Session, registration: Registration, *, now: datetime) -> None:
    event, person = registration.event, registration.user
    owner = None if event.owner_id is None else session.get(User, event.owner_id)
    for each in [owner] if owner else administrators(session, event.organisation_id):
        notify(
            session,
            user=each,
            kind="event_applied",
            facts={"event": titles(event), "person": _named(registration)},
            path=f"/events/{event.public_id}/people?state=pending",
            now=now,
            about=person,
        )


def _named(registration: Registration) -> dict[str, str]:
    """Return language -> a person with their house."""
    name = registration.user.name if registration.user else ""
    house = registration.organisation
    return {
        "zh": f"{name}（{house.name('zh')}）" if house else name,
        "en": f"{name} ({house.name('en')})" if house else name,
    }


def titles(event: Event) -> dict[str, str]:
    """Return language -> an event's title."""
    return {language: event.title(language) for language in ("zh", "en")}
