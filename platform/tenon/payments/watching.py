"""What time does to payments: they fall due on their day, people are reminded, years are added.

Licences that are over and paid are completed.

Every deal and every reminder is a message of its own, so that one that fails holds up no other.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.outbox.services import emit
from tenon.payments import books, finishing
from tenon.payments.kinds import OPEN_STATES
from tenon.payments.models import Obligation
from tenon.payments.notifying import tell_reminder
from tenon.payments.reminding import next_reminder

_RUNNING = ("signing", "signed", "in_force", "terminated", "completed")


def watch(session: Session, *, now: datetime) -> int:
    """Ask for all that is to be done today; returns how many messages that made."""
    today = books.today(now)
    made = 0
    for deal_id in session.scalars(_falling_due(now)):
        key = f"payments-due:{deal_id}:{today}"
        payload = {"deal_id": deal_id}
        made += emit(session, "payments.fall_due", payload, now=now, key=key) is not None
    for obligation_id, day in session.execute(_reminders(now)):
        key = f"payments-remind:{obligation_id}:{day}"
        payload = {"id": obligation_id}
        made += emit(session, "payments.remind", payload, now=now, key=key) is not None
    for deal_id in session.scalars(_open_ended()):
        key = f"payments-years:{deal_id}:{today:%Y-%m}"
        payload = {"deal_id": deal_id}
        made += emit(session, "payments.add_years", payload, now=now, key=key) is not None
    for deal_id in finishing.ended_by(session, today):
        key = f"payments-complete:{deal_id}:{today}"
        payload = {"deal_id": deal_id}
        made += emit(session, "payments.complete", payload, now=now, key=key) is not None
    return made


def _falling_due(now: datetime) -> sa.Select[int]:
    return (
        sa.select(Obligation.deal_id)
        .join(Deal, Deal.id == Obligation.deal_id)
        .where(
            Obligation.state == "planned",
            Obligation.firm.is_(True),
            Obligation.due_on <= books.today(now),
            Deal.stage.in_(_RUNNING),
        )
        .distinct()
    )


def _reminders(now: datetime) -> sa.Select[int, date | None]:
    return sa.select(Obligation.id, Obligation.remind_on).where(
        Obligation.remind_on <= books.today(now),
        Obligation.state.in_(("planned", *OPEN_STATES)),
    )


def _open_ended() -> sa.Select[int]:
    return (
        sa.select(Deal.id)
        .join(Obligation, Obligation.deal_id == Deal.id)
        .where(
            Deal.stage == "in_force",
            Deal.ends_on.is_(None),
            Obligation.kind.in_(("maintenance", "minimum")),
        )
        .distinct()
    )


def remind(session: Session, owed: Obligation, *, now: datetime) -> bool:
    """Remind of one obligation, if it is still time, and note the next day to do so."""
    today = books.today(now)
    due = owed.remind_on is not None and owed.remind_on <= today
    if not due or owed.due_on is None or owed.state not in ("planned", *OPEN_STATES):
        return False
    # Not by the version: a reminder must not get in the way of somebody who acts.
    session.execute(
        sa.update(Obligation)
        .where(Obligation.id == owed.id)
        .values(remind_on=next_reminder(owed.due_on, today))
        .execution_options(synchronize_session=False)
    )
    session.refresh(owed, ["remind_on"])
    tell_reminder(session, owed, today=today, now=now)
    return True
