"""What the room hangs into a deal's life: effects of steps, and the check before completing."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.effects import effect
from tenon.deals.guards import Refusal, guard
from tenon.deals.models import Deal
from tenon.deals.queries import accepted_terms, terms_value
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments import books
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Obligation
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import schedule

_SETTLED = ("paid", "waived")


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


def _unpaid(session: Session, deal: Deal, *, by: date | None = None) -> int:
    """Count what is due and not paid, with what is certain to fall due (``by`` a day, if given)."""
    dated = sa.and_(
        Obligation.state == "planned",
        Obligation.firm.is_(True),
        Obligation.due_on.is_not(None) if by is None else Obligation.due_on <= by,
    )
    return _count(session, deal, sa.or_(Obligation.state.in_(OPEN_STATES), dated))


def _count(session: Session, deal: Deal, which: sa.ColumnElement[bool]) -> int:
    wanted = sa.select(sa.func.count(Obligation.id)).where(Obligation.deal_id == deal.id, which)
    return session.scalar(wanted) or 0


@guard("offer_paid")
def offer_paid(session: Session, deal: Deal, *, step: str, now: datetime) -> Refusal | None:
    """Who gave notice has the licence once they pay as the declaration says.

    The first payment is made and nothing that is due is open; instalments of days to come do not
    keep the licence from standing.
    """
    del step
    waiting = _unpaid(session, deal, by=books.today(now))
    if not waiting and not _count(session, deal, Obligation.state.in_(_SETTLED)):
        waiting = min(_unpaid(session, deal), 1)
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
