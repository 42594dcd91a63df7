"""Mails that wait, as the tests of sending want them: written at once, without a notice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import sqlalchemy as sa

from tenon.accounts.models import User
from tenon.db import Database
from tenon.notices import delivery
from tenon.notices.models import Mail
from tenon.notices.services import SEND_MAIL
from tenon.notices.smtp import SmtpMailer
from tenon.outbox import emit
from tenon.outbox.dispatcher import Dispatcher
from tests.notices.smtp_server import SmtpServer

SENDER = "Tenon 榫卯 <tenon@tenon.example>"
KEY = "a-key-of-the-tests-own-0123456789abcdef"


@contextmanager
def sending_to(server: SmtpServer, bounces_to: str = "") -> Iterator[SmtpMailer]:
    """Let this process send to a server."""
    mailer = SmtpMailer(SENDER, server.url)
    delivery.use(delivery.Delivery(mailer, "https://tenon.example", KEY, bounces_to))
    try:
        yield mailer
    finally:
        mailer.close()


def write(
    database: Database,
    *recipients: str,
    now: datetime,
    kind: str = "notice",
    user: User | None = None,
) -> list[int]:
    """Write a mail to each address and queue it, as one change would."""
    with database.writing() as session:
        made = []
        for number, recipient in enumerate(recipients):
            mail = Mail(
                recipient=recipient,
                user_id=user.id if user else None,
                kind=kind,
                scope="all" if user and kind != "account" else None,
                subject=f"通知 {number}",
                text="正文\n",
                html="<p>正文</p>",
                message_id=f"<{uuid.uuid4().hex}@tenon.example>",
                created_at=now,
            )
            session.add(mail)
            session.flush()
            emit(session, SEND_MAIL, {"id": mail.id}, now=now)
            made.append(mail.id)
        return made


def people(number: int) -> list[str]:
    """Return so many addresses."""
    return [f"p{each:03}@example.org" for each in range(number)]


def rows(database: Database) -> list[Mail]:
    """Return every mail as it stands."""
    with database.reading() as session:
        return list(session.scalars(sa.select(Mail).order_by(Mail.id)))


class Clock:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def work_until(self, database: Database, end: datetime, step: timedelta) -> None:
        """Let a dispatcher work whatever is due, at every step up to a moment."""
        dispatcher = Dispatcher(database, clock=self)
        while self.now <= end:
            while dispatcher.turn():
                pass
            self.now += step
        dispatcher.let_go()
