"""What each happening books: the one place that knows which account is debited and credited.

The books of a deal are kept by the side to whom money is due. Every leg on ``receivable`` carries
the obligation it belongs to, every leg on ``advance`` the payment:

    due         receivable / income (interest for interest), receivable / vat
    credited    income / receivable, vat / receivable
    waived      written_off / receivable
    received    cash / advance
    matched     advance / receivable        released: receivable / advance
    refunded    advance / clearing, clearing / cash

Callers hold the deal's lock (``lock``), so that a count of journals can make their keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.history.services import lock as lock_chain
from tenon.ledger.models import LedgerAccount, LedgerJournal
from tenon.ledger.queries import journals_about, reversed_ids
from tenon.ledger.services import Transfer, book, open_account, reverse
from tenon.notices import delivery
from tenon.payments.models import Obligation, Payment


def lock(session: Session, deal: Deal) -> None:
    """Make other transactions that touch this deal's money wait until this one ends.

    What was read of it before may be stale: read it again.
    """
    lock_chain(session, ("deal", deal.public_id))


def today(now: datetime) -> date:
    """Return the day that it is where the site is."""
    return now.astimezone(delivery.current().zone).date()


def account(session: Session, deal: Deal, side: str, kind: str, currency: str) -> LedgerAccount:
    """Return an account of a side's books of the deal."""
    return open_account(
        session, owner=("deal", deal.public_id), side=side, kind=kind, currency=currency
    )


def find_account(
    session: Session, deal: Deal, side: str, kind: str, currency: str
) -> LedgerAccount | None:
    """Return an account, or None where nothing was ever booked there; for pages, which read."""
    return session.scalars(
        sa.select(LedgerAccount).filter_by(
            owner_kind="deal", owner_id=deal.public_id, side=side, kind=kind, currency=currency
        )
    ).one_or_none()


def _of(session: Session, owed: Obligation, kind: str) -> LedgerAccount:
    return account(session, owed.deal, owed.creditor, kind, owed.currency)


def _income(session: Session, owed: Obligation) -> LedgerAccount:
    return _of(session, owed, "interest" if owed.kind == "interest" else "income")


def _write(
    session: Session,
    what: str,
    about: tuple[str, str],
    transfers: Sequence[Transfer],
    *,
    now: datetime,
    on: date | None = None,
) -> LedgerJournal | None:
    """Book under a key that counts the journals about the same thing."""
    wanted = [each for each in transfers if each.minor]
    if not wanted:
        return None
    number = 1 + len(journals_about(session, about))
    return book(
        session,
        what=what,
        about=about,
        transfers=wanted,
        key=f"{about[0]}:{about[1]}:{number}",
        at=now,
        booked_on=on or today(now),
    )


def charge(
    session: Session, owed: Obligation, *, net: int, vat: int, now: datetime, on: date
) -> None:
    """Book what falls due, or what an amendment adds."""
    receivable, item = _of(session, owed, "receivable"), owed.public_id
    transfers = [
        Transfer(receivable, _income(session, owed), net, item, item),
        Transfer(receivable, _of(session, owed, "vat"), vat, item, item),
    ]
    _write(session, "charged", ("obligation", item), transfers, now=now, on=on)


def credit(session: Session, owed: Obligation, *, net: int, vat: int, now: datetime) -> None:
    """Book what is owed no more; what was paid beyond it has to be released afterwards."""
    receivable, item = _of(session, owed, "receivable"), owed.public_id
    transfers = [
        Transfer(_income(session, owed), receivable, net, item, item),
        Transfer(_of(session, owed, "vat"), receivable, vat, item, item),
    ]
    _write(session, "credited", ("obligation", item), transfers, now=now)


def write_off(session: Session, owed: Obligation, *, minor: int, now: datetime) -> None:
    """Book what the creditor gives up."""
    item = owed.public_id
    receivable, lost = _of(session, owed, "receivable"), _of(session, owed, "written_off")
    transfers = [Transfer(lost, receivable, minor, item, item)]
    _write(session, "waived", ("obligation", item), transfers, now=now)


def _at(session: Session, paid: Payment, kind: str) -> LedgerAccount:
    return account(session, paid.deal, paid.payee, kind, paid.currency)


def receive(session: Session, paid: Payment, *, now: datetime) -> None:
    """Book what came in."""
    item = paid.public_id
    cash, advance = _at(session, paid, "cash"), _at(session, paid, "advance")
    transfers = [Transfer(cash, advance, paid.amount_minor, None, item)]
    _write(session, "received", ("payment", item), transfers, now=now, on=paid.paid_on)


def match(
    session: Session,
    paid: Payment,
    shares: Sequence[tuple[Obligation, int]],
    *,
    now: datetime,
    on: date,
) -> None:
    """Set parts of a payment against obligations."""
    advance, receivable = _at(session, paid, "advance"), _at(session, paid, "receivable")
    transfers = [
        Transfer(advance, receivable, minor, paid.public_id, owed.public_id)
        for owed, minor in shares
    ]
    _write(session, "matched", ("payment", paid.public_id), transfers, now=now, on=on)


def release(
    session: Session, paid: Payment, owed: Obligation, *, minor: int, now: datetime
) -> None:
    """Take back a part of a payment from an obligation, as an advance."""
    advance, receivable = _at(session, paid, "advance"), _at(session, paid, "receivable")
    transfers = [Transfer(receivable, advance, minor, owed.public_id, paid.public_id)]
    _write(session, "released", ("payment", paid.public_id), transfers, now=now)


def refund(session: Session, back: Payment, receipt: Payment, *, now: datetime) -> None:
    """Book what goes back out of a receipt's advance."""
    advance, clearing = _at(session, receipt, "advance"), _at(session, receipt, "clearing")
    item, minor = back.public_id, back.amount_minor
    transfers = [
        Transfer(advance, clearing, minor, receipt.public_id, item),
        Transfer(clearing, _at(session, receipt, "cash"), minor, item, item),
    ]
    _write(session, "refunded", ("payment", item), transfers, now=now, on=back.paid_on)


def undo(session: Session, paid: Payment, *, now: datetime) -> None:
    """Reverse all that was booked about a payment."""
    journals = [
        each
        for each in journals_about(session, ("payment", paid.public_id))
        if each.reversal_of_id is None
    ]
    done = reversed_ids(session, journals)
    for each in journals:
        if each.id not in done:
            reverse(session, each, key=f"undo:{each.public_id}", at=now, booked_on=today(now))
