"""Wishes to and from somebody; what the other said privately never comes out here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.events.models import Event, Registration, Wish
from tenon.events.taking_part.queries.people import for_lists

ASKING = ("must", "would")
LIVE = ("open", "accepted")


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish as one of the two sees it.

    Attributes:
        wish: the row.
        other: whom it is to, or from.
        mutual: whether both asked for it.
    """

    wish: Wish
    other: Registration
    mutual: bool


def sent(session: Session, own: Registration) -> list[WishView]:
    """Return what somebody wishes, "rather not" too, newest first."""
    rows = session.scalars(
        sa.select(Wish)
        .where(Wish.from_id == own.id, Wish.state != "withdrawn")
        .order_by(Wish.created_at.desc(), Wish.id.desc())
    ).all()
    people = _people(session, [row.to_id for row in rows])
    back = _asked_by(session, own)
    return [WishView(row, people[row.to_id], _mutual(row, row.to_id in back)) for row in rows]


def received(session: Session, own: Registration) -> list[WishView]:
    """Return what others wish of somebody, those to be answered first; never a "rather not"."""
    rows = session.scalars(
        sa.select(Wish)
        .where(Wish.to_id == own.id, Wish.kind.in_(ASKING), Wish.state != "withdrawn")
        .order_by(sa.case((Wish.state == "open", 0), else_=1), Wish.created_at.desc(), Wish.id)
    ).all()
    people = _people(session, [row.from_id for row in rows])
    asked = set(
        session.scalars(
            sa.select(Wish.to_id).where(
                Wish.from_id == own.id, Wish.kind.in_(ASKING), Wish.state.in_(LIVE)
            )
        )
    )
    return [WishView(row, people[row.from_id], _mutual(row, row.from_id in asked)) for row in rows]


def by_other(session: Session, own: Registration) -> Mapping[int, Wish]:
    """Return whom somebody wishes something of -> the wish that stands."""
    rows = session.scalars(sa.select(Wish).where(Wish.from_id == own.id, Wish.state != "withdrawn"))
    return {row.to_id: row for row in rows}


def asked_by(session: Session, own: Registration) -> Mapping[int, Wish]:
    """Return who asks for a meeting with somebody -> the wish that lives."""
    rows = session.scalars(
        sa.select(Wish).where(Wish.to_id == own.id, Wish.kind.in_(ASKING), Wish.state.in_(LIVE))
    )
    return {row.from_id: row for row in rows}


def left_to_wish(session: Session, event: Event, own: Registration) -> int | None:
    """Return how many more wishes somebody may have open; None without a limit."""
    if event.most_requests is None:
        return None
    made = session.scalar(
        sa.select(sa.func.count(Wish.id)).where(
            Wish.from_id == own.id, Wish.kind.in_(ASKING), Wish.state == "open"
        )
    )
    return max(0, event.most_requests - (made or 0))


def waiting_for(session: Session, own: Registration) -> int:
    """Return how many wishes wait for somebody's answer."""
    waiting = session.scalar(
        sa.select(sa.func.count(Wish.id)).where(
            Wish.to_id == own.id, Wish.kind.in_(ASKING), Wish.state == "open"
        )
    )
    return waiting or 0


def wished_pairs(session: Session, event: Event, *, limit: int = 200) -> list[tuple[int, int, int]]:
    """Return (lower key, higher key, how many of the two ask) of pairs that wish to meet.

    For the organiser; mutual ones first, then those that must, ``limit`` at most. What somebody
    would rather not stays theirs.
    """
    low = sa.case((Wish.from_id < Wish.to_id, Wish.from_id), else_=Wish.to_id)
    high = sa.case((Wish.from_id < Wish.to_id, Wish.to_id), else_=Wish.from_id)
    strength = sa.func.sum(sa.case((Wish.kind == "must", 1), else_=0))
    rows = session.execute(
        sa.select(low, high, sa.func.count(Wish.id))
        .where(Wish.event_id == event.id, Wish.kind.in_(ASKING), Wish.state.in_(LIVE))
        .group_by(low, high)
        .order_by(sa.func.count(Wish.id).desc(), strength.desc(), low, high)
        .limit(limit)
    )
    return [(a, b, number) for a, b, number in rows]


def _asked_by(session: Session, own: Registration) -> set[int]:
    return set(asked_by(session, own))


def _mutual(row: Wish, other_asks: object) -> bool:
    return row.kind in ASKING and row.state in LIVE and bool(other_asks)


def _people(session: Session, keys: Sequence[int]) -> dict[int, Registration]:
    rows = session.scalars(
        sa.select(Registration).where(Registration.id.in_(list(keys))).options(*for_lists())
    )
    return {row.id: row for row in rows}
