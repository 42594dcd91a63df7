"""Reports that came back, from files into the record of bounces; never commits.

A folder (of files, or a Maildir), a single file, or an mbox. A file that cannot be read is named,
and holds up no other.
"""

from __future__ import annotations

import email
import mailbox
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.notices import bounces, reports
from tenon.notices.bounces import Bounce
from tenon.notices.models import Mail
from tenon.notices.returns import mail_id_in

RECORDED, KNOWN, DELAYED, OTHER, UNKNOWN = "recorded", "known", "delayed", "other", "unknown"
LARGEST = 20 * 1024 * 1024


@dataclass(slots=True)
class Taken:
    """What came of reading: how many messages of each sort, and what could not be read and why."""

    counts: Counter[str] = field(default_factory=Counter)
    unreadable: list[tuple[str, str]] = field(default_factory=list)


class Unreadable(Exception):
    """A file that is no mail; the message says why."""


def take(session: Session, message: Message, *, now: datetime) -> str:
    """Record what one message reports, and return what it was.

    ``recorded``; ``known`` of that mail already; ``delayed``: the server goes on trying;
    ``other``: no report; ``unknown``: a report of a mail that is not, or no longer, ours.
    """
    report = reports.read(message)
    if report is None:
        return OTHER
    if report.action != "failed":
        return DELAYED
    mail = _mail_of(session, report)
    if mail is None:
        return UNKNOWN
    bounce = Bounce(status=report.status, reason=report.reason, source="report")
    made = bounces.record(session, mail=mail, bounce=bounce, now=now)
    return KNOWN if made is None else RECORDED


def _mail_of(session: Session, report: reports.Report) -> Mail | None:
    number = mail_id_in(report.addressed_to)
    if number is not None:
        return session.get(Mail, number)
    return session.scalars(
        sa.select(Mail).where(Mail.message_id.in_(report.message_ids)).limit(1)
    ).one_or_none()


def parse(data: bytes) -> Message:
    """Return bytes as a message; raises Unreadable for what is none."""
    if not data.strip():
        raise Unreadable("empty")
    message = email.message_from_bytes(data)
    if not message.keys():
        raise Unreadable("no mail: it has no headers")
    return message


def messages(place: Path, taken: Taken) -> Iterator[Message]:
    """Yield every message of a file, an mbox, a folder or a Maildir; note what cannot be read."""
    if place.is_dir():
        for file in sorted(each for each in place.rglob("*") if each.is_file()):
            if not file.name.startswith("."):
                yield from _of_file(file, taken)
    else:
        yield from _of_file(place, taken)


def _of_file(file: Path, taken: Taken) -> Iterator[Message]:
    try:
        with file.open("rb") as opened:
            if opened.read(5) == b"From ":
                with closing(mailbox.mbox(file, create=False)) as box:
                    yield from box
                return
        if file.stat().st_size > LARGEST:
            raise Unreadable(f"larger than {LARGEST // 1024 // 1024} MiB")
        yield parse(file.read_bytes())
    except (OSError, Unreadable) as error:
        why = str(error) if isinstance(error, Unreadable) else type(error).__name__
        taken.unreadable.append((str(file), why))
