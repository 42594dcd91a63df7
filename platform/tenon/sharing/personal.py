"""What this room holds about a person, and how it forgets them.

A share is part of an institution's accounts: its amount stays, and that it was this person's does
not. What a person wrote against a distribution stays as the institution's record, without a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.sharing.models import Distribution, IncomeCost, IncomeObjection, IncomeShare

_COLUMNS = (
    Distribution.proposed_by,
    Distribution.approved_by,
    Distribution.created_by,
    IncomeCost.added_by,
    IncomeShare.paper_by,
    IncomeObjection.user_id,
    IncomeObjection.answered_by,
)


@collects("sharing")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's shares with what they answered, and their objections."""
    shares = session.execute(
        sa.select(IncomeShare, Distribution)
        .join(Distribution, Distribution.id == IncomeShare.distribution_id)
        .where(IncomeShare.user_id == user.id, Distribution.state.not_in(("draft", "withdrawn")))
        .order_by(IncomeShare.id)
    )
    objections = session.scalars(
        sa.select(IncomeObjection)
        .where(IncomeObjection.user_id == user.id)
        .order_by(IncomeObjection.id)
    )
    return {
        "shares": [
            {
                "distribution": distribution.public_id,
                "name": share.name,
                "percent": str(share.percent),
                "minor": share.minor,
                "currency": distribution.currency,
                "answer": share.state,
                "words": share.words,
                "state": distribution.state,
                "paid_on": distribution.paid_on.isoformat() if distribution.paid_on else None,
            }
            for share, distribution in shares
        ],
        "objections": [{"text": each.text, "at": each.at.isoformat()} for each in objections],
    }


@erases("sharing")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out; amounts stay."""
    session.execute(
        sa.update(IncomeShare)
        .where(IncomeShare.user_id == user.id)
        .values(user_id=None, name="", words=None)
        .execution_options(synchronize_session=False)
    )
    for column in _COLUMNS:
        session.execute(
            sa.update(column.class_)
            .where(column == user.id)
            .values({column.key: None})
            .execution_options(synchronize_session=False)
        )
