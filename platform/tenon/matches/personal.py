"""What this room holds about a person, and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.matches.models import MatchFeedback, RankingVersion


@collects("matches")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person said of matches, and which rankings they had learned."""
    rows = session.scalars(
        sa.select(MatchFeedback).where(MatchFeedback.user_id == user.id).order_by(MatchFeedback.id)
    )
    return {
        "feedback": [
            {
                "side": row.side,
                "kind": row.kind,
                "reason": row.reason,
                "remark": row.remark,
                "at": row.at.isoformat(),
            }
            for row in rows
        ],
        "rankings": [
            {"number": number, "at": at.isoformat()}
            for number, at in session.execute(
                sa.select(RankingVersion.number, RankingVersion.made_at)
                .where(RankingVersion.made_by_id == user.id)
                .order_by(RankingVersion.number)
            )
        ],
    }


@erases("matches")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Leave the organisation's word, without the person and without what they wrote freely."""
    session.execute(
        sa.update(MatchFeedback)
        .where(MatchFeedback.user_id == user.id)
        .values(user_id=None, remark=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(RankingVersion)
        .where(RankingVersion.made_by_id == user.id)
        .values(made_by_id=None)
        .execution_options(synchronize_session=False)
    )
