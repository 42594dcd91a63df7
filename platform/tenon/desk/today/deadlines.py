"""Dates of the deals that the broker looks after: duties, payments, ends of trials and terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import clock
from tenon.deals.models import Deal
from tenon.desk.days import today_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.payments.models import Obligation
from tenon.trials.models import Trial

PATH = "/deadlines"
AHEAD = timedelta(days=30)
_WHY = {
    "publicity": N_("The public notice of the price ends."),
    "first_refusal": N_("Contributors are to answer by then whether they take it over."),
    "approval": N_("An approval has been waited for since then."),
    "duty": N_("A duty falls due: %(what)s."),
    "effect": N_("The contract takes effect."),
    "end": N_("The contract ends."),
}


def deadlines(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return dates within thirty days and those that have passed; seven statements at most."""
    today = today_of(now)
    rows = [
        *_compliance(session, by, now, today, language),
        *_payments(session, by, today),
        *_trials(session, by, today),
    ]
    return part("deadlines", rows, PATH)


def _compliance(
    session: Session, by: Actor, now: datetime, today: date, language: str
) -> Iterator[Row]:
    for each in clock.of_actor(session, by, now=now):
        if each.deal.broker_id != by.user_id or each.on > today + AHEAD:
            continue
        names = {"what": "" if each.what is None else each.what[language]}
        yield Row(
            title=each.deal.title,
            path=each.path,
            why=_WHY[each.kind],
            facts=names,
            due=each.on,
            late=each.late,
            steps=(Step(N_("See to it"), each.path),),
        )


def _payments(session: Session, by: Actor, today: date) -> Iterator[Row]:
    rows = session.execute(
        sa.select(Deal.title, Deal.public_id, Obligation.public_id.label("owed"), Obligation.due_on)
        .join(Deal, Deal.id == Obligation.deal_id)
        .where(
            Deal.broker_id == by.user_id,
            Obligation.state.in_(("due", "part_paid")),
            Obligation.due_on <= today + AHEAD,
        )
        .order_by(Obligation.due_on)
        .limit(COUNTED)
    )
    for row in rows:
        path = f"/deals/{row.public_id}/payments"
        late = row.due_on is not None and row.due_on < today
        yield Row(
            title=row.title,
            path=path,
            why=N_("A payment is overdue.") if late else N_("A payment falls due."),
            due=row.due_on,
            late=late,
            steps=(Step(N_("See to it"), path),),
        )


def _trials(session: Session, by: Actor, today: date) -> Iterator[Row]:
    rows = session.execute(
        sa.select(Deal.title, Deal.public_id, Trial.ends_on)
        .join(Deal, Deal.id == Trial.deal_id)
        .where(
            Deal.broker_id == by.user_id,
            Trial.outcome.is_(None),
            Trial.ends_on <= today + AHEAD,
        )
        .order_by(Trial.ends_on)
        .limit(COUNTED)
    )
    for row in rows:
        path = f"/deals/{row.public_id}/trial"
        yield Row(
            title=row.title,
            path=path,
            why=N_("The trial ends; both sides are to say what comes of it."),
            due=row.ends_on,
            late=row.ends_on < today,
            steps=(Step(N_("See to it"), path),),
        )
