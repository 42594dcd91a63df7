"""Mark what was paid to whom, confirm that it came, say that it did not, take a mark back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.commissions import books, permissions
from tenon.commissions.models import Payout, Receiver
from tenon.commissions.queries.accounts import accounts
from tenon.commissions.states import PAYOUT
from tenon.compliance.days import day_of
from tenon.db import new_public_id
from tenon.deals.models import SIDES
from tenon.deals.permissions import acts_for
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.outbox.services import emit

TEXT_LIMIT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What a payer's editor says was paid.

    Attributes:
        side: the paying side.
        minor: above zero; where the receiver owes money back, what came back.
        key: of the form, so that a retried request makes one payout.
    """

    side: str
    currency: str
    minor: int
    paid_on: date
    reference: str
    key: str


def pay(session: Session, receiver: Receiver, said: Paid, *, by: Actor, now: datetime) -> Payout:
    """Note that the actor's side paid a receiver, or got back what was too much.

    Sent again with the same key it returns the payout that is there. Raises NotFound, Forbidden
    for who sees it and does not pay; Invalid at ``amount`` (more_than_open), ``paid_on``,
    ``reference``; Conflict ``key_reused``.
    """
    require_payer(receiver, said.side, by=by)
    deal = receiver.deal
    books.lock(session, deal)
    known = session.scalars(
        sa.select(Payout).filter_by(deal_id=deal.id, key=said.key)
    ).one_or_none()
    if known is not None:
        same = (known.receiver_id, known.side, known.currency, abs(known.minor)) == (
            receiver.id,
            said.side,
            said.currency,
            said.minor,
        )
        if not same:
            raise Conflict("key_reused", kind="commission_payout")
        return known
    minor = _check(session, receiver, said, now=now)
    made = Payout(
        public_id=new_public_id(),
        deal=deal,
        receiver=receiver,
        side=said.side,
        currency=said.currency,
        minor=minor,
        paid_on=said.paid_on,
        reference=said.reference.strip(),
        key=said.key,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    books.pay(session, deal, made, now=now)
    facts = {"receiver": receiver.public_id, "minor": minor, "currency": said.currency}
    chain = (PAYOUT.kind, made.public_id)
    history.record(session, chain=chain, kind="pay", by=by, now=now, facts=facts)
    emit(session, "commissions.payout", {"id": made.id, "what": "paid"}, now=now)
    return made


def require_payer(receiver: Receiver, side: str, *, by: Actor) -> None:
    """Raise Forbidden, or NotFound to whom it is unknown, unless the actor's side pays."""
    deal = receiver.deal
    if side in SIDES and acts_for(by, deal, side):
        return
    if permissions.may_see_receiver(by, receiver) or permissions.sides_of(by, deal):
        raise Forbidden(action="pay")
    raise NotFound(kind="commission_receiver")


def _check(session: Session, receiver: Receiver, said: Paid, *, now: datetime) -> int:
    """Return the amount with its sign: below zero where it settles what was paid too much."""
    wrong: dict[str, str] = {}
    open_ = sum(
        each.open
        for each in accounts(session, Receiver.id == receiver.id)
        if (each.side, each.currency) == (said.side, said.currency)
    )
    if said.minor <= 0:
        wrong["amount"] = "out_of_range"
    elif said.minor > abs(open_):
        wrong["amount"] = "more_than_open"
    if said.paid_on > day_of(now):
        wrong["paid_on"] = "in_the_future"
    reference = said.reference.strip()
    if not reference or len(reference) > 100:
        wrong["reference"] = "too_long" if reference else "required"
    if not 0 < len(said.key) <= 60:
        wrong["key"] = "required"
    if wrong:
        raise Invalid(wrong)
    return said.minor if open_ > 0 else -said.minor


def receive(
    session: Session,
    payout: Payout,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Confirm that the money came, also where it was contested before.

    Raises NotFound, Forbidden, IllegalTransition, Conflict.
    """
    _receiver_only(by, payout)
    _fresh(session, payout, expected_version)
    along = {"answered_by": by.user_id, "answered_at": now, "words": None}
    PAYOUT.move(payout, "receive", by=by, now=now, along=along)


def contest(
    session: Session,
    payout: Payout,
    *,
    words: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say that the money did not come; raises as ``receive``, Invalid at ``words``."""
    _receiver_only(by, payout)
    said = words.strip()
    if not said or len(said) > TEXT_LIMIT:
        raise Invalid({"words": "too_long" if said else "required"})
    _fresh(session, payout, expected_version)
    along = {"answered_by": by.user_id, "answered_at": now, "words": said}
    PAYOUT.move(payout, "contest", by=by, now=now, along=along)


def take_back(
    session: Session,
    payout: Payout,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Undo a mark that was wrong; what it had paid is open again. For the payer's editors.

    Raises NotFound, Forbidden, IllegalTransition (the receiver confirmed it), Conflict.
    """
    if not permissions.may_see_payout(by, payout):
        raise NotFound(kind="commission_payout")
    if not acts_for(by, payout.deal, payout.side):
        raise Forbidden(action="take_back")
    _fresh(session, payout, expected_version)
    PAYOUT.move(payout, "take_back", by=by, now=now)
    books.undo(session, payout, now=now, on=day_of(now))


def _receiver_only(by: Actor, payout: Payout) -> None:
    if not permissions.may_see_payout(by, payout):
        raise NotFound(kind="commission_payout")
    if not permissions.may_answer_for(by, payout.receiver):
        raise Forbidden(action="receive")


def _fresh(session: Session, payout: Payout, expected: int | None) -> None:
    books.lock(session, payout.deal)
    session.flush()
    session.refresh(payout)
    if expected is not None and payout.version != expected:
        raise Conflict("changed_meanwhile", kind=PAYOUT.kind)
