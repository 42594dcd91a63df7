"""An organisation's introductions for its own people: what waits for them first, and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from tenon.actors import Actor
from tenon.introductions.models import Introduction, IntroductionNda
from tenon.introductions.queries.introductions import Shown, for_lists, shown
from tenon.introductions.states import LIVE_STATES

GROUPS = ("ours", "theirs", "connected", "over")
_FROM_ACTS = ("proposed", "returned", "asked_back")


def _asked(house: int) -> sa.ColumnElement[bool]:
    return Introduction.from_organisation_id == house


def _approached(house: int) -> sa.ColumnElement[bool]:
    return sa.and_(Introduction.to_organisation_id == house, Introduction.passed_on_at.is_not(None))


def _unconfirmed(house: int) -> sa.ColumnElement[bool]:
    """Return the condition that the agreement lacks this side's confirmation."""
    return sa.or_(
        sa.and_(_asked(house), IntroductionNda.from_confirmed_at.is_(None)),
        sa.and_(_approached(house), IntroductionNda.to_confirmed_at.is_(None)),
    )


def _waits(house: int) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(_asked(house), Introduction.state.in_(_FROM_ACTS)),
        sa.and_(_approached(house), Introduction.state == "asked"),
        sa.and_(Introduction.state == "nda", _unconfirmed(house)),
    )


def _group(house: int) -> sa.Case[Any]:
    return sa.case(
        (_waits(house), "ours"),
        (Introduction.state == "connected", "connected"),
        (Introduction.state.in_(LIVE_STATES), "theirs"),
        else_="over",
    )


def _mine(house: int, side: str | None) -> sa.ColumnElement[bool]:
    both = sa.or_(_asked(house), _approached(house))
    return {"from": _asked(house), "to": _approached(house)}.get(side or "", both)


def waiting_count(session: Session, *, by: Actor) -> int:
    """Return how many introductions wait for the organisation that the actor acts for.

    Three counts over the indexes of organisation and state, in one statement.
    """
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return 0
    counts = [
        sa.select(sa.func.count())
        .select_from(Introduction)
        .where(_asked(house), Introduction.state.in_(_FROM_ACTS)),
        sa.select(sa.func.count())
        .select_from(Introduction)
        .where(_approached(house), Introduction.state == "asked"),
    ]
    for own, confirmed in (
        (_asked(house), IntroductionNda.from_confirmed_at),
        (_approached(house), IntroductionNda.to_confirmed_at),
    ):
        counts.append(
            sa.select(sa.func.count())
            .select_from(Introduction)
            .join(IntroductionNda)
            .where(own, Introduction.state == "nda", confirmed.is_(None))
        )
    row = session.execute(sa.select(*(each.scalar_subquery() for each in counts))).one()
    return sum(row)


def group_counts(
    session: Session, *, by: Actor, side: str | None = None, listing_id: int | None = None
) -> Mapping[str, int]:
    """Return group -> how many introductions of the actor's organisation are in it."""
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return dict.fromkeys(GROUPS, 0)
    group = _group(house).label("stage_group")
    wanted = (
        sa.select(group, sa.func.count().label("found"))
        .select_from(Introduction)
        .outerjoin(IntroductionNda, Introduction.nda)
        .where(_mine(house, side), *_about(listing_id))
        .group_by(group)
    )
    rows = session.execute(wanted)
    return dict.fromkeys(GROUPS, 0) | {row.stage_group: row.found for row in rows}


def inbox(
    session: Session,
    *,
    by: Actor,
    side: str | None = None,
    group: str | None = None,
    listing_id: int | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Sequence[Shown]:
    """Return the introductions of the actor's organisation, what waits for it first, then newest.

    ``side``, ``group`` (one of GROUPS) and ``listing_id`` narrow it. At most 4 statements.
    """
    house = by.organisation_id
    if house is None or house not in by.memberships:
        return []
    wanted = sa.select(Introduction).outerjoin(Introduction.nda)
    wanted = wanted.where(_mine(house, side), *_about(listing_id))
    if group in GROUPS:
        wanted = wanted.where(_group(house) == group)
    first = sa.case((_waits(house), 0), else_=1)
    rows = session.scalars(
        wanted.options(*for_lists(), contains_eager(Introduction.nda))
        .order_by(first, Introduction.stage_since.desc(), Introduction.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [shown(each, by) for each in rows]


def _about(listing_id: int | None) -> list[sa.ColumnElement[bool]]:
    if listing_id is None:
        return []
    return [
        sa.or_(Introduction.listing_id == listing_id, Introduction.own_listing_id == listing_id)
    ]
