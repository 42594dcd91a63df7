"""In which phase an event is for those who take part: pure, from its moments and its state."""

from __future__ import annotations

from datetime import datetime, timedelta

from tenon.errors import Conflict
from tenon.events.models import Event

OFFER_HELD = timedelta(hours=24)
SHORTEST_OFFER = timedelta(hours=1)
"""An offer that the close of registration would cut shorter than this outlives it instead."""


def registration_closed(event: Event, now: datetime) -> str:
    """Return why nobody can register now, as a code; empty where they can."""
    return closed_for_all(event, now) or _between(
        "registration", event.registration_from, event.registration_until, now
    )


def requests_closed(event: Event, now: datetime) -> str:
    """Return why wishes can be neither made nor answered now; empty where they can."""
    return closed_for_all(event, now) or _between(
        "requests", event.requests_from, event.requests_until, now
    )


def require_registration(event: Event, now: datetime) -> None:
    """Raise Conflict with the reason where nobody can register now."""
    _require(registration_closed(event, now))


def require_requests(event: Event, now: datetime) -> None:
    """Raise Conflict with the reason where wishes are neither made nor answered now."""
    _require(requests_closed(event, now))


def require_alive(event: Event, now: datetime) -> None:
    """Raise Conflict where the event is not public, called off or over."""
    _require(closed_for_all(event, now))


def offer_until(event: Event, now: datetime) -> datetime:
    """Return until when a place that becomes free now is held for whoever is next.

    A day, or until registration closes, and never beyond the event's beginning. After the close,
    or just before it, places still go to those who wait.
    """
    until = now + OFFER_HELD
    closes = event.registration_until
    if closes is not None and closes >= now + SHORTEST_OFFER:
        until = min(until, closes)
    return min(until, event.starts_at)


def closed_for_all(event: Event, now: datetime) -> str:
    """Return why nothing of the event can be changed for anybody; empty where it can."""
    if event.state == "called_off":
        return "event_called_off"
    if event.state == "over" or event.ends_at <= now:
        return "event_over"
    return "event_not_open" if event.state != "open" else ""


def _between(phase: str, start: datetime | None, until: datetime | None, now: datetime) -> str:
    if start is not None and now < start:
        return f"{phase}_not_yet"
    return f"{phase}_over" if until is not None and now >= until else ""


def _require(code: str) -> None:
    if code:
        raise Conflict(code, kind="event")
