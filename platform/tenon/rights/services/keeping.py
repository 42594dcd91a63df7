"""Keep what is known of an IP right's standing: annuities, pledges, suspensions, reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.permissions import require
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Invalid, NotFound
from tenon.listings.models import IpRight
from tenon.rights import permissions
from tenon.rights.models import CONDITIONS, Annuity, Condition, Pledge
from tenon.rights.queries.owners import owners
from tenon.rights.services.owning import chain_of

YEARS = range(1, 26)
NAME_LENGTH = 200
Kept = TypeVar("Kept", Annuity, Pledge, Condition)


def require_keeper(session: Session, right: IpRight, *, by: Actor, today: date) -> None:
    """Raise Forbidden for who keeps nothing of this right."""
    require(permissions.may_keep_standing(by, owners(session, right, on=today)))


def record_annuity(
    session: Session,
    right: IpRight,
    *,
    year: int | None,
    due_on: date | None,
    paid_on: date | None,
    by: Actor,
    now: datetime,
    today: date,
) -> Annuity:
    """Write down a year's fee, or amend it; raises Forbidden, and Invalid at a field."""
    require_keeper(session, right, by=by, today=today)
    problems = {}
    if year not in YEARS:
        problems["year"] = "out_of_range"
    if due_on is None:
        problems["due_on"] = "required"
    if paid_on is not None and paid_on > today:
        problems["paid_on"] = "in_the_future"
    if problems or year is None or due_on is None:
        raise Invalid(problems)
    known = session.scalars(
        sa.select(Annuity).where(Annuity.ip_right_id == right.id, Annuity.year == year)
    ).first()
    fee = known or Annuity(ip_right_id=right.id, year=year, public_id=new_public_id())
    fee.due_on, fee.paid_on = due_on, paid_on
    fee.recorded_by, fee.recorded_at = by.user_id, now
    session.add(fee)
    session.flush()
    facts = {"year": year, "due_on": due_on.isoformat(), "paid_on": _day(paid_on)}
    _record(session, right, "annuity", facts, by=by, now=now)
    return fee


def record_pledge(
    session: Session,
    right: IpRight,
    *,
    pledgee: str,
    since: date | None,
    until: date | None,
    consent: bool,
    by: Actor,
    now: datetime,
    today: date,
) -> Pledge:
    """Write down a pledge; raises Forbidden, and Invalid at a field."""
    require_keeper(session, right, by=by, today=today)
    problems = _span_problems(since, until)
    if not pledgee.strip():
        problems["pledgee"] = "required"
    elif len(pledgee.strip()) > NAME_LENGTH:
        problems["pledgee"] = "too_long"
    if problems:
        raise Invalid(problems)
    made = Pledge(
        ip_right_id=right.id,
        public_id=new_public_id(),
        pledgee=pledgee.strip(),
        since=since,
        until=until,
        consent=consent,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    facts = {"since": _day(since), "until": _day(until), "consent": consent}
    _record(session, right, "pledge", facts, by=by, now=now)
    return made


def record_condition(
    session: Session,
    right: IpRight,
    *,
    kind: str,
    reference: str,
    since: date | None,
    until: date | None,
    by: Actor,
    now: datetime,
    today: date,
) -> Condition:
    """Write down a suspension, a report, an action; raises Forbidden, and Invalid at a field."""
    require_keeper(session, right, by=by, today=today)
    problems = _span_problems(since, until)
    if kind not in CONDITIONS:
        problems["kind"] = "unknown_code"
    if len(reference.strip()) > NAME_LENGTH:
        problems["reference"] = "too_long"
    elif kind == "evaluation_report" and not reference.strip():
        problems["reference"] = "required"
    if problems:
        raise Invalid(problems)
    made = Condition(
        ip_right_id=right.id,
        public_id=new_public_id(),
        kind=kind,
        reference=reference.strip(),
        since=since,
        until=until,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    facts = {"since": _day(since), "until": _day(until), "reference": made.reference}
    _record(session, right, kind, facts, by=by, now=now)
    return made


def end_pledge(
    session: Session, right: IpRight, public_id: str, *, by: Actor, now: datetime, today: date
) -> None:
    """Let a pledge end today; raises NotFound for another right's, Forbidden."""
    _end(session, right, _own(session, right, Pledge, public_id), by=by, now=now, today=today)


def end_condition(
    session: Session, right: IpRight, public_id: str, *, by: Actor, now: datetime, today: date
) -> None:
    """Let a suspension, report or action end today; raises NotFound, Forbidden."""
    _end(session, right, _own(session, right, Condition, public_id), by=by, now=now, today=today)


def give_consent(
    session: Session, right: IpRight, public_id: str, *, by: Actor, now: datetime, today: date
) -> None:
    """Write down that the pledgee consents to dealing in the right; raises as ``end_pledge``."""
    pledge = _own(session, right, Pledge, public_id)
    require_keeper(session, right, by=by, today=today)
    pledge.consent = True
    _record(session, right, "pledge_consent", {"since": _day(pledge.since)}, by=by, now=now)


def _own(session: Session, right: IpRight, table: type[Kept], public_id: str) -> Kept:
    found = session.scalars(
        sa.select(table).where(table.public_id == public_id, table.ip_right_id == right.id)
    ).first()
    if found is None:
        raise NotFound(kind=table.__tablename__)
    return found


def _end(
    session: Session,
    right: IpRight,
    thing: Pledge | Condition,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    require_keeper(session, right, by=by, today=today)
    if thing.until is not None and thing.until <= today:
        return
    thing.until = max(today, thing.since)
    kind = "pledge_ended" if isinstance(thing, Pledge) else f"{thing.kind}_ended"
    _record(session, right, kind, {"on": _day(thing.until)}, by=by, now=now)


def _span_problems(since: date | None, until: date | None) -> dict[str, str]:
    if since is None:
        return {"since": "required"}
    return {"until": "out_of_order"} if until is not None and until < since else {}


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _record(
    session: Session,
    right: IpRight,
    kind: str,
    facts: Mapping[str, Any],
    *,
    by: Actor,
    now: datetime,
) -> None:
    session.flush()
    history.record(session, chain=chain_of(right), kind=kind, by=by, now=now, facts=facts)
