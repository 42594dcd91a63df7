"""Reads of mail on its way out, for operators: what waits, and what was given up and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.notices.models import Mail
from tenon.notices.services import SEND_MAIL
from tenon.outbox.models import OutboxPause

COUNTED = 1000

WAITS = sa.and_(Mail.sent_at.is_(None), Mail.failed_at.is_(None))
PUT_OFF = sa.and_(WAITS, Mail.attempts > 0)
FAILED = Mail.failed_at.is_not(None)
SHOWN = {"waiting": WAITS, "put_off": PUT_OFF, "failed": FAILED}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many mails wait, were put off by a server, and were given up; COUNTED + 1 means more."""

    waiting: int
    put_off: int
    failed: int


def counts(session: Session) -> Counts:
    """Count, and stop where nobody would care for the exact number."""
    found = {
        name: session.scalar(
            sa.select(sa.func.count()).select_from(
                sa.select(Mail.id).where(which).limit(COUNTED + 1).subquery()
            )
        )
        for name, which in SHOWN.items()
    }
    return Counts(**{name: number or 0 for name, number in found.items()})


def mails(
    session: Session, which: str, *, limit: int, offset: int = 0
) -> Sequence[tuple[Mail, User | None]]:
    """Return mails that wait (oldest first), were put off, or were given up (newest first)."""
    order = (Mail.failed_at.desc(), Mail.id.desc()) if which == "failed" else (Mail.created_at,)
    rows = session.execute(
        sa.select(Mail, User)
        .outerjoin(User, User.id == Mail.user_id)
        .where(SHOWN[which])
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return [(mail, user) for mail, user in rows]


def pause(session: Session) -> OutboxPause | None:
    """Return the pause of all mail while no server takes any, or None."""
    return session.get(OutboxPause, SEND_MAIL)
