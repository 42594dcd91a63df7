"""What this room holds about a person, and how it forgets them.

Payments and invoices are between organisations and stay; that a certain person recorded, announced
or issued them does not, nor does the history, which knows people by digest alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.payments.models import Invoice, Payment


@collects("payments")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the payments that the person announced or recorded, and invoices they issued."""
    mine = sa.or_(Payment.recorded_by == user.id, Payment.announced_by == user.id)
    return {
        "payments": [
            {
                "id": each.public_id,
                "as": "recorded" if each.recorded_by == user.id else "announced",
                "note": each.note,
                "paid_on": each.paid_on.isoformat(),
            }
            for each in session.scalars(sa.select(Payment).where(mine).order_by(Payment.id))
        ],
        "invoices": [
            {"id": each.public_id, "number": each.label}
            for each in session.scalars(
                sa.select(Invoice).where(Invoice.issued_by == user.id).order_by(Invoice.id)
            )
        ],
    }


@erases("payments")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget who recorded and announced; an invoice keeps the key of a row that is empty."""
    for column in (Payment.recorded_by, Payment.announced_by):
        session.execute(sa.update(Payment).where(column == user.id).values({column.key: None}))
