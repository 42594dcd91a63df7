"""Verbs on payments: announce, record, confirm, refuse, take back, refund.

A payment is booked once whatever is sent twice: by the key of its form, and by the bank's
reference. Two who act on one deal at once wait for each other, and the second is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.ledger.queries import item_pairs
from tenon.outbox.services import emit
from tenon.payments import books, permissions
from tenon.payments.given import Given, check, comparable
from tenon.payments.kinds import OPEN_STATES, other_side
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import settling
from tenon.payments.queries.sums import payments_left, standings

__all__ = [
    "Given",
    "announce",
    "confirm",
    "match",
    "record",
    "refund",
    "refuse",
    "take_back",
]


def record(session: Session, deal: Deal, given: Given, *, by: Actor, now: datetime) -> Payment:
    """Record a payment that the actor's side got, and set it against what is owed.

    Sent again with the same key it returns the payment that is there. Raises NotFound,
    Forbidden; Invalid at ``amount``, ``currency``, ``paid_on``, ``reference``, ``wishes``, ``key``;
    Conflict ``key_reused`` where the key stands for another payment.
    """
    permissions.require_side(by, deal, given.payee)
    payment, is_new = _write(session, deal, given, state="received", by=by, now=now)
    if is_new:
        _book(session, payment, by=by, now=now)
    return payment


def announce(session: Session, deal: Deal, given: Given, *, by: Actor, now: datetime) -> Payment:
    """Say that the actor's side has paid; nothing is booked until the other side confirms.

    Raises as ``record``.
    """
    permissions.require_side(by, deal, other_side(given.payee))
    payment, is_new = _write(session, deal, given, state="announced", by=by, now=now)
    if is_new:
        _tell(session, payment, "payment_announced", by=by, now=now)
    return payment


def confirm(
    session: Session,
    payment: Payment,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Confirm that an announced payment has arrived, and book it.

    Raises NotFound, Forbidden, IllegalTransition, Conflict where somebody was faster.
    """
    permissions.require_manage(by, payment)
    _in_state(session, payment, "announced", "confirm", expected_version)
    settling.change(session, payment, state="received", recorded_by=by.user_id, recorded_at=now)
    _book(session, payment, by=by, now=now)


