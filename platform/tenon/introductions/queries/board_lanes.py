"""The board's lanes and filters as SQL: which rows stand in a lane, in which order, how many.

Every part reads a bounded number of rows, whatever the table holds: a lane's rows come in the
order of an index, and what no index answers (a title, a region) is asked of the first of
them only. Knows keys and moments, no titles and no people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import BigId, UTCDateTime
from tenon.introductions.models import Introduction
from tenon.introductions.queries.board_filters import BoardFilter, Seen, late, narrowing
from tenon.introductions.stages import patience
from tenon.introductions.states import ENDED_STATES, LIVE_STATES

COUNTED = 1_000
"""A lane's number is exact up to here."""

SCANNED, SCANNED_ALONE = 300, 2_000
"""So many rows of a lane are looked at where no index answers a filter: of each of several lanes,
and of one that is asked for alone."""

LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of the board.

    Attributes:
        name: as in addresses.
        states: whose introductions stand in it.
        moment: the column that it is sorted by.
        latest_first: newest first; otherwise what is due first comes first.
        mine_only: holds what the reader looks after, whatever the filter says.
    """

    name: str
    states: tuple[str, ...]
    moment: str = "due_at"
    latest_first: bool = False
    mine_only: bool = False


def _lanes() -> Iterator[Lane]:
    for state in LIVE_STATES:
        timed = state in patience()
        yield Lane(state, (state,), "due_at" if timed else "stage_since", not timed)
    yield Lane("over", ENDED_STATES, "stage_since", latest_first=True)
    yield Lane("passed_on", (), "passed_on_at", latest_first=True, mine_only=True)
    yield Lane("accepted", (), "passed_on_at", latest_first=True, mine_only=True)


LANES: Mapping[str, Lane] = {lane.name: lane for lane in _lanes()}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in its lane; the next page begins after it."""

    moment: datetime
    key: int


def places(
    session: Session,
    lanes: Sequence[Lane],
    asked: BoardFilter,
    *,
    by: Actor,
    now: datetime,
    limit: int,
    after: Place | None = None,
) -> Mapping[str, list[Place]]:
    """Return lane -> its first ``limit`` rows in order; one statement for any number of lanes."""
    found: dict[str, list[Place]] = {lane.name: [] for lane in lanes}
    parts = [
        sa.select(sa.literal(lane.name).label("lane"), rows.c.moment, rows.c.id)
        for lane in lanes
        for rows in _rows(
            lane, asked, by=by, now=now, limit=limit, after=after, scanned=scanned(lanes)
        )
    ]
    if not parts:
        return found
    for name, moment, key in session.execute(sa.union_all(*parts)):
        found[name].append(Place(moment, key))
    for lane in lanes:
        found[lane.name].sort(
            key=lambda place: (place.moment, place.key), reverse=lane.latest_first
        )
        del found[lane.name][limit:]
    return found


def counts(
    session: Session, lanes: Sequence[Lane], asked: BoardFilter, *, by: Actor, now: datetime
) -> Mapping[str, int]:
    """Return lane -> how many rows it holds, at most COUNTED + 1; one statement."""
    found = {lane.name: 0 for lane in lanes}
    parts = [
        sa.select(sa.literal(lane.name).label("lane"), sa.func.count().label("rows")).select_from(
            rows
        )
        for lane in lanes
        for rows in _rows(
            lane, asked, by=by, now=now, limit=COUNTED + 1, scanned=scanned(lanes), counted=True
        )
    ]
    if not parts:
        return found
    for name, number in session.execute(sa.union_all(*parts)):
        found[name] = min(found[name] + number, COUNTED + 1)
    return found


def scanned(lanes: Sequence[Lane]) -> int:
    """Return how many rows of a lane are looked at where no index answers a filter."""
    return SCANNED_ALONE if len(lanes) == 1 else SCANNED


def _rows(
    lane: Lane,
    asked: BoardFilter,
    *,
    by: Actor,
    now: datetime,
    limit: int,
    scanned: int,
    after: Place | None = None,
    counted: bool = False,
) -> Iterator[sa.Subquery]:
    """Yield the lane's parts, each read in the order of one index and cut at ``limit``.

    What is only ``counted`` may come in any order where it is somebody's: sorting would have to
    read all of it first. Of everybody's the order is what leads PostgreSQL to the index.
    """
    sorts = not counted or asked.whose == "all"
    common = _common(lane, asked, by=by, now=now)
    if after is not None:
        common.append(_beyond(lane, after))
    for owner in _owners(lane, asked.whose, by):
        for state in _states(lane):
            conditions = [*state, *owner, *common]
            if asked.scans or asked.organisation_id is not None:
                rows = _read(lane, conditions, scanned)
                yield _let_through(lane, rows, asked, by=by, now=now, limit=limit)
            else:
                part = _in_order(lane, conditions, limit)
                yield (part if sorts else part.order_by(None)).subquery()


