"""How one mail leaves the site, and what is written when it did, could not yet, or never will.

The session only reads while a mail is on its way: a server that takes its time holds no lock
here. What became of it is written in the transaction that settles the outbox message. A mail
that the server puts off is tried again for three days, whatever the outbox's patience; while no
server answers, all of them wait, and that time does not count.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, NotFound
from tenon.messages import LANGUAGE_TAGS
from tenon.notices import bounces, delivery, unsubscribing
from tenon.notices.bounce_models import UnreachableAddress
from tenon.notices.bounces import Bounce
from tenon.notices.composing import Letter
from tenon.notices.mailers import FileMailer, Interrupted, Refused, ServerAway
from tenon.notices.models import Mail
from tenon.notices.returns import return_address
from tenon.notices.services import SEND_MAIL
from tenon.outbox import Later, Then, emit, pausing
from tenon.outbox.services import WAKE_AFTER_COMMIT

log = logging.getLogger("tenon.notices")

GIVE_UP_AFTER = timedelta(days=3)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
HELD_BACK = "held back: mail to this address comes back"
_REMEMBERED = 4096

# What this process handed over. A mail whose marking failed (the database went away in that
# moment) comes up again, and is then marked without being sent a second time.
_handed_over: OrderedDict[str, None] = OrderedDict()
_handing = threading.Lock()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that waits, with what its headers say of its reader.

    ``suspect``: an address of this reader is out; whether it is this mail's is asked then.
    """

    mail: Mail
    public_id: str | None
    language: str | None
    suspect: bool


def waiting(session: Session, mail_ids: Iterable[int]) -> Mapping[int, Waiting]:
    """Return those of these mails that were neither sent nor given up."""
    suspect = sa.exists().where(UnreachableAddress.user_id == Mail.user_id)
    rows = session.execute(
        sa.select(Mail, User.public_id, User.language, suspect)
        .outerjoin(User, User.id == Mail.user_id)
        .where(Mail.id.in_(list(mail_ids)), Mail.sent_at.is_(None), Mail.failed_at.is_(None))
    )
    return {row[0].id: Waiting(*row) for row in rows}


def deliver(session: Session, *, mail_id: int, now: datetime) -> Then | Later | None:
    """Send a mail that waits, and return what to write then; None where nothing is left to do.

    A process killed between sending and writing sends again, under the same message id.
    """
    found = waiting(session, [mail_id]).get(mail_id)
    return deliver_found(session, found, now=now) if found else None


def deliver_found(session: Session, found: Waiting, *, now: datetime) -> Then | Later | None:
    """Send a mail that was read a moment ago; as ``deliver``."""
    mail = found.mail
    if mail.kind != "account" and found.suspect and bounces.is_unreachable(session, mail.recipient):
        return _write(mail, failed_at=now, problem=HELD_BACK)
    try:
        _hand_over(found)
    except ServerAway as error:
        return Later(str(error), then=_write(mail, problem=str(error)))
    except Interrupted as error:
        return _later(mail, str(error), None, now)
    except Refused as error:
        bounce = Bounce(
            status=error.status or str(error.code),
            reason=error.answer,
            source="answer",
            recipient=error.recipient,
        )
        problem = f"{error.code} {error.answer}"
        ending = _returned if error.permanent else _later
        return ending(mail, problem, bounce, now)
    return _write(mail, sent_at=now, problem=None)


def _hand_over(found: Waiting) -> None:
    mail = found.mail
    with _handing:
        if mail.message_id in _handed_over:
            log.warning("mail %s went out before and is only marked now", mail.id)
            return
    delivery.current().mailer.send(_letter(found))
    with _handing:
        _handed_over[mail.message_id] = None
        while len(_handed_over) > _REMEMBERED:
            _handed_over.popitem(last=False)


def _letter(found: Waiting) -> Letter:
    mail, reader = found.mail, found.public_id
    language = mail.language or found.language
    link = unsubscribing.link(reader, mail.scope) if reader and mail.scope else None
    return Letter(
        recipient=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=mail.message_id,
        written_at=mail.created_at,
        language=LANGUAGE_TAGS.get(language or ""),
        unsubscribe=link,
        sender=return_address(mail.id),
    )


def _later(mail: Mail, problem: str, bounce: Bounce | None, now: datetime) -> Then | Later:
    """Put a mail off for longer every time; after three days of that it counts as returned."""
    first = mail.first_failed_at or now
    if now - first >= GIVE_UP_AFTER:
        given_up = bounce or Bounce(status="4.4.2", reason=problem, source="answer")
        return _returned(mail, problem, given_up, now)
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(mail.attempts, 10))
    then = _write(mail, attempts=mail.attempts + 1, first_failed_at=first, problem=problem)
    return Later(problem, until=now + wait, then=then)


def _returned(mail: Mail, problem: str, bounce: Bounce, now: datetime) -> Then:
    written = _write(mail, failed_at=now, problem=problem)

    def then(session: Session) -> None:
        written(session)
        bounces.record(session, mail=mail, bounce=bounce, now=now)

    return then


def _write(mail: Mail, **values: Any) -> Then:
    if values.get("problem"):
        values["problem"] = values["problem"][:300]
    statement = (
        sa.update(Mail)
        .where(Mail.id == mail.id, Mail.sent_at.is_(None))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return lambda session: session.execute(statement)


def retry(session: Session, *, mail_id: int, by: Actor, now: datetime) -> None:
    """Try a mail that was given up anew, as an operator.

    Raises Forbidden for others, NotFound, and Conflict where it is not given up (any longer).
    """
    if not by.operator:
        raise Forbidden(needs="operator")
    if session.get(Mail, mail_id) is None:
        raise NotFound(kind="mail")
    again = (
        sa.update(Mail)
        .where(Mail.id == mail_id, Mail.failed_at.is_not(None), Mail.sent_at.is_(None))
        .values(failed_at=None, first_failed_at=None, attempts=0, problem=None)
        .returning(Mail.id)
        .execution_options(synchronize_session=False)
    )
    if not session.scalars(again).all():
        raise Conflict("changed_meanwhile")
    emit(session, SEND_MAIL, {"id": mail_id}, now=now)
    history.record(session, chain=("mail", str(mail_id)), kind="mail_retried", by=by, now=now)


def go_on(session: Session, *, by: Actor, now: datetime) -> None:
    """End the pause of all mail now, as an operator; raises Forbidden for others."""
    if not by.operator:
        raise Forbidden(needs="operator")
    if pausing.resume(session, SEND_MAIL, now=now):
        session.info[WAKE_AFTER_COMMIT] = True
        history.record(session, chain=("mail", "all"), kind="mail_resumed", by=by, now=now)


def forget_sent(session: Session, *, before: datetime) -> int:
    """Delete mails sent or given up before a moment; return how many.

    What they said is not kept for good.
    """
    over = sa.or_(Mail.sent_at < before, Mail.failed_at < before)
    result = session.execute(
        sa.delete(Mail).where(over).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def forget_files(message_ids: Sequence[str]) -> int:
    """Delete what the file mailer wrote of these mails; return how many files."""
    mailer = delivery.current().mailer
    return mailer.forget(message_ids) if isinstance(mailer, FileMailer) else 0


def forget_old_files(before: datetime) -> int:
    """Delete what the file mailer wrote before a moment; return how many files."""
    mailer = delivery.current().mailer
    return mailer.forget_older(before) if isinstance(mailer, FileMailer) else 0
