"""Verbs and reads of mail that comes back: record, count, take an address out, let it in again.

An address is known here by a keyed digest; what a person's address is, the accounts room says.
Never commits. Must not know how a bounce was learned of.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import Base
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.notices import delivery
from tenon.notices.bounce_models import MailBounce, UnreachableAddress
from tenon.notices.models import Mail

HARD_BOUNCES = 1
SOFT_BOUNCES = 5
SOFT_WITHIN = timedelta(days=7)
KEEP = timedelta(days=365)
REASON_LENGTH = 500

# RFC 3463: what says that the address itself is of no use (5.1.x: it does not exist, moved;
# 5.2.1: the mailbox is closed; 5.4.1, 5.4.4: nobody takes mail for the domain). A full mailbox,
# a mail too large or one taken for spam says nothing of the sort, however final it is.
_HARD_STATUS = re.compile(r"5\.(1\.\d+|2\.1|4\.[14]|0\.0)")
_HARD_CODES = frozenset({"550", "551", "553"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What is told of a mail that was not delivered.

    Attributes:
        status: RFC 3463's (``5.1.1``) or SMTP's three digits.
        reason: in the server's words, without addresses.
        source: ``answer`` of the server that we spoke to, or ``report`` that came later.
        recipient: whether the recipient was refused, and not what the mail says.
    """

    status: str
    reason: str
    source: str
    recipient: bool = True

    @property
    def kind(self) -> str:
        """``hard``: the address is of no use; ``soft``: this mail did not get through."""
        if not self.recipient:
            return "soft"
        hard = _HARD_STATUS.fullmatch(self.status) or self.status in _HARD_CODES
        return "hard" if hard else "soft"


def digest_address(address: str) -> str:
    """Return what stands for an address, in hex: keyed, so that nobody can try addresses out."""
    key = hashlib.sha256(b"tenon.notices.address" + delivery.current().secret_key.encode()).digest()
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()


def record(session: Session, *, mail: Mail, bounce: Bounce, now: datetime) -> MailBounce | None:
    """Record that a mail was not delivered, and take its address out where that was one too many.

    None where it is known of this mail already.
    """
    statement = _insert(session, MailBounce).values(
        mail_id=mail.id,
        user_id=mail.user_id,
        address_digest=digest_address(mail.recipient),
        reference=hashlib.sha256(mail.message_id.encode()).hexdigest(),
        kind=bounce.kind,
        source=bounce.source,
        status=bounce.status[:12],
        reason=bounce.reason[:300],
        at=now,
    )
    made = session.scalars(
        statement.on_conflict_do_nothing(index_elements=["reference"]).returning(MailBounce)
    ).one_or_none()
    if made is not None:
        _judge(session, made, now)
    return made


def _judge(session: Session, last: MailBounce, now: datetime) -> None:
    """Take the address out where what came back is enough."""
    counted = sa.select(MailBounce.kind, sa.func.count()).where(
        MailBounce.address_digest == last.address_digest,
        MailBounce.settled_at.is_(None),
        sa.or_(MailBounce.kind == "hard", MailBounce.at > now - SOFT_WITHIN),
    )
    found: dict[str, int] = dict(iter(session.execute(counted.group_by(MailBounce.kind))))
    if found.get("hard", 0) < HARD_BOUNCES and found.get("soft", 0) < SOFT_BOUNCES:
        return
    number = sum(found.values())
    statement = _insert(session, UnreachableAddress).values(
        address_digest=last.address_digest,
        user_id=last.user_id,
        kind=last.kind,
        status=last.status,
        reason=last.reason,
        bounces=number,
        since=now,
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["address_digest"], set_={"bounces": number})
    )


def _insert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    sqlite_here = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if sqlite_here else postgresql.insert(table)


def is_unreachable(session: Session, address: str) -> bool:
    """Whether notices to an address are held back."""
    digest = digest_address(address)
    return bool(
        session.scalar(sa.select(sa.exists().where(UnreachableAddress.address_digest == digest)))
    )


def obstacle(session: Session, user: User) -> UnreachableAddress | None:
    """Return why notices to a person's present address are held back, or None."""
    return session.scalar(
        sa.select(UnreachableAddress).where(
            UnreachableAddress.address_digest == digest_address(user.email)
        )
    )


def unreachable(
    session: Session, *, limit: int, offset: int = 0
) -> tuple[Sequence[tuple[UnreachableAddress, User | None]], int]:
    """Return addresses that are out with their persons, newest first, and how many in all.

    The person is None where nobody has this address any more.
    """
    total = session.scalar(sa.select(sa.func.count()).select_from(UnreachableAddress)) or 0
    rows = session.execute(
        sa.select(UnreachableAddress, User)
        .outerjoin(User, User.id == UnreachableAddress.user_id)
        .order_by(UnreachableAddress.since.desc(), UnreachableAddress.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(each, _if_theirs(each, person)) for each, person in rows], total


def _if_theirs(standing: UnreachableAddress, person: User | None) -> User | None:
    same = person is not None and digest_address(person.email) == standing.address_digest
    return person if same else None


def lift(
    session: Session, *, obstacle_id: int, reason: str, by: Actor, now: datetime
) -> UnreachableAddress:
    """Let an address in again, as an operator; earlier bounces no longer count against it.

    Raises Forbidden for others, NotFound, and Invalid where no reason is given.
    """
    if not by.operator:
        raise Forbidden(needs="operator")
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Invalid({"reason": "too_long" if reason.strip() else "required"})
    standing = session.get(UnreachableAddress, obstacle_id, with_for_update=True)
    if standing is None:
        raise NotFound(kind="unreachable_address")
    return _lift(session, standing, reason=reason.strip(), by=by, now=now)


def confirm(session: Session, *, user: User, by: Actor, now: datetime) -> bool:
    """Let one's own address in again, having seen that it works; False where it was not out.

    Raises Forbidden for anybody else's.
    """
    if by.user_id != user.id:
        raise Forbidden
    standing = obstacle(session, user)
    if standing is None:
        return False
    _lift(session, standing, reason="", by=by, now=now)
    return True


def _lift(
    session: Session, standing: UnreachableAddress, *, reason: str, by: Actor, now: datetime
) -> UnreachableAddress:
    session.execute(
        sa.update(MailBounce)
        .where(
            MailBounce.address_digest == standing.address_digest, MailBounce.settled_at.is_(None)
        )
        .values(settled_at=now)
        .execution_options(synchronize_session=False)
    )
    session.delete(standing)
    person = session.get(User, standing.user_id) if standing.user_id else None
    chain = ("user", person.public_id) if person else ("address", standing.address_digest[:32])
    facts = {"status": standing.status, "bounces": standing.bounces}
    if reason:
        facts["reason"] = reason
    history.record(session, chain=chain, kind="mail_let_in", by=by, now=now, facts=facts)
    return standing


def forget_old(session: Session, *, before: datetime) -> int:
    """Delete bounces from before a moment, save those that keep an address out; return how many."""
    kept = sa.select(UnreachableAddress.address_digest)
    result = session.execute(
        sa.delete(MailBounce)
        .where(MailBounce.at < before, MailBounce.address_digest.not_in(kept))
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a DML result has it
