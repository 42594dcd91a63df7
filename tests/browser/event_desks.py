"""Addresses of the pages of the demo's events: one over, one that runs today, one to register for.

The demo's researcher and company take part in all three; the broker organises them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.events.models import Event, Meeting, Registration, TimetableDraft, Wish

SET_UP = ("", "/basics", "/texts", "/days", "/rooms", "/groups", "/programme", "/limits")
OF_ORGANISER = (
    "people",
    "pair-rules",
    "timetable",
    "timetable?view=people",
    "timetables",
    "timetable/rules",
    "check-in",
    "hall",
    "print",
    "overdue",
    "report",
    "report/rows?figure=checked_in",
    "mailings",
)
OF_PART = ("", "/my-part", "/wishes", "/people", "/agenda", "/outcomes")


def event_desks(session: Session) -> Mapping[str, tuple[str, ...]]:
    """Role -> pages of events that the role opens, one of every kind that looks different."""
    *_, over, today, ahead = session.scalars(sa.select(Event).order_by(Event.starts_at)).all()
    return {
        "visitor": ("/events", "/events?when=past", *map(_place, (over, today, ahead))),
        "broker": (
            "/events?when=mine",
            "/events/new?kind=roadshow",
            f"/events/new?copy={over.public_id}",
            *(f"{_place(ahead)}/set-up{part}" for part in SET_UP),
            *(f"{_place(over)}/{part}" for part in OF_ORGANISER),
            *(f"{_place(today)}/{part}" for part in ("check-in", "hall", "report", "people")),
            f"{_place(today)}/check-in?q=2",
            f"{_place(ahead)}/timetables",
            f"{_place(ahead)}/people?state=waiting",
            f"{_place(ahead)}/set-up/programme/new",
            f"{_place(ahead)}/call-off",
            *_drafts(session, today),
            *_meetings(session, over, None)[:2],
        ),
        **{role: tuple(_of_role(session, role, over, today, ahead)) for role in OF_ROLES},
    }


OF_ROLES = ("researcher", "company")


def _of_role(session: Session, role: str, over: Event, today: Event, ahead: Event) -> Sequence[str]:
    person = session.scalars(sa.select(User).where(User.email == f"{role}@demo.example")).one()
    pages = ["/events", *(f"{_place(today)}{part}" for part in OF_PART)]
    pages += [f"{_place(ahead)}{part}" for part in ("", "/my-part", "/wishes", "/people")]
    pages += [f"{_place(over)}/outcomes", f"{_place(ahead)}/register"]
    for event in (today, ahead):
        part = _part(session, event, person)
        pages.append(f"/events/parts/{part.public_id}/edit")
        asked = _asked(session, part)
        pages += [f"/events/wishes/{asked}/decline"] if asked else []
    return [*pages, *_meetings(session, today, person)[:2], *_meetings(session, over, person)[:4]]


def _place(event: Event) -> str:
    return f"/events/{event.public_id}"


def _part(session: Session, event: Event, person: User) -> Registration:
    return session.scalars(
        sa.select(Registration).where(
            Registration.event_id == event.id, Registration.user_id == person.id
        )
    ).one()


def _asked(session: Session, part: Registration) -> str | None:
    """Return a wish that somebody may answer."""
    return session.scalars(
        sa.select(Wish.public_id)
        .where(Wish.to_id == part.id, Wish.state == "open", Wish.kind != "rather_not")
        .order_by(Wish.id)
    ).first()


def _drafts(session: Session, event: Event) -> list[str]:
    draft = session.scalars(
        sa.select(TimetableDraft).where(TimetableDraft.event_id == event.id)
    ).first()
    assert draft is not None
    place = f"/events/timetables/{draft.public_id}"
    return [place, f"{place}?view=people", f"{place}?view=unmet", f"{place}/release"]


def _meetings(session: Session, event: Event, person: User | None) -> list[str]:
    """Return the briefs and the outcomes of meetings, of one person where one is named."""
    found = sa.select(Meeting.public_id).where(Meeting.event_id == event.id).order_by(Meeting.id)
    if person is not None:
        part = _part(session, event, person)
        found = found.where(sa.or_(Meeting.a_id == part.id, Meeting.b_id == part.id))
    pages = [f"/events/meetings/{each}" for each in session.scalars(found.limit(2))]
    return [address for page in pages for address in (page, f"{page}/outcome")]
