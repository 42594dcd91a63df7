"""The board's lanes and filters as SQL: which rows stand in a lane, in which order, how many.

Every part reads a bounded number of rows, whatever the table holds: a lane's rows come in the
order of an index, and what no index answers (a title, a region) is asked of the first of
them only. What a broker may know of lies anywhere in a lane: where that is much (``crowded``),
the lane's order soon meets enough of it; elsewhere all of it is read by place, and sorted.
Knows keys and moments, no titles and no people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.db import BigId, UTCDateTime
from tenon.introductions.models import Introduction
from tenon.introductions.queries.board_filters import BoardFilter, late, narrowing
from tenon.introductions.queries.introductions import (
    apart,
    by_place,
    visible_to,
    ways_to_know,
)
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


_KINDS: Mapping[str, Any] = {
    "lane": sa.String(),
    "moment": UTCDateTime(),
    **dict.fromkeys(("id", "listing_id", "own_listing_id"), BigId),
    **dict.fromkeys(("from_organisation_id", "to_organisation_id"), BigId),
    "unnamed": sa.Boolean(),
    "opened_at": UTCDateTime(),
    **dict.fromkeys(("broker_id", "proposer_id"), BigId),
    "due_step": sa.String(),
    "due_at": UTCDateTime(),
}
_LOOKED = [sa.column(name, kind) for name, kind in _KINDS.items()]
"""What is read of rows that a filter looks at."""

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
    much: frozenset[str] | None = None,
) -> Mapping[str, list[Place]]:
    """Return lane -> its first ``limit`` rows in order; two statements for any number of lanes.

    ``much`` is what ``crowded`` says, where the caller has asked already: a statement less.
    """
    found: dict[str, list[Place]] = {lane.name: [] for lane in lanes}
    much = crowded(session, lanes, asked, by=by) if much is None else much
    if asked.looks:
        looked = _looked_at(lanes, asked, by=by, now=now, after=after, much=much)
        wanted: Any = (
            None if looked is None else sa.select(looked.c.lane, looked.c.moment, looked.c.id)
        )
    else:
        wanted = _united(
            sa.select(sa.literal(lane.name).label("lane"), rows.c.moment, rows.c.id)
            for lane in lanes
            for rows in _rows(
                lane, asked, by=by, now=now, limit=limit, after=after, much=lane.name in much
            )
        )
    for name, moment, key in () if wanted is None else session.execute(wanted):
        found[name].append(Place(moment, key))
    for lane in lanes:
        found[lane.name].sort(
            key=lambda place: (place.moment, place.key), reverse=lane.latest_first
        )
        del found[lane.name][limit:]
    return found


def counts(
    session: Session,
    lanes: Sequence[Lane],
    asked: BoardFilter,
    *,
    by: Actor,
    now: datetime,
    much: frozenset[str] | None = None,
) -> Mapping[str, int]:
    """Return lane -> how many rows it holds, at most COUNTED + 1; two statements at most.

    ``much`` is as in ``places``.
    """
    much = crowded(session, lanes, asked, by=by) if much is None else much
    found = {lane.name: 0 for lane in lanes}
    if asked.looks:
        looked = _looked_at(lanes, asked, by=by, now=now, much=much)
        wanted: Any = None
        if looked is not None:
            wanted = sa.select(looked.c.lane, sa.func.count()).group_by(looked.c.lane)
    else:
        found |= dict.fromkeys(much, COUNTED + 1)  # ``crowded`` has counted far enough
        wanted = _united(
            sa.select(sa.literal(lane.name), sa.func.count()).select_from(rows)
            for lane in lanes
            if found[lane.name] == 0
            for rows in _rows(
                lane, asked, by=by, now=now, limit=COUNTED + 1, counted=True,
                much=lane.name in much,
            )
        )  # fmt: skip
    for name, number in () if wanted is None else session.execute(wanted):
        found[name] = min(found[name] + number, COUNTED + 1)
    return found


def _united(parts: Iterable[Any]) -> sa.CompoundSelect[Any] | None:
    whole = list(parts)
    return sa.union_all(*whole) if whole else None


def crowded(
    session: Session, lanes: Sequence[Lane], asked: BoardFilter, *, by: Actor
) -> frozenset[str]:
    """Return the lanes of which places alone show the actor more than COUNTED rows; one statement.

    It looks at indexes only. None where anything but all that a broker may know of is asked for.
    """
    if asked.whose != "all" or by.operator:
        return frozenset()
    parts = []
    for lane in lanes:
        for state in lane.states:
            for number, way in enumerate(by_place(by)):
                rows = sa.select(Introduction.state).where(Introduction.state == state, way)
                counted = sa.select(sa.func.count().label("rows")).select_from(
                    rows.limit(COUNTED + 1).subquery()
                )
                parts.append(
                    counted.add_columns(
                        sa.literal(lane.name).label("lane"), sa.literal(number).label("way")
                    )
                )
    found: dict[tuple[str, int], int] = {}
    for rows_found, name, way_number in session.execute(sa.union_all(*parts)) if parts else ():
        found[name, way_number] = found.get((name, way_number), 0) + rows_found
    return frozenset(name for (name, _way), number in found.items() if number > COUNTED)


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
    after: Place | None = None,
    counted: bool = False,
    much: bool = False,
) -> Iterator[sa.Subquery]:
    """Yield the lane's parts, each read in the order of one index and cut at ``limit``.

    What is only ``counted`` may come in any order where it is somebody's: sorting would have to
    read all of it first. Of everybody's the order is what leads PostgreSQL to the index.
    """
    everybodys = asked.whose == "all" and not lane.mine_only
    sorts = not counted or everybodys
    for conditions, ways in _parts(lane, asked, by=by, now=now, after=after, much=much):
        if counted and len(ways) > 1:
            yield sa.select(_way_by_way(lane, conditions, ways)).limit(limit).subquery()
        else:
            part = _in_order(lane, conditions, ways, limit)
            yield (part if sorts else part.order_by(None)).subquery()


def _parts(
    lane: Lane, asked: BoardFilter, *, by: Actor, now: datetime, after: Place | None, much: bool
) -> Iterator[tuple[list[sa.ColumnElement[bool]], Sequence[sa.ColumnElement[bool]]]]:
    """Yield what each part of a lane must fulfil, and the ways in which its rows are known.

    What a broker may know of is read way by way unless it is ``much``.
    """
    by_way = asked.whose == "all" and not lane.mine_only and not by.operator and not much
    ways = apart(ways_to_know(by)) if by_way else [sa.true()]
    common = _common(lane, asked, by=by, now=now)
    if after is not None:
        common.append(_beyond(lane, after))
    for owner in _owners(lane, asked.whose, by, by_way=by_way):
        for state in _states(lane):
            yield [*state, *owner, *common], ways


def _states(lane: Lane) -> list[list[sa.ColumnElement[bool]]]:
    return [[Introduction.state == state] for state in lane.states] or [[]]


def _owners(
    lane: Lane, whose: str, by: Actor, *, by_way: bool
) -> list[list[sa.ColumnElement[bool]]]:
    """Return the conditions of each kind of row that is wanted; no row fits two of them.

    All hold what the actor may know of alone; ``by_way`` where that is asked for elsewhere.
    """
    mine: sa.ColumnElement[bool] = Introduction.broker_id == by.user_id
    if lane.mine_only:
        return [[mine]]
    if whose == "all":
        return [[]] if by.operator or by_way else [[visible_to(by)]]
    proposed = sa.and_(
        Introduction.proposer_id == by.user_id,
        sa.or_(Introduction.broker_id.is_(None), Introduction.broker_id != by.user_id),
    )
    nobodys: list[sa.ColumnElement[bool]] = [
        Introduction.broker_id.is_(None),
        Introduction.proposer_id.is_(None),
        *([] if by.operator else [visible_to(by)]),
    ]
    found: dict[str, list[list[sa.ColumnElement[bool]]]] = {
        "mine": [[mine], [proposed]],
        # Proposals have their proposer, and what is open or over waits for nobody: looking there
        # for rows without anybody would read them all.
        "unassigned": [] if lane.name == "proposed" or lane.moment != "due_at" else [nobodys],
        # What never falls due is never late.
        "needs": []
        if lane.moment != "due_at"
        else [[mine], [proposed], *([nobodys] if lane.name == "checking" else [])],
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
    lane: Lane,
    conditions: Sequence[sa.ColumnElement[bool]],
    ways: Sequence[sa.ColumnElement[bool]],
    limit: int,
    *more: Any,
) -> sa.Select[Any]:
    moment, key = getattr(Introduction, lane.moment), Introduction.id
    if len(ways) > 1:
        rows = _way_by_way(lane, conditions, ways, *more)
        return sa.select(rows).order_by(*_order(lane, rows.c.moment, rows.c.id)).limit(limit)
    return (
        sa.select(moment.label("moment"), key, *more)
        .where(moment.is_not(None), *conditions, *ways)
        .order_by(*_order(lane, moment, key))
        .limit(limit)
    )


def _way_by_way(
    lane: Lane,
    conditions: Sequence[sa.ColumnElement[bool]],
    ways: Sequence[sa.ColumnElement[bool]],
    *more: Any,
) -> sa.Subquery:
    """Return the rows of all ways, each read by its own index, in no order.

    Databases read one way after another, so that a limit around them ends the reading.
    """
    moment = getattr(Introduction, lane.moment)
    wanted = sa.select(moment.label("moment"), Introduction.id, *more)
    return sa.union_all(
        *(wanted.where(moment.is_not(None), *conditions, way) for way in ways)
    ).subquery()


def _order(lane: Lane, moment: Any, key: Any) -> tuple[Any, Any]:
    return (moment.desc(), key.desc()) if lane.latest_first else (moment, key)


def _beyond(lane: Lane, after: Place) -> sa.ColumnElement[bool]:
    here = sa.tuple_(getattr(Introduction, lane.moment), Introduction.id)
    there = sa.tuple_(sa.literal(after.moment, UTCDateTime()), sa.literal(after.key, BigId))
    return here < there if lane.latest_first else here > there


def _looked_at(
    lanes: Sequence[Lane],
    asked: BoardFilter,
    *,
    by: Actor,
    now: datetime,
    after: Place | None = None,
    much: frozenset[str],
) -> sa.Subquery | None:
    """Return lane, moment and id of the first rows of each part that the filter lets through.

    The filter stands around all parts once: written at each, it took longer than the looking.
    """
    row = Introduction
    parts = []
    for lane in lanes:
        columns = (
            row.listing_id, row.own_listing_id, row.from_organisation_id, row.to_organisation_id,
            row.unnamed, row.opened_at, row.broker_id, row.proposer_id, row.due_step, row.due_at,
            sa.literal(lane.name).label("lane"),
        )  # fmt: skip
        for conditions, ways in _parts(
            lane, asked, by=by, now=now, after=after, much=lane.name in much
        ):
            part = _in_order(lane, conditions, ways, scanned(lanes), *columns)
            parts.append(sa.select(*_LOOKED).select_from(part.subquery()))
    whole = _united(parts)
    if whole is None:
        return None
    rows = whole.subquery("looked")
    let_through = narrowing(rows.c, asked, by=by, now=now)
    return sa.select(rows.c.lane, rows.c.moment, rows.c.id).where(*let_through).subquery()
