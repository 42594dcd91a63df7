"""What a kept search finds at this moment: the same as the page where it was kept would show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import COUNTERPARTS, LANGUAGES, Document, Side, Where
from matching.engine import MatchEngine
from matching.watching import surely_found
from tenon.actors import Actor
from tenon.listings.documents import documents_of
from tenon.listings.models import Expert, Listing
from tenon.listings.queries import is_public
from tenon.matches import queries as matches
from tenon.matches.queries import MatchView, epoch_day
from tenon.matches.search.filters import Search, read_search
from tenon.matches.search.finding import DEPTH, Hit, run_search
from tenon.network.clocks import today
from tenon.searches.models import SavedSearch

MOST = 20
"""So many counterparts a kept paragraph or listing finds at most."""

BASELINE = 500
"""So many of what a search finds when it is kept are remembered as known."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search finds: counterparts with reasons, or hits with their number in all."""

    views: Sequence[MatchView] = ()
    hits: Sequence[Hit] = ()
    total: int = 0

    @property
    def listings(self) -> list[Listing]:
        """Return the listings, best first."""
        found = [view.listing for view in self.views]
        return found + [hit.listing for hit in self.hits if hit.listing is not None]

    @property
    def experts(self) -> list[Expert]:
        """Return the experts, best first; only searches of the search page find any."""
        return [hit.expert for hit in self.hits if hit.expert is not None]


def question_of(search: SavedSearch) -> Search:
    """Return a browsing search as the search page takes it, newest first."""
    return read_search(search.text, cast("dict[str, list[str]]", search.chosen), "newest")


def answer(
    session: Session,
    engine: MatchEngine,
    search: SavedSearch,
    *,
    by: Actor,
    now: datetime,
    offset: int = 0,
    limit: int = MOST,
    reasons: bool = False,
) -> Answer:
    """Run one search; what fits too little to be worth anybody's time is left out.

    Raises:
        matching.errors.MatchingError: it asks the index, and there is none.
    """
    if search.kind == "browse":
        found = run_search(
            session, engine, question_of(search), now=now, offset=offset, limit=limit
        )
        return Answer(hits=found.hits, total=found.total)
    if search.listing is not None:
        views = matches.counterparts(
            session, engine, listing=search.listing, now=now, k=MOST, reasons=reasons
        )
    else:
        draft = engine.draft(search.text, cast("Side", search.side))
        views = matches.counterparts_of_text(
            session, engine, draft=draft, actor=by, now=now, k=MOST, reasons=reasons
        )
    fitting = [view for view in views if view.band != "weak"]
    return Answer(views=fitting, total=len(fitting))


def documents(engine: MatchEngine, search: SavedSearch) -> list[Document]:
    """Return what the index is asked with; nothing for filters alone."""
    if search.kind == "browse":
        return [Document(0, "need", "zh", "", search.text)] if search.text else []
    if search.listing is not None:
        return documents_of(search.listing)
    return [engine.draft(search.text, cast("Side", search.side))]


def where_of(search: SavedSearch, asked: Sequence[Document], own: Iterable[int]) -> Where:
    """Return the index's filter of a search, without what depends on the day."""
    if search.kind == "browse":
        return Where()
    if search.listing is not None:
        own = (search.listing.organisation_id,)
    return Where(sides=COUNTERPARTS[asked[0].side], organisation_not=tuple(sorted(own)))


def own_organisations(search: SavedSearch) -> frozenset[int]:
    """Return the organisations of the search's owner: what is theirs is never told."""
    return frozenset(
        each.organisation_id for each in search.user.memberships if each.state == "active"
    )


class Confirming:
    """Asks searches anew for new listings, each text once.

    Args:
        session: to read with.
        engine: on the site's index.
        now: the moment.
    """

    def __init__(self, session: Session, engine: MatchEngine, now: datetime) -> None:
        self._session = session
        self._engine = engine
        self._today = epoch_day(now)
        self._now = now
        self._known: dict[object, frozenset[int]] = {}

    def finds(self, search: SavedSearch, listing: Listing) -> bool:
        """Return whether the search finds the listing, whose filters are met."""
        own: frozenset[int] = frozenset()
        if search.kind == "browse":
            languages = [language for language in LANGUAGES if language in _written(listing)]
            alone = surely_found(self._engine, search.text, listing.id, languages)
            if alone is not None:
                return alone
        else:
            own = own_organisations(search)
        key = (search.kind, search.text, search.side, search.listing_id, own)
        if key not in self._known:
            self._known[key] = self._ask(search, own)
        return listing.id in self._known[key]

    def _ask(self, search: SavedSearch, own: frozenset[int]) -> frozenset[int]:
        asked = documents(self._engine, search)
        if search.kind == "browse":
            return frozenset(key for key, _ in self._engine.find(search.text, DEPTH))
        where = where_of(search, asked, own)
        where = Where(sides=where.sides, organisation_not=where.organisation_not, today=self._today)
        found = self._engine.match(asked, MOST, where, reasons=False)
        return frozenset(match.key for match in found if match.band.value != "weak")


def _written(listing: Listing) -> frozenset[str]:
    return frozenset(text.language for text in listing.texts)


def still_public(
    session: Session, listing_ids: Iterable[int], *, now: datetime
) -> Sequence[Listing]:
    """Return those listings that may be told of: public, and no need past its deadline."""
    return session.scalars(
        sa.select(Listing)
        .where(
            Listing.id.in_(sorted(set(listing_ids))),
            is_public(now),
            sa.or_(Listing.deadline.is_(None), Listing.deadline >= today(now)),
        )
        .order_by(Listing.id)
    ).all()
