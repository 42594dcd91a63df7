"""The daily digests: written in slices of people, each a transaction of its own.

The clock asks every few minutes; a slice takes the people whose digest is due, locks their rows,
writes their mails in bulk and queues the next slice in the transaction that marks it done. So a
process killed anywhere loses nothing and writes nothing twice, and however many turns, processes
or retries come, a person's row is due once a day. Never commits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.notices import bundling, choosing, delivery, planning
from tenon.notices.bundling import Kept, Reader, Waiting
from tenon.notices.gathering import SEND_MAIL, mark, waiting_of
from tenon.notices.models import Mail, NoticeSchedule, quiet_hours
from tenon.outbox.services import emit_again, emit_many

DIGEST_SLICE = "notices.digest_slice"
PEOPLE_A_SLICE = 500


@dataclass(slots=True)
class _Slice:
    """What a slice writes."""

    mails: list[dict[str, Any]] = field(default_factory=list)
    mailed: list[int] = field(default_factory=list)
    spared: list[int] = field(default_factory=list)
    plans: list[dict[str, Any]] = field(default_factory=list)


def queue(session: Session, *, now: datetime) -> None:
    """Let the writing begin, or go on with its next slice."""
    emit_again(session, DIGEST_SLICE, {}, now=now, key=DIGEST_SLICE)


def write_slice(session: Session, *, now: datetime, people: int = PEOPLE_A_SLICE) -> bool:
    """Write the digests of so many people whose hour has come; return whether others may wait.

    A row that somebody else has locked is left for a later turn.
    """
    due = session.execute(_due(now, people)).all()
    if not due:
        return False
    ids = [row.user_id for row in due]
    waiting = waiting_of(session, ids)
    kept = choosing.chosen(session, ids)
    made = _Slice()
    for row in due:
        _plan(row, waiting.get(row.user_id, []), kept, made, now)
    _write(session, made, now)
    return len(due) == people


def _due(now: datetime, people: int) -> sa.Executable:
    return (
        sa.select(
            NoticeSchedule.user_id,
            NoticeSchedule.quiet_begins,
            NoticeSchedule.quiet_ends,
            NoticeSchedule.digest_hour,
            NoticeSchedule.digest_day,
            NoticeSchedule.mailed_at,
            User.public_id,
            User.name,
            User.email,
            User.language,
            sa.and_(User.active, User.erased_at.is_(None)).label("reachable"),
        )
        .join(User, User.id == NoticeSchedule.user_id)
        .where(NoticeSchedule.digest_at <= now)
        .order_by(NoticeSchedule.digest_at, NoticeSchedule.user_id)
        .limit(people)
        .with_for_update(of=NoticeSchedule, skip_locked=True)
    )


def _plan(row: Any, waiting: Sequence[Waiting], kept: Kept, made: _Slice, now: datetime) -> None:
    """Decide for one person: a digest now, later, or none; and add what is to be written."""
    zone = delivery.current().zone
    plan: dict[str, Any] = {
        "user_id": row.user_id,
        "digest_at": None,
        "digest_day": row.digest_day,
        "mailed_at": row.mailed_at,
    }
    made.plans.append(plan)
    if not row.reachable:
        made.spared += [notice.id for notice in waiting]
        return
    found = bundling.sort(waiting, row.user_id, kept)
    made.spared += [notice.id for notice in found.spared]
    told = found.now + found.digest  # what was to go at once and waits yet goes along
    if not told:
        return
    day = planning.digest_day(now, hour=row.digest_hour, zone=zone)
    if row.digest_day is not None and row.digest_day >= day:  # had it, or the clock went back
        last = plan["digest_day"] = min(row.digest_day, now.astimezone(zone).date())
        plan["digest_at"] = planning.next_digest(now, hour=row.digest_hour, last=last, zone=zone)
        return
    quiet = quiet_hours(row.quiet_begins, row.quiet_ends)
    moment = planning.mail_moment(now, last_mail=row.mailed_at, quiet=quiet, zone=zone)
    if moment > now:
        plan["digest_at"] = moment
        return
    plan["digest_day"], plan["mailed_at"] = day, now
    made.mails.append(_mail_row(row, told, day, now))
    made.mailed += [notice.id for notice in told]


def _mail_row(row: Any, told: Sequence[Waiting], day: date, now: datetime) -> dict[str, Any]:
    reader = Reader(row.user_id, row.public_id, row.name, row.email, row.language)
    return bundling.mail_row(reader, told, now=now, digest=True) | {"digest_day": day}


def _write(session: Session, made: _Slice, now: datetime) -> None:
    mark(session, made.spared, mail="spared", now=None)
    mark(session, made.mailed, mail="mailed", now=now)
    session.execute(sa.update(NoticeSchedule), made.plans)
    if made.mails:
        ids = session.scalars(sa.insert(Mail).returning(Mail.id), made.mails).all()
        emit_many(session, SEND_MAIL, [{"id": each} for each in ids], now=now)
