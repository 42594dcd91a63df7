"""From a new or changed expert to the searches that find them, as ``reverse`` does of listings.

Only searches of the search page find experts; paragraphs and listings are answered by listings.
Reads only.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.reverse import slack
from matching.watching import hold_against
from tenon.accounts.models import Membership
from tenon.accounts.queries import actor_of
from tenon.listings.documents import documents_of_expert, expert_key
from tenon.listings.models import Expert
from tenon.listings.queries import public_experts, results_of
from tenon.matches.search.finding import DEPTH
from tenon.searches.models import SavedExpertFinding, SavedSearch
from tenon.searches.queries.answering import BASELINE, answer
from tenon.searches.queries.criteria import meeting_values, offered_by_expert
from tenon.searches.queries.reverse import Pair, Shelf, load_shelf


def experts_answering(
    session: Session, engine: MatchEngine, expert_ids: Collection[int], *, now: datetime
) -> list[Pair]:
    """Return which active searches find which of these experts, and were not told before.

    Never a search of the expert's own nor of a member of their organisation.

    Raises:
        matching.errors.MatchingError: there is no index to ask.
    """
    shelf: Shelf | None = None
    found: list[Pair] = []
    known: dict[str, frozenset[int]] = {}
    for expert in public_experts(session, sorted(set(expert_ids))):
        met = meeting_values(session, offered_by_expert(expert))
        met = _to_tell(session, met, expert)
        if not met:
            continue
        shelf = shelf or load_shelf(session, engine)
        asked = met & shelf.asking
        found += [(search_id, expert.id) for search_id in sorted(met - asked)]
        for search_id, text in _texts(session, _near(session, engine, shelf, expert, now) & asked):
            if text not in known:
                known[text] = frozenset(key for key, _ in engine.find(text, DEPTH))
            if expert_key(expert.id) in known[text]:
                found.append((search_id, expert.id))
    return found


def experts_missed(
    session: Session, engine: MatchEngine, search: SavedSearch, *, now: datetime
) -> list[Pair]:
    """Return experts whom a search finds, changed since it is kept and not on its record.

    For who was indexed while the search was being kept.
    """
    if search.kind != "browse":
        return []
    found = answer(session, engine, search, by=actor_of(search.user), now=now, limit=BASELINE)
    return [
        (search.id, each.id)
        for each in found.experts
        if each.updated_at >= search.created_at and _to_tell(session, {search.id}, each)
    ]


def _to_tell(session: Session, search_ids: set[int], expert: Expert) -> set[int]:
    """Leave out searches of other kinds, those that had the expert, and their own people's."""
    if not search_ids:
        return set()
    had = sa.exists().where(
        SavedExpertFinding.search_id == SavedSearch.id,
        SavedExpertFinding.expert_id == expert.id,
    )
    members = sa.select(Membership.user_id).where(
        Membership.organisation_id == expert.organisation_id, Membership.state == "active"
    )
    out = [SavedSearch.kind != "browse", had, SavedSearch.user_id == expert.user_id]
    if expert.organisation_id is not None:
        out += [
            SavedSearch.user_id.in_(members),
            SavedSearch.organisation_id == expert.organisation_id,
        ]
    return search_ids.difference(session.scalars(sa.select(SavedSearch.id).where(sa.or_(*out))))


def _near(
    session: Session, engine: MatchEngine, shelf: Shelf, expert: Expert, now: datetime
) -> set[int]:
    """Return the searches that may find the expert; those without figures always may."""
    near = set(shelf.stale)
    if shelf.questions is not None:
        most = slack(shelf.questions, engine.weights)
        results = results_of(session, [expert.id], now=now)
        for document in documents_of_expert(expert, results[expert.id]):
            nearness = hold_against(engine, shelf.questions, document)
            reached = nearness.reach(most, engine.weights)
            near.update(shelf.owners[at] for at in np.flatnonzero(nearness.certain).tolist())
            near.update(shelf.owners[at] for at in np.flatnonzero(reached).tolist())
    return near


def _texts(session: Session, search_ids: Collection[int]) -> list[tuple[int, str]]:
    rows = session.execute(
        sa.select(SavedSearch.id, SavedSearch.text)
        .where(SavedSearch.id.in_(sorted(search_ids)))
        .order_by(SavedSearch.id)
    )
    return [(key, text) for key, text in rows]
