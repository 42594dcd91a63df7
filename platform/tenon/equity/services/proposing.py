"""Propose what an agreement allows: exercise, agreed conversion, repayment, closing.

Who proposes has confirmed; it happens when the other side confirms, too (``confirming``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.queries import accepted_terms
from tenon.equity import terms
from tenon.equity.days import today
from tenon.equity.models import LIVE_AGREEMENTS, EquityAgreement, EquityProposal
from tenon.equity.permissions import HOLDER_SIDE
from tenon.equity.queries.agreements import open_proposal
from tenon.equity.services.computing import computed, event_kind
from tenon.equity.services.moving import move
from tenon.equity.services.once import only_one
from tenon.equity.services.recording import course
from tenon.equity.services.repaying import require_repayable
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.formulas import equity as eq
from tenon.outbox import emit
from tenon.rules.queries import find_rule


def propose_exercise(
    session: Session, agreement: EquityAgreement, *, units: int, by: Actor, now: datetime
) -> EquityProposal:
    """Propose to subscribe units of a right; the holder's side does.

    Raises NotFound, Forbidden, IllegalTransition, Conflict ``proposed_already``; Invalid at
    ``units`` where they are not exercisable today or the agreement knows no exercise in part.
    """
    _require_side(agreement, by, HOLDER_SIDE)
    day = today(now)
    right = course(session, agreement.company).now.rights.get(agreement.key)
    if agreement.state not in LIVE_AGREEMENTS or right is None:
        raise IllegalTransition(step="exercise", state=agreement.state, kind="agreement")
    most = right.exercisable_units(day)
    if not 0 < units <= most:
        raise Invalid({"units": "not_exercisable"}, units=most)
    version = accepted_terms(session, agreement.deal)
    if version is not None and version.values.get("exercise_in_part") is False and units < most:
        raise Invalid({"units": "not_in_part"}, units=most)
    facts = {"key": agreement.key, "units": units}
    return _propose(session, agreement, "exercise", day, facts, by=by, now=now)


def propose_closing(
    session: Session, agreement: EquityAgreement, *, kind: str, by: Actor, now: datetime
) -> EquityProposal:
    """Propose how a grant ends without a round; either side does.

    ``repaid``, ``closed`` (without anybody's fault), or ``conversion`` at the fallback valuation
    that the terms state for the case that no round came in time. Interest on what is repaid is
    counted to the day of the proposal. Raises NotFound, Forbidden, IllegalTransition, Conflict
    ``proposed_already``; Invalid ``too_early`` or ``no_fallback`` for such a conversion,
    ``not_here`` where the region closes none without fault, ``grant_open`` or ``nothing_paid``
    for a repayment.
    """
    deals.require_side(by, agreement.deal)
    event_kind(agreement, kind)
    if agreement.kind != "grant" or agreement.state != "granted":
        raise IllegalTransition(step=kind, state=agreement.state, kind="agreement")
    day = today(now)
    if kind == "closed":
        _require_closing(session, agreement, day)
    if kind == "repaid":
        require_repayable(session, agreement)
    facts: dict[str, Any] = {"key": agreement.key, "outcome": kind}
    if kind == "conversion":
        facts = {"key": agreement.key, "price": str(_fallback_price(session, agreement, day))}
    proposal = _propose(session, agreement, kind, day, facts, by=by, now=now)
    if kind == "conversion":
        move(session, agreement, "conversion_proposed", by=by, now=now)
    return proposal


def _require_closing(session: Session, agreement: EquityAgreement, day: date) -> None:
    """Raise Invalid ``not_here`` where the region closes no grant without fault."""
    place = agreement.deal.jurisdiction
    found = find_rule(session, "grant_closing_without_fault", jurisdiction=place, on=day)
    if found is not None and "refused" in found.codes:
        raise Invalid({"": "not_here"})


def _fallback_price(session: Session, agreement: EquityAgreement, day: date) -> object:
    version = accepted_terms(session, agreement.deal)
    values: Mapping[str, Any] = {} if version is None else version.values
    valuation = terms.minor(values, "fallback_valuation")
    if valuation is None or values.get("repayment") != "buyer_choice":
        raise Invalid({"": "no_fallback"})
    if agreement.expires_on is not None and day <= agreement.expires_on:
        raise Invalid({"": "too_early"})
    return eq.strike_at(valuation, course(session, agreement.company).now.diluted_units)


def _require_side(agreement: EquityAgreement, by: Actor, side: str) -> None:
    deals.require_side(by, agreement.deal, side)


def _propose(
    session: Session,
    agreement: EquityAgreement,
    kind: str,
    day: date,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> EquityProposal:
    if open_proposal(session, agreement) is not None:
        raise Conflict("proposed_already", kind="proposal")
    side = deals.require_side(by, agreement.deal)
    proposal = EquityProposal(
        agreement_id=agreement.id,
        kind=kind,
        day=day,
        facts=dict(facts),
        computed=computed(session, agreement, course(session, agreement.company), kind, day, facts),
        company_version=agreement.company.version,
        live_key=agreement.id,
        created_at=now,
        **{f"{side}_confirmed_at": now, f"{side}_confirmed_by": by.user_id},
    )
    with only_one(session, "proposed_already", kind="proposal"):
        session.add(proposal)
    told = {"proposal": proposal.public_id, "kind": kind, "computed": proposal.computed}
    chain = ("deal", agreement.deal.public_id)
    history.record(session, chain=chain, kind="equity_proposed", by=by, now=now, facts=told)
    emit(session, "equity.proposed", {"id": proposal.id}, now=now)
    return proposal
