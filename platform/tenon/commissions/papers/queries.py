"""Which papers a broker has of which year."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.commissions.models import BrokerPaper


def papers_of(session: Session, user_id: int, *, year: int | None = None) -> Sequence[BrokerPaper]:
    """Return a person's papers, the newest first; of one year where told."""
    wanted = sa.select(BrokerPaper).where(BrokerPaper.user_id == user_id)
    if year is not None:
        wanted = wanted.where(BrokerPaper.year == year)
    return session.scalars(wanted.order_by(BrokerPaper.id.desc())).all()
