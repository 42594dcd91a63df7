"""Both sides confirm what was proposed; with the second it is an event in the company's table."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.permissions import COMPANY_SIDE, HOLDER_SIDE
from tenon.equity.queries.agreements import open_proposal
from tenon.equity.queries.steps import first_call_for
from tenon.equity.services.computing import computed, event_kind, refresh
from tenon.equity.services.moving import move
from tenon.equity.services.recording import append, course
from tenon.equity.services.repaying import owe_back, require_repayable
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.payments import books

SIDES = (HOLDER_SIDE, COMPANY_SIDE)


def confirm(
    session: Session, proposal: EquityProposal, *, seen: str, by: Actor, now: datetime
) -> bool:
    """Confirm for one's side, whose administrator one is; return whether it has happened now.

    ``seen`` is ``fingerprint`` of the figures that the page showed. Raises NotFound, Forbidden,
    Invalid ``first_call_open`` or ``first_call_short``, ``grant_open`` or ``nothing_paid``;
    Conflict: ``changed_meanwhile`` where the figures are others by now, ``settled_already``.
    """
    agreement = proposal.agreement
    deals.require_read(by, agreement.deal)
    sides = [side for side in SIDES if deals.signs_for(by, agreement.deal, side)]
    if not sides:
        raise Forbidden(action="confirm")
    _lock(session, proposal)
    if proposal.live_key is None:
        raise Conflict("settled_already", kind="proposal")
    current = course(session, agreement.company)
    found = computed(session, agreement, current, proposal.kind, proposal.day, proposal.facts)
    if seen != fingerprint(proposal) or found != proposal.computed:
        raise Conflict("changed_meanwhile", kind="proposal")
    for side in sides:
        if getattr(proposal, f"{side}_confirmed_at") is None:
            setattr(proposal, f"{side}_confirmed_at", now)
            setattr(proposal, f"{side}_confirmed_by", by.user_id)
            told = {"proposal": proposal.public_id, "side": side, "computed": proposal.computed}
            chain = ("deal", agreement.deal.public_id)
            history.record(
                session, chain=chain, kind="equity_confirmed", by=by, now=now, facts=told
            )
    session.flush()
    if proposal.seller_confirmed_at is None or proposal.buyer_confirmed_at is None:
        return False
    _require_first_call(session, proposal)
    if proposal.kind == "repaid":
        require_repayable(session, agreement)
    _carry_out(session, proposal, by=by, now=now)
    return True


def withdraw(session: Session, proposal: EquityProposal, *, by: Actor, now: datetime) -> None:
    """Take a proposal back or decline it; either side does. Raises as ``confirm``."""
    agreement = proposal.agreement
    side = deals.require_side(by, agreement.deal)
    _lock(session, proposal)
    if proposal.live_key is None:
        raise Conflict("settled_already", kind="proposal")
    proposal.withdrawn_at, proposal.live_key = now, None
    session.flush()
    told = {"proposal": proposal.public_id, "side": side}
    chain = ("deal", agreement.deal.public_id)
    history.record(session, chain=chain, kind="equity_withdrawn", by=by, now=now, facts=told)
    if agreement.state == "conversion_proposed":
        move(session, agreement, "granted", by=by, now=now)


def refresh_open(session: Session, agreement: EquityAgreement, *, now: datetime) -> None:
    """Compute anew what is proposed under an agreement, where anything is."""
    proposal = open_proposal(session, agreement)
    if proposal is None:
        return
    _lock(session, proposal)
    if proposal.live_key is not None:
        refresh(session, [proposal], course=course(session, agreement.company), now=now)


def fingerprint(proposal: EquityProposal) -> str:
    """Return what identifies the figures that a page shows of a proposal."""
    shown = proposal.computed
    units = f"{shown.get('units', 0)}/{shown.get('amount', 0)}/{shown.get('price', '')}"
    return f"{units}/{shown.get('repaid', 0)}/{shown.get('interest', 0)}"


def _require_first_call(session: Session, proposal: EquityProposal) -> None:
    """Raise Invalid while holders may still take up the increase (Company Law 227).

    ``first_call_short`` where they have answered, on fewer units or before others held any.
    """
    call = first_call_for(session, proposal)
    if call is not None and not call.settled:
        raise Invalid({"": "first_call_short" if call.answered else "first_call_open"})


def _carry_out(session: Session, proposal: EquityProposal, *, by: Actor, now: datetime) -> None:
    agreement = proposal.agreement
    kind = event_kind(agreement, proposal.kind)
    proposal.done_at, proposal.live_key = now, None
    append(
        session, agreement.company, kind=kind, day=proposal.day, facts=proposal.facts,
        deal=agreement.deal, source="", by=by, now=now,
    )  # fmt: skip
    if kind != "exercise":
        state = "converted" if proposal.kind == "conversion" else proposal.kind
        move(session, agreement, state, by=by, now=now)
        owe_back(session, proposal, by=by, now=now)
        return
    left = course(session, agreement.company).now.rights.get(agreement.key)
    state = "exercised" if left is None else "exercised_in_part"
    move(session, agreement, state, by=by, now=now)


def _lock(session: Session, proposal: EquityProposal) -> None:
    """Let the second of two who confirm at once see what the first has done; money waits, too."""
    books.lock(session, proposal.agreement.deal)
    session.execute(
        sa.select(EquityProposal.id).where(EquityProposal.id == proposal.id).with_for_update()
    )
    session.refresh(proposal)
