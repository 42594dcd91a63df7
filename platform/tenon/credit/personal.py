"""What this room holds about a person, and how it forgets them.

Entries stay: they name the person by their row of users, which erasure empties, and the chain
covers a digest that means nothing without the salt. What people wrote in disputes goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.credit.models import CreditDispute, CreditEntry


@collects("credit")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's entries, and the disputes that they raised, settled or are part of."""
    entries = session.scalars(
        sa.select(CreditEntry).where(CreditEntry.user_id == user.id).order_by(CreditEntry.id)
    )
    disputes = session.scalars(
        sa.select(CreditDispute).where(_touches(user)).order_by(CreditDispute.id)
    )
    return {
        "entries": [
            {
                "id": entry.public_id,
                "thing": entry.thing_kind,
                "thing_id": entry.thing_id,
                "says": entry.says,
                "act": entry.act,
                "at": entry.at.isoformat(),
            }
            for entry in entries
        ],
        "disputes": [
            {
                "id": dispute.public_id,
                "entry": dispute.entry.public_id,
                "state": dispute.state,
                "claim": dispute.claim,
                "reason": dispute.reason,
                "raised_by_me": dispute.raised_by_id == user.id,
                "raised_at": dispute.raised_at.isoformat(),
                "settled_by_me": dispute.settled_by_id == user.id,
                "settlement": dispute.settlement,
            }
            for dispute in disputes
        ],
    }


@erases("credit")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Empty what was written in disputes by the person or about them; outcomes stay."""
    for column in (CreditDispute.reason, CreditDispute.settlement):
        session.execute(
            sa.update(CreditDispute)
            .where(_touches(user), column.is_not(None))
            .values({column: ""})
            .execution_options(synchronize_session=False)
        )


def _touches(user: User) -> sa.ColumnElement[bool]:
    credited = sa.select(CreditEntry.id).where(CreditEntry.user_id == user.id)
    return sa.or_(
        CreditDispute.raised_by_id == user.id,
        CreditDispute.settled_by_id == user.id,
        CreditDispute.entry_id.in_(credited),
    )