def refuse(
    session: Session,
    payment: Payment,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say that an announced payment has not arrived; raises as ``confirm``, Invalid at reason."""
    permissions.require_manage(by, payment)
    words = _reason(reason)
    _in_state(session, payment, "announced", "refuse", expected_version)
    _end(session, payment, "refused", words, now=now)
    _tell(session, payment, "payment_refused", by=by, now=now)


def take_back(
    session: Session,
    payment: Payment,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Undo a payment that was recorded wrongly; what it had paid is open again.

    Raises as ``refuse``; IllegalTransition where part of a receipt was refunded.
    """
    permissions.require_manage(by, payment)
    words = _reason(reason)
    _in_state(session, payment, "received", "take_back", expected_version)
    if payment.kind == "receipt" and payments_left(session, [payment])[payment.id].refunded:
        raise IllegalTransition("refunded_already", step="take_back", kind="payment")
    owed = _paid_by(session, payment)
    books.undo(session, payment, now=now)
    _end(session, payment, "taken_back", words, now=now)
    for each in owed:
        settling.settle(session, each, now=now)
    settling.use_all_advances(session, payment.deal, now=now)
    _tell(session, payment, "payment_taken_back", by=by, now=now)


def refund(
    session: Session,
    receipt: Payment,
    *,
    amount_minor: int,
    paid_on: date,
    key: str,
    reference: str = "",
    note: str = "",
    by: Actor,
    now: datetime,
) -> Payment:
    """Pay back what a receipt has left over, or part of it.

    Raises NotFound, Forbidden; Invalid at ``amount`` where no so much is left; Conflict.
    """
    permissions.require_manage(by, receipt)
    settling.fresh(session, receipt)
    given = Given(
        payee=receipt.payee,
        amount_minor=amount_minor,
        currency=receipt.currency,
        paid_on=paid_on,
        key=key,
        reference=reference,
        note=note,
    )
    known = _by_key(session, receipt.deal, given, of_id=receipt.id)
    if known is not None:
        return known
    if receipt.kind != "receipt" or receipt.state != "received":
        raise IllegalTransition(step="refund", state=receipt.state, kind="payment")
    if amount_minor > payments_left(session, [receipt])[receipt.id].advance:
        raise Invalid({"amount": "more_than_left"})
    back, _ = _write(
        session, receipt.deal, given, state="received", by=by, now=now, of_id=receipt.id
    )
    books.refund(session, back, receipt, now=now)
    _tell(session, back, "payment_refunded", by=by, now=now)
    return back


def _write(
    session: Session,
    deal: Deal,
    given: Given,
    *,
    state: str,
    by: Actor,
    now: datetime,
    of_id: int | None = None,
) -> tuple[Payment, bool]:
    """Return the payment of the form's key, written now unless it is there already."""
    books.lock(session, deal)
    known = _by_key(session, deal, given, of_id=of_id)
    if known is not None:
        return known, False
    check(session, deal, given, now=now)
    received = state == "received"
    payment = Payment(
        deal=deal,
        kind="receipt" if of_id is None else "refund",
        payee=given.payee,
        amount_minor=given.amount_minor,
        currency=given.currency,
        paid_on=given.paid_on,
        reference=given.reference.strip() or None,
        reference_key=comparable(given.reference),
        note=given.note.strip() or None,
        wishes=list(given.wishes),
        state=state,
        key=given.key,
        of_id=of_id,
        announced_by=None if received else by.user_id,
        announced_at=None if received else now,
        recorded_by=by.user_id if received else None,
        recorded_at=now if received else None,
    )
    session.add(payment)
    session.flush()
    return payment, True


def _by_key(session: Session, deal: Deal, given: Given, *, of_id: int | None) -> Payment | None:
    """Return the payment that this form made already; raises Conflict for a different one."""
    known = session.scalars(
        sa.select(Payment).filter_by(deal_id=deal.id, key=given.key)
    ).one_or_none()
    if known is None:
        return None
    same = (known.payee, known.amount_minor, known.currency, known.paid_on, known.of_id) == (
        given.payee,
        given.amount_minor,
        given.currency,
        given.paid_on,
        of_id,
    )
    if not same:
        raise Conflict("key_reused", kind="payment")
    return known


def _book(session: Session, payment: Payment, *, by: Actor, now: datetime) -> None:
    """Book a receipt and set it against what it is for."""
    books.receive(session, payment, now=now)
    match(session, payment, by=by, now=now)
    _tell(session, payment, "payment_received", by=by, now=now)


def match(session: Session, payment: Payment, *, by: Actor, now: datetime) -> None:
    """Set what a receipt has left against what is open: as wished, else the oldest first.

    What is wished before its day is booked early, unless it still waits for something to happen;
    what the wishes leave goes to the rest.
    """
    found = session.scalars(
        sa.select(Obligation)
        .where(
            Obligation.deal_id == payment.deal_id,
            Obligation.currency == payment.currency,
            Obligation.debtor == other_side(payment.payee),
            Obligation.state.in_((*OPEN_STATES, "planned")),
        )
        .order_by(Obligation.due_on, Obligation.id)
        .execution_options(populate_existing=True)
    ).all()
    by_id = {each.public_id: each for each in found}
    wanted = [by_id[each] for each in payment.wishes if each in by_id]
    wanted = [each for each in wanted if each.due_on is not None]
    for each in wanted:
        if each.state == "planned":
            settling.make_due(session, each, by=by, now=now, on=books.today(now))
    wanted += [each for each in found if each.state in OPEN_STATES and each not in wanted]
    standing = standings(session, wanted)
    left = payments_left(session, [payment])[payment.id].advance
    shares = []
    for each in wanted:
        share = min(left, max(0, standing[each.id].open))
        if share:
            shares.append((each, share))
            left -= share
    if not shares:
        return
    books.match(session, payment, shares, now=now, on=payment.paid_on)
    for each, _ in shares:
        settling.settle(session, each, now=now)


def _paid_by(session: Session, payment: Payment) -> Sequence[Obligation]:
    """Return the obligations that a receipt is set against."""
    pairs = item_pairs(session, [payment.public_id], kinds=("advance", "receivable"))
    return session.scalars(
        sa.select(Obligation)
        .where(Obligation.public_id.in_([owed for _, owed in pairs]))
        .execution_options(populate_existing=True)
    ).all()


def _in_state(
    session: Session, payment: Payment, state: str, step: str, expected: int | None
) -> None:
    settling.fresh(session, payment, expected=expected)
    if payment.state != state:
        raise IllegalTransition(step=step, state=payment.state, kind="payment")


def _end(session: Session, payment: Payment, state: str, reason: str, *, now: datetime) -> None:
    columns: dict[str, Any] = {"reference_key": None, "end_reason": reason, "ended_at": now}
    settling.change(session, payment, state=state, **columns)


def _tell(session: Session, payment: Payment, what: str, *, by: Actor, now: datetime) -> None:
    """Write to the deal's history, and have the other side told."""
    facts = {
        "payment": payment.public_id,
        "amount": payment.amount_minor,
        "currency": payment.currency,
    }
    settling.record(session, payment.deal, what, by=by, now=now, facts=facts)
    payload = {"id": payment.id, "what": what, "by": by.user_id}
    emit(session, "payments.happened", payload, now=now)


def _reason(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise Invalid({"reason": "required"})
    if len(words) > 1000:
        raise Invalid({"reason": "too_long"})
    return words
