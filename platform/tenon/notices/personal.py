"""What this room holds about a person, and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.notices.models import Mail, Notice


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
    }


@erases("notices")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Delete the person's notices and mails, and those of others that name the person."""
    mails = sa.or_(_mails_of(user), Mail.about_id == user.id)
    notices = sa.or_(Notice.user_id == user.id, Notice.about_id == user.id)
    for statement in (sa.delete(Mail).where(mails), sa.delete(Notice).where(notices)):
        session.execute(statement.execution_options(synchronize_session=False))


def _mails_of(user: User) -> sa.ColumnElement[bool]:
    return sa.or_(Mail.user_id == user.id, Mail.recipient == user.email)
