"""What this room holds about a person, and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.notices.bounce_models import MailBounce, UnreachableAddress
from tenon.notices.bounces import digest_address
from tenon.notices.choosing import hours
from tenon.notices.gathering import take_back
from tenon.notices.models import Mail, Notice, NoticeChoice, NoticeSchedule
from tenon.outbox import emit

FORGET_FILES = "notices.forget_files"


@collects("notices")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's notices and mails."""
    notices = session.scalars(
        sa.select(Notice).where(Notice.user_id == user.id).order_by(Notice.id)
    )
    mails = session.scalars(sa.select(Mail).where(_mails_of(user)).order_by(Mail.id))
    return {
        "notices": [
            {
                "kind": notice.kind,
                "facts": notice.facts,
                "path": notice.path,
                "created_at": notice.created_at.isoformat(),
                "read_at": notice.read_at.isoformat() if notice.read_at else None,
            }
            for notice in notices
        ],
        "mails": [
            {
                "recipient": mail.recipient,
                "subject": mail.subject,
                "text": mail.text,
                "created_at": mail.created_at.isoformat(),
                "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
            }
            for mail in mails
        ],
        "choices": _choices_of(session, user),
        "bounces": [
            {"at": each.at.isoformat(), "status": each.status, "reason": each.reason}
            for each in session.scalars(
                sa.select(MailBounce).where(MailBounce.user_id == user.id).order_by(MailBounce.id)
            )
        ],
    }


@erases("notices")
def erase(session: Session, user: User, now: datetime) -> None:
    """Delete the person's notices and mails, and those of others that name the person."""
    named = take_back(session, about_id=user.id, now=now)
    mails = sa.or_(_mails_of(user), Mail.about_id == user.id, Mail.id.in_(named))
    notices = sa.or_(Notice.user_id == user.id, Notice.about_id == user.id)
    # Files go when this is committed: an erasure that fails leaves everything as it was.
    written = session.scalars(sa.select(Mail.message_id).where(mails)).all()
    if written:
        emit(session, FORGET_FILES, {"message_ids": list(written)}, now=now)
    returned = sa.or_(
        MailBounce.user_id == user.id, MailBounce.address_digest == digest_address(user.email)
    )
    out = sa.or_(
        UnreachableAddress.user_id == user.id,
        UnreachableAddress.address_digest == digest_address(user.email),
    )
    for statement in (
        sa.delete(MailBounce).where(returned),
        sa.delete(UnreachableAddress).where(out),
        sa.delete(Mail).where(mails),
        sa.delete(Notice).where(notices),
        sa.delete(NoticeChoice).where(NoticeChoice.user_id == user.id),
        sa.delete(NoticeSchedule).where(NoticeSchedule.user_id == user.id),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _choices_of(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person chose to be told, and their hours."""
    rows = session.scalars(
        sa.select(NoticeChoice).where(NoticeChoice.user_id == user.id).order_by(NoticeChoice.kind)
    )
    times = hours(session, user.id)
    return {
        "kinds": [{"kind": row.kind, "in_site": row.in_site, "mail": row.mail} for row in rows],
        "quiet_from_minute": times.quiet_begins,
        "quiet_until_minute": times.quiet_ends,
        "digest_hour": times.digest_hour,
    }


def _mails_of(user: User) -> sa.ColumnElement[bool]:
    return sa.or_(Mail.user_id == user.id, Mail.recipient == user.email)
