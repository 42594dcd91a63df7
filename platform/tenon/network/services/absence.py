"""Days on which somebody is away, and who stands in."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Invalid, NotFound
from tenon.network import notifying
from tenon.network.clocks import today
from tenon.network.models import Absence
from tenon.network.queries.people import is_broker
from tenon.network.services.profiles import may_edit_profile, require_may_edit

LONGEST = timedelta(days=366)
NOTE_LIMIT = 200


def add_absence(
    session: Session,
    user: User,
    *,
    first_day: date,
    last_day: date,
    deputy: User | None,
    note: str = "",
    by: Actor,
    now: datetime,
) -> Absence:
    """Write that a broker is away, from and to a day with both; the deputy is told.

    Raises NotFound, Invalid at ``last_day`` (before the first, past, too long, another absence on
    these days), ``deputy`` (no broker, oneself, away as well), ``note``.
    """
    require_may_edit(session, by, user)
    errors = _day_errors(session, user, first_day, last_day, now)
    if deputy is not None:
        if deputy.id == user.id or not is_broker(deputy):
            errors["deputy"] = "unknown_code"
        elif _overlapping(session, deputy, first_day, last_day):
            errors["deputy"] = "away_too"
    if len(note.strip()) > NOTE_LIMIT:
        errors["note"] = "too_long"
    if errors:
        raise Invalid(errors)
    absence = Absence(
        user_id=user.id,
        first_day=first_day,
        last_day=last_day,
        deputy_id=None if deputy is None else deputy.id,
        note=note.strip() or None,
        created_at=now,
    )
    session.add(absence)
    session.flush()
    if deputy is not None:
        notifying.tell_deputy(session, absence, user=user, deputy=deputy, now=now)
    return absence


def cancel_absence(session: Session, absence: Absence, *, by: Actor, now: datetime) -> None:
    """Take an absence back; one that has begun ends yesterday. Raises NotFound."""
    if not may_edit_profile(session, by, absence.user):
        raise NotFound(kind="absence")
    day = today(now)
    if absence.last_day < day:
        raise NotFound(kind="absence")
    if absence.first_day < day:
        absence.last_day = day - timedelta(days=1)
    else:
        session.delete(absence)
    session.flush()


def find_absence(session: Session, absence_id: int) -> Absence:
    """Return an absence by key; raises NotFound."""
    found = session.get(Absence, absence_id)
    if found is None:
        raise NotFound(kind="absence")
    return found


def _day_errors(
    session: Session, user: User, first_day: date, last_day: date, now: datetime
) -> dict[str, str]:
    if last_day < first_day:
        return {"last_day": "days_reversed"}
    if last_day < today(now):
        return {"last_day": "in_the_past"}
    if last_day - first_day > LONGEST:
        return {"last_day": "too_far_off"}
    if _overlapping(session, user, first_day, last_day):
        return {"last_day": "away_already"}
    return {}


def _overlapping(session: Session, user: User, first_day: date, last_day: date) -> bool:
    wanted = sa.select(Absence.id).where(
        Absence.user_id == user.id, Absence.first_day <= last_day, Absence.last_day >= first_day
    )
    return session.scalar(wanted.limit(1)) is not None
