"""The board of introductions as a broker or an operator may see it; changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import Role, User, UserRole
from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.queries.board_filters import BoardFilter, is_overdue, late
from tenon.introductions.queries.board_lanes import (
    COUNTED,
    LANES,
    LOOKED_BACK,
    Lane,
    Place,
    counts,
    crowded,
    places,
)
from tenon.introductions.queries.introductions import Shown, for_lists, shown, visible_to
from tenon.introductions.queries.thread import unread_of
from tenon.introductions.stages import patience
from tenon.introductions.states import LIVE_STATES

STAGES = LIVE_STATES
"""The board's columns, from left to right; the other lanes are lists of their own."""

A_COLUMN, A_PAGE, EXPORTED = 6, 20, 5_000
_ASKED_AT_MOST = 1_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Card:
    """One introduction on the board, as one actor may see it.

    Attributes:
        shown: titles and names; a name only where ``shown`` says so.
        own_title: whether the interested side's listing may be named.
        broker: who looks after it, or proposed it; None where nobody does.
        may_read: whether the actor may open it.
        may_act: whether the actor may be offered a step of it.
        overdue: the stage lasts longer than a reminder waits.
        age: how long it has been in the stage.
        unread: messages that the actor may read and has not.
    """

    shown: Shown
    own_title: bool
    broker: User | None
    may_read: bool
    may_act: bool
    overdue: bool
    age: timedelta
    unread: int


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane of the board with one page of its cards.

    Attributes:
        number: of all its rows, exact up to COUNTED.
        next_place: where the next page begins; None on the last.
    """

    lane: Lane
    cards: Sequence[Card]
    number: int
    next_place: str | None


@dataclass(frozen=True, slots=True)
class BoardFigures:
    """What stands above the board.

    Attributes:
        waiting: what the default filter shows, counted up to COUNTED + 1.
        overdue: of what the actor looks after, likewise.
        days: median days from a request to its passing on, of the last 90 days; None without any.
        asked: how many the actor passed on in that time, at most 1,000 (the latest).
        accepted: of those.
    """

    waiting: int
    overdue: int
    days: float | None
    asked: int
    accepted: int


def board(
    session: Session,
    asked: BoardFilter,
    *,
    lanes: Sequence[str] = STAGES,
    by: Actor,
    now: datetime,
    limit: int = A_COLUMN,
    after: str | None = None,
) -> Sequence[LaneView]:
    """Return the lanes with their first cards; at most 12 statements, whatever they hold.

    Args:
        session: to read with.
        asked: the filter.
        lanes: names of lanes.
        by: a broker or operator.
        now: the moment.
        limit: cards a lane.
        after: ``next_place`` of the page before, where one lane is asked for.
    """
    wanted = [LANES[name] for name in lanes]
    start = _place(session, after) if after else None
    # Where rows are looked at one by one, one look finds and counts.
    at_once = asked.scans and start is None
    much = crowded(session, wanted, asked, by=by)
    numbers = None if at_once else counts(session, wanted, asked, by=by, now=now, much=much)
    most = COUNTED + 1 if at_once else limit + 1
    found = places(session, wanted, asked, by=by, now=now, limit=most, after=start, much=much)
    if numbers is None:
        numbers = {name: len(rows) for name, rows in found.items()}
    keys = [place.key for lane in wanted for place in found[lane.name][:limit]]
    cards = cards_of(session, keys, by=by, now=now)
    views = []
    for lane in wanted:
        here = [cards[place.key] for place in found[lane.name][:limit] if place.key in cards]
        more = len(found[lane.name]) > limit and bool(here)
        following = _written(here[-1], lane) if more else None
        views.append(LaneView(lane, here, numbers[lane.name], following))
    return views


def cards_of(
    session: Session, keys: Collection[int], *, by: Actor, now: datetime
) -> Mapping[int, Card]:
    """Return key -> card; at most 7 statements, however many."""
    if not keys:
        return {}
    rows = session.scalars(
        sa.select(Introduction).where(Introduction.id.in_(keys)).options(*for_lists())
    ).all()
    readable = [each for each in rows if permissions.may_read(by, each)]
    unread = unread_of(session, readable, by=by) if readable else {}
    people = _people(session, (each.broker_id or each.proposer_id for each in rows))
    return {
        each.id: _card(
            each,
            people.get(each.broker_id or each.proposer_id or 0),
            unread.get(each.id, 0),
            by=by,
            now=now,
        )
        for each in rows
    }


def _card(
    introduction: Introduction, broker: User | None, unread: int, *, by: Actor, now: datetime
) -> Card:
    return Card(
        shown=shown(introduction, by),
        own_title=permissions.may_know_listing(by, introduction, "from"),
        broker=broker,
        may_read=permissions.may_read(by, introduction),
        may_act=introduction.live_key is not None
        and not permissions.is_party(by, introduction)
        and (by.operator or permissions.may_read(by, introduction)),
        overdue=is_overdue(introduction, now),
        age=now - introduction.stage_since,
        unread=unread,
    )


def figures(
    session: Session, *, by: Actor, now: datetime, waiting: int | None = None
) -> BoardFigures:
    """Return the figures above the board; at most four statements over a bounded number of rows.

    ``waiting`` is what all lanes of the default filter hold, where the caller has counted them.
    """
    if waiting is None:
        stages = [LANES[name] for name in STAGES]
        waiting = sum(counts(session, stages, BoardFilter(), by=by, now=now).values())
    rows = session.execute(
        sa.select(
            Introduction.created_at,
            Introduction.passed_on_at,
            Introduction.opened_at,
            Introduction.proposer_id,
        )
        .where(Introduction.broker_id == by.user_id, Introduction.passed_on_at >= now - LOOKED_BACK)
        .order_by(Introduction.passed_on_at.desc())
        .limit(_ASKED_AT_MOST)
    ).all()
    # A proposal's clock runs from the broker's own idea, so it says nothing of checking.
    spans = [
        (passed - created).total_seconds() / 86_400
        for created, passed, _, proposer in rows
        if passed is not None and proposer is None
    ]
    return BoardFigures(
        waiting=min(waiting, COUNTED + 1),
        overdue=_overdue(session, by=by, now=now),
        days=median(spans) if spans else None,
        asked=len(rows),
        accepted=sum(opened is not None for _, _, opened, _ in rows),
    )


def _overdue(session: Session, *, by: Actor, now: datetime) -> int:
    """Count what the actor looks after or proposed and that is late, at most COUNTED + 1."""
    row = Introduction
    rows = (
        sa.select(row.id)
        .where(
            sa.or_(row.broker_id == by.user_id, row.proposer_id == by.user_id),
            row.state.in_(patience()),
            late(row, now),
        )
        .limit(COUNTED + 1)
        .subquery()
    )
    return session.scalar(sa.select(sa.func.count()).select_from(rows)) or 0


def for_export(
    session: Session, asked: BoardFilter, *, lanes: Sequence[str], by: Actor, now: datetime
) -> Iterator[Sequence[Card]]:
    """Yield the cards of the filter in batches, lane after lane, at most EXPORTED in all."""
    wanted = [LANES[name] for name in lanes]
    found = places(session, wanted, asked, by=by, now=now, limit=EXPORTED)
    keys = [place.key for lane in wanted for place in found[lane.name]][:EXPORTED]
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        loaded = cards_of(session, part, by=by, now=now)
        yield [loaded[key] for key in part if key in loaded]


def chosen(session: Session, public_ids: Iterable[str], *, by: Actor, now: datetime) -> list[Card]:
    """Return the cards of a choice, in the order of its ids; what the actor may not see is left."""
    wanted = list(public_ids)
    rows = session.execute(
        sa.select(Introduction.id, Introduction.public_id).where(
            Introduction.public_id.in_(wanted), visible_to(by)
        )
    )
    keys = {public_id: key for key, public_id in rows}
    cards = cards_of(session, keys.values(), by=by, now=now)
    return [cards[keys[each]] for each in wanted if each in keys]


def brokers(session: Session) -> Sequence[User]:
    """Return the brokers who can sign in, by name."""
    holders = sa.select(UserRole.user_id).join(Role).where(Role.name == "broker")
    return session.scalars(
        sa.select(User)
        .where(User.id.in_(holders), User.active.is_(True), User.erased_at.is_(None))
        .options(lazyload(User.roles), lazyload(User.memberships))
        .order_by(User.name, User.id)
        .limit(500)
    ).all()


def _people(session: Session, keys: Iterable[int | None]) -> Mapping[int, User]:
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    rows = session.scalars(
        sa.select(User)
        .where(User.id.in_(wanted), User.erased_at.is_(None))
        .options(lazyload(User.roles), lazyload(User.memberships))
    )
    return {user.id: user for user in rows}


def _written(card: Card, lane: Lane) -> str:
    introduction = card.shown.introduction
    moment: datetime = getattr(introduction, lane.moment)
    return f"{moment.isoformat()}~{introduction.public_id}"


def _place(session: Session, written: str) -> Place | None:
    """Read what ``_written`` wrote; None for anything else."""
    moment, _, public_id = written.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    key = session.scalar(sa.select(Introduction.id).where(Introduction.public_id == public_id))
    return None if key is None or at.tzinfo is None else Place(at, key)
