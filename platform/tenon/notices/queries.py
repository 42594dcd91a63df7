"""Reads of the notices room. Counts are bounded: nobody reads the ten-thousandth page."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.notices.models import Notice

MOST_COUNTED = 10_000
MOST_UNREAD = 100


def notices(
    session: Session,
    user_id: int,
    *,
    limit: int = 20,
    offset: int = 0,
    unread: bool = False,
    kinds: Collection[str] | None = None,
) -> tuple[Sequence[Notice], int]:
    """Return a person's notices, unread first and then newest first, and how many in all.

    ``unread`` leaves out what was read, ``kinds`` what is of other kinds; the count stops at
    MOST_COUNTED.
    """
    where: list[sa.ColumnElement[bool]] = [Notice.user_id == user_id, Notice.in_site.is_(True)]
    if unread:
        where.append(Notice.read_at.is_(None))
    if kinds is not None:
        where.append(Notice.kind.in_(kinds))
    unread_first = sa.case((Notice.read_at.is_(None), 0), else_=1)
    rows = session.scalars(
        sa.select(Notice)
        .where(*where)
        .order_by(unread_first, Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), _count(session, where, MOST_COUNTED)


def count_unread(session: Session, user_id: int) -> int:
    """Return how many notices a person has not read, counted up to MOST_UNREAD."""
    where: list[sa.ColumnElement[bool]] = [
        Notice.user_id == user_id,
        Notice.read_at.is_(None),
        Notice.in_site.is_(True),
    ]
    return _count(session, where, MOST_UNREAD)


def _count(session: Session, where: Sequence[sa.ColumnElement[bool]], most: int) -> int:
    some = sa.select(Notice.id).where(*where).limit(most).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(some)) or 0
