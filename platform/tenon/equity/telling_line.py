"""The part of a deal's timeline that this room tells: its table's events, what was confirmed."""

from __future__ import annotations

from datetime import UTC, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals import permissions
from tenon.deals.models import Deal
from tenon.deals.timeline import Item, source
from tenon.equity.models import EquityAppraisal, EquityCompany, EquityEvent, EquityPreemption
from tenon.equity.queries.steps import preemptions_of
from tenon.equity.words import EVENTS
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows


@source("equity")
def items(session: Session, deal: Deal, actor: Actor) -> list[Item]:
    """Return what happened for this deal; nothing to whom only its figures are open."""
    if not permissions.may_read(actor, deal):
        return []
    recorded = session.execute(
        sa.select(EquityEvent, EquityCompany.public_id)
        .join(EquityCompany, EquityCompany.id == EquityEvent.company_id)
        .where(EquityEvent.deal_id == deal.id)
    )
    found = [
        Item(
            event.recorded_at,
            "equity",
            EVENTS[event.kind],
            path=f"/equity/{company}/events/{event.number}",
        )
        for event, company in recorded
    ]
    appraisals = session.scalars(
        sa.select(EquityAppraisal).where(EquityAppraisal.deal_id == deal.id)
    )
    path = f"/deals/{deal.public_id}/equity"
    found += [
        Item(each.recorded_at, "equity", N_("Appraisal recorded."), path=path)
        for each in appraisals
    ]
    return found + [
        Item(_moment(row), "equity", N_("A holder has answered on the increase."), path=path)
        for row in preemptions_of(session, deal)
        if row.answered_on is not None
    ]


def _moment(row: EquityPreemption) -> datetime:
    day = row.answered_on or row.asked_at.date()
    return max(row.asked_at, datetime.combine(day, time.min, UTC))
