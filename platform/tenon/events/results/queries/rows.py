"""The rows behind a figure of an event's report, as far as its reader may know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries.deals import visible_to as deal_visible_to
from tenon.events.models import CheckIn, EventSlot, Meeting, Outcome, Registration, Wish
from tenon.events.results.queries.meetings import loaded
from tenon.events.results.queries.report import (
    DEALS,
    INTRODUCTIONS,
    MEETINGS,
    PEOPLE,
    SIDES,
    WISHES,
    Figure,
)
from tenon.introductions.models import Introduction
from tenon.introductions.queries.introductions import visible_to as introduction_visible_to

_PART = [
    joinedload(Registration.user),
    joinedload(Registration.organisation),
    joinedload(Registration.group),
]


def rows_of(
    session: Session, figure: Figure, *, by: Actor, limit: int | None = None, offset: int = 0
) -> Sequence[Any]:
    """Return a page of the things behind a figure, in their order.

    Registrations, wishes, meetings and outcomes come as they are; introductions and deals as
    (thing, meeting) with None for a thing that the actor may not know of.
    """
    end = None if limit is None else offset + limit
    keys = list(figure.keys[offset:end])
    found: list[Any] = []
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        known = _READ[figure.of](session, part, by)
        found += [known[key] for key in part if key in known]
    return found


def arrivals_of(session: Session, registration_ids: Sequence[int]) -> Mapping[int, Any]:
    """Return registration -> when they checked in."""
    found: dict[int, Any] = {}
    for start in range(0, len(registration_ids), 500):
        part = registration_ids[start : start + 500]
        rows = session.execute(
            sa.select(CheckIn.registration_id, CheckIn.at).where(CheckIn.registration_id.in_(part))
        )
        found |= {row.registration_id: row.at for row in rows}
    return found


def _people(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:  # noqa: ARG001  # one form for all
    rows = session.scalars(sa.select(Registration).where(Registration.id.in_(keys)).options(*_PART))
    return {each.id: each for each in rows}


def _wishes(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:  # noqa: ARG001  # one form for all
    rows = session.scalars(
        sa.select(Wish)
        .where(Wish.id.in_(keys))
        .options(
            *(
                joinedload(side).joinedload(part)
                for side in (Wish.from_, Wish.to)
                for part in (Registration.user, Registration.organisation)
            )
        )
    )
    return {each.id: each for each in rows}


def _meetings(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:  # noqa: ARG001  # one form for all
    rows = session.scalars(
        sa.select(Meeting)
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .where(Meeting.id.in_(keys))
        .options(*loaded())
    )
    return {each.id: each for each in rows}


def _sides(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:  # noqa: ARG001  # one form for all
    rows = session.scalars(
        sa.select(Outcome)
        .where(Outcome.id.in_(keys))
        .options(
            *(joinedload(Outcome.meeting).options(each) for each in loaded()),
            *(
                joinedload(Outcome.registration).joinedload(part)
                for part in (Registration.user, Registration.organisation, Registration.group)
            ),
        )
    )
    return {each.id: each for each in rows}


def _introductions(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:
    seen = sa.select(Introduction.id).where(introduction_visible_to(by))
    rows = session.execute(
        sa.select(Introduction, Meeting, Introduction.id.in_(seen))
        .join(Meeting, Meeting.id == Introduction.origin_id)
        .where(Introduction.id.in_(keys))
        .options(*loaded())
    )
    return {row[0].id: (row[0] if row[2] else None, row[1]) for row in rows}


def _deals(session: Session, keys: Sequence[int], by: Actor) -> Mapping[int, Any]:
    seen = sa.select(Deal.id).where(deal_visible_to(by))
    by_way = aliased(Introduction)
    began = sa.case((Deal.origin_kind == "meeting", Deal.origin_id), else_=by_way.origin_id)
    rows = session.execute(
        sa.select(Deal, Meeting, Deal.id.in_(seen))
        .outerjoin(by_way, sa.and_(Deal.origin_kind == "introduction", Deal.origin_id == by_way.id))
        .join(Meeting, Meeting.id == began)
        .where(Deal.id.in_(keys))
        .options(*loaded())
    )
    return {row[0].id: (row[0] if row[2] else None, row[1]) for row in rows}


_READ: Mapping[str, Callable[[Session, Sequence[int], Actor], Mapping[int, Any]]] = {
    PEOPLE: _people,
    WISHES: _wishes,
    MEETINGS: _meetings,
    SIDES: _sides,
    INTRODUCTIONS: _introductions,
    DEALS: _deals,
}
