"""Outbox handlers: tell people, let offers lapse, pass places on, follow an event called off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.events.models import Event, Registration, Wish
from tenon.events.taking_part import notifying, personal
from tenon.events.taking_part.services import deciding, offer_free_places
from tenon.events.taking_part.services.wishing import end_wishes_of
from tenon.outbox import follows, handles

PERIODIC = [("events.settle_places", timedelta(minutes=5))]

__all__ = ["personal"]  # imported for its registrations


@handles("event_registration.moved")
def moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell somebody what became of their part."""
    registration = session.get(Registration, payload["id"])
    if registration is not None:
        notifying.tell_step(session, registration, payload["change"], now=now)


@handles("event.registration_ended")
def ended(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Take back wishes to and from somebody who takes part no more."""
    end_wishes_of(session, payload["id"])


@handles("events.offer_due")
def offer_due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Let an offer lapse that nobody took up, and offer the place to the next."""
    registration = session.get(Registration, payload["id"])
    if registration is not None:
        deciding.lapse(session, registration, now=now)


@handles("events.settle_places")
def settle_places(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Let lapse what is due and offer what is free, where nobody else did."""
    deciding.settle_places(session, now=now)


@handles("event.limits_changed")
def limits_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Offer the places that a raised capacity gives to those who wait, at once."""
    event = session.get(Event, payload["id"])
    if event is not None:
        offer_free_places(session, event, now=now)


@handles("events.wish_made")
def wish_made(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell somebody of a wish."""
    wish = session.get(Wish, payload["id"])
    if wish is not None:
        notifying.tell_wish(session, wish, now=now)


@handles("events.wish_answered")
def wish_answered(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the asker."""
    wish = session.get(Wish, payload["id"])
    if wish is not None:
        notifying.tell_answer(session, wish, now=now)


@follows("event.called_off", name="taking_part")
def called_off(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell everybody who takes part."""
    event = session.get(Event, payload["id"])
    if event is not None and event.state == "called_off":
        notifying.tell_called_off(session, event, now=now)
