"""What this room holds about a person, and how it forgets them.

Tables, agreements and answers are the companies' and stay; that a certain person recorded or
confirmed them does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import InstrumentedAttribute

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.equity.models import (
    EquityAppraisal,
    EquityCompany,
    EquityEvent,
    EquityPreemption,
    EquityProposal,
)

_DONE_BY: Mapping[str, tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]]] = {
    "companies_opened": (EquityCompany.created_by, EquityCompany.public_id),
    "events_recorded": (EquityEvent.recorded_by, EquityEvent.number),
    "confirmed_as_seller": (EquityProposal.seller_confirmed_by, EquityProposal.public_id),
    "confirmed_as_buyer": (EquityProposal.buyer_confirmed_by, EquityProposal.public_id),
    "appraisals_recorded": (EquityAppraisal.recorded_by, EquityAppraisal.sha256),
    "first_calls_answered": (EquityPreemption.answered_by, EquityPreemption.answered_on),
}


@collects("equity")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person opened, recorded, confirmed and answered."""
    return {
        name: [
            str(shown)
            for shown in session.scalars(sa.select(column).where(who == user.id).order_by(column))
        ]
        for name, (who, column) in _DONE_BY.items()
    }


@erases("equity")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out; what was recorded stays."""
    for who, _ in _DONE_BY.values():
        change = sa.update(who.class_).where(who == user.id).values({who.key: None})
        session.execute(change.execution_options(synchronize_session=False))
