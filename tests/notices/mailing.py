"""What tests of gathered mail share: a postbox, people who are told something, and time passing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.db import Database
from tenon.notices import digests, services
from tenon.notices.mailers import Letter
from tenon.notices.models import Mail, Notice, NoticeSchedule
from tenon.outbox.dispatcher import drain
from tenon.outbox.models import OutboxMessage

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT_ONCE, DAILY, ESSENTIAL = "listing_publish", "match_declined", "broker_granted"
_numbers = count(1)


@dataclass
class Box:
    """A mailer that keeps what it is given."""

    letters: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


def at(text: str) -> datetime:
    """A moment by the clock on the wall in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def tell(
    session: Session, user: User, now: datetime, *, kind: str = AT_ONCE, path: str | None = None
) -> Notice | None:
    """Tell a person something of a thing of its own, or of the one at ``path``."""
    title = {"zh": "某成果", "en": "A result"}
    facts = {"title": title, "listing": title, "reason": {"zh": "其他", "en": "other"}}
    place = path or f"/listings/n{next(_numbers)}x"
    return services.notify(session, user=user, kind=kind, facts=facts, path=place, now=now)


def told(database: Database, user: User, now: datetime, **given_: Any) -> Notice:
    """Tell a person something in a transaction of its own."""
    with database.writing() as own:
        notice = tell(own, user, now, **given_)
        assert notice is not None
        return notice


def mails(database: Database, user: User) -> list[Mail]:
    """Every notice mail written to a person, oldest first."""
    own = sa.select(Mail).where(Mail.user_id == user.id, Mail.kind != "account")
    with database.reading() as session:
        return list(session.scalars(own.order_by(Mail.created_at, Mail.id)))


def states(database: Database, user: User) -> list[str]:
    """What became of the mail of each of a person's notices."""
    with database.reading() as session:
        own = sa.select(Notice.mail).where(Notice.user_id == user.id).order_by(Notice.id)
        return list(session.scalars(own))


def pass_time(database: Database, until: datetime) -> None:
    """Do what the background does, each piece when it is due, until a moment."""
    waiting = sa.select(sa.func.min(OutboxMessage.available_at)).where(
        OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None)
    )
    asleep = sa.select(sa.func.min(NoticeSchedule.digest_at))
    while True:
        with database.reading() as session:
            due = [each for each in (session.scalar(waiting), session.scalar(asleep)) if each]
        if not due or min(due) > until:
            return
        with database.writing() as session:
            digests.queue(session, now=min(due))
        assert drain(database, now=min(due)), "what is due is worked by nobody"


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are sent meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
