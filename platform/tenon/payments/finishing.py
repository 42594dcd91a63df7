"""Licences whose last day is over and of which nothing is owed: the site completes them at night.

The step and its rules are the form's; a report or a payment that is open keeps a licence in force,
and so does an answer that a side owes: then people complete it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals import forms
from tenon.deals.guards import RuleBroken
from tenon.deals.lasting import last_day
from tenon.deals.models import Deal, DealRight
from tenon.deals.queries import accepted_terms, proposed_terms
from tenon.deals.services import advance
from tenon.errors import Conflict
from tenon.listings.models import IpRight
from tenon.payments import books
from tenon.payments.models import Obligation

STEP = "complete"
SHORTEST_TERM = 10
"""Years from filing that every patent may last: a licence of younger ones has not ended by them."""


def ended_by(session: Session, day: date) -> Iterator[int]:
    """Yield the ids of licences in force whose last day lies before a day."""
    old = date(day.year - SHORTEST_TERM, day.month, min(day.day, 28))
    aged = sa.exists(sa.select(DealRight.deal_id).join(IpRight)).where(
        DealRight.deal_id == Deal.id, IpRight.filed_on <= old
    )
    codes = [each.code for each in forms.all_forms() if each.contract == "licence"]
    found = session.scalars(
        sa.select(Deal)
        .where(
            Deal.stage == "in_force",
            Deal.form.in_(codes),
            sa.or_(Deal.ends_on < day, aged),
        )
        .order_by(Deal.id)
    )
    for deal in found:
        if is_over(session, deal, day):
            yield deal.id


def is_over(session: Session, deal: Deal, day: date) -> bool:
    """Whether the last day of what a deal grants lies before a day."""
    terms = accepted_terms(session, deal)
    last = None if terms is None else last_day(session, deal, terms.values)
    return last is not None and last < day


def _waits_for_answer(session: Session, deal: Deal) -> bool:
    """Whether an amendment waits, or a milestone that is to be paid when it is accepted."""
    waiting = sa.select(Obligation.id).where(
        Obligation.deal_id == deal.id,
        Obligation.state == "planned",
        Obligation.waits_for.startswith("milestone:"),
    )
    amended = proposed_terms(session, deal) is not None
    return amended or session.scalar(waiting.limit(1)) is not None


def complete(session: Session, deal: Deal, *, now: datetime) -> bool:
    """Complete a licence that is over, unless a rule or somebody faster stands in the way."""
    step = forms.get(deal.form).step(STEP)
    if step is None or deal.state not in step.sources or "system" not in step.by:
        return False
    if not is_over(session, deal, books.today(now)) or _waits_for_answer(session, deal):
        return False
    whole = session.begin_nested()
    try:
        advance(session, deal, step, by=SYSTEM, now=now)
    except (RuleBroken, Conflict):
        whole.rollback()
        return False
    whole.commit()
    return True
