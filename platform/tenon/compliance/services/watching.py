"""What time does here: a publicity ends, a duty falls due, an approval is waited for."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.compliance import notifying
from tenon.compliance.days import day_of
from tenon.compliance.models import Approval, Duty, Publicity
from tenon.compliance.permissions import OPEN_FOR_APPROVAL
from tenon.compliance.services import publishing
from tenon.compliance.services.approving import is_next
from tenon.deals import forms
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal, TermVersion
from tenon.deals.services.amending import AMEND, AMENDED_STAGES
from tenon.deals.services.moving import advance
from tenon.errors import Conflict

AT_A_TIME = 200
_FILE = Path(__file__).parents[1] / "patience.toml"


@cache
def patience() -> dict[str, int]:
    """Return name -> days after which this room reminds."""
    found: dict[str, int] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["days"]
    return found


def end_publicities(session: Session, *, now: datetime) -> int:
    """Tell of publicities whose days have passed, once, and clear the deal where nothing is open.

    Returns how many there were.
    """
    found = session.scalars(
        sa.select(Publicity)
        .where(
            Publicity.state == "running",
            Publicity.last_on < day_of(now),
            Publicity.told_over_at.is_(None),
        )
        .order_by(Publicity.last_on, Publicity.id)
        .limit(AT_A_TIME)
    ).all()
    for each in found:
        each.told_over_at = now
        session.flush()
        notifying.tell_over(session, each, each.deal, now=now)
        _clear(session, each.deal, now=now)
    return len(found)


def stop_unasked(session: Session, *, now: datetime) -> int:
    """Stop publicities of amendments that nobody asks for any more; return how many.

    They were declined, taken back or replaced, or the deal has ended. Before a deal is signed its
    own steps do that.
    """
    gone = TermVersion.state.in_(("declined", "withdrawn", "replaced"))
    found = session.scalars(
        sa.select(Publicity)
        .join(Deal, Deal.id == Publicity.deal_id)
        .join(TermVersion, TermVersion.id == Publicity.version_id)
        .where(
            Publicity.state == "running",
            Publicity.last_on >= day_of(now),
            sa.or_(
                sa.and_(Deal.stage.in_(AMENDED_STAGES), gone),
                Deal.stage.in_(("terminated", "completed")),
            ),
        )
        .order_by(Publicity.id)
        .limit(AT_A_TIME)
    ).all()
    for each in found:
        publishing.stop(session, each.deal, step=AMEND, by=SYSTEM, now=now)
    return len(found)


def chase_duties(session: Session, *, now: datetime) -> int:
    """Remind of open duties before their day and, again and again, after it; return how many."""
    today = day_of(now)
    again = now - timedelta(days=patience()["again"])
    soon = today + timedelta(days=patience()["duty_before"])
    found = session.scalars(
        sa.select(Duty)
        .join(Deal, Deal.id == Duty.deal_id)
        .where(
            Duty.state == "open",
            Deal.stage.in_(("signed", "in_force", "completed")),
            sa.or_(
                sa.and_(Duty.due_on <= soon, Duty.reminded_at.is_(None)),
                sa.and_(Duty.due_on < today, Duty.reminded_at < again),
            ),
        )
        .order_by(Duty.due_on, Duty.id)
        .limit(AT_A_TIME)
    ).all()
    for each in found:
        late = each.due_on is not None and each.due_on < today
        each.reminded_at = now
        session.flush()
        notifying.tell_duty(session, each, kind="duty_overdue" if late else "duty_due", now=now)
    return len(found)


def chase_approvals(session: Session, *, now: datetime) -> int:
    """Remind approvers whose turn it is and who let a deal wait; return how many."""
    since = now - timedelta(days=patience()["approval_after"])
    again = now - timedelta(days=patience()["again"])
    found = session.scalars(
        sa.select(Approval)
        .join(Deal, Deal.id == Approval.deal_id)
        .where(
            Approval.state == "waiting",
            Deal.stage.in_(OPEN_FOR_APPROVAL),
            Approval.asked_at < since,
            sa.or_(Approval.reminded_at.is_(None), Approval.reminded_at < again),
        )
        .order_by(Approval.asked_at, Approval.id)
        .limit(AT_A_TIME)
    ).all()
    for each in found:
        each.reminded_at = now
        session.flush()
        if is_next(session, each):
            notifying.tell_approvers(session, each, each.deal, kind="approval_waits", now=now)
    return len(found)


def _clear(session: Session, deal: Deal, *, now: datetime) -> None:
    """Clear a deal for signing by the system, unless a rule or somebody stands in the way."""
    step = forms.get(deal.form).step("clear")
    if deal.stage != "publicity" or step is None or "system" not in step.by:
        return
    whole = session.begin_nested()
    try:
        advance(session, deal, step, by=SYSTEM, now=now)
    except (RuleBroken, Conflict):
        whole.rollback()
        return
    whole.commit()