def _states(lane: Lane) -> list[list[sa.ColumnElement[bool]]]:
    return [[Introduction.state == state] for state in lane.states] or [[]]


def _owners(lane: Lane, whose: str, by: Actor) -> list[list[sa.ColumnElement[bool]]]:
    """Return the conditions of each kind of row that is wanted; no row fits two of them."""
    mine: sa.ColumnElement[bool] = Introduction.broker_id == by.user_id
    if lane.mine_only:
        return [[mine]]
    if whose == "all":
        return [[]]
    proposed = sa.and_(
        Introduction.proposer_id == by.user_id,
        sa.or_(Introduction.broker_id.is_(None), Introduction.broker_id != by.user_id),
    )
    nobodys: list[sa.ColumnElement[bool]] = [
        Introduction.broker_id.is_(None),
        Introduction.proposer_id.is_(None),
    ]
    found: dict[str, list[list[sa.ColumnElement[bool]]]] = {
        "mine": [[mine], [proposed]],
        # Proposals have their proposer, and what is open or over waits for nobody: looking there
        # for rows without anybody would read them all.
        "unassigned": [] if lane.name == "proposed" or lane.moment != "due_at" else [nobodys],
        "needs": [[mine], [proposed], *([nobodys] if lane.name == "checking" else [])],
    }
    return found[whose]


def _common(
    lane: Lane, asked: BoardFilter, *, by: Actor, now: datetime
) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if lane.mine_only:
        found.append(Introduction.passed_on_at >= now - LOOKED_BACK)
        if lane.name == "accepted":
            found.append(Introduction.opened_at.is_not(None))
    if asked.whose == "needs" and not lane.mine_only:
        if lane.name != "checking":
            found.append(late(Introduction, now))
        if by.memberships:
            houses = sorted(by.memberships)
            found.append(Introduction.from_organisation_id.not_in(houses))
            found.append(Introduction.to_organisation_id.not_in(houses))
    if asked.organisation_id is not None:
        found.append(
            sa.or_(
                Introduction.from_organisation_id == asked.organisation_id,
                Introduction.to_organisation_id == asked.organisation_id,
            )
        )
    return found


def _in_order(
    lane: Lane, conditions: Sequence[sa.ColumnElement[bool]], limit: int, *more: Any
) -> sa.Select[Any]:
    moment, key = getattr(Introduction, lane.moment), Introduction.id
    order = (moment.desc(), key.desc()) if lane.latest_first else (moment, key)
    return (
        sa.select(moment.label("moment"), key, *more)
        .where(moment.is_not(None), *conditions)
        .order_by(*order)
        .limit(limit)
    )


def _beyond(lane: Lane, after: Place) -> sa.ColumnElement[bool]:
    here = sa.tuple_(getattr(Introduction, lane.moment), Introduction.id)
    there = sa.tuple_(sa.literal(after.moment, UTCDateTime()), sa.literal(after.key, BigId))
    return here < there if lane.latest_first else here > there


def _read(lane: Lane, conditions: Sequence[sa.ColumnElement[bool]], limit: int) -> sa.Subquery:
    """Return the part's first rows with all that a filter looks at."""
    row = Introduction
    columns = [
        row.listing_id, row.own_listing_id, row.from_organisation_id, row.to_organisation_id,
        row.unnamed, row.opened_at, row.broker_id, row.proposer_id, row.due_step,
    ]  # fmt: skip
    if lane.moment != "due_at":
        columns.append(row.due_at)
    return _in_order(lane, conditions, limit, *columns).subquery()


def _let_through(
    lane: Lane, rows: sa.Subquery, asked: BoardFilter, *, by: Actor, now: datetime, limit: int
) -> sa.Subquery:
    """Return those of the rows that the filter lets through."""
    moment, key = rows.c.moment, rows.c.id
    order = (moment.desc(), key.desc()) if lane.latest_first else (moment, key)
    return (
        sa.select(moment, key)
        .where(*narrowing(Seen(rows, lane.moment), asked, by=by, now=now))
        .order_by(*order)
        .limit(limit)
        .subquery()
    )
