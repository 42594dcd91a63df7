"""What is held about who runs an event is given out, and forgotten on request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.events.planning import personal
from tests.events.planning.scenes import Cast, announced


def test_events_that_somebody_runs_are_given_out(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = announced(session, cast, now)
    assert personal.collect(session, cast.broker) == {
        "runs": [{"event": event.public_id, "title": "Photonics matchmaking day", "state": "open"}]
    }
    assert personal.collect(session, cast.stranger) == {"runs": []}


def test_the_host_keeps_the_event_of_somebody_who_is_forgotten(
    session: Session, cast: Cast, now: datetime
) -> None:
    event, other = announced(session, cast, now), announced(session, cast, now)
    other.owner_id = cast.editor.id
    session.flush()
    personal.erase(session, cast.broker, now)
    session.refresh(event)
    session.refresh(other)
    assert event.owner_id is None
    assert other.owner_id == cast.editor.id
