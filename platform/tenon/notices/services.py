"""Verbs of the room: write a notice, write a mail, mark as read, mark as sent. Never commits."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.notices import delivery, wording
from tenon.notices.mailers import Letter
from tenon.notices.models import Mail, Notice
from tenon.notices.rendering import render_mail
from tenon.outbox import emit

SEND_MAIL = "notices.send_mail"


def notify(
    session: Session,
    *,
    user: User,
    kind: str,
    facts: Mapping[str, Any],
    path: str,
    now: datetime,
    mail: bool = True,
    about: User | None = None,
) -> Notice | None:
    """Tell a person something, in the site and by mail; None for one who was erased or blocked.

    Args:
        session: the change's own, so that the notice lives or falls with it.
        user: who should know.
        kind: a registered kind of notice (``wording.register``).
        facts: fills the message's placeholders; plain JSON, ``{"zh": ..., "en": ...}`` where the
            two languages differ.
        path: where to read on, beginning with ``/``.
        now: the moment.
        mail: whether a mail goes out too.
        about: the person whom ``facts`` name, if they name one, so that erasure finds it.

    Raises KeyError for a kind without words or a missing fact, ValueError for a foreign path.
    """
    if not user.active or user.erased_at is not None:
        return None
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"a notice leads to a path of the site, not to {path!r}")
    text = wording.words(kind, facts, user.language)
    notice = Notice(
        user_id=user.id,
        about_id=about.id if about else None,
        kind=kind,
        facts=dict(facts),
        path=path,
        created_at=now,
    )
    session.add(notice)
    if mail:
        context = {"name": user.name, "text": text, "link": delivery.current().address(path)}
        send_mail(session, to=user, template="notice", context=context, now=now, about=about)
    session.flush()
    return notice


def send_mail(
    session: Session,
    *,
    to: User | str,
    template: str,
    context: Mapping[str, Any],
    now: datetime,
    language: str | None = None,
    about: User | None = None,
) -> Mail:
    """Write a mail to a person or an address; it goes out when the transaction is committed.

    ``language`` defaults to the person's own, or to Chinese for an address;
    ``about`` is somebody else whom the mail names.
    """
    user = to if isinstance(to, User) else None
    recipient = user.email if user else str(to)
    chosen = language or (user.language if user else "zh")
    rendered = render_mail(template, chosen, context)
    host = urlsplit(delivery.current().base_url).hostname or "localhost"
    mail = Mail(
        user_id=user.id if user else None,
        about_id=about.id if about else None,
        recipient=recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=f"<{uuid.uuid4().hex}@{host}>",
        created_at=now,
    )
    session.add(mail)
    session.flush()
    emit(session, SEND_MAIL, {"id": mail.id}, now=now)
    return mail


def deliver(session: Session, *, mail_id: int, now: datetime) -> Callable[[Session], object] | None:
    """Send a mail that waits, and return what marks it as sent; None where it went out before.

    The session only reads: a mail server that takes its time holds no lock here. A process killed
    between sending and marking sends again, under the same message id.
    """
    mail = session.get(Mail, mail_id)
    if mail is None or mail.sent_at is not None:
        return None
    delivery.current().mailer.send(
        Letter(
            recipient=mail.recipient,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            message_id=mail.message_id,
            written_at=mail.created_at,
        )
    )
    sent = sa.update(Mail).where(Mail.id == mail_id).values(sent_at=now)
    return lambda writing: writing.execute(sent)


def mark_read(session: Session, *, notice_id: int, by: Actor, now: datetime) -> Notice:
    """Mark one of one's own notices as read; raises NotFound for anybody else's."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.user_id != by.user_id:
        raise NotFound(kind="notice")
    if notice.read_at is None:
        notice.read_at = now
    return notice


def mark_all_read(session: Session, *, by: Actor, now: datetime) -> int:
    """Mark all of one's own notices as read; return how many were not."""
    result = session.execute(
        sa.update(Notice)
        .where(Notice.user_id == by.user_id, Notice.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def forget_sent(session: Session, *, before: datetime) -> int:
    """Delete mails sent before a moment; return how many. What they said is not kept for good."""
    result = session.execute(
        sa.delete(Mail).where(Mail.sent_at < before).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it
