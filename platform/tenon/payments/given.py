"""What somebody writes of a payment, and what must hold before it is written down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.errors import Invalid
from tenon.payments import books
from tenon.payments.models import Obligation, Payment

LARGEST = 10**15  # minor units of one payment
NOTE_LIMIT = 500
REFERENCE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody writes of a payment.

    Attributes:
        payee: the side that got it.
        amount_minor, currency: what was paid.
        paid_on: the day it arrived, or was sent.
        key: of the form, the same for a repetition.
        reference: the bank's, if known.
        wishes: public ids of the obligations it is for, in order; none: the oldest first.
    """

    payee: str
    amount_minor: int
    currency: str
    paid_on: date
    key: str
    reference: str = ""
    note: str = ""
    wishes: tuple[str, ...] = ()


def check(session: Session, deal: Deal, given: Given, *, now: datetime) -> None:
    """Raise Invalid with every field that is wrong; callers hold the deal's lock."""
    errors: dict[str, str] = {}
    if not 0 < given.amount_minor <= LARGEST:
        errors["amount"] = "out_of_range"
    if not re.fullmatch(r"[A-Z]{3}", given.currency):
        errors["currency"] = "unknown_code"
    if given.paid_on > books.today(now):
        errors["paid_on"] = "in_the_future"
    if not 8 <= len(given.key) <= 60:
        errors["key"] = "required"
    if len(given.note) > NOTE_LIMIT:
        errors["note"] = "too_long"
    if len(given.reference) > REFERENCE_LIMIT:
        errors["reference"] = "too_long"
    elif comparable(given.reference) and session.scalar(
        sa.select(Payment.id).filter_by(
            deal_id=deal.id,
            currency=given.currency,
            reference_key=comparable(given.reference),
        )
    ):
        errors["reference"] = "recorded_already"
    wished = _wished(session, deal, given)
    if len(wished) != len(set(given.wishes)) or any(
        each.currency != given.currency or each.creditor != given.payee for each in wished
    ):
        errors["wishes"] = "unknown_code"
    if errors:
        raise Invalid(errors)


def _wished(session: Session, deal: Deal, given: Given) -> Sequence[Obligation]:
    if not given.wishes:
        return []
    return session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id, Obligation.public_id.in_(given.wishes)
        )
    ).all()


def comparable(reference: str) -> str | None:
    """Return a bank's reference without spaces and in capitals, or None."""
    return re.sub(r"\s+", "", reference).upper() or None
