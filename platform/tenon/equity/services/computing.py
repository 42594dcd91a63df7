"""What a proposal would bring, as both sides read it before they confirm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tenon.equity.courses import Course
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.writing import read_event
from tenon.errors import Invalid
from tenon.formulas import equity as eq

EVENTS = {
    "exercise": "exercise",
    "conversion": "conversion",
    "repaid": "grant_closed",
    "closed": "grant_closed",
}
"""Kind of proposal -> kind of event that it becomes."""


def computed(course: Course, kind: str, day: date, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return units, amount, price, residue and share of the company after the event.

    Raises Invalid with the code of ``equity.Impossible``.
    """
    try:
        step = eq.apply(course.now, read_event(EVENTS[kind], day, facts))
    except eq.Impossible as error:
        raise Invalid({"": error.code}, **error.facts) from error
    if not step.lines:
        return {}
    line = step.lines[0]
    return {
        "units": line.units,
        "amount": line.amount,
        "price": str(line.price),
        "residue": str(line.residue),
        "share": str(step.after.share(line.holder)),
    }


def refresh(session: Session, proposals: list[EquityProposal], *, course: Course) -> None:
    """Compute open proposals anew after an event changed the table.

    Where a figure that somebody confirmed has changed, the confirmations are void; what has
    become impossible is withdrawn.
    """
    for proposal in proposals:
        try:
            found = computed(course, proposal.kind, proposal.day, proposal.facts)
        except Invalid:
            proposal.withdrawn_at, proposal.live_key = course.stages[-1].event.recorded_at, None
            continue
        agreed = ("units", "amount", "price", "residue")
        if any(found.get(name) != proposal.computed.get(name) for name in agreed):
            proposal.seller_confirmed_at = proposal.seller_confirmed_by = None
            proposal.buyer_confirmed_at = proposal.buyer_confirmed_by = None
        proposal.computed = found
    session.flush()


def event_kind(agreement: EquityAgreement, kind: str) -> str:
    """Return the kind of event that a proposal becomes; raises Invalid for a foreign one."""
    fits = {"subscription": ("exercise",), "grant": ("conversion", "repaid", "closed")}
    if kind not in fits[agreement.kind]:
        raise Invalid({"kind": "unknown_code"})
    return EVENTS[kind]
