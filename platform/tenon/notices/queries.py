"""Reads of the notices room."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.notices.models import Notice


def notices(
    session: Session, user_id: int, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[Notice], int]:
    """Return a person's notices, unread first and then newest first, and how many in all."""
    own = Notice.user_id == user_id
    total = session.scalar(sa.select(sa.func.count()).select_from(Notice).where(own)) or 0
    unread_first = sa.case((Notice.read_at.is_(None), 0), else_=1)
    rows = session.scalars(
        sa.select(Notice)
        .where(own)
        .order_by(unread_first, Notice.created_at.desc(), Notice.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total


def count_unread(session: Session, user_id: int) -> int:
    """Return how many notices a person has not read."""
    counted = sa.select(sa.func.count()).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return session.scalar(counted) or 0
