"""What each happening books: the one place that knows which account is debited and credited.

The books of a deal's commission are kept for each paying side, apart from those of the deal. Legs
on ``commission_payable`` carry the receiver that they belong to:

    due         commission / commission_unshared, commission_vat / commission_unshared
    taken back  the same the other way round
    shared      commission_unshared / commission_payable
    unshared    commission_payable / commission_unshared
    paid        commission_payable / cash        given back: cash / commission_payable

``commission_unshared`` is what the side owes and nobody's yet. Callers hold the deal's lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon.commissions.models import Accrual, Payout, Receiver
from tenon.deals.models import Deal
from tenon.history.services import lock as lock_chain
from tenon.ledger.models import LedgerAccount, LedgerJournal
from tenon.ledger.queries import grown, item_balances, journals_about, trial_balance
from tenon.ledger.services import Transfer, book, open_account, reverse

OWNER = "commission"


def lock(session: Session, deal: Deal) -> None:
    """Make other transactions that touch this deal's commission wait until this one ends."""
    lock_chain(session, (OWNER, deal.public_id))


def owner(deal: Deal) -> tuple[str, str]:
    """Return whose books these are."""
    return OWNER, deal.public_id


def _account(session: Session, deal: Deal, side: str, kind: str, currency: str) -> LedgerAccount:
    return open_account(session, owner=owner(deal), side=side, kind=kind, currency=currency)


def _write(
    session: Session,
    what: str,
    about: tuple[str, str],
    transfers: Sequence[Transfer],
    *,
    now: datetime,
    on: date,
) -> LedgerJournal | None:
    """Book under a key that counts the journals about the same thing; nothing for nothing."""
    if not transfers:
        return None
    number = 1 + len(journals_about(session, about))
    return book(
        session,
        what=what,
        about=about,
        transfers=transfers,
        key=f"{about[0]}:{about[1]}:{number}",
        at=now,
        booked_on=on,
    )


def accrue(session: Session, deal: Deal, made: Accrual, *, now: datetime) -> None:
    """Book what became due of a side, or is owed no longer."""

    def account(kind: str) -> LedgerAccount:
        return _account(session, deal, made.side, kind, made.currency)

    owed = account("commission_unshared")
    transfers = []
    for kind, minor in (("commission", made.net_minor), ("commission_vat", made.vat_minor)):
        if minor > 0:
            transfers.append(Transfer(account(kind), owed, minor))
        elif minor < 0:
            transfers.append(Transfer(owed, account(kind), -minor))
    about = ("commission_accrual", made.public_id)
    _write(session, "commission_due", about, transfers, now=now, on=made.on)


def share(
    session: Session,
    deal: Deal,
    parts: Mapping[Receiver, int],
    *,
    side: str,
    currency: str,
    now: datetime,
    on: date,
) -> None:
    """Book what of a side's commission becomes receivers' (above zero) or nobody's again."""
    free = _account(session, deal, side, "commission_unshared", currency)
    owed = _account(session, deal, side, "commission_payable", currency)
    transfers = [
        Transfer(free, owed, minor, credit_item=receiver.public_id)
        if minor > 0
        else Transfer(owed, free, -minor, debit_item=receiver.public_id)
        for receiver, minor in parts.items()
        if minor
    ]
    _write(session, "commission_shared", (OWNER, deal.public_id), transfers, now=now, on=on)


def pay(session: Session, deal: Deal, made: Payout, *, now: datetime) -> None:
    """Book what a side paid to a receiver, or got back."""
    owed = _account(session, deal, made.side, "commission_payable", made.currency)
    cash = _account(session, deal, made.side, "cash", made.currency)
    item = made.receiver.public_id
    if made.minor > 0:
        transfer = Transfer(owed, cash, made.minor, debit_item=item)
    else:
        transfer = Transfer(cash, owed, -made.minor, credit_item=item)
    about = ("commission_payout", made.public_id)
    _write(session, "commission_paid", about, [transfer], now=now, on=made.paid_on)


def undo(session: Session, made: Payout, *, now: datetime, on: date) -> None:
    """Reverse what was booked about a payout."""
    for journal in journals_about(session, ("commission_payout", made.public_id)):
        if journal.reversal_of_id is None:
            reverse(session, journal, key=f"undo:{journal.public_id}", at=now, booked_on=on)


def payable(session: Session, receivers: Sequence[Receiver]) -> Mapping[str, int]:
    """Return public id of each receiver -> what the books say is still owed, over both sides.

    Of one currency only: for proofs, which ask receivers of one currency.
    """
    found = item_balances(session, [each.public_id for each in receivers])
    return {
        item: grown("commission_payable", kinds["commission_payable"])
        for item, kinds in found.items()
        if "commission_payable" in kinds
    }


def unshared(session: Session, deal: Deal) -> Mapping[tuple[str, str], int]:
    """Return (side, currency) -> what the books say is owed and nobody's yet."""
    return {
        (place.side, place.currency): grown(place.kind, found)
        for place, found in trial_balance(session, owner=owner(deal)).items()
        if place.kind == "commission_unshared"
    }
