"""The board of deals as a broker or an operator may see it; changes nothing.

Figures and names only: terms, messages and files are read nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.deals.forms.schema import OPEN_STAGES, STAGES
from tenon.deals.models import Deal, TermVersion
from tenon.deals.permissions import may_read
from tenon.deals.queries.deals import for_lists
from tenon.deals.services.watching import UNSIGNED, patience

A_COLUMN, A_PAGE, EXPORTED = 6, 20, 5_000
COUNTED = 1_000
"""A lane's number is exact up to here."""

OVER_STAGES = STAGES[8:]
LANES: Mapping[str, tuple[str, ...]] = {
    **{stage: (stage,) for stage in OPEN_STAGES},
    "over": OVER_STAGES,
}
"""Lane -> the stages that stand in it; all but ``over`` are the board's columns."""

AGES = (14, 30, 90, 180)
"""Days in a stage that the board can be narrowed to."""

_YUAN = 100
BANDS: Mapping[str, tuple[int | None, int | None]] = {
    "open": (None, None),
    "small": (0, 100_000 * _YUAN),
    "middle": (100_000 * _YUAN, 1_000_000 * _YUAN),
    "large": (1_000_000 * _YUAN, 10_000_000 * _YUAN),
    "huge": (10_000_000 * _YUAN, None),
}
"""Band of the contract value -> from and below, in minor units of yuan; ``open`` is not agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the board is narrowed to; empty means all.

    Attributes:
        whose: ``mine`` or, for operators, ``all``.
        form: code of a deal form.
        organisation_id: on either side.
        days: at least so long in the stage.
        band: of BANDS; sums in other currencies than yuan are in none but ``open``.
    """

    whose: str = "mine"
    form: str = ""
    organisation_id: int | None = None
    days: int = 0
    band: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One deal on the board.

    Attributes:
        waits_for: the side that is to answer terms; None where nothing waits or the actor may
            not know.
        broker: who looks after it; None where nobody does, or where it is the actor.
        readable: whether the actor may read its terms.
        idle: it has stood still for longer than a reminder waits.
    """

    deal: Deal
    waits_for: str | None
    broker: User | None
    readable: bool
    idle: bool


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane with the first of its cards; ``number`` is of all, exact up to COUNTED."""

    name: str
    cards: Sequence[Card]
    number: int


def board(
    session: Session,
    asked: BoardFilter,
    *,
    lanes: Sequence[str] = OPEN_STAGES,
    by: Actor,
    now: datetime,
    limit: int = A_COLUMN,
    offset: int = 0,
) -> list[LaneView]:
    """Return the lanes with their first cards, what is longest in the stage first.

    At most 5 statements, whatever the lanes hold.
    """
    found = _keys(session, lanes, asked, by=by, now=now, limit=limit, offset=offset)
    numbers = counts(session, lanes, asked, by=by, now=now)
    cards = cards_of(session, [key for keys in found.values() for key in keys], by=by, now=now)
    return [
        LaneView(name, [cards[key] for key in found[name] if key in cards], numbers[name])
        for name in lanes
    ]


def counts(
    session: Session, lanes: Sequence[str], asked: BoardFilter, *, by: Actor, now: datetime
) -> dict[str, int]:
    """Return lane -> how many deals it holds, at most COUNTED + 1; one statement."""
    parts = []
    for name in lanes:
        rows = (
            sa.select(Deal.id)
            .where(*_conditions(name, asked, by=by, now=now))
            .limit(COUNTED + 1)
            .subquery()
        )
        parts.append(
            sa.select(sa.literal(name).label("lane"), sa.func.count().label("n")).select_from(rows)
        )
    return {row.lane: row.n for row in session.execute(sa.union_all(*parts))}


def _keys(
    session: Session,
    lanes: Sequence[str],
    asked: BoardFilter,
    *,
    by: Actor,
    now: datetime,
    limit: int,
    offset: int,
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in lanes}
    parts = []
    for name in lanes:
        rows = (
            sa.select(Deal.id, Deal.stage_since)
            .where(*_conditions(name, asked, by=by, now=now))
            .order_by(*_order(name))
            .limit(limit)
            .offset(offset)
            .subquery()
        )
        parts.append(sa.select(sa.literal(name).label("lane"), rows.c.id, rows.c.stage_since))
    rows_found = session.execute(sa.union_all(*parts)).all()
    for name, key, _since in sorted(rows_found, key=lambda row: (row[2], row[1])):
        found[name].append(key)
    if "over" in found:
        found["over"].reverse()
    return found


