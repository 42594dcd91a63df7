"""A deal's approvals: copied from both sides' chains when terms are accepted, given in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.compliance import notifying, permissions
from tenon.compliance.models import Approval
from tenon.compliance.recording import record
from tenon.compliance.services.chains import needed, steps_of
from tenon.deals.models import SIDES, Deal, TermVersion
from tenon.deals.permissions import signs_for
from tenon.deals.queries import accepted_terms
from tenon.deals.services import step_of
from tenon.deals.services.moving import advance
from tenon.errors import Conflict, IllegalTransition, Invalid, NotFound

REMARK_LIMIT = 2000
DECISIONS = ("approved", "returned")
SINGLE = {"zh": "管理员审批", "en": "Approval by an administrator"}


def ask(session: Session, deal: Deal, *, by: Actor, now: datetime) -> None:
    """Copy both sides' chains into the deal for the accepted version, and ask the first of each.

    A side without a chain, or whose thresholds leave none of it for this amount, has one approval,
    by an administrator; it is given already where its administrator proposed or accepted the terms.
    """
    terms = accepted_terms(session, deal)
    if terms is None:
        return
    for side in SIDES:
        house = deal.side_organisation_id(side)
        chain = [
            each
            for each in steps_of(session, house)
            if needed(each, value_minor=deal.value_minor, currency=deal.currency)
        ]
        if chain:
            session.add_all(
                _copied(
                    deal,
                    terms,
                    side,
                    number,
                    (each.name_zh, each.name_en),
                    (each.role, each.user_id),
                    now=now,
                )
                for number, each in enumerate(chain, start=1)
            )
        else:
            _ask_administrator(session, deal, terms, side, by=by, now=now)
    session.flush()
    for side in SIDES:
        _ask_next(session, deal, side, terms, now=now)


def void(session: Session, deal: Deal, *, by: Actor, now: datetime) -> None:
    """Let what was not decided lapse: the terms are open again and ask anew."""
    session.flush()
    result = session.execute(
        sa.update(Approval)
        .where(Approval.deal_id == deal.id, Approval.state == "waiting")
        .values(state="void")
        .execution_options(synchronize_session="fetch")
    )
    if result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        record(session, deal, "approvals_void", {}, by=by, now=now)


def decide(
    session: Session,
    approval: Approval,
    *,
    decision: str,
    remark: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Approve, or return the deal to its terms with a remark.

    Raises NotFound for whom the step is not; IllegalTransition where the deal is past approval;
    Conflict ``not_your_turn`` before earlier steps are approved, ``answered_meanwhile`` where
    another approver was faster; Invalid at ``decision`` or ``remark``.
    """
    deal = approval.deal
    if not permissions.may_approve(by, approval, deal):
        raise NotFound(kind="approval")
    _check(decision, remark)
    if approval.state != "waiting":
        raise Conflict("answered_meanwhile", kind="approval")
    if deal.stage not in permissions.OPEN_FOR_APPROVAL:
        raise IllegalTransition(step="approve", state=deal.state, kind="deal")
    if any(each.state != "approved" for each in _earlier(session, approval)):
        raise Conflict("not_your_turn", kind="approval")
    _swap(session, approval, decision, remark=remark, by=by, now=now)
    facts = {"approval": approval.public_id, "side": approval.side, "decision": decision}
    record(session, deal, "approval", facts, by=by, now=now)
    if decision == "returned":
        notifying.tell_returned(session, approval, deal, now=now)
        step = step_of(deal, "reopen")
        advance(session, deal, step, by=by, now=now, facts={"reason": "approval"})
        return
    terms = accepted_terms(session, deal)
    if terms is not None:
        _ask_next(session, deal, approval.side, terms, now=now)


def approvals(session: Session, deal: Deal, terms: TermVersion | None = None) -> Sequence[Approval]:
    """Return a deal's approvals, of all versions or of one: seller's first, in order."""
    wanted = sa.select(Approval).where(Approval.deal_id == deal.id)
    if terms is not None:
        wanted = wanted.where(Approval.version_id == terms.id)
    return session.scalars(
        wanted.order_by(Approval.version_id, Approval.side.desc(), Approval.position)
    ).all()


def is_next(session: Session, approval: Approval) -> bool:
    """Whether all steps before this one are approved."""
    return all(each.state == "approved" for each in _earlier(session, approval))


def _check(decision: str, remark: str) -> None:
    errors = {}
    if decision not in DECISIONS:
        errors["decision"] = "required" if not decision else "unknown_code"
    if decision == "returned" and not remark.strip():
        errors["remark"] = "required"
    if len(remark) > REMARK_LIMIT:
        errors["remark"] = "too_long"
    if errors:
        raise Invalid(errors)


def _copied(
    deal: Deal,
    terms: TermVersion,
    side: str,
    position: int,
    names: tuple[str, str],
    who: tuple[str | None, int | None],
    *,
    now: datetime,
) -> Approval:
    return Approval(
        deal_id=deal.id,
        version_id=terms.id,
        side=side,
        position=position,
        name_zh=names[0],
        name_en=names[1],
        role=who[0],
        user_id=who[1],
        asked_at=now,
    )


def _ask_administrator(
    session: Session, deal: Deal, terms: TermVersion, side: str, *, by: Actor, now: datetime
) -> None:
    """Ask for the single approval of a side without a chain, or count its word on the terms."""
    names = (SINGLE["zh"], SINGLE["en"])
    made = _copied(deal, terms, side, 1, names, ("administrator", None), now=now)
    spoke = _who_spoke(session, deal, terms, side, by)
    if spoke is not None:
        made.by_acceptance = True
        made.state, made.decided_at, made.decided_by = "approved", now, spoke
    session.add(made)
    session.flush()
    if spoke is not None:
        facts = {"approval": made.public_id, "side": side, "decision": "approved_by_terms"}
        record(session, deal, "approval", facts, by=by, now=now)


def _who_spoke(
    session: Session, deal: Deal, terms: TermVersion, side: str, by: Actor
) -> int | None:
    """Return the side's administrator who proposed or accepted these terms, if it was one."""
    if side != terms.side:
        return by.user_id if signs_for(by, deal, side) else None
    proposer = None if terms.proposed_by is None else session.get(User, terms.proposed_by)
    if proposer is None or not signs_for(actor_of(proposer), deal, side):
        return None
    return proposer.id


def _ask_next(
    session: Session, deal: Deal, side: str, terms: TermVersion, *, now: datetime
) -> None:
    for each in approvals(session, deal, terms):
        if each.side == side and each.state == "waiting":
            notifying.tell_approvers(session, each, deal, kind="approval_asked", now=now)
            return


def _earlier(session: Session, approval: Approval) -> Sequence[Approval]:
    return session.scalars(
        sa.select(Approval).where(
            Approval.version_id == approval.version_id,
            Approval.side == approval.side,
            Approval.position < approval.position,
        )
    ).all()


def _swap(
    session: Session, approval: Approval, state: str, *, remark: str, by: Actor, now: datetime
) -> None:
    session.flush()
    columns = {"remark": remark.strip() or None, "decided_by": by.user_id, "decided_at": now}
    result = session.execute(
        sa.update(Approval)
        .where(Approval.id == approval.id, Approval.state == "waiting")
        .values(state=state, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="approval")
    session.refresh(approval, ["state", *columns])
