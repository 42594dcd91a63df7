"""What was shown at which position: one row a pair, organisation and day, for a year.

Only what somebody saw who may speak for the organisation: from others no word can come, and what
nobody could answer says nothing by its silence. Never commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tenon.listings.models import Listing
from tenon.matches.models import MatchImpression
from tenon.matches.queries import MatchView, epoch_day

OPEN_WEAK: Final = 3
"""So many distant relations are shown unfolded where nothing fits."""

_DIGITS: Final = 4


def in_sight(views: Sequence[MatchView]) -> list[MatchView]:
    """Return what the page shows without a click: distant relations are folded away."""
    fitting = [view for view in views if view.band != "weak"]
    return fitting or list(views)[:OPEN_WEAK]


def unlogged(
    session: Session, listing: Listing, views: Sequence[MatchView], *, now: datetime
) -> list[MatchView]:
    """Return what is in sight and was not yet logged today for the listing's organisation."""
    shown = in_sight(views)
    own, other = _columns(listing)
    known = set(
        session.scalars(
            sa.select(other).where(
                own == listing.id,
                other.in_([view.listing.id for view in shown]),
                MatchImpression.organisation_id == listing.organisation_id,
                MatchImpression.day == epoch_day(now),
            )
        )
    )
    return [view for view in shown if view.listing.id not in known]


def log_impressions(
    session: Session, listing: Listing, views: Sequence[MatchView], *, now: datetime
) -> None:
    """Write down what the listing's organisation is being shown; the day's first row stays."""
    rows = [_row(listing, view, now) for view in views]
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(dialect.insert(MatchImpression).values(rows).on_conflict_do_nothing())


def seldom_seen(session: Session, ids: Collection[int], *, less_than: int) -> set[int]:
    """Return those of these listings that were shown, as counterparts, less often than that."""
    if not ids:
        return set()
    shown = sa.case(
        (MatchImpression.side == "need", MatchImpression.achievement_id),
        else_=MatchImpression.need_id,
    )
    rows = session.execute(
        sa.select(shown.label("listing"), sa.func.count().label("number"))
        .where(
            sa.or_(MatchImpression.achievement_id.in_(ids), MatchImpression.need_id.in_(ids)),
        )
        .group_by(shown)
        .having(sa.func.count() >= less_than)
    )
    return set(ids) - {row.listing for row in rows}


def forget_impressions(session: Session, *, before_day: int) -> int:
    """Delete what was shown before a day; returns how many rows."""
    done = session.execute(
        sa.delete(MatchImpression)
        .where(MatchImpression.day < before_day)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # a DML result has it


def _row(listing: Listing, view: MatchView, now: datetime) -> Mapping[str, Any]:
    need, achievement = listing.id, view.listing.id
    if listing.side == "achievement":
        need, achievement = achievement, need
    return {
        "need_id": need,
        "achievement_id": achievement,
        "organisation_id": listing.organisation_id,
        "side": listing.side,
        "day": epoch_day(now),
        "position": view.position,
        "place": view.place,
        "band": view.band,
        "seen": {name: round(value, _DIGITS) for name, value in view.seen.items()},
        "ranking": view.ranking,
        "explored": view.explored,
        "page": "matches",
        "at": now,
    }


def _columns(listing: Listing) -> tuple[sa.ColumnElement[int], sa.ColumnElement[int]]:
    """Return the columns of the listing's own side and of the other one."""
    pair = (MatchImpression.need_id.expression, MatchImpression.achievement_id.expression)
    return pair if listing.side == "need" else pair[::-1]
