"""Watch trials every night: convert what is triggered, remind before the end, ask for lessons."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, terms_value
from tenon.deals.services import advance, step_of
from tenon.errors import Conflict
from tenon.outbox.services import emit
from tenon.trials.checks import day_of
from tenon.trials.models import Trial
from tenon.trials.queries import TRIAL_STATES, trigger_met

REMIND_DAYS = 30
"""Before the trial ends, where the terms do not say how many."""


def watch_trials(session: Session, *, now: datetime) -> int:
    """Look at every running trial; return how many became paid licences.

    One that a rule keeps from converting (a collision, a lapsed patent) stays, and both sides are
    told once.
    """
    today, converted = day_of(now), 0
    running = session.execute(
        sa.select(Deal, Trial)
        .join(Trial, Trial.deal_id == Deal.id)
        .where(Trial.outcome.is_(None), Deal.state.in_(TRIAL_STATES))
        .order_by(Trial.ends_on, Deal.id)
    ).all()
    for deal, trial in running:
        found = trigger_met(session, deal, on=today)
        if found is not None:
            if trial.trigger is None:
                trial.trigger, trial.triggered_on = found.kind, found.on
                session.flush()
            converted += _convert(session, deal, now=now)
            continue
        days = terms_value(accepted_terms(session, deal), "remind_days") or REMIND_DAYS
        if trial.ends_on <= today + timedelta(days=days):
            what = "over" if trial.ends_on < today else "ending"
            key = f"trial-{what}:{deal.id}:{trial.ends_on.isoformat()}"
            payload = {"deal_id": deal.id, "what": what}
            emit(session, "trials.remind", payload, now=now, key=key)
    return converted


def _convert(session: Session, deal: Deal, *, now: datetime) -> bool:
    whole = session.begin_nested()
    try:
        advance(session, deal, step_of(deal, "convert"), by=SYSTEM, now=now)
    except RuleBroken:
        whole.rollback()
        session.refresh(deal)
        payload = {"deal_id": deal.id, "what": "blocked"}
        emit(session, "trials.remind", payload, now=now, key=f"trial-blocked:{deal.id}")
        return False
    except Conflict:
        whole.rollback()
        session.refresh(deal)
        return False
    whole.commit()
    return True
