"""On earlier rooms' pages: the event that an introduction or a deal came of, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.events.models import Event, Meeting
from tenon.events.permissions import may_see, may_see_meeting
from tenon.events.results.queries.meetings import own_meetings
from tenon.introductions.models import Introduction
from tenon.web.requests import request_now
from tenon.web.sections import Section, add_section


def of_introduction(
    session: Session, introduction: Introduction, actor: Actor
) -> Mapping[str, Any] | None:
    """Return the event of an introduction that came of a meeting.

    Not the meeting: whoever is unnamed in the introduction was named at the table.
    """
    meeting = _meeting(session, introduction.origin_kind, introduction.origin_id)
    if meeting is None or not may_see(actor, meeting.event):
        return None
    return {"event": meeting.event, "meeting": None}


def of_deal(session: Session, deal: Deal, actor: Actor) -> Mapping[str, Any] | None:
    """Return the event and the meeting of a deal, also by way of an introduction."""
    kind, key = deal.origin_kind, deal.origin_id
    if kind == "introduction" and key is not None:
        origin = session.get(Introduction, key)
        kind, key = (origin.origin_kind, origin.origin_id) if origin is not None else ("none", None)
    meeting = _meeting(session, kind, key)
    if meeting is None or not may_see(actor, meeting.event):
        return None
    return {
        "event": meeting.event,
        "meeting": meeting if may_see_meeting(actor, meeting) else None,
    }


def _meeting(session: Session, kind: str, key: int | None) -> Meeting | None:
    if kind != "meeting" or key is None:
        return None
    return session.scalars(
        sa.select(Meeting)
        .where(Meeting.id == key)
        .options(joinedload(Meeting.event), joinedload(Meeting.slot))
    ).first()


def waiting_on_event(session: Session, event: Event, actor: Actor) -> Mapping[str, Any] | None:
    """Return how many of the actor's meetings at an event wait for their answer."""
    if not actor.signed_in or event.starts_at > request_now():
        return None
    found = own_meetings(session, event, user_id=actor.user_id, now=request_now())
    number = sum(each.outcome is None and each.meeting.state != "no_show" for each in found)
    return {"waiting": number} if number else None


def install(app: Flask) -> None:
    """Hang the room's parts on earlier rooms' pages."""
    template = "events/results/_origin.html"
    add_section(app, "introduction", Section(template, of_introduction, order=80))
    add_section(app, "deal", Section(template, of_deal, order=80))
    add_section(app, "event", Section("events/results/_waiting.html", waiting_on_event, order=2))
