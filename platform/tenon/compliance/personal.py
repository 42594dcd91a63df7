"""What this room holds about a person, and how it forgets them.

A publicity and its proof stay: the institution owes them. That a certain person objected, approved
or answered does not: names and contacts of objectors go, and rows lose the person's number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.compliance.models import (
    Approval,
    ChainStep,
    ComplianceSheet,
    Contributor,
    Duty,
    FirstRefusal,
    ForeignCheck,
    Objection,
    Publicity,
)

_COLUMNS = (
    Approval.decided_by,
    ComplianceSheet.changed_by,
    Contributor.user_id,
    Contributor.declared_by,
    Duty.closed_by,
    FirstRefusal.answered_by,
    ForeignCheck.filled_by,
    Objection.user_id,
    Objection.decided_by,
    Publicity.started_by,
)


@collects("compliance")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person objected, approved, and answered as a contributor."""
    return {
        "objections": [
            {
                "publicity": each.publicity.public_id,
                "name": each.name,
                "contact": each.contact,
                "text": each.text,
                "at": each.at.isoformat(),
                "state": each.state,
            }
            for each in session.scalars(
                sa.select(Objection).where(Objection.user_id == user.id).order_by(Objection.id)
            )
        ],
        "approvals": [
            {
                "step": each.name_zh,
                "state": each.state,
                "remark": each.remark,
                "at": each.decided_at.isoformat() if each.decided_at else None,
            }
            for each in session.scalars(
                sa.select(Approval).where(Approval.decided_by == user.id).order_by(Approval.id)
            )
        ],
        "first_refusals": [
            {
                "asked_at": each.asked_at.isoformat(),
                "until": each.until.isoformat(),
                "answer": each.answer,
                "remark": each.remark,
            }
            for each in session.scalars(
                sa.select(FirstRefusal)
                .join(Contributor)
                .where(Contributor.user_id == user.id)
                .order_by(FirstRefusal.id)
            )
        ],
    }


@erases("compliance")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the hook's form
    """Forget names and contacts, and that it was this person; a step of a chain falls to a role."""
    objected = Objection.user_id == user.id
    session.execute(sa.update(Objection).where(objected).values(name="", contact=""))
    session.execute(
        sa.update(ChainStep)
        .where(ChainStep.user_id == user.id)
        .values(user_id=None, role="administrator")
    )
    session.execute(
        sa.update(Approval)
        .where(Approval.user_id == user.id)
        .values(user_id=None, role="administrator")
    )
    for column in _COLUMNS:
        table = column.class_
        session.execute(sa.update(table).where(column == user.id).values({column.key: None}))
