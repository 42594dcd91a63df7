"""One mail of all that waits: queued when a notice is written, made when a mail may go.

A person has one gathering queued at most; their schedule's row says for when. Whoever relies on
it holds the row's lock until their notice is committed, and the gathering takes the lock before
it looks: so it sees every notice that relies on it. Where the lock cannot be had at once a notice
brings a gathering of its own. Marking and mail are one transaction: each notice is mailed once,
whenever a process dies. Never commits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.notices import bundling, choosing, schedules
from tenon.notices.bundling import Reader, Waiting
from tenon.notices.models import Mail, Notice, NoticeSchedule
from tenon.outbox import emit

SEND_MAIL = "notices.send_mail"
GATHER = "notices.gather"
OVERDUE = timedelta(hours=3)
"""A gathering that is this late was given up by the outbox, and another may be queued."""

SWEPT = 1000
_AT_ONCE = 5000


def wait(session: Session, *, user_id: int, mail: str, now: datetime) -> None:
    """See to it that a notice just written is mailed, by the way ``now`` or ``digest``."""
    schedule = schedules.try_lock(session, user_id)
    if schedule is None:
        emit(session, GATHER, {"user_id": user_id}, now=now)
    elif mail == "digest":
        schedules.plan_digest(schedule, now)
    elif schedule.gather_at is None or schedule.gather_at < now - OVERDUE:
        _queue(session, schedule, at=schedules.mail_moment(schedule, now), now=now)


def _queue(session: Session, schedule: NoticeSchedule, *, at: datetime, now: datetime) -> None:
    schedule.gather_at = at
    payload = {"user_id": schedule.user_id, "at": at.isoformat()}
    emit(session, GATHER, payload, now=now, at=at)


def gather(session: Session, *, user_id: int, planned: datetime | None, now: datetime) -> None:
    """Mail all that waits for a person, if a mail may go now; else queue it for when one may.

    ``planned`` is the moment for which this gathering was queued, None for one beside the queue.
    """
    user = session.get(User, user_id, populate_existing=True)
    if user is None or user.erased_at is not None:
        return  # nothing of theirs is left, and no row of theirs is made anew
    schedule = schedules.lock(session, user_id)
    waiting = waiting_of(session, [user_id]).get(user_id, [])
    if not user.active:
        mark(session, [notice.id for notice in waiting], mail="spared", now=None)
        schedule.gather_at = schedule.digest_at = None
        return
    found = bundling.sort(waiting, user_id, choosing.chosen(session, [user_id]))
    mark(session, [notice.id for notice in found.spared], mail="spared", now=None)
    if found.digest:
        schedules.plan_digest(schedule, now)
    moment = schedules.mail_moment(schedule, now)
    mine = (
        schedule.gather_at is None
        or schedule.gather_at in (planned, moment)
        or (schedule.gather_at <= now)
    )
    with_digest = schedule.digest_at is not None and schedule.digest_at <= now
    if not found.now or with_digest:  # a digest that is due takes along what waits
        schedule.gather_at = None if mine else schedule.gather_at
    elif moment <= now:
        _mail(session, user, found.now, now)
        schedule.mailed_at, schedule.gather_at = now, None
    elif schedule.gather_at != moment or planned == moment:
        _queue(session, schedule, at=moment, now=now)


def _mail(session: Session, user: User, waiting: Sequence[Waiting], now: datetime) -> None:
    reader = Reader(user.id, user.public_id, user.name, user.email, user.language)
    mail = Mail(**bundling.mail_row(reader, waiting, now=now, digest=False))
    session.add(mail)
    session.flush()
    mark(session, [notice.id for notice in waiting], mail="mailed", now=now)
    emit(session, SEND_MAIL, {"id": mail.id}, now=now)


def waiting_of(session: Session, user_ids: Iterable[int]) -> dict[int, list[Waiting]]:
    """Return person -> what waits to be mailed to them, read or not."""
    rows = session.execute(
        sa.select(
            Notice.user_id,
            Notice.id,
            Notice.kind,
            Notice.facts,
            Notice.path,
            Notice.created_at,
            Notice.read_at,
        )
        .where(Notice.user_id.in_(list(user_ids)), Notice.mail == "waiting")
        .order_by(Notice.user_id, Notice.id)
    )
    found: dict[int, list[Waiting]] = {}
    for row in rows:
        found.setdefault(row.user_id, []).append(
            Waiting(row.id, row.kind, row.facts, row.path, row.created_at, row.read_at)
        )
    return found


def mark(session: Session, notice_ids: Sequence[int], *, mail: str, now: datetime | None) -> None:
    """Say of notices what became of their mail, and in which one they stand."""
    for start in range(0, len(notice_ids), _AT_ONCE):
        values: dict[str, Any] = {"mail": mail, "mailed_at": now}
        session.execute(
            sa.update(Notice)
            .where(Notice.id.in_(notice_ids[start : start + _AT_ONCE]))
            .values(values)
            .execution_options(synchronize_session=False)
        )


def take_back(session: Session, *, about_id: int, now: datetime) -> list[int]:
    """Return the gathered mails to others whose lines name a person, for deletion.

    Of those that have not gone out yet, the other notices wait anew: they are not lost with it.
    """
    named = session.execute(
        sa.select(Mail.id, Mail.user_id, Mail.created_at, Mail.sent_at)
        .join(Notice, sa.and_(Notice.user_id == Mail.user_id, Notice.mailed_at == Mail.created_at))
        .where(Notice.about_id == about_id, Mail.kind != "account")
        .distinct()
    ).all()
    for mail in named:
        if mail.sent_at is None:
            session.execute(
                sa.update(Notice)
                .where(Notice.user_id == mail.user_id, Notice.mailed_at == mail.created_at)
                .values(mail="waiting", mailed_at=None)
                .execution_options(synchronize_session=False)
            )
            emit(session, GATHER, {"user_id": mail.user_id}, now=now)
    return [mail.id for mail in named]


def sweep(session: Session, *, now: datetime) -> int:
    """Queue anew the gatherings that the outbox gave up; return how many."""
    overdue = session.scalars(
        sa.select(NoticeSchedule)
        .where(NoticeSchedule.gather_at < now - OVERDUE)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for schedule in overdue:
        _queue(session, schedule, at=now, now=now)
    return len(overdue)
