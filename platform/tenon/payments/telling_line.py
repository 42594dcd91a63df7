"""The money's part of a deal's timeline, for those who act for a side."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments import permissions
from tenon.payments.kinds import other_side
from tenon.payments.models import Invoice, Payment
from tenon.payments.notifying import path_of
from tenon.payments.words import amount_in


@source("payments")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return payments and invoices with their amounts, to the parties alone."""
    if not permissions.may_read(actor, deal):
        return []
    payments = session.scalars(sa.select(Payment).filter_by(deal_id=deal.id).order_by(Payment.id))
    found = [item for each in payments for item in _of_payment(deal, each)]
    invoices = session.scalars(sa.select(Invoice).filter_by(deal_id=deal.id).order_by(Invoice.id))
    return found + [_of_invoice(deal, each) for each in invoices]


def _of_payment(deal: Deal, payment: Payment) -> Iterator[Item]:
    facts = {"amount": _amount(payment.amount_minor, payment.currency)}
    path, payee = path_of(deal), payment.payee
    if payment.announced_at is not None:
        title = N_("Payment announced: %(amount)s.")
        who = payment.announced_by
        yield Item(
            payment.announced_at, "payment", title, facts, path, other_side(payee), user_id=who
        )
    if payment.recorded_at is not None:
        title = (
            N_("Payment received: %(amount)s.")
            if payment.kind == "receipt"
            else N_("Money paid back: %(amount)s.")
        )
        who, note = payment.recorded_by, payment.note or ""
        yield Item(payment.recorded_at, "payment", title, facts, path, payee, note, who)
    if payment.ended_at is not None:
        title = (
            N_("Announced payment not received: %(amount)s.")
            if payment.state == "refused"
            else N_("Payment taken back: %(amount)s.")
        )
        why = payment.end_reason or ""
        yield Item(payment.ended_at, "payment", title, facts, path, payee, why)


def _of_invoice(deal: Deal, invoice: Invoice) -> Item:
    title = (
        N_("Invoice %(number)s over %(amount)s.")
        if invoice.kind == "invoice"
        else N_("Credit note %(number)s over %(amount)s.")
    )
    facts = {"number": invoice.label, "amount": _amount(invoice.gross_minor, invoice.currency)}
    path = f"{path_of(deal)}/invoices/{invoice.public_id}.pdf"
    side = "seller" if invoice.issuer_id == deal.seller_organisation_id else "buyer"
    return Item(invoice.issued_at, "payment", title, facts, path, side, user_id=invoice.issued_by)


def _amount(minor: int, currency: str) -> dict[str, str]:
    return {language: amount_in(minor, currency, language) for language in ("zh", "en")}
