"""What this room holds about a person, and how it forgets them.

A share of ownership or a right of use stays, since others' shares rest on it; the name does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.rights.models import GrantMember, GrantObjection, OwnershipShare, RightGrant, UseRight


@collects("rights")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person owns, applied for, may use, and objected to."""
    shares = session.scalars(sa.select(OwnershipShare).where(OwnershipShare.user_id == user.id))
    parts = session.execute(
        sa.select(RightGrant.public_id, RightGrant.state, GrantMember.share)
        .join(GrantMember, GrantMember.grant_id == RightGrant.id)
        .where(GrantMember.user_id == user.id)
        .order_by(RightGrant.id)
    )
    uses = session.scalars(sa.select(UseRight).where(UseRight.user_id == user.id))
    said = session.scalars(sa.select(GrantObjection).where(GrantObjection.author_id == user.id))
    return {
        "shares": [{"ownership": each.ownership_id, "percent": str(each.share)} for each in shares],
        "grants": [
            {"id": public_id, "state": state, "percent": str(share)}
            for public_id, state, share in parts
        ],
        "rights_of_use": [
            {"since": each.since.isoformat(), "until": each.until.isoformat()} for each in uses
        ],
        "objections": [{"text": each.text, "at": each.at.isoformat()} for each in said],
    }


@erases("rights")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person's name from shares, grants, rights of use and objections."""
    for table in (GrantMember, UseRight):
        session.execute(
            sa.update(table).where(table.user_id == user.id).values(user_id=None, name="")
        )
    session.execute(
        sa.update(OwnershipShare)
        .where(OwnershipShare.user_id == user.id)
        .values(user_id=None, name=None, outside_kind="person")
    )
    session.execute(
        sa.update(RightGrant).where(RightGrant.applicant_id == user.id).values(applicant_id=None)
    )
    session.execute(
        sa.update(GrantObjection).where(GrantObjection.author_id == user.id).values(author_id=None)
    )
