"""Tell in good time that certificates are about to end: 60 days before, and 14."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.network import notifying
from tenon.network.clocks import today
from tenon.network.models import BrokerProfile

BEFORE = (60, 14)
"""Days before the end on which somebody is told, the first first; at the last, heads too."""
AT_A_TIME = 200


def alert_expiring(session: Session, *, now: datetime) -> int:
    """Tell of certificates that end within 60 or 14 days and were not told of so far.

    Returns how many were looked after, at most AT_A_TIME.
    """
    day = today(now)
    profile = BrokerProfile
    due = [
        sa.and_(
            profile.certified_until <= day + timedelta(days=days),
            sa.or_(profile.alerted_days.is_(None), profile.alerted_days > days),
        )
        for days in BEFORE
    ]
    rows = session.scalars(
        sa.select(profile)
        .where(profile.certified_until >= day, sa.or_(*due))
        .options(joinedload(profile.user))
        .order_by(profile.certified_until, profile.user_id)
        .limit(AT_A_TIME)
    ).all()
    for each in rows:
        if each.certified_until is not None:
            left = (each.certified_until - day).days
            each.alerted_days = min(days for days in BEFORE if left <= days)
            _tell(session, each, now=now)
    session.flush()
    return len(rows)


def _tell(session: Session, profile: BrokerProfile, *, now: datetime) -> None:
    until = profile.certified_until
    if until is None:
        return
    number = profile.certificate_number or ""
    notifying.tell_expiring(session, profile.user, number=number, until=until, now=now)
    if profile.alerted_days == BEFORE[-1]:
        notifying.tell_heads_of_expiring(session, profile.user, until=until, now=now)
