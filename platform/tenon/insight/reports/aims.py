"""The targets that a report holds: what each was to reach and how far it was, as of its last day.

A target says on a day what its version of that day said; a broker's belongs to the places where
they worked then. Codes, keys and whole numbers only, as all that a report holds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.insight import measures
from tenon.insight.measures.counting import end_of
from tenon.insight.models import StaffRecord, Target, TargetVersion
from tenon.insight.reports.periods import Period
from tenon.insight.targets.progress import Progress, pace, places_below

MOST_TARGETS = 30
_WIDEST = {"site": 0, "region": 1, "institution": 2, "field": 3, "station": 4, "broker": 5}


def aims_of(
    session: Session,
    period: Period,
    *,
    places: Collection[int] | None,
    placed: Mapping[str, Collection[int]] | None = None,
) -> dict[str, Any]:
    """Return the targets of a period with how far each was at its end, the widest first.

    Args:
        session: only read.
        period: targets whose days touch it.
        places: keys of the places whose targets and whose brokers' they are; None: those of the
            whole site, its regions, houses, fields and places. Single brokers are in the reports
            of their places.
        placed: target -> the places below its own, as an earlier report had them; None: as now.
    """
    known = {each.code for each in measures.every()}
    found = [each for each in _stood(session, period, places) if each.measure in known]
    found.sort(key=lambda each: (_WIDEST[each.scope], each.last, each.measure, each.id))
    shown = found[:MOST_TARGETS]
    below = places_below(session, [each.station_id for each in shown if each.station_id])
    packed = []
    for target in shown:
        inside = None if target.station_id is None else below.get(target.station_id, frozenset())
        if placed is not None and target.station_id is not None:
            inside = frozenset(placed.get(target.public_id, inside or ()))
        progress = pace(session, target, inside, day=period.last)
        packed.append(_packed(progress, inside))
    return {"aims": packed, "more": len(found) - len(shown)}


def _stood(session: Session, period: Period, places: Collection[int] | None) -> Iterator[Target]:
    """Yield the targets as they stood at the end of a period, as rows of no session."""
    row, later = TargetVersion, sa.orm.aliased(TargetVersion)
    end = end_of(period.last)
    newer = sa.exists().where(
        later.target_id == row.target_id, later.number > row.number, later.at < end
    )
    rows = session.execute(
        sa.select(row.said, row.value, Target.id, Target.public_id, Target.broker_id)
        .join(Target, Target.id == row.target_id)
        .where(row.at < end, row.withdrawn.is_(False), ~newer)
        .order_by(Target.id)
    ).all()
    people = None if places is None else _worked(session, places, period.last)
    for said, value, key, public_id, broker_id in rows:
        target = _as_said(said, value, key, public_id, broker_id)
        if target.first > period.last or target.last < period.first:
            continue
        if people is None or places is None:
            wanted = target.scope != "broker"
        elif target.scope == "broker":
            wanted = target.broker_id in people
        else:
            wanted = target.station_id in places
        if wanted:
            yield target


def _as_said(
    said: Mapping[str, Any], value: int, key: int, public_id: str, broker_id: int | None
) -> Target:
    scheme, code = said["field"] or (None, None)
    return Target(
        id=key,
        public_id=public_id,
        measure=said["measure"],
        value=value,
        currency=said["currency"],
        scope=said["scope"],
        region=said["region"],
        station_id=said["station"],
        organisation_id=said["organisation"],
        broker_id=broker_id if said["scope"] == "broker" else None,
        field_scheme=scheme,
        field_code=code,
        first=date.fromisoformat(said["first"]),
        last=date.fromisoformat(said["last"]),
    )


def _worked(session: Session, places: Collection[int], day: date) -> frozenset[int]:
    """Return who worked at one of the places at the end of a day, as recorded by then."""
    row, later = StaffRecord, sa.orm.aliased(StaffRecord)
    newer = sa.exists().where(
        later.member_id == row.member_id,
        later.sequence > row.sequence,
        later.recorded_at < end_of(day),
    )
    found = session.scalars(
        sa.select(row.user_id).where(
            row.station_id.in_(sorted(places)),
            row.recorded_at < end_of(day),
            row.since <= day,
            sa.or_(row.until.is_(None), row.until >= day),
            ~newer,
        )
    )
    return frozenset(found)


def _packed(found: Progress, inside: Collection[int] | None) -> dict[str, Any]:
    target, coming = found.target, found.forecast
    return {
        "target": target.public_id,
        "measure": target.measure,
        "currency": target.currency,
        "scope": target.scope,
        "of": _of(target),
        "places": None if inside is None else sorted(inside),
        "first": target.first.isoformat(),
        "last": target.last.isoformat(),
        "value": found.value,
        "reached": found.reached,
        "expected": found.expected,
        "forecast": None if coming is None else [coming.low, coming.middle, coming.high],
        "verdict": [found.verdict.code, found.verdict.by],
        "days": [found.passed, found.whole],
    }


def _of(target: Target) -> str | None:
    """Return the key of what a target is for; a broker is found through the target alone."""
    if target.field_code is not None:
        return f"{target.field_scheme}:{target.field_code}"
    key = target.region or target.station_id or target.organisation_id
    return None if key is None else str(key)
