"""How receivers stand: what they are owed, what was paid, what is late.

Sums over parts and payouts, never stored. Each account is of one receiver, one paying side and one
currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.commissions.models import Accrual, Agreement, Part, Payout, Receiver
from tenon.commissions.states import COUNTING_PAYOUTS
from tenon.deals.models import Deal


@dataclass(slots=True)
class Account:
    """What one side owes one receiver in one currency, in minor units, gross.

    Attributes:
        owed: granted, less what was taken back.
        paid: paid out, less what was given back.
        parts: the grants and takings, oldest first.
        payouts: what was paid, oldest first, also what was taken back since.
    """

    receiver: Receiver
    side: str
    currency: str
    owed: int = 0
    paid: int = 0
    parts: list[Part] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)

    @property
    def open(self) -> int:
        """What is still to be paid; below zero: to be given back."""
        return self.owed - self.paid

    def due_on(self) -> date | None:
        """Return the day by which the oldest open part is to be paid; None where none is open."""
        for part, left in self._uncovered():
            if left:
                return part.due_on
        return None

    def overdue(self, on: date) -> int:
        """Return how much of it should have been paid before a day."""
        return sum(left for part, left in self._uncovered() if part.due_on < on)

    def _uncovered(self) -> list[tuple[Part, int]]:
        """Return the grants with what of each is open: what was paid or taken covers the oldest."""
        covered = self.paid - sum(part.minor for part in self.parts if part.minor < 0)
        found = []
        for part in sorted(self.parts, key=lambda each: (each.due_on, each.id)):
            if part.minor > 0:
                used = max(0, min(part.minor, covered))
                covered -= used
                found.append((part, part.minor - used))
        return found


def _with_receiver() -> tuple[ORMOption, ...]:
    one = joinedload(Receiver.deal)
    return (
        one.joinedload(Deal.seller_organisation),
        one.joinedload(Deal.buyer_organisation),
        joinedload(Receiver.organisation),
        joinedload(Receiver.station),
    )


def accounts(session: Session, where: sa.ColumnElement[bool]) -> list[Account]:
    """Return the accounts of receivers that fulfil a condition, in the order of their making."""
    keys = list(session.scalars(sa.select(Receiver.id).where(where).order_by(Receiver.id)))
    receivers = {
        each.id: each
        for each in session.scalars(
            sa.select(Receiver).where(Receiver.id.in_(keys)).options(*_with_receiver())
        )
    }
    found: dict[tuple[int, str, str], Account] = {}

    def account(key: int, side: str, currency: str) -> Account:
        return found.setdefault((key, side, currency), Account(receivers[key], side, currency))

    for part in session.scalars(
        sa.select(Part).where(Part.receiver_id.in_(keys)).order_by(Part.id)
    ):
        one = account(part.receiver_id, part.side, part.currency)
        one.owed += part.minor
        one.parts.append(part)
    # Read anew: whoever held the deal's lock before may have changed one that is known here.
    for payout in session.scalars(
        sa.select(Payout)
        .where(Payout.receiver_id.in_(keys))
        .order_by(Payout.id)
        .execution_options(populate_existing=True)
    ):
        one = account(payout.receiver_id, payout.side, payout.currency)
        one.paid += payout.minor if payout.state in COUNTING_PAYOUTS else 0
        one.payouts.append(payout)
    return [found[key] for key in sorted(found)]


def of_deal(session: Session, deal: Deal) -> list[Account]:
    """Return all accounts of a deal's commission."""
    return accounts(session, Receiver.deal_id == deal.id)


def accrued(session: Session, deal: Deal) -> dict[tuple[str, str], tuple[int, int]]:
    """Return (side, currency) -> (net, VAT) that has become due in all."""
    rows = session.execute(
        sa.select(
            Accrual.side,
            Accrual.currency,
            sa.func.sum(Accrual.net_minor),
            sa.func.sum(Accrual.vat_minor),
        )
        .where(Accrual.deal_id == deal.id)
        .group_by(Accrual.side, Accrual.currency)
    )
    return {(side, currency): (int(net), int(vat)) for side, currency, net, vat in rows}


def accruals(session: Session, deal: Deal) -> Sequence[Accrual]:
    """Return what became due and was taken back in a deal, oldest first."""
    return session.scalars(
        sa.select(Accrual).where(Accrual.deal_id == deal.id).order_by(Accrual.id)
    ).all()


def agreements(session: Session, deal: Deal) -> Sequence[Agreement]:
    """Return all versions of a deal's agreements with their consents, the latest first."""
    return (
        session.scalars(
            sa.select(Agreement)
            .where(Agreement.deal_id == deal.id)
            .options(joinedload(Agreement.consents))
            .order_by(Agreement.number.desc())
        )
        .unique()
        .all()
    )
