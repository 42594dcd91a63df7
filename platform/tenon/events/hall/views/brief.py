"""The brief of one meeting, for the two who meet, whoever acts for them, and the organiser."""

from __future__ import annotations

from flask import render_template

from matching.engine import MatchEngine
from matching.errors import MatchingError
from tenon.events.hall import finding
from tenon.events.hall.brief import brief_of
from tenon.events.hall.views.blueprint import Answer, hall
from tenon.matches.engine import engine_of
from tenon.web.requests import current_actor, current_session, request_now, settings
from tenon.web.sections import sections


@hall.get("/meetings/<public_id>")
def brief(public_id: str) -> Answer:
    """Show what to know before a meeting."""
    session, actor, now = current_session(), current_actor(), request_now()
    found = finding.meeting(session, public_id, by=actor)
    try:
        made = brief_of(session, found, _engine(), by=actor, now=now)
    except MatchingError:  # the index is being built: all but the reasons
        made = brief_of(session, found, None, by=actor, now=now)
    return render_template(
        "events/hall/brief.html",
        event=found.event,
        meeting=found,
        brief=made,
        added=sections("event_meeting", session, found, actor),
        now=now,
    )


def _engine() -> MatchEngine | None:
    try:
        return engine_of(settings())
    except MatchingError:
        return None
