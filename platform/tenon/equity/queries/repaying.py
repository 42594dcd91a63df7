"""What the company owes back of a grant: what was paid out, with interest where it was agreed.

Source: domain-rules.md, section 5 (invest then equity: repayment by the rule of the region, which
the terms state). Money is minor units of the deal's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms
from tenon.equity import terms
from tenon.equity.permissions import HOLDER_SIDE
from tenon.formulas.interest import late
from tenon.formulas.royalty import rounded_half_up
from tenon.ledger.queries import item_pairs
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Obligation, Payment

_PARTS = ("up_front", "instalment")
"""Kinds under which the funder owes the grant."""


def paid_out(session: Session, deal: Deal) -> Sequence[tuple[date, int]]:
    """Return the days on which the grant was paid, with what was paid, as the ledger has it."""
    parts = session.scalars(_parts_of(deal)).all()
    pairs = item_pairs(session, [each.public_id for each in parts], kinds=("advance", "receivable"))
    payments = session.scalars(
        sa.select(Payment).where(Payment.public_id.in_([payment for payment, _ in pairs]))
    )
    days = {each.public_id: each.paid_on for each in payments}
    return sorted((days[payment], minor) for (payment, _), minor in pairs.items())


def part_open(session: Session, deal: Deal) -> bool:
    """Whether a part of the grant has fallen due and stands there as not paid."""
    wanted = _parts_of(deal).where(Obligation.state.in_(OPEN_STATES)).limit(1)
    return session.scalars(wanted).first() is not None


def interest_until(session: Session, deal: Deal, day: date, *, part: Fraction) -> int:
    """Return the agreed interest on a part of what was paid, from each payment's day to ``day``.

    Simple, actual days over 365, rounded once; nothing where the terms agree none.
    """
    version = accepted_terms(session, deal)
    values = {} if version is None else version.values
    if values.get("repayment") != "with_interest":
        return 0
    rate = terms.part(values, "repayment_interest")
    spans = [
        span
        for paid_on, minor in paid_out(session, deal)
        for span in late(minor, due_on=paid_on, until=day, rate=rate).spans
    ]
    return rounded_half_up(part * sum((span.amount for span in spans), Fraction(0)))


def _parts_of(deal: Deal) -> sa.Select[Obligation]:
    return sa.select(Obligation).where(
        Obligation.deal_id == deal.id,
        Obligation.debtor == HOLDER_SIDE,
        Obligation.kind.in_(_PARTS),
    )
