"""What a proposal would bring, as both sides read it before they confirm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from tenon.equity.courses import Course
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.queries.repaying import interest_until, paid_out
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


def computed(
    session: Session,
    agreement: EquityAgreement,
    course: Course,
    kind: str,
    day: date,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return units, amount, price, residue and share of the company after the event.

    Of a grant besides: ``repaid`` and its ``interest``, where part or all of it goes back. Raises
    Invalid with the code of ``equity.Impossible``.
    """
    try:
        step = eq.apply(course.now, read_event(EVENTS[kind], day, facts))
    except eq.Impossible as error:
        raise Invalid({"": error.code}, **error.facts) from error
    if kind == "repaid":
        principal = sum(minor for _, minor in paid_out(session, agreement.deal))
        return _back(session, agreement, principal, Fraction(1), day)
    if not step.lines:
        return {}
    line = step.lines[0]
    found: dict[str, Any] = {
        "units": line.units,
        "amount": line.amount,
        "price": str(line.price),
        "residue": str(line.residue),
        "share": str(step.after.share(line.holder)),
    }
    if kind != "conversion":
        return found
    whole = course.now.grants[agreement.key].amount
    above = whole - line.amount
    return found | _back(session, agreement, above, Fraction(above, whole), day)


def _back(
    session: Session, agreement: EquityAgreement, principal: int, part: Fraction, day: date
) -> dict[str, Any]:
    """Return what goes back, with the interest on that part of what was paid; no zeros."""
    if not principal:
        return {}
    interest = interest_until(session, agreement.deal, day, part=part)
    return {"repaid": principal} | ({"interest": interest} if interest else {})


def refresh(
    session: Session, proposals: list[EquityProposal], *, course: Course, now: datetime
) -> None:
    """Compute open proposals anew after an event changed the table, or a payment what is owed.

    Where a figure that somebody confirmed has changed, the confirmations are void; what has
    become impossible is withdrawn.
    """
    for proposal in proposals:
        try:
            found = computed(
                session, proposal.agreement, course, proposal.kind, proposal.day, proposal.facts
            )
        except Invalid:
            proposal.withdrawn_at, proposal.live_key = now, None
            continue
        agreed = ("units", "amount", "price", "residue", "repaid", "interest")
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
