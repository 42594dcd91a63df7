"""What this room holds about a person, and how it forgets them.

Amounts are the accounts of those who pay: they stay, and whose they were does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.commissions.models import (
    Agreement,
    BrokerPaper,
    Consent,
    Payout,
    Receiver,
    Share,
    Split,
)
from tenon.commissions.queries.accounts import accounts

_COLUMNS = (
    Agreement.proposed_by,
    Agreement.ended_by,
    Consent.user_id,
    Split.proposed_by,
    Payout.recorded_by,
    Payout.answered_by,
)


@collects("commissions")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's shares with what they answered, their accounts, what they agreed to."""
    shares = session.scalars(
        sa.select(Share)
        .join(Receiver, Receiver.id == Share.receiver_id)
        .where(Receiver.user_id == user.id)
        .order_by(Share.id)
    )
    consents = session.scalars(
        sa.select(Consent).where(Consent.user_id == user.id).order_by(Consent.id)
    )
    papers = session.scalars(
        sa.select(BrokerPaper).where(BrokerPaper.user_id == user.id).order_by(BrokerPaper.id)
    )
    return {
        "shares": [
            {
                "split": share.split.public_id,
                "percent": str(share.percent),
                "acts": share.acts,
                "answer": share.state,
                "words": share.words,
            }
            for share in shares
        ],
        "accounts": [
            {
                "receiver": each.receiver.public_id,
                "deal": each.receiver.deal.public_id,
                "goes_to": each.receiver.kind,
                "name": each.receiver.name,
                "currency": each.currency,
                "owed_minor": each.owed,
                "paid_minor": each.paid,
                "payouts": [
                    {
                        "minor": payout.minor,
                        "paid_on": payout.paid_on.isoformat(),
                        "reference": payout.reference,
                        "state": payout.state,
                        "words": payout.words,
                    }
                    for payout in each.payouts
                ],
            }
            for each in accounts(session, Receiver.user_id == user.id)
        ],
        "agreed_to": [
            {"side": each.side, "terms": each.sha256, "at": each.at.isoformat()}
            for each in consents
        ],
        "papers": [
            {"year": each.year, "paper": each.paper, "statement": each.statement.public_id}
            for each in papers
        ],
    }


@erases("commissions")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out; amounts stay. Their papers are statements, which forget them too."""
    own = sa.select(Receiver.id).where(Receiver.user_id == user.id)
    for table in (Share, Payout):
        session.execute(
            sa.update(table)
            .where(table.receiver_id.in_(own))
            .values(words=None)
            .execution_options(synchronize_session=False)
        )
    session.execute(
        sa.update(Receiver)
        .where(Receiver.user_id == user.id)
        .values(user_id=None, name="")
        .execution_options(synchronize_session=False)
    )
    for column in _COLUMNS:
        session.execute(
            sa.update(column.class_)
            .where(column == user.id)
            .values({column.key: None})
            .execution_options(synchronize_session=False)
        )
