"""What this room holds about a person, and how it forgets them.

A deal is between organisations and stays, with what they wrote to each other as theirs; that a
certain person wrote it does not. The name under a signature goes from the row; the signed paper,
which is a contract between others, stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.deals.models import Deal, DealFile, DealMessage, DealSignature, TermVersion

_ROLES = ("seller_user_id", "buyer_user_id", "broker_id", "created_by")
_COLUMNS = (
    TermVersion.proposed_by,
    TermVersion.answered_by,
    DealFile.uploaded_by,
    DealSignature.confirmed_by,
    DealMessage.author_id,
)


@collects("deals")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the deals the person is in charge of, what they wrote, proposed, uploaded, signed."""
    mine = sa.or_(*(getattr(Deal, role) == user.id for role in _ROLES))
    return {
        "deals": [
            {
                "id": each.public_id,
                "as": [role for role in _ROLES if getattr(each, role) == user.id],
                "title": each.title,
                "stage": each.stage,
            }
            for each in session.scalars(sa.select(Deal).where(mine).order_by(Deal.id))
        ],
        "messages": [
            {"deal": public_id, "text": text, "at": at.isoformat()}
            for public_id, text, at in session.execute(
                sa.select(Deal.public_id, DealMessage.text, DealMessage.at)
                .join(Deal, Deal.id == DealMessage.deal_id)
                .where(DealMessage.author_id == user.id)
                .order_by(DealMessage.id)
            )
        ],
        "terms_proposed": [
            {"number": each.number, "sha256": each.sha256}
            for each in session.scalars(
                sa.select(TermVersion).where(TermVersion.proposed_by == user.id)
            )
        ],
        "files": [
            {"name": each.name, "sha256": each.sha256}
            for each in session.scalars(sa.select(DealFile).where(DealFile.uploaded_by == user.id))
        ],
        "signatures": [
            {"signatory": each.signatory, "signed_on": each.signed_on.isoformat()}
            for each in session.scalars(
                sa.select(DealSignature).where(
                    sa.or_(DealSignature.user_id == user.id, DealSignature.confirmed_by == user.id)
                )
            )
        ],
    }


@erases("deals")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget that it was this person; their place in a signature stays, by number only."""
    for role in _ROLES:
        column = getattr(Deal, role)
        session.execute(sa.update(Deal).where(column == user.id).values({role: None}))
    signed = sa.or_(DealSignature.user_id == user.id, DealSignature.confirmed_by == user.id)
    session.execute(sa.update(DealSignature).where(signed).values(signatory=""))
    for column in _COLUMNS:
        table = column.class_
        session.execute(sa.update(table).where(column == user.id).values({column.key: None}))
