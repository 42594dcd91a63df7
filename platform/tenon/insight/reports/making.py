"""Reports are made: what is due, one each once, and who is told. Never commits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.insight.home import home_region
from tenon.insight.reports.content import content_of, hash_of
from tenon.insight.reports.models import KINDS, SITE, Report
from tenon.insight.reports.periods import Period, ended, period_of
from tenon.network.models import Station
from tenon.network.queries.tree import below
from tenon.notices import delivery

CATCH_UP = {"week": 26, "month": 12, "quarter": 8, "year": 5}
"""How many past periods of a kind are made up for at most, after the site was down."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that was computed and is not kept yet."""

    period: Period
    scope: str
    station_id: int | None
    content: dict[str, Any]


def today_of(now: datetime) -> date:
    """Return the day by the site's clock."""
    return now.astimezone(delivery.current().zone).date()


def due(session: Session, *, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield what is to be made, as ``make`` takes it: ended periods without a report.

    The first of a kind is that of the last ended period; from then on none is left out, however
    long the site was down (CATCH_UP). A place has reports from its first whole period on.
    """
    today = today_of(now)
    made = _made(session)
    for scope, since in _scopes(session):
        for kind in KINDS:
            known = made.get((scope, kind), set())
            newest = period_of(kind, today).before
            start = max(min(known, default=newest.first), since)
            for period in ended(kind, start, today, most=CATCH_UP[kind]):
                if period.first not in known:
                    yield {"kind": kind, "first": period.first.isoformat(), "scope": scope}


def _made(session: Session) -> dict[tuple[str, str], set[date]]:
    rows = session.execute(sa.select(Report.scope, Report.kind, Report.first))
    found: dict[tuple[str, str], set[date]] = {}
    for scope, kind, first in rows:
        found.setdefault((scope, kind), set()).add(first)
    return found


def _scopes(session: Session) -> Iterator[tuple[str, date]]:
    """Yield the site and every active place with the day from which it has reports."""
    yield SITE, date.min
    rows = session.execute(
        sa.select(Station.public_id, Station.created_at)
        .where(Station.state == "active")
        .order_by(Station.id)
    )
    for public_id, created_at in rows:
        yield public_id, today_of(created_at)


def compute(session: Session, *, kind: str, first: date, scope: str) -> Draft | None:
    """Return what a report would say; None where it is there already or its place is gone.

    Only reads, and may take seconds.
    """
    period = period_of(kind, first)
    if _find(session, period, scope) is not None:
        return None
    station_id = None
    if scope != SITE:
        station_id = session.scalar(sa.select(Station.id).where(Station.public_id == scope))
        if station_id is None:
            return None
    places = None if station_id is None else below(session, station_id)
    content = content_of(session, period, places=places, home=home_region(session))
    return Draft(period, scope, station_id, content)


def keep(session: Session, draft: Draft, *, now: datetime) -> Report | None:
    """Write a report down; None where another process was first.

    Raises ValueError for a period that has not ended yet.
    """
    period = draft.period
    if period.last >= today_of(now):
        raise ValueError(f"{period.kind} of {period.first} has not ended")
    if _find(session, period, draft.scope) is not None:
        return None
    report = Report(
        kind=period.kind,
        first=period.first,
        last=period.last,
        scope=draft.scope,
        station_id=draft.station_id,
        as_of=period.last,
        made_at=now,
        content=draft.content,
        sha256=hash_of(draft.content),
    )
    session.add(report)
    session.flush()
    return report


def make(session: Session, *, kind: str, first: date, scope: str, now: datetime) -> Report | None:
    """Compute and keep in one go."""
    draft = compute(session, kind=kind, first=first, scope=scope)
    return None if draft is None else keep(session, draft, now=now)


def _find(session: Session, period: Period, scope: str) -> int | None:
    return session.scalar(
        sa.select(Report.id).where(
            Report.scope == scope, Report.kind == period.kind, Report.first == period.first
        )
    )
