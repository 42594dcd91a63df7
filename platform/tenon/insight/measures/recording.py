"""Write down who works where, and with which certificate, whenever that has changed.

Roles and certificates are changed in place by the network's own pages; a head-count of a past day
needs what stood then. Run often (``insight.tasks``): a day's figure holds what was seen by its end.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.insight.models import StaffRecord
from tenon.network.models import BrokerProfile, StationMember

MOST = 1000
_OF_MEMBER = ("user_id", "station_id", "role", "since", "until")
_OF_PROFILE = ("certificate", "certified_until")


def record_staff(session: Session, *, now: datetime, most: int = MOST) -> int:
    """Add a row for whoever's work or certificate is not as last recorded; return how many."""
    latest = _latest()
    record, member, profile = StaffRecord, StationMember, BrokerProfile
    pairs = [(getattr(record, name), getattr(member, name)) for name in _OF_MEMBER]
    pairs += [(getattr(record, name), getattr(profile, name)) for name in _OF_PROFILE]
    other = sa.or_(record.id.is_(None), *(old.is_distinct_from(new) for old, new in pairs))
    rows = session.execute(
        sa.select(member, profile, latest.c.sequence)
        .outerjoin(profile, profile.user_id == member.user_id)
        .outerjoin(latest, latest.c.member_id == member.id)
        .outerjoin(
            record,
            sa.and_(record.member_id == member.id, record.sequence == latest.c.sequence),
        )
        .where(other)
        .order_by(member.id)
        .limit(most)
    ).all()
    session.add_all(_record(row[0], row[1], row[2], now) for row in rows)
    session.flush()
    return len(rows)


def _latest() -> sa.Subquery:
    return (
        sa.select(StaffRecord.member_id, sa.func.max(StaffRecord.sequence).label("sequence"))
        .group_by(StaffRecord.member_id)
        .subquery("latest")
    )


def _record(
    member: StationMember, profile: BrokerProfile | None, last: int | None, now: datetime
) -> StaffRecord:
    facts: dict[str, Any] = {name: getattr(member, name) for name in _OF_MEMBER}
    facts |= {name: profile and getattr(profile, name) for name in _OF_PROFILE}
    return StaffRecord(member_id=member.id, sequence=(last or 0) + 1, recorded_at=now, **facts)
