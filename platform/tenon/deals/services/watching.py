"""What time does to deals: one takes effect on its day, one that stands still lapses."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals import forms
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.services.moving import advance
from tenon.errors import Conflict
from tenon.notices import delivery
from tenon.outbox.services import emit

AT_A_TIME = 200
UNSIGNED = ("lead", "talks", "terms", "approval", "signing")
_FILE = Path(__file__).parents[1] / "patience.toml"


@cache
def patience() -> dict[str, int]:
    """Return step (remind, lapse) -> days that an unsigned deal may stand still."""
    found: dict[str, int] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["unsigned"]
    return found


def take_effect_due(session: Session, *, now: datetime) -> int:
    """Let signed deals whose day has come take effect; return how many did."""
    today = now.astimezone(delivery.current().zone).date()
    due = session.scalars(
        sa.select(Deal)
        .where(Deal.stage == "signed", Deal.effective_on <= today)
        .order_by(Deal.effective_on, Deal.id)
        .limit(AT_A_TIME)
    ).all()
    return sum(_try(session, deal, "take_effect", now=now) for deal in due)


def lapse_idle(session: Session, *, now: datetime) -> int:
    """Let deals lapse that stood still too long before they were signed; return how many did."""
    idle = _idle(now - timedelta(days=patience()["lapse"]))
    found = session.scalars(sa.select(Deal).where(idle).order_by(Deal.id).limit(AT_A_TIME)).all()
    return sum(_try(session, deal, "lapse", now=now) for deal in found)


def remind_idle(session: Session, *, now: datetime) -> int:
    """Ask, once for each time that a deal came to a stand, how it stands; return how many."""
    idle = _idle(now - timedelta(days=patience()["remind"]))
    asked = 0
    for deal in session.scalars(sa.select(Deal).where(idle).order_by(Deal.id)):
        since = _moved_at(deal)
        key = f"deal-idle:{deal.id}:{since.isoformat()}"
        asked += emit(session, "deals.idle", {"id": deal.id}, now=now, key=key) is not None
    return asked


def _idle(since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Deal.stage.in_(UNSIGNED),
        Deal.state_since < since,
        sa.or_(Deal.last_message_at.is_(None), Deal.last_message_at < since),
    )


def _moved_at(deal: Deal) -> datetime:
    return max(each for each in (deal.state_since, deal.last_message_at) if each is not None)


def _try(session: Session, deal: Deal, name: str, *, now: datetime) -> bool:
    """Take a step unless a rule or somebody faster stands in the way."""
    step = forms.get(deal.form).step(name)
    if step is None or deal.state not in step.sources or "system" not in step.by:
        return False
    whole = session.begin_nested()
    try:
        advance(session, deal, step, by=SYSTEM, now=now)
    except (RuleBroken, Conflict):
        whole.rollback()
        return False
    whole.commit()
    return True
