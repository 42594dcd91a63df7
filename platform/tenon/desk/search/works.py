"""Listings, introductions, deals, events that a search finds."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.errors import MatchingError
from tenon.deals.models import Deal
from tenon.deals.queries.deals import visible_to as deals_for
from tenon.desk.search.hits import Hit, Query, of_two, says
from tenon.desk.titles import title_of
from tenon.events.models import Event
from tenon.events.queries import visible_to as events_for
from tenon.introductions.queries.board import cards_of, chosen
from tenon.introductions.queries.board_filters import BoardFilter
from tenon.introductions.queries.board_lanes import LANES, places
from tenon.introductions.states import LIVE_STATES
from tenon.listings.models import Listing, ListingText
from tenon.listings.permissions import UNSUBMITTED_STATES
from tenon.listings.queries import is_public, visible_to
from tenon.listings.queries.visibility import written_up_by
from tenon.listings.states import PUBLIC_STATES, STATES

log = logging.getLogger("tenon.desk")

_HIDDEN = tuple(state for state in STATES if state not in PUBLIC_STATES)
LOOKED_AT, LOOKED_AT_ALONE = 300, 2_000
_LANES = [LANES[name] for name in (*LIVE_STATES, "over")]


def listings(session: Session, query: Query, engine: MatchEngine) -> list[Hit]:
    """Return listings: public ones through the index, then own and others in sight by title.

    Of those that are not public all that are the reader's, and of others the LOOKED_AT that
    changed last of each state (LOOKED_AT_ALONE where listings alone are asked for).
    """
    if query.code:
        exact = _rows(session, query, [Listing.public_id == query.code])
        if exact:
            return exact
    found = _public(session, query, engine)
    wanted = query.limit + 1 - len(found)
    if wanted > 0:
        found += _rows(session, query, [Listing.id.in_(_hidden(query)), _titled(query)])[:wanted]
    return found


def _hidden(query: Query) -> sa.CompoundSelect[int]:
    """Select the listings whose titles are looked at, each part in the order of an index."""
    by = query.by
    hidden = sa.select(Listing.id).where(Listing.state.in_(_HIDDEN))
    parts = [hidden.where(Listing.broker_id == by.user_id)]
    if by.memberships:
        parts.append(hidden.where(Listing.organisation_id.in_(sorted(by.memberships))))
    in_sight = visible_to(by, now=query.now)
    states = _HIDDEN
    if not by.operator:  # who runs nothing sees none of these but their own, and what they write
        states = tuple(state for state in _HIDDEN if state not in UNSUBMITTED_STATES)
        parts.append(hidden.where(written_up_by(by)))
    for state in states:
        latest = (
            sa.select(Listing.id)
            .where(Listing.state == state, in_sight)
            .order_by(Listing.updated_at.desc(), Listing.id.desc())
            .limit(LOOKED_AT_ALONE if query.alone else LOOKED_AT)
            .subquery()
        )
        parts.append(sa.select(latest.c.id))
    return sa.union(*parts)


def _titled(query: Query) -> sa.ColumnElement[bool]:
    """Return the condition that a title holds the text, looked up row by row.

    PostgreSQL would read an EXISTS as the set of all titles that do.
    """
    said = sa.orm.aliased(ListingText)
    number = sa.select(sa.func.count()).where(said.listing_id == Listing.id)
    return number.where(says(query, said.title)).correlate(Listing).scalar_subquery() > 0


def _public(session: Session, query: Query, engine: MatchEngine) -> list[Hit]:
    try:
        keys = [key for key, _score in engine.find(query.text, 4 * query.limit)]
    except MatchingError as error:
        log.info("the desk searches without the index: %s", error.__class__.__name__)
        return []
    rows = session.execute(_select(query).where(Listing.id.in_(keys), is_public(query.now))).all()
    by_key = {row.id: row for row in rows}
    return [_hit(by_key[key]) for key in keys if key in by_key][: query.limit + 1]


def _rows(session: Session, query: Query, conditions: list[sa.ColumnElement[bool]]) -> list[Hit]:
    wanted = _select(query).where(visible_to(query.by, now=query.now), *conditions)
    rows = session.execute(
        wanted.order_by(Listing.updated_at.desc(), Listing.id.desc()).limit(query.limit + 1)
    )
    return [_hit(row) for row in rows]


def _select(query: Query) -> sa.Select[int, str, str, str, str]:
    return sa.select(
        Listing.id,
        Listing.public_id,
        Listing.side,
        Listing.state,
        title_of(Listing.id, query.language).label("title"),
    )


def _hit(row: sa.Row[int, str, str, str, str]) -> Hit:
    _key, public_id, side, state, title = row
    return Hit(title, f"/listings/{public_id}", state=state, side=side)


def introductions(session: Session, query: Query) -> list[Hit]:
    """Return introductions in the reader's hands by a title that they may know.

    The board's own search: a bounded number of rows of each stage. Operators look through all.
    """
    by, now = query.by, query.now
    if query.code:
        cards = chosen(session, [query.code], by=by, now=now)
    else:
        whose = "all" if by.operator else "mine"
        asked = BoardFilter(whose=whose, text=query.text)
        found = places(session, _LANES, asked, by=by, now=now, limit=query.limit + 1)
        keys = [place.key for lane in found.values() for place in lane][: query.limit + 1]
        loaded = cards_of(session, keys, by=by, now=now)
        cards = [loaded[key] for key in keys if key in loaded]
    return [
        Hit(
            card.shown.introduction.listing.text(query.language).title,
            f"/introductions/{card.shown.introduction.public_id}",
            state=card.shown.introduction.state,
        )
        for card in cards
    ]


def deals(session: Session, query: Query) -> list[Hit]:
    """Return deals that the reader may know of by title or public id; one statement."""
    ways = [says(query, Deal.title)]
    if query.code:
        ways.append(Deal.public_id == query.code)
    rows = session.execute(
        sa.select(Deal.public_id, Deal.title, Deal.stage)
        .where(deals_for(query.by), sa.or_(*ways))
        .order_by(Deal.stage_since.desc(), Deal.id.desc())
        .limit(query.limit + 1)
    )
    return [Hit(row.title, f"/deals/{row.public_id}", state=row.stage) for row in rows]


def events(session: Session, query: Query) -> list[Hit]:
    """Return events that the reader may know of by title or public id; one statement."""
    ways = [says(query, Event.title_zh, Event.title_en)]
    if query.code:
        ways.append(Event.public_id == query.code)
    rows = session.execute(
        sa.select(Event.public_id, Event.title_zh, Event.title_en, Event.state)
        .where(events_for(query.by), sa.or_(*ways))
        .order_by(Event.starts_at.desc(), Event.id.desc())
        .limit(query.limit + 1)
    )
    return [
        Hit(
            of_two(row.title_zh, row.title_en, query.language),
            f"/events/{row.public_id}",
            state=row.state,
        )
        for row in rows
    ]
