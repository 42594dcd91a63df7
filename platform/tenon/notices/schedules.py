"""A person's row of what is planned, and the lock on it that keeps planning in one line.

Whoever writes a notice tries the lock and never waits for it, so that two transactions which tell
the same people in another order cannot block each other; who does not get it leaves the planning
to a gathering, which waits. Never commits.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.notices import delivery, planning
from tenon.notices.models import NoticeSchedule


def try_lock(session: Session, user_id: int) -> NoticeSchedule | None:
    """Return a person's row, locked until the transaction ends; None if somebody else has it.

    None too where there is no row yet: only ``lock`` makes one.
    """
    return session.scalars(_of(user_id).with_for_update(skip_locked=True)).one_or_none()


def lock(session: Session, user_id: int) -> NoticeSchedule:
    """Return a person's row, locked until the transaction ends; made where there is none."""
    found = session.scalars(_of(user_id).with_for_update()).one_or_none()
    if found is not None:
        return found
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    made = dialect.insert(NoticeSchedule).values(
        user_id=user_id,
        quiet_begins=planning.NIGHT.begins,
        quiet_ends=planning.NIGHT.ends,
        digest_hour=planning.DIGEST_HOUR,
    )
    session.execute(made.on_conflict_do_nothing(index_elements=["user_id"]))
    return session.scalars(_of(user_id).with_for_update()).one()


def _of(user_id: int) -> sa.Select[NoticeSchedule]:
    wanted = sa.select(NoticeSchedule).where(NoticeSchedule.user_id == user_id)
    return wanted.execution_options(populate_existing=True)


def mail_moment(schedule: NoticeSchedule, now: datetime) -> datetime:
    """Return the first moment from ``now`` on at which a mail may go to the person."""
    return planning.mail_moment(
        now, last_mail=schedule.mailed_at, quiet=schedule.quiet, zone=delivery.current().zone
    )


def plan_digest(schedule: NoticeSchedule, now: datetime) -> None:
    """Have what waits go with the next digest, unless that is planned."""
    if schedule.digest_at is None:
        schedule.digest_at = planning.next_digest(
            now,
            hour=schedule.digest_hour,
            last=schedule.digest_day,
            zone=delivery.current().zone,
        )
