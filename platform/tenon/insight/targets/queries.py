"""Reads of targets: one, a page of them, those below one, what each said when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.events.results.queries.held import within
from tenon.insight.models import Target, TargetVersion
from tenon.insight.permissions import may_see, visible_to
from tenon.network.models import StationAncestor

STANDINGS = ("current", "coming", "past", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which targets a list shows: of which measure and scope, at which time."""

    standing: str = "current"
    measure: str | None = None
    scope: str | None = None


def find_target(session: Session, public_id: str, *, by: Actor) -> Target:
    """Return a target that the actor may know of; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Target).where(Target.public_id == public_id).options(*_for_lists())
    ).first()
    if found is None or not may_see(by, found):
        raise NotFound(kind="target")
    return found


def targets(
    session: Session, wanted: Wanted, *, by: Actor, today: date, offset: int, limit: int
) -> tuple[Sequence[Target], int]:
    """Return a page of targets by period, measure and scope, and how many there are."""
    conditions = [visible_to(by), *_standing(wanted.standing, today)]
    if wanted.measure is not None:
        conditions.append(Target.measure == wanted.measure)
    if wanted.scope is not None:
        conditions.append(Target.scope == wanted.scope)
    total = session.scalar(sa.select(sa.func.count(Target.id)).where(*conditions)) or 0
    widest = sa.case((Target.scope == "site", 0), (Target.scope == "region", 1), else_=2)
    rows = session.scalars(
        sa.select(Target)
        .where(*conditions)
        .options(*_for_lists())
        .order_by(Target.last, Target.measure, widest, Target.id)
        .offset(offset)
        .limit(limit)
    ).all()
    return rows, total


def _standing(standing: str, today: date) -> list[sa.ColumnElement[bool]]:
    if standing == "withdrawn":
        return [Target.withdrawn_at.is_not(None)]
    live = [Target.withdrawn_at.is_(None)]
    if standing == "coming":
        return [*live, Target.first > today]
    if standing == "past":
        return [*live, Target.last < today]
    return [*live, Target.first <= today, Target.last >= today]


def _for_lists() -> tuple[sa.orm.interfaces.ORMOption, ...]:
    return (
        joinedload(Target.station),
        joinedload(Target.organisation),
        joinedload(Target.broker).lazyload("*"),
        selectinload(Target.broker_places).lazyload("*"),
        joinedload(Target.lead),
        selectinload(Target.responsible),
    )


def versions(session: Session, target: Target) -> Sequence[TargetVersion]:
    """Return what a target said, the latest first."""
    return session.scalars(
        sa.select(TargetVersion)
        .where(TargetVersion.target_id == target.id)
        .options(joinedload(TargetVersion.by).lazyload("*"))
        .order_by(TargetVersion.number.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class Tree:
    """A target among those of the same measure, period and currency.

    Attributes:
        above: the narrowest that holds it, if the reader may know of it.
        below: those that it holds directly, as far as the reader may know of them.
        hidden: how many more there are below.
        below_value: what the visible ones below come to.
    """

    above: Target | None
    below: Sequence[Target]
    hidden: int
    below_value: int


def tree(session: Session, target: Target, *, by: Actor) -> Tree:
    """Return what is above a target and directly below it.

    Places and regions hold those within them; the site holds all. Only one kind is added up
    below: places where there are any, else regions, else the rest; so nothing counts twice.
    """
    rows = session.scalars(
        sa.select(Target)
        .where(
            Target.measure == target.measure,
            Target.first == target.first,
            Target.last == target.last,
            Target.currency.is_not_distinct_from(target.currency),
            Target.withdrawn_at.is_(None),
        )
        .options(*_for_lists())
        .order_by(Target.id)
    ).all()
    line = _ancestors(session, [each.station_id for each in rows if each.station_id is not None])
    parents = {each.id: _parent(each, rows, line) for each in rows}
    above = parents.get(target.id)
    children = [
        each for each in rows if parents[each.id] is target or _same(parents[each.id], target)
    ]
    for kind in ("station", "region", "institution", "broker", "field"):
        of_kind = [each for each in children if each.scope == kind]
        if of_kind:
            break
    else:
        of_kind = []
    seen = [each for each in of_kind if may_see(by, each)]
    return Tree(
        above if above is not None and may_see(by, above) else None,
        seen,
        len(of_kind) - len(seen),
        sum(each.value for each in seen),
    )


def _same(one: Target | None, other: Target) -> bool:
    return one is not None and one.id == other.id


def _ancestors(session: Session, keys: Sequence[int]) -> dict[int, list[int]]:
    row = StationAncestor
    found: dict[int, list[int]] = {}
    if keys:
        wanted = (
            sa.select(row.station_id, row.ancestor_id)
            .where(row.station_id.in_(set(keys)), row.distance > 0)
            .order_by(row.distance)
        )
        for key, above in session.execute(wanted):
            found.setdefault(key, []).append(above)
    return found


def _parent(target: Target, rows: Sequence[Target], line: dict[int, list[int]]) -> Target | None:
    """Return the narrowest target that holds this one: a place, a region, or the site's."""
    if target.scope == "site":
        return None
    if target.station_id is not None:
        by_place = {each.station_id: each for each in rows if each.station_id is not None}
        for above in line.get(target.station_id, []):
            if above in by_place:
                return by_place[above]
    if target.region is not None:
        around = [
            each
            for each in rows
            if each.region is not None
            and each.region != target.region
            and target.region.startswith(within(each.region))
        ]
        if around:
            return max(around, key=lambda each: len(within(str(each.region))))
    return next((each for each in rows if each.scope == "site"), None)
