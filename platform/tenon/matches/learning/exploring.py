"""One place on a few pages for a new listing, so that it is seen and can be spoken of.

It has to fit at least possibly, to be published lately and seldom shown; it never takes the top
place, and everything else keeps its order. Which pages, which listing and which place is a lot
of the listing asked for and the day, so that a reload shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.learning.exploring import FIRST_PLACE, draw, pick, place_among
from tenon.listings.models import Listing
from tenon.matches import queries
from tenon.matches.learning.impressions import seldom_seen
from tenon.matches.queries import BEST, MatchView, epoch_day

NEW_DAYS: Final = 30
SELDOM: Final = 20
"""A listing shown less often than this, over all pages and days, counts as seldom seen."""

UNSEEN_FROM: Final = 4
"""What the ranking puts higher needs no help."""

DEEP: Final = 40
"""So far down the ranking it is looked for what is new."""


def with_new_listing(
    session: Session,
    engine: MatchEngine,
    *,
    listing: Listing,
    found: Sequence[MatchView],
    now: datetime,
    percent: int,
    past: bool = False,
) -> list[MatchView]:
    """Return a page of counterparts, on ``percent`` of pages with a place for a new one.

    Args:
        session: to read with.
        engine: on the site's index.
        listing: whose counterparts they are.
        found: the best ``queries.BEST`` of them, with reasons.
        now: the moment; the lot is the day's.
        percent: of 100 pages.
        past: as ``found`` was asked for.
    """
    day = epoch_day(now)
    lot = draw(f"{listing.public_id}/{day}", percent)
    if not lot.explores or not found or found[0].band == "weak":
        return list(found)
    known = {view.listing.id for view in found}
    beyond: list[MatchView] = []
    if len(found) == BEST:
        # Asked for among all, since how well something fits depends on what else there is.
        deep = queries.counterparts(
            session, engine, listing=listing, now=now, past=past, k=DEEP, reasons=False
        )
        beyond = [view for view in deep if view.listing.id not in known]
    new = _new(session, [*found[UNSEEN_FROM - 1 :], *beyond], day)
    if not new:
        return list(found)
    chosen = pick(new, lot)
    if chosen.listing.id not in known:
        chosen = _explained(session, engine, chosen, listing=listing, now=now, past=past)
        chosen = replace(chosen, place=BEST + 1)
        last = sum(view.band != "weak" for view in found)
    else:
        last = chosen.position - 1
    order, _ = place_among(
        [view.listing.id for view in found],
        chosen.listing.id,
        lot,
        last=max(last, FIRST_PLACE),
        most=BEST,
    )
    views = {view.listing.id: view for view in found}
    views[chosen.listing.id] = replace(chosen, explored=True)
    return [replace(views[key], position=at) for at, key in enumerate(order, start=1)]


def _explained(
    session: Session,
    engine: MatchEngine,
    view: MatchView,
    *,
    listing: Listing,
    now: datetime,
    past: bool,
) -> MatchView:
    """Return the same counterpart with the reasons; how well it fits is known already."""
    only = frozenset({view.listing.id})
    found = queries.counterparts(
        session, engine, listing=listing, now=now, past=past, k=1, only=only
    )
    return replace(view, reasons=found[0].reasons) if found else view


def _new(session: Session, views: Sequence[MatchView], day: int) -> list[MatchView]:
    """Return those that fit at least possibly, are new, and seldom seen; best first."""
    fresh = [
        view
        for view in views
        if view.band != "weak"
        and view.listing.published_at is not None
        and epoch_day(view.listing.published_at) >= day - NEW_DAYS
    ]
    seldom = seldom_seen(session, {view.listing.id for view in fresh}, less_than=SELDOM)
    return [view for view in fresh if view.listing.id in seldom]
