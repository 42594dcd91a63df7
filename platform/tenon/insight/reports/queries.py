"""Reports that somebody may read: operators all, brokers those of places that they see."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.insight.reports.models import Report


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may read a report."""
    if actor.operator:
        return sa.true()
    if not actor.broker:
        return sa.false()
    return Report.station_id.in_(sorted(actor.stations))


def find_report(session: Session, public_id: str, *, by: Actor) -> Report:
    """Return a report; raises NotFound to whom it is out of sight."""
    found = session.scalar(
        sa.select(Report)
        .where(Report.public_id == public_id, visible_to(by))
        .options(joinedload(Report.station))
    )
    if found is None:
        raise NotFound(kind="report")
    return found


def reports(
    session: Session,
    *,
    by: Actor,
    kind: str | None = None,
    scope: str | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[Sequence[Report], int]:
    """Return a page of reports, the latest first, and how many there are."""
    wanted = [visible_to(by)]
    if kind is not None:
        wanted.append(Report.kind == kind)
    if scope is not None:
        wanted.append(Report.scope == scope)
    number = session.scalar(sa.select(sa.func.count(Report.id)).where(*wanted)) or 0
    rows = session.scalars(
        sa.select(Report)
        .where(*wanted)
        .options(joinedload(Report.station))
        .order_by(Report.last.desc(), Report.first, Report.station_id, Report.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return rows, number
