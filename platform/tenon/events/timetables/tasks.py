"""Outbox handlers: make timetables beside all other work, tell people, follow who leaves.

The search runs in a thread that the handler watches: the message comes up every second until it is
over, so that mail and index go on meanwhile. A search that ended with its process is begun again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.events.models import Event, Registration, TimetableDraft
from tenon.events.timetables import running
from tenon.events.timetables.services.attending import follow, online_in
from tenon.events.timetables.services.living import (
    AT_A_TIME,
    call_off_all_of,
    call_off_rest,
)
from tenon.events.timetables.services.ordering import GOING_ON, ORDERED
from tenon.events.timetables.telling import TOLD, write_notice
from tenon.outbox import Later, emit, follows, handles

LOOK_AGAIN = timedelta(seconds=1)
AT_ONCE = 2
"""So many searches run side by side; each takes its processors for itself."""

_lock = threading.Lock()
_runs: dict[tuple[str, int], threading.Thread] = {}


@handles(ORDERED, alone=True, reads=True)
def make_timetable(session: Session, payload: Mapping[str, Any], now: datetime) -> Later | None:
    """Begin the search, or look whether it is over."""
    draft = session.get(TimetableDraft, payload["id"])
    if draft is None or draft.state not in GOING_ON:
        return None
    key = (str(session.get_bind().engine.url), draft.id)
    with _lock:
        for known in [each for each, thread in _runs.items() if not thread.is_alive()]:
            del _runs[known]
        if key not in _runs and len(_runs) < AT_ONCE:
            _runs[key] = _begin(session, draft.id)
    return Later("the search goes on", until=now + LOOK_AGAIN)


def _begin(session: Session, draft_id: int) -> threading.Thread:
    url = session.get_bind().engine.url.render_as_string(hide_password=False)

    def work() -> None:
        with Database(url) as database:
            running.run(database, draft_id)

    thread = threading.Thread(target=work, name=f"tenon-timetable-{draft_id}", daemon=True)
    thread.start()
    return thread


def wait_for_runs(timeout: float = 600) -> None:
    """Wait until every search of this process is over: for commands and tests."""
    with _lock:
        threads = list(_runs.values())
    for thread in threads:
        thread.join(timeout)


@handles(TOLD)
def told(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write one person's notice of what changed for them."""
    write_notice(session, payload, now)


@handles("event_meeting.moved")
def meeting_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Nothing by itself: whoever moves a meeting says what people are told; later rooms follow."""


@handles("event_registration.attends_changed")
def attends_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Let somebody's agreed meetings follow how they attend now."""
    registration = session.get(Registration, payload["id"])
    if registration is not None and registration.event.state == "open":
        follow(session, registration.event, [registration.id], now=now)


@handles("event.mode_changed")
def mode_changed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Let meetings follow where an event becomes, or is no more, one that some attend online."""
    event = session.get(Event, payload["id"])
    if event is not None and event.state == "open":
        follow(session, event, online_in(session, event), now=now)


@follows("event.called_off", name="timetables")
def event_called_off(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Call off what the event still had planned: nobody is to say what came of it."""
    event = session.get(Event, payload["id"])
    if event is not None and event.state == "called_off":
        done = call_off_rest(session, event, now=now)
        if done == AT_A_TIME:  # the others of this topic have heard of it
            emit(session, "event.called_off/timetables", payload, now=now)


@follows("event.registration_ended", name="timetables")
def registration_ended(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Call off what somebody who left had planned, and tell the others."""
    registration = session.get(Registration, payload["id"])
    if registration is not None and registration.live_key is None:
        call_off_all_of(session, registration, reason="cancelled", by=SYSTEM, now=now)
