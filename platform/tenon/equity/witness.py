"""What each event of a cap table would have its chain say, for a proof."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.equity.models import EVENT_KINDS, EquityCompany, EquityEvent
from tenon.history.witnesses import Testimony, Witness, register

_AT_A_TIME = 500


def events(session: Session) -> Iterator[Testimony]:
    """Yield what every event says, company by company."""
    wanted = (
        sa.select(EquityEvent, EquityCompany.public_id, Deal.public_id)
        .join(EquityCompany, EquityCompany.id == EquityEvent.company_id)
        .outerjoin(Deal, Deal.id == EquityEvent.deal_id)
        .order_by(EquityEvent.company_id, EquityEvent.number)
        .execution_options(yield_per=_AT_A_TIME)
    )
    for event, company, deal in session.execute(wanted):
        yield Testimony(
            chain_id=company,
            sequence=event.sequence,
            kind=event.kind,
            at=event.recorded_at,
            facts={
                "number": event.number,
                "day": event.day.isoformat(),
                "facts": event.facts,
                "result": event.result,
                "deal": deal,
            },
        )


register(Witness("equity_events", "cap_table", frozenset(EVENT_KINDS), events))
