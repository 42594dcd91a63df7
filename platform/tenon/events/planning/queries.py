"""Lists of events, counts for their tabs, places left, who organises, what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Forbidden, NotFound
from tenon.events.models import Event, EventMay, EventSession, Registration
from tenon.events.permissions import may_run
from tenon.events.queries import run_by
from tenon.events.states import TAKES_A_PLACE
from tenon.history.models import HistoryEntry
from tenon.taxonomy.queries import find, lineage_codes, within

WHEN = ("upcoming", "running", "past", "mine")
PAGE_SIZE = 20
MOST_EARLIER = 50


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What a list is narrowed to.

    Attributes:
        when: one of WHEN; ``mine`` is all that the actor organises.
        month: (from, until): events that lie in it at least partly.
    """

    when: str = "upcoming"
    kind: str = ""
    region: str = ""
    month: tuple[datetime, datetime] | None = None


def _in_time(when: str, *, by: Actor, now: datetime) -> sa.ColumnElement[bool]:
    public = Event.state != "draft"
    over = sa.or_(Event.ends_at <= now, Event.state == "over")
    if when == "mine":
        return run_by(by)
    if when == "past":
        return sa.and_(public, over)
    if when == "running":
        return sa.and_(public, Event.state == "open", Event.starts_at <= now, sa.not_(over))
    return sa.and_(public, Event.starts_at > now, sa.not_(over))


def listed(
    session: Session, where: EventFilter, *, by: Actor, now: datetime, page: int = 1
) -> tuple[Sequence[Event], int]:
    """Return a page of events that the actor may know of, and how many there are in all.

    The next comes first; of what is past, the latest.
    """
    conditions = [_in_time(where.when, by=by, now=now)]
    if where.kind:
        conditions.append(Event.kind == where.kind)
    if where.region and find("region", where.region) is not None:
        conditions.append(within(Event.region, "region", where.region))
    if where.month is not None:
        conditions += [Event.starts_at < where.month[1], Event.ends_at > where.month[0]]
    total = session.scalar(sa.select(sa.func.count(Event.id)).where(*conditions)) or 0
    order = (
        (Event.starts_at.desc(), Event.id.desc())
        if where.when in ("past", "mine")
        else (Event.starts_at, Event.id)
    )
    rows = session.scalars(
        sa.select(Event)
        .where(*conditions)
        .options(joinedload(Event.organisation))
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return rows.all(), total


def counts(session: Session, *, by: Actor, now: datetime) -> Mapping[str, int]:
    """Return how many events each of the tabs has, without further filters."""
    row = session.execute(
        sa.select(
            *(
                sa.func.coalesce(
                    sa.func.sum(sa.case((_in_time(when, by=by, now=now), 1), else_=0)), 0
                )
                for when in WHEN
            )
        ).select_from(Event)
    ).one()
    return dict(zip(WHEN, map(int, row), strict=True))


def provinces(session: Session) -> Sequence[str]:
    """Return the codes of the provinces in which public events lie."""
    codes = session.scalars(
        sa.select(Event.region).where(Event.state != "draft", Event.region.is_not(None)).distinct()
    )
    known = [code for code in codes if code and find("region", code) is not None]
    return sorted({lineage_codes("region", code)[-1] for code in known})


def taken(session: Session, events: Sequence[Event]) -> Mapping[int, int]:
    """Return event's key -> how many of its places are taken; one statement."""
    rows = session.execute(
        sa.select(Registration.event_id, sa.func.count())
        .where(
            Registration.event_id.in_([each.id for each in events]),
            Registration.state.in_(TAKES_A_PLACE),
        )
        .group_by(Registration.event_id)
    )
    return {key: count for key, count in rows}  # noqa: C416  # rows are no pairs to mypy


def runs_any(session: Session, by: Actor) -> bool:
    """Whether the actor organises any event."""
    return session.scalar(sa.select(Event.id).where(run_by(by)).limit(1)) is not None


def earlier(session: Session, *, by: Actor) -> Sequence[Event]:
    """Return the latest events that the actor may copy."""
    rows = session.scalars(
        sa.select(Event)
        .where(run_by(by))
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(MOST_EARLIER)
    )
    return rows.all()


def pairs(session: Session, event: Event) -> frozenset[tuple[int, int]]:
    """Return the pairs of groups that may meet, the smaller key first."""
    rows = session.execute(
        sa.select(EventMay.a_id, EventMay.b_id).where(EventMay.event_id == event.id)
    )
    return frozenset((a, b) for a, b in rows)


def programme_session(session: Session, public_id: str, *, by: Actor) -> tuple[Event, EventSession]:
    """Return a session of the programme with its event, for the organiser.

    Raises NotFound to who may not know of it, Forbidden to everybody else.
    """
    row = session.execute(
        sa.select(Event, EventSession)
        .join(EventSession, EventSession.event_id == Event.id)
        .where(EventSession.public_id == public_id)
    ).first()
    if row is None or (row[0].state == "draft" and not may_run(by, row[0])):
        raise NotFound(kind="event_session")
    if not may_run(by, row[0]):
        raise Forbidden("not_allowed")
    return row[0], row[1]


def history_of(session: Session, event: Event, *, limit: int = 100) -> Sequence[HistoryEntry]:
    """Return the latest entries of the event's history, the latest first."""
    rows = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "event", HistoryEntry.chain_id == event.public_id)
        .order_by(HistoryEntry.sequence.desc())
        .limit(limit)
    )
    return rows.all()


def names_of(session: Session, entries: Sequence[HistoryEntry]) -> Mapping[int, str]:
    """Return key -> name of the people in a history who are still there."""
    keys = {each.actor_id for each in entries if each.actor_id is not None}
    rows = session.execute(
        sa.select(User.id, User.name).where(User.id.in_(keys), User.erased_at.is_(None))
    )
    return {key: name or "" for key, name in rows}


def people_of(session: Session, event: Event) -> Sequence[Registration]:
    """Return those who take part, for choosing speakers among them."""
    rows = session.scalars(
        sa.select(Registration)
        .where(Registration.event_id == event.id, Registration.state == "confirmed")
        .options(joinedload(Registration.user), joinedload(Registration.organisation))
        .order_by(Registration.id)
        .limit(1000)
    )
    return rows.all()
