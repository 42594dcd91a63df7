"""Verbs of the room: write a notice, write a mail, mark as read. Never commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.notices import bundling, choosing, gathering, wording
from tenon.notices.choosing import change_choices, choose
from tenon.notices.gathering import SEND_MAIL
from tenon.notices.models import Mail, Notice
from tenon.notices.rendering import render_mail
from tenon.outbox import emit

__all__ = [
    "SEND_MAIL",
    "change_choices",
    "choose",
    "mark_all_read",
    "mark_read",
    "notify",
    "send_mail",
]


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
    """Tell a person something, in the site and by mail, as they choose for this kind.

    Mail goes at once if none went within the hour and these are no quiet hours, else with all
    else that waits (gathering.py), or with the daily digest (digests.py); it is put into words
    only then. None for a person who was erased or blocked, or wants this kind neither way.

    Args:
        session: the change's own, so that the notice lives or falls with it.
        user: who should know.
        kind: a registered kind of notice (``wording.register``).
        facts: fills the message's placeholders; plain JSON, ``{"zh": ..., "en": ...}`` where the
            two languages differ.
        path: where to read on, beginning with ``/``.
        now: the moment.
        mail: whether a mail may go too; False for what is of use in the site alone.
        about: the person whom ``facts`` name, if they name one, so that erasure finds it.

    Raises KeyError for a kind without words or a missing fact, ValueError for a foreign path.
    """
    if not user.active or user.erased_at is not None:
        return None
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"a notice leads to a path of the site, not to {path!r}")
    wording.words(kind, facts, user.language)  # what cannot be said is not written
    known = wording.KINDS[kind]
    kept = choosing.chosen(session, [user.id], kind=kind)
    choice = choosing.choice_of(known, kept.get((user.id, kind)))
    mailed = mail and choice.mail != "off"
    if not choice.in_site and not mailed:
        return None
    notice = Notice(
        user_id=user.id,
        about_id=about.id if about else None,
        kind=kind,
        facts=dict(facts),
        path=path,
        created_at=now,
        in_site=choice.in_site,
        mail="waiting" if mailed else "none",
    )
    session.add(notice)
    session.flush()
    if mailed:
        gathering.wait(session, user_id=user.id, mail=choice.mail, now=now)
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
    """Write a mail about an account, which no choice holds back; it goes out at the commit.

    ``language`` defaults to the person's own, or to Chinese for an address;
    ``about`` is somebody else whom the mail names.
    """
    user = to if isinstance(to, User) else None
    recipient = user.email if user else str(to)
    chosen = language or (user.language if user else "zh")
    # On one line each: a name of several lines could pass for a paragraph, or a link, of ours.
    lines = {
        name: " ".join(value.split()) if isinstance(value, str) else value
        for name, value in context.items()
    }
    rendered = render_mail(template, chosen, lines)
    mail = Mail(
        user_id=user.id if user else None,
        about_id=about.id if about else None,
        recipient=recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=chosen,
        message_id=bundling.message_id(),
        created_at=now,
    )
    session.add(mail)
    session.flush()
    emit(session, SEND_MAIL, {"id": mail.id}, now=now)
    return mail


def mark_read(session: Session, *, notice_id: int, by: Actor, now: datetime) -> Notice:
    """Mark one of one's own notices as read; raises NotFound for anybody else's."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.user_id != by.user_id or not notice.in_site:
        raise NotFound(kind="notice")
    if notice.read_at is None:
        notice.read_at = now
    return notice


def mark_all_read(session: Session, *, by: Actor, now: datetime) -> int:
    """Mark all of one's own notices in the inbox as read; return how many were not."""
    result = session.execute(
        sa.update(Notice)
        .where(Notice.user_id == by.user_id, Notice.read_at.is_(None), Notice.in_site)
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it
