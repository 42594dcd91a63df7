"""Keep a search, change it, pause it, drop it. Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.errors import MatchingError
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.listings.models import Listing
from tenon.matches.search.filters import LONGEST_TEXT, read_search
from tenon.outbox import emit
from tenon.searches.models import RHYTHMS, SavedCriterion, SavedSearch
from tenon.searches.permissions import may_keep_for, may_keep_of, may_resume
from tenon.searches.queries.answering import BASELINE, answer
from tenon.searches.queries.criteria import wanted
from tenon.searches.services import gauging
from tenon.searches.services.recording import remember_known
from tenon.searches.services.telling import plan

MOST_SEARCHES = 50
LONGEST_NAME = 80
LONGEST_PARAGRAPH = 5_000
CATCH_UP = "searches.catch_up"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to keep.

    Attributes:
        kind: browse, box or listing.
        name: by which they know it.
        rhythm: now, daily, weekly or none.
        text: words or a paragraph.
        side: of a paragraph: need or achievement.
        chosen: filter -> values.
        listing: whose matches are wanted.
        organisation_id: the firm it is kept for, by its broker.
    """

    kind: str
    name: str
    rhythm: str = "now"
    text: str = ""
    side: str | None = None
    chosen: Mapping[str, Iterable[str]] = field(default_factory=dict)
    listing: Listing | None = None
    organisation_id: int | None = None


def keep(
    session: Session, engine: MatchEngine, draft: Draft, *, by: Actor, now: datetime
) -> SavedSearch:
    """Keep a search; what it finds already is known and not told.

    Raises:
        Forbidden: the listing or the firm is not theirs to search for.
        Invalid: by field: ``name``, ``rhythm``, ``text``; the whole form's codes are
            ``nothing_asked`` and ``too_many_searches``.
    """
    if by.user_id is None:
        raise Forbidden
    if draft.listing is not None and not may_keep_of(by, draft.listing, now):
        raise Forbidden
    if not may_keep_for(session, by, draft.organisation_id):
        raise Forbidden
    # Whoever keeps two at once waits here, so that the limit and the names hold.
    session.execute(sa.select(User.id).where(User.id == by.user_id).with_for_update())
    asked = read_search(draft.text, draft.chosen, None) if draft.kind == "browse" else None
    _check(session, draft, by.user_id)
    side = draft.listing.side if draft.listing is not None else draft.side
    criteria = wanted(draft.kind, asked.chosen if asked else {}, side=side)
    search = SavedSearch(
        user_id=by.user_id,
        organisation_id=draft.organisation_id,
        listing_id=draft.listing.id if draft.listing is not None else None,
        name=draft.name.strip(),
        kind=draft.kind,
        rhythm=draft.rhythm,
        text=asked.text if asked else draft.text.strip() if draft.kind == "box" else "",
        side=draft.side if draft.kind == "box" else None,
        chosen={name: list(values) for name, values in asked.chosen.items()} if asked else {},
        dimensions=len(criteria),
        created_at=now,
    )
    session.add(search)
    session.flush()
    session.add_all(
        SavedCriterion(search_id=search.id, dimension=name, value=value)
        for name, values in criteria.items()
        for value in values
    )
    session.flush()
    _look(session, engine, search, by=by, now=now)
    return search


