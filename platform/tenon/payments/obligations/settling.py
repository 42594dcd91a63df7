"""An obligation's state after something was booked: it follows from the ledger alone.

Callers hold the deal's lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.errors import Conflict
from tenon.ledger.queries import item_pairs
from tenon.payments import books
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Obligation, Payment
from tenon.payments.queries.sums import Standing, payments_left, standings
from tenon.payments.reminding import first_reminder


def require_version(thing: Obligation | Payment, expected: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` where it is not as the actor's page showed it."""
    if expected is not None and thing.version != expected:
        raise Conflict("changed_meanwhile", kind="payments")


def fresh(session: Session, thing: Obligation | Payment, *, expected: int | None = None) -> None:
    """Take the deal's lock and read the thing as it is now; raises Conflict as above."""
    books.lock(session, thing.deal)
    session.flush()
    session.refresh(thing)
    require_version(thing, expected)


def change(session: Session, thing: Obligation | Payment, **columns: Any) -> None:
    """Change columns by comparing and swapping the version; raises Conflict."""
    session.flush()
    table = type(thing)
    result = session.execute(
        sa.update(table)
        .where(table.id == thing.id, table.version == thing.version)
        .values(version=thing.version + 1, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="payments")
    session.refresh(thing, ["version", *columns])


def state_of(standing: Standing) -> str:
    """Return the state of an obligation that was booked."""
    if standing.open > 0:
        return "part_paid" if standing.paid else "due"
    if standing.waived:
        return "waived"
    return "paid" if standing.charged else "cancelled"


def settle(session: Session, owed: Obligation, *, now: datetime, **columns: Any) -> Standing:
    """Bring an obligation's state in line with the books; return how it stands."""
    standing = standings(session, [owed])[owed.id]
    state = state_of(standing)
    is_open = standing.open > 0
    values: dict[str, Any] = {
        "net_minor": standing.net,
        "vat_minor": standing.vat,
        "state": state,
        "ended_at": None if is_open else (owed.ended_at or now),
        "remind_on": owed.remind_on,
        **columns,
    }
    if not is_open:
        values["remind_on"] = None
    if any(getattr(owed, name) != value for name, value in values.items()):
        change(session, owed, **values)
    return standing


def make_due(
    session: Session, owed: Obligation, *, by: Actor, now: datetime, on: date | None = None
) -> None:
    """Book an obligation that falls due, or is paid early ``on`` a day; set advances against it.

    What is paid early is not late before its own day has come.
    """
    day = on or owed.due_on or books.today(now)
    due_on = max(day, owed.due_on or day)
    books.charge(session, owed, net=owed.net_minor, vat=owed.vat_minor, now=now, on=day)
    settle(
        session,
        owed,
        now=now,
        due_on=due_on,
        waits_for=None,
        booked_on=owed.booked_on or day,
        remind_on=first_reminder(due_on, books.today(now)),
    )
    record(session, owed.deal, "obligation_due", by=by, now=now, facts=facts_of(owed))
    use_advances(session, owed, now=now)


def use_advances(session: Session, owed: Obligation, *, now: datetime) -> None:
    """Set what was paid too much, oldest first, against an obligation that is open."""
    receipts = session.scalars(
        sa.select(Payment)
        .where(
            Payment.deal_id == owed.deal_id,
            Payment.kind == "receipt",
            Payment.payee == owed.creditor,
            Payment.currency == owed.currency,
            Payment.state == "received",
        )
        .order_by(Payment.paid_on, Payment.id)
    ).all()
    left = payments_left(session, receipts)
    wanted = standings(session, [owed])[owed.id].open
    used = False
    for receipt in receipts:
        share = min(left[receipt.id].advance, wanted)
        if share > 0:
            day = max(receipt.paid_on, owed.booked_on or receipt.paid_on)
            books.match(session, receipt, [(owed, share)], now=now, on=day)
            wanted, used = wanted - share, True
    if used:
        settle(session, owed, now=now)


def use_all_advances(session: Session, deal: Deal, *, now: datetime) -> None:
    """Set advances against whatever of the deal is open, so that none lies idle beside a debt."""
    found = session.scalars(
        sa.select(Obligation)
        .where(Obligation.deal_id == deal.id, Obligation.state.in_(OPEN_STATES))
        .order_by(Obligation.due_on, Obligation.id)
        .execution_options(populate_existing=True)
    ).all()
    for owed in found:
        use_advances(session, owed, now=now)


def release_surplus(session: Session, owed: Obligation, *, now: datetime) -> None:
    """Turn what was paid beyond what is owed into advances, the latest payment first."""
    surplus = -standings(session, [owed])[owed.id].open
    if surplus <= 0:
        return
    pairs = item_pairs(session, [owed.public_id], kinds=("advance", "receivable"))
    receipts = session.scalars(
        sa.select(Payment)
        .where(Payment.public_id.in_([payment for payment, _ in pairs]))
        .order_by(Payment.paid_on.desc(), Payment.id.desc())
    ).all()
    for receipt in receipts:
        share = min(pairs[receipt.public_id, owed.public_id], surplus)
        if share > 0:
            books.release(session, receipt, owed, minor=share, now=now)
            surplus -= share


def facts_of(owed: Obligation) -> Mapping[str, Any]:
    """Return what history keeps of an obligation."""
    return {
        "obligation": owed.public_id,
        "key": owed.key,
        "state": owed.state,
        "net": owed.net_minor,
        "vat": owed.vat_minor,
        "currency": owed.currency,
    }


def record(
    session: Session, deal: Deal, kind: str, *, by: Actor, now: datetime, facts: Mapping[str, Any]
) -> None:
    """Write to the deal's history."""
    history.record(session, chain=("deal", deal.public_id), kind=kind, by=by, now=now, facts=facts)
