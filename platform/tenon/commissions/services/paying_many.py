"""Note many payments at once: each row by itself, in one go, and once however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.commissions import books
from tenon.commissions.models import Payout, Receiver
from tenon.commissions.queries.accounts import accounts
from tenon.commissions.services.paying import Paid, pay, require_payer
from tenon.compliance.days import day_of
from tenon.errors import Invalid, NotFound

MOST_AT_ONCE = 100
_KEY_LENGTH = 24


@dataclass(frozen=True, slots=True)
class Due:
    """What somebody looked at and says is paid: the whole of what was open of an account.

    Attributes:
        receiver: public id.
        side: which pays.
        currency: of the amount.
        minor: what was open when it was looked at, above zero.
    """

    receiver: str
    side: str
    currency: str
    minor: int


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one due.

    Attributes:
        due: what was asked.
        receiver: whom it was for.
        outcome: ``paid``; ``before``: this very request had noted it; ``changed``: less is open
            by now, or the request came again with another amount, so nothing was noted.
    """

    due: Due
    receiver: Receiver
    outcome: str


def pay_many(
    session: Session,
    dues: Sequence[Due],
    *,
    paid_on: date,
    reference: str,
    key: str,
    by: Actor,
    now: datetime,
) -> list[Row]:
    """Note that the actor's sides paid all these; return what became of each, in their order.

    ``key`` is the form's: whoever sends it again is told what was noted the first time. Raises
    Invalid at ``dues`` (required, too_many_at_once), ``paid_on``, ``reference``, ``key``; NotFound
    and Forbidden as ``pay`` where any of them is not the actor's to pay, and then notes nothing.
    """
    wanted = list({(each.receiver, each.side, each.currency): each for each in dues}.values())
    _check(wanted, paid_on=paid_on, reference=reference, key=key, today=day_of(now))
    receivers = _receivers(session, wanted)
    for each in wanted:
        require_payer(receivers[each.receiver], each.side, by=by)
    common = Paid(
        side="", currency="", minor=1, paid_on=paid_on, reference=reference.strip(), key=key
    )
    outcomes = {}
    # Deals are locked in one order, so that two who pay at once wait and never for each other.
    for each in sorted(wanted, key=lambda one: (receivers[one.receiver].deal_id, one.receiver)):
        said = replace(
            common,
            side=each.side,
            currency=each.currency,
            minor=each.minor,
            key=_row_key(key, each),
        )
        outcomes[each] = _pay_one(session, receivers[each.receiver], said, by=by, now=now)
    return [Row(each, receivers[each.receiver], outcomes[each]) for each in wanted]


def _check(wanted: Sequence[Due], *, paid_on: date, reference: str, key: str, today: date) -> None:
    wrong: dict[str, str] = {}
    if not wanted or len(wanted) > MOST_AT_ONCE:
        wrong["dues"] = "too_many_at_once" if wanted else "none_chosen"
    if any(each.minor <= 0 for each in wanted):
        wrong["dues"] = "out_of_range"
    if paid_on > today:
        wrong["paid_on"] = "in_the_future"
    if not reference.strip() or len(reference.strip()) > 100:
        wrong["reference"] = "too_long" if reference.strip() else "required"
    if not 0 < len(key) <= _KEY_LENGTH:
        wrong["key"] = "required"
    if wrong:
        raise Invalid(wrong)


def _receivers(session: Session, wanted: Sequence[Due]) -> dict[str, Receiver]:
    keys = {each.receiver for each in wanted}
    rows = session.scalars(
        sa.select(Receiver)
        .where(Receiver.public_id.in_(keys))
        .options(
            joinedload(Receiver.deal),
            joinedload(Receiver.organisation),
            joinedload(Receiver.station),
        )
    )
    found = {each.public_id: each for each in rows}
    if keys - set(found):
        raise NotFound(kind="commission_receiver")
    return found


def _row_key(key: str, due: Due) -> str:
    """Return the key of one row: the form's, and what of the row does not change."""
    row = f"{due.receiver}:{due.side}:{due.currency}"
    return f"{key}:{hashlib.sha256(row.encode()).hexdigest()[:24]}"


def _pay_one(session: Session, receiver: Receiver, said: Paid, *, by: Actor, now: datetime) -> str:
    books.lock(session, receiver.deal)
    known = session.scalar(
        sa.select(Payout.minor).where(Payout.deal_id == receiver.deal_id, Payout.key == said.key)
    )
    if known is not None:
        return "before" if known == said.minor else "changed"
    open_ = sum(
        each.open
        for each in accounts(session, Receiver.id == receiver.id)
        if (each.side, each.currency) == (said.side, said.currency)
    )
    if open_ < said.minor:
        return "changed"
    pay(session, receiver, said, by=by, now=now)
    return "paid"