def _order(lane: str) -> tuple[Any, ...]:
    if lane == "over":
        return (Deal.stage_since.desc(), Deal.id.desc())
    return (Deal.stage_since, Deal.id)


def _conditions(
    lane: str, asked: BoardFilter, *, by: Actor, now: datetime
) -> list[sa.ColumnElement[bool]]:
    stages = LANES[lane]
    found = [Deal.stage == stages[0] if len(stages) == 1 else Deal.stage.in_(stages)]
    return found + narrowing(asked, by=by, now=now)


def narrowing(asked: BoardFilter, *, by: Actor, now: datetime) -> list[sa.ColumnElement[bool]]:
    """Return the filter's conditions; whose deals the actor may see is one of them."""
    found: list[sa.ColumnElement[bool]] = []
    if asked.whose != "all" or not by.operator:
        found.append(Deal.broker_id == by.user_id)
    if asked.form:
        found.append(Deal.form == asked.form)
    if asked.organisation_id is not None:
        found.append(
            sa.or_(
                Deal.seller_organisation_id == asked.organisation_id,
                Deal.buyer_organisation_id == asked.organisation_id,
            )
        )
    if asked.days:
        found.append(Deal.stage_since <= now - timedelta(days=asked.days))
    if asked.band == "open":
        found.append(Deal.value_minor.is_(None))
    elif asked.band:
        low, high = BANDS[asked.band]
        found += [Deal.currency == "CNY", Deal.value_minor >= low]
        if high is not None:
            found.append(Deal.value_minor < high)
    return found


def cards_of(
    session: Session, keys: Sequence[int], *, by: Actor, now: datetime
) -> Mapping[int, Card]:
    """Return key -> card; three statements for any number."""
    if not keys:
        return {}
    deals = session.scalars(sa.select(Deal).where(Deal.id.in_(keys)).options(*for_lists())).all()
    readable = [deal.id for deal in deals if may_read(by, deal)]
    waiting = _waiting(session, readable)
    people = _people(session, {d.broker_id for d in deals} - {None, by.user_id})
    since = now - timedelta(days=patience()["remind"])
    return {
        deal.id: Card(
            deal,
            waiting.get(deal.id),
            people.get(deal.broker_id or 0),
            deal.id in readable,
            deal.stage in UNSIGNED and _moved(deal) < since,
        )
        for deal in deals
    }


def _moved(deal: Deal) -> datetime:
    return max(each for each in (deal.state_since, deal.last_message_at) if each is not None)


def _waiting(session: Session, keys: Sequence[int]) -> Mapping[int, str]:
    if not keys:
        return {}
    rows = session.execute(
        sa.select(TermVersion.deal_id, TermVersion.side).where(
            TermVersion.deal_id.in_(keys), TermVersion.state == "proposed"
        )
    )
    return {key: "buyer" if side == "seller" else "seller" for key, side in rows}


def _people(session: Session, keys: Any) -> Mapping[int, User]:
    if not keys:
        return {}
    rows = session.scalars(
        sa.select(User)
        .where(User.id.in_(keys), User.erased_at.is_(None))
        .options(lazyload(User.roles), lazyload(User.memberships))
    )
    return {user.id: user for user in rows}


def for_export(
    session: Session, asked: BoardFilter, *, stages: Sequence[str], by: Actor, now: datetime
) -> Iterator[Sequence[Card]]:
    """Yield the filter's deals in batches, EXPORTED at most."""
    keys = session.scalars(
        sa.select(Deal.id)
        .where(Deal.stage.in_(stages), *narrowing(asked, by=by, now=now))
        .order_by(Deal.stage, Deal.stage_since, Deal.id)
        .limit(EXPORTED)
    ).all()
    for first in range(0, len(keys), 500):
        batch = keys[first : first + 500]
        cards = cards_of(session, batch, by=by, now=now)
        yield [cards[key] for key in batch if key in cards]
