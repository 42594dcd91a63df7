"""Leases that make a process the only one of its kind, with a heartbeat.

Never commits. Times are passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.outbox.models import ProcessLease
from tenon.outbox.services import release

Sign = tuple[str, datetime]
"""An owner, and when it last renewed its lease."""


def last_sign(session: Session, name: str) -> Sign | None:
    """Return who holds or held the lease ``name``, and its last heartbeat."""
    found = session.execute(
        sa.select(ProcessLease.owner, ProcessLease.heartbeat_at).where(ProcessLease.name == name)
    ).one_or_none()
    return None if found is None else (found.owner, found.heartbeat_at)


def hold_lease(
    session: Session,
    name: str,
    *,
    owner: str,
    now: datetime,
    span: timedelta,
    silent: Sign | None = None,
) -> bool:
    """Take or renew the lease ``name``; False while another owner's heartbeat is fresh.

    An owner whose last heartbeat is ``silent`` counts as gone, whenever its lease ends.

    Whoever takes it over from an owner that fell silent frees the messages which that one had
    claimed, so that they need not wait for their own leases to run out.
    """
    lease = session.get(ProcessLease, name, with_for_update=True, populate_existing=True)
    if lease is None:
        return _insert(session, name, owner=owner, now=now, span=span)
    if lease.owner != owner:
        if lease.until > now and (lease.owner, lease.heartbeat_at) != silent:
            return False
        release(session, owner=lease.owner)
    lease.owner, lease.heartbeat_at, lease.until = owner, now, now + span
    session.flush()
    return True


def _insert(session: Session, name: str, *, owner: str, now: datetime, span: timedelta) -> bool:
    try:
        with session.begin_nested():
            session.add(ProcessLease(name=name, owner=owner, heartbeat_at=now, until=now + span))
    except sa.exc.IntegrityError:  # another process inserted it in the same moment
        return False
    return True


def drop_lease(session: Session, name: str, *, owner: str) -> None:
    """Give the lease back, with what was claimed under it and not begun."""
    dropped = session.scalars(
        sa.delete(ProcessLease)
        .where(ProcessLease.name == name, ProcessLease.owner == owner)
        .returning(ProcessLease.name)
    )
    if dropped.all():
        release(session, owner=owner)


def holder(session: Session, name: str, *, now: datetime) -> str | None:
    """Return who holds the lease ``name`` at present, or None."""
    return session.scalar(
        sa.select(ProcessLease.owner).where(ProcessLease.name == name, ProcessLease.until > now)
    )
