"""Obligations, payments and invoices as lists: of a deal, and of an organisation over its deals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.queries.deals import readable_by
from tenon.errors import NotFound
from tenon.ledger.queries import owner_sums
from tenon.payments import permissions
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Invoice, Obligation, Payment
from tenon.payments.queries.sums import Left, Standing, payments_left, standings


@dataclass(frozen=True, slots=True)
class Row:
    """An obligation and how it stands.

    Attributes:
        overdue: open, and its day is past.
        to_pay: what is still to be paid of it: open in the books, or planned.
    """

    owed: Obligation
    standing: Standing
    overdue: bool

    @property
    def look(self) -> str:
        """The state to show: the obligation's own, or ``overdue``."""
        return "overdue" if self.overdue else self.owed.state

    @property
    def to_pay(self) -> int:
        """What is still to be paid, in minor units."""
        if self.owed.state == "planned":
            return self.owed.gross_minor
        return max(0, self.standing.open)


@dataclass(slots=True)
class Totals:
    """Sums of one currency, in minor units; never of two currencies."""

    charged: int = 0
    paid: int = 0
    open: int = 0
    overdue: int = 0
    planned: int = 0

    def add(self, row: Row) -> None:
        """Add an obligation."""
        self.charged += row.standing.charged
        self.paid += row.standing.paid
        if row.owed.state == "planned" and row.owed.firm:
            self.planned += row.owed.gross_minor
        self.open += row.standing.open
        if row.overdue:
            self.overdue += row.standing.open


def rows_of(session: Session, obligations: Iterable[Obligation], *, today: date) -> list[Row]:
    """Return obligations with how they stand, in the given order."""
    listed = list(obligations)
    standing = standings(session, listed)
    return [
        Row(
            each,
            standing[each.id],
            each.state in OPEN_STATES and each.due_on is not None and each.due_on < today,
        )
        for each in listed
    ]


def schedule_of(session: Session, deal: Deal, *, today: date) -> list[Row]:
    """Return a deal's obligations by the day on which they are due; what waits comes last."""
    found = session.scalars(
        sa.select(Obligation)
        .where(Obligation.deal_id == deal.id)
        .order_by(Obligation.due_on.is_(None), Obligation.due_on, Obligation.id)
    )
    return rows_of(session, found, today=today)


def totals_of(rows: Iterable[Row]) -> Mapping[tuple[str, str], Totals]:
    """Return (side to whom it is due, currency) -> sums."""
    found: dict[tuple[str, str], Totals] = {}
    for row in rows:
        if row.owed.state != "cancelled":
            found.setdefault((row.owed.creditor, row.owed.currency), Totals()).add(row)
    return dict(sorted(found.items()))


def payments_of(session: Session, deal: Deal) -> list[tuple[Payment, Left]]:
    """Return a deal's payments, the latest first, each with what became of it."""
    found = session.scalars(
        sa.select(Payment)
        .where(Payment.deal_id == deal.id)
        .order_by(Payment.paid_on.desc(), Payment.id.desc())
    ).all()
    left = payments_left(session, found)
    return [(each, left[each.id]) for each in found]


def invoices_of(session: Session, deal: Deal) -> Sequence[Invoice]:
    """Return a deal's invoices and credit notes, the latest first."""
    return session.scalars(
        sa.select(Invoice)
        .where(Invoice.deal_id == deal.id)
        .options(joinedload(Invoice.obligation))
        .order_by(Invoice.id.desc())
    ).all()


def is_first_receipt(session: Session, payment: Payment) -> bool:
    """Whether no other receipt of the deal was confirmed before this one."""
    if payment.kind != "receipt":
        return False
    earlier = session.scalar(
        sa.select(sa.func.count(Payment.id)).where(
            Payment.deal_id == payment.deal_id,
            Payment.kind == "receipt",
            Payment.recorded_at.is_not(None),
            Payment.id != payment.id,
            Payment.recorded_at <= payment.recorded_at,
        )
    )
    return not earlier


def find_obligation(session: Session, deal: Deal, public_id: str) -> Obligation:
    """Return an obligation of a deal; raises NotFound."""
    found = session.scalars(
        sa.select(Obligation).filter_by(deal_id=deal.id, public_id=public_id)
    ).one_or_none()
    if found is None:
        raise NotFound(kind="obligation")
    return found


def find_payment(session: Session, deal: Deal, public_id: str) -> Payment:
    """Return a payment of a deal; raises NotFound."""
    found = session.scalars(
        sa.select(Payment).filter_by(deal_id=deal.id, public_id=public_id)
    ).one_or_none()
    if found is None:
        raise NotFound(kind="payment")
    return found


def find_invoice(session: Session, deal: Deal, public_id: str, *, by: Actor) -> Invoice:
    """Return an invoice of a deal to those who may read its amounts; raises NotFound, Forbidden."""
    permissions.require_read(by, deal)
    found = session.scalars(
        sa.select(Invoice).filter_by(deal_id=deal.id, public_id=public_id)
    ).one_or_none()
    if found is None:
        raise NotFound(kind="invoice")
    return found


@dataclass(frozen=True, slots=True)
class Own:
    """An obligation of an organisation in one of its deals, and on which end of it it stands.

    Attributes:
        row: the obligation.
        receives: it is due to the organisation; else by it.
    """

    row: Row
    receives: bool


def of_organisation(
    session: Session, actor: Actor, organisation_id: int, *, today: date, ended: bool = False
) -> list[Own]:
    """Return what is due to and by an organisation over all deals that the actor may read.

    In the order of due days. ``ended`` are those paid, waived or owed no more, the latest first;
    otherwise those planned or open. One that the actor reads as the deal's broker is not among
    them.
    """
    house = sa.or_(
        Deal.seller_organisation_id == organisation_id,
        Deal.buyer_organisation_id == organisation_id,
    )
    live = Obligation.state.in_(("planned", *OPEN_STATES))
    wanted = (
        sa.select(Obligation)
        .join(Deal, Deal.id == Obligation.deal_id)
        .where(house, readable_by(actor), ~live if ended else live)
        .options(
            joinedload(Obligation.deal).joinedload(Deal.seller_organisation),
            joinedload(Obligation.deal).joinedload(Deal.buyer_organisation),
        )
    )
    if ended:
        wanted = wanted.order_by(Obligation.ended_at.desc(), Obligation.id.desc())
    else:
        wanted = wanted.order_by(Obligation.due_on.is_(None), Obligation.due_on, Obligation.id)
    found = [each for each in session.scalars(wanted) if permissions.may_read(actor, each.deal)]
    return [
        Own(row, row.owed.deal.side_organisation_id(row.owed.creditor) == organisation_id)
        for row in rows_of(session, found, today=today)
    ]


def site_totals(session: Session) -> Mapping[str, Totals]:
    """Return currency -> sums over all deals, for operators: no deal's amounts stand in them."""
    found: dict[str, Totals] = {}
    for (kind, currency), minor in owner_sums(session, owner_kind="deal").items():
        total = found.setdefault(currency, Totals())
        if kind == "cash":
            total.paid += minor
        elif kind == "receivable":
            total.open += minor
        elif kind in ("income", "interest", "vat"):
            total.charged -= minor
    return dict(sorted(found.items()))
