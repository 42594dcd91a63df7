"""What use reports hang into a deal's life: a check before it is completed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments.books import today
from tenon.payments.reports.agreed import agreed
from tenon.payments.reports.models import UseReport


@guard("reports_settled")
def reports_settled(session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
    """Every period that has begun must be reported and accepted before a deal is completed.

    What was written of a time after the licence's end is asked for no more.
    """
    del step
    rows = session.execute(
        sa.select(UseReport.starts_on, UseReport.state).where(UseReport.deal_id == deal.id)
    ).all()
    known = {starts_on for starts_on, _ in rows}
    terms = agreed(session, deal)
    last = None if terms is None else terms.terms.ends
    asked = [state for starts_on, state in rows if last is None or starts_on <= last]
    waiting = sum(state != "accepted" for state in asked)
    if terms is not None:
        latest = max(known, default=None)
        periods = terms.periods_from(terms.terms.starts, today(now))
        waiting += sum(latest is None or each.start > latest for each in periods)
    if not waiting:
        return None
    return Refusal(
        message=N_("Use reports that are not accepted yet: %(count)s."),
        facts={"count": waiting},
        path=f"/deals/{deal.public_id}/reports",
    )
