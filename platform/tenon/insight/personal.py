"""What this room holds about a person: targets set for them or by them, where they worked when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.insight.models import StaffRecord, Target, TargetVersion


@collects("insight")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return targets about the person, versions they wrote, and the record of their work."""
    targets = session.scalars(
        sa.select(Target).where(Target.broker_id == user.id).order_by(Target.id)
    )
    written = session.execute(
        sa.select(Target.measure, TargetVersion.number, TargetVersion.at)
        .join(Target, Target.id == TargetVersion.target_id)
        .where(TargetVersion.by_id == user.id)
        .order_by(TargetVersion.at)
    )
    records = session.scalars(
        sa.select(StaffRecord).where(StaffRecord.user_id == user.id).order_by(StaffRecord.id)
    )
    return {
        "targets": [
            {
                "measure": each.measure,
                "value": each.value,
                "first": each.first.isoformat(),
                "last": each.last.isoformat(),
            }
            for each in targets
        ],
        "target_versions_written": [
            {"measure": row.measure, "version": row.number, "at": row.at.isoformat()}
            for row in written
        ],
        "work_on_record": [
            {
                "role": each.role,
                "since": each.since.isoformat(),
                "until": None if each.until is None else each.until.isoformat(),
                "certificate": each.certificate,
                "recorded_at": each.recorded_at.isoformat(),
            }
            for each in records
        ],
    }


@erases("insight")
def erase(session: Session, user: User, now: datetime) -> None:
    """Withdraw targets set for the person and forget that they were; their name is gone anyway.

    Versions that they wrote stay without them. The record of work keeps the key of an account
    that says nothing of anybody any more, so that head-counts of past days stay.
    """
    session.execute(
        sa.update(Target)
        .where(Target.broker_id == user.id)
        .values(
            broker_id=None,
            live_key=None,
            withdrawn_at=sa.func.coalesce(Target.withdrawn_at, now),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.update(TargetVersion)
        .where(TargetVersion.by_id == user.id)
        .values(by_id=None)
        .execution_options(synchronize_session=False)
    )
