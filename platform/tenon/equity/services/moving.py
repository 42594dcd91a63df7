"""An agreement changes its state, and its deal follows where the form has that step.

``FOLLOWS`` is the table; the deal's own states are the form's business.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import forms
from tenon.deals.services import advance
from tenon.equity.days import today
from tenon.equity.models import LIVE_AGREEMENTS, EquityAgreement
from tenon.errors import IllegalTransition

FOLLOWS = {
    "granted": ("granted",),
    "vested": ("granted",),
    "exercised_in_part": ("granted", "vested", "exercised_in_part"),
    "exercised": ("granted", "vested", "exercised_in_part"),
    "lapsed": ("granted", "vested", "exercised_in_part"),
    "conversion_proposed": ("granted",),
    "converted": ("conversion_proposed",),
    "repaid": ("granted",),
    "closed": ("granted",),
    "terminated": LIVE_AGREEMENTS,
}
"""State -> the states that it may follow."""

DEAL_STEPS = {
    "vested": ("vest",),
    "exercised_in_part": ("exercise_in_part",),
    "exercised": ("exercise",),
    "lapsed": ("expire", "lapse_right"),
    "conversion_proposed": ("propose_conversion",),
    "converted": ("convert",),
    "repaid": ("repay",),
    "closed": ("close_without_fault",),
    "granted": ("withdraw_conversion",),
    "terminated": (),
}
"""State -> the deal's steps that go with it, the first that the form has and allows now."""


def move(
    session: Session, agreement: EquityAgreement, state: str, *, by: Actor, now: datetime
) -> None:
    """Move an agreement, and its deal with it; raises IllegalTransition, RuleBroken."""
    if agreement.state not in (*FOLLOWS[state], *_back(state)):
        raise IllegalTransition(step=state, state=agreement.state, kind="agreement")
    facts = {"agreement": agreement.public_id, "from": agreement.state, "to": state}
    agreement.state, agreement.state_since = state, now
    if state not in LIVE_AGREEMENTS:
        agreement.ended_on = today(now)
    session.flush()
    chain = ("deal", agreement.deal.public_id)
    history.record(session, chain=chain, kind="equity_agreement", by=by, now=now, facts=facts)
    _move_deal(session, agreement, state, by=by, now=now)


def _back(state: str) -> tuple[str, ...]:
    return ("conversion_proposed",) if state == "granted" else ()


def _move_deal(
    session: Session, agreement: EquityAgreement, state: str, *, by: Actor, now: datetime
) -> None:
    deal = agreement.deal
    for name in DEAL_STEPS[state]:
        step = forms.get(deal.form).step(name)
        if step is not None and deal.state in step.sources:
            advance(session, deal, step, by=by, now=now)
            return
