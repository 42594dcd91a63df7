"""What the room hangs into a deal's life: effects of steps, and the check before completing."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.effects import effect
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, terms_value
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Obligation
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import schedule


@effect("schedule_obligations")
def schedule_obligations(
    session: Session, deal: Deal, *, step: str, by: Actor, now: datetime
) -> None:
    """Make the schedule of what the terms oblige to pay."""
    del step
    schedule(session, deal, by=by, now=now)


@effect("cancel_planned")
def cancel_planned(session: Session, deal: Deal, *, step: str, by: Actor, now: datetime) -> None:
    """End what is not due yet; what is due stays owed."""
    del step
    services.cancel_planned(session, deal, by=by, now=now)


@guard("all_paid")
def all_paid(session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
    """Nothing may be open, or certain to fall due on a day to come, when a deal is completed.

    What waits for something that never came does not stand in the way.
    """
    del step, now
    count = _unpaid(session, deal)
    if not count:
        return None
    return Refusal(
        message=N_("Payments that are due, or will be, and are not paid: %(count)s."),
        facts={"count": count},
        path=f"/deals/{deal.public_id}/payments",
    )


def _unpaid(session: Session, deal: Deal) -> int:
    dated = sa.and_(
        Obligation.state == "planned", Obligation.firm.is_(True), Obligation.due_on.is_not(None)
    )
    wanted = sa.select(sa.func.count(Obligation.id)).where(
        Obligation.deal_id == deal.id, sa.or_(Obligation.state.in_(OPEN_STATES), dated)
    )
    return session.scalar(wanted) or 0


@guard("offer_paid")
def offer_paid(session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
    """What the notice of an open licence made due must be paid before the licence stands."""
    del step, now
    waiting = _unpaid(session, deal)
    if not waiting:
        return None
    return Refusal(
        message=N_("The licence fee must be paid first: %(count)s payments are open."),
        facts={"count": waiting},
        source_zh="《专利法》第五十一条",
        source_en="Patent Law, article 51",
        path=f"/deals/{deal.public_id}/payments",
    )


@guard("buy_out_agreed")
def buy_out_agreed(session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
    """Royalties can be bought out only at a price that the terms name."""
    del step, now
    if terms_value(accepted_terms(session, deal), "buy_out"):
        return None
    return Refusal(
        message=N_("The accepted terms name no price for buying out the royalties."),
        path=f"/deals/{deal.public_id}/terms",
    )