def change(
    session: Session,
    search: SavedSearch,
    *,
    name: str,
    rhythm: str,
    organisation_id: int | None,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Give a search another name, rhythm or firm; errors as for ``keep``, Conflict if it moved."""
    _own(search, by)
    if not may_keep_for(session, by, organisation_id):
        raise Forbidden
    _refuse(_name_faults(session, search.user_id, name, besides=search.id) | _rhythm(rhythm))
    _swap(session, search, version)
    other_rhythm = search.rhythm != rhythm
    search.name, search.rhythm, search.organisation_id = name.strip(), rhythm, organisation_id
    if other_rhythm:
        plan(session, search, now=now)


def pause(session: Session, search: SavedSearch, *, by: Actor) -> None:
    """Find and tell nothing until it is resumed."""
    _own(search, by)
    if search.state == "active":
        _swap(session, search, search.version)
        search.state, search.due_at = "paused", None


def resume(
    session: Session, engine: MatchEngine, search: SavedSearch, *, by: Actor, now: datetime
) -> None:
    """Go on; what came in between is known and not told."""
    _own(search, by)
    if search.state == "active":
        return
    if not may_resume(session, by, search, now):
        raise Conflict("right_lost")
    _swap(session, search, search.version)
    search.state = "active"
    session.flush()
    _look(session, engine, search, by=by, now=now)
    plan(session, search, now=now)


def drop(session: Session, search: SavedSearch, *, by: Actor) -> None:
    """Delete a search with all that it found."""
    _own(search, by)
    session.execute(
        sa.delete(SavedSearch)
        .where(SavedSearch.id == search.id)
        .execution_options(synchronize_session=False)
    )
    session.expunge(search)


def _look(
    session: Session, engine: MatchEngine, search: SavedSearch, *, by: Actor, now: datetime
) -> None:
    """Take the search's figures and remember what it finds already.

    Without an index it is kept all the same: it is asked in full until it can be gauged.
    """
    try:
        rows = gauging.rows_of(engine, search, now=now)
        found = answer(session, engine, search, by=by, now=now, limit=BASELINE)
    except MatchingError:
        return
    gauging.write(session, [search.id], rows)
    listings, experts = ([each.id for each in some] for some in (found.listings, found.experts))
    remember_known(session, search, listings, experts, now=now)
    # What the index takes in before this is committed, no look for new listings sees.
    emit(session, CATCH_UP, {"id": search.id}, now=now)


def _check(session: Session, draft: Draft, user_id: int) -> None:
    faults = _name_faults(session, user_id, draft.name) | _rhythm(draft.rhythm)
    longest = LONGEST_TEXT if draft.kind == "browse" else LONGEST_PARAGRAPH
    if len(draft.text) > longest:
        faults["text"] = "too_long"
    if draft.kind == "box" and not any(map(str.isalnum, draft.text)):
        faults["text"] = "required"
    if draft.kind == "browse":
        asked = read_search(draft.text, draft.chosen, None)
        if not asked.text and not asked.narrowed:
            faults[""] = "nothing_asked"
    held = session.scalar(
        sa.select(sa.func.count()).select_from(SavedSearch).where(SavedSearch.user_id == user_id)
    )
    if (held or 0) >= MOST_SEARCHES:
        faults[""] = "too_many_searches"
    _refuse(faults)


def _name_faults(
    session: Session, user_id: int, name: str, *, besides: int | None = None
) -> dict[str, str]:
    name = name.strip()
    if not name:
        return {"name": "required"}
    if len(name) > LONGEST_NAME:
        return {"name": "too_long"}
    taken = sa.select(SavedSearch.id).where(
        SavedSearch.user_id == user_id, SavedSearch.name == name, SavedSearch.id != (besides or 0)
    )
    return {"name": "already_taken"} if session.scalar(taken) is not None else {}


def _rhythm(rhythm: str) -> dict[str, str]:
    return {} if rhythm in RHYTHMS else {"rhythm": "unknown_code"}


def _refuse(faults: Mapping[str, str]) -> None:
    if faults:
        raise Invalid(faults)


def _own(search: SavedSearch, by: Actor) -> None:
    if by.user_id is None or search.user_id != by.user_id:
        raise Forbidden


def _swap(session: Session, search: SavedSearch, version: int) -> None:
    """Take the next version; Conflict where somebody did before."""
    moved = session.execute(
        sa.update(SavedSearch)
        .where(SavedSearch.id == search.id, SavedSearch.version == version)
        .values(version=version + 1)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict
    session.refresh(search)
