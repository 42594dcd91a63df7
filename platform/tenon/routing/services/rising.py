"""What the days do: a reminder on the working day before, then one level up; weekly at the top.

Runs every night and changes nothing when it runs twice: a deadline is reminded of once, a rise
begins a new deadline, the top is told once in seven days. Needs that wait for their firm's
revision are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.errors import Conflict
from tenon.listings.models import Listing
from tenon.network.queries.days import is_working_day, working_days_later
from tenon.routing import notifying
from tenon.routing.models import NeedCase
from tenon.routing.queries.places import due_day, next_above, site_day
from tenon.routing.services.assigning import hand_by_itself
from tenon.routing.services.moving import move

# So many a run: one transaction must not hold SQLite's single writer for long.
AT_A_TIME = 200
WEEK = timedelta(days=7)


def work_off(session: Session, *, now: datetime, after: int = 0) -> int | None:
    """Remind of, raise or tell of what is due, in order of key from beyond ``after``.

    Return the key to go on from, or None where nothing is left for today.
    """
    today = site_day(now)
    if not is_working_day(session, today):
        return None
    soon = working_days_later(session, today, 1)
    found = _due(session, today=today, soon=soon, after=after)
    for case in found:
        try:
            _work(session, case, today=today, now=now)
        except Conflict:
            continue  # somebody acted in this very moment; tomorrow tells
    return found[-1].id if len(found) == AT_A_TIME else None


def _due(session: Session, *, today: date, soon: date, after: int) -> Sequence[NeedCase]:
    unsaid = sa.or_(NeedCase.reminded_for.is_(None), NeedCase.reminded_for != NeedCase.due_on)
    rested = sa.or_(NeedCase.told_on.is_(None), NeedCase.told_on <= today - WEEK)
    return session.scalars(
        sa.select(NeedCase)
        .join(Listing, Listing.id == NeedCase.listing_id)
        .where(
            NeedCase.id > after,
            NeedCase.state == "open",
            NeedCase.due_on <= soon,
            sa.or_(sa.and_(NeedCase.due_on >= today, unsaid), NeedCase.due_on < today),
            rested,
            Listing.state != "returned",
        )
        .order_by(NeedCase.id)
        .limit(AT_A_TIME)
    ).all()


def _work(session: Session, case: NeedCase, *, today: date, now: datetime) -> None:
    if case.due_on >= today:
        move(session, case, "reminded", reminded_for=case.due_on, by=SYSTEM, now=now)
        notifying.tell_reminder(session, case, today=today, now=now)
        return
    above = next_above(session, case.station_id)
    if above is None:
        reasons = [{"code": "at_the_top"}]
        move(session, case, "reminded", reasons=reasons, told_on=today, by=SYSTEM, now=now)
        notifying.tell_overdue(session, case, now=now)
        return
    below = case.station_id
    move(
        session,
        case,
        "escalated",
        reasons=[{"code": "unanswered", "since": case.due_on.isoformat()}],
        station_id=above,
        risen=case.risen + 1,
        due_on=due_day(session, above, today=today),
        by=SYSTEM,
        now=now,
    )
    notifying.tell_risen(session, case, from_station_id=below, now=now)
    hand_by_itself(session, case, now=now)
