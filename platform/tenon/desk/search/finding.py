"""Everything that a text finds, by kind, as one reader may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.actors import Actor
from tenon.desk.search import papers, parties, works
from tenon.desk.search.hits import LONGEST, SHORTEST, Group, Hit, Query

A_GROUP, ALONE = 5, 50
"""Hits shown of each kind among others, and of one kind alone."""

Find = Callable[[Session, Query], list[Hit]]
_FINDERS: Mapping[str, Find] = {
    "firms": parties.firms,
    "people": parties.people,
    "introductions": works.introductions,
    "deals": works.deals,
    "events": works.events,
    "notes": papers.notes,
    "tasks": papers.tasks,
    "visits": papers.visits,
}
KINDS = (
    "firms",
    "people",
    "listings",
    "introductions",
    "deals",
    "events",
    "notes",
    "tasks",
    "visits",
)


def search_desk(
    session: Session,
    engine: MatchEngine,
    *,
    text: str,
    kind: str | None,
    by: Actor,
    now: datetime,
    language: str,
) -> Sequence[Group]:
    """Return the kinds with hits; nothing for a text of fewer than SHORTEST characters.

    ``kind`` (one of KINDS) asks for one kind alone, and more of it. At most 22 statements.
    """
    wanted = " ".join(text.split())[:LONGEST]
    if len(wanted) < SHORTEST:
        return []
    kinds = [kind] if kind in KINDS else KINDS
    alone = kind in KINDS
    query = Query(wanted, by, now, language, ALONE if alone else A_GROUP, alone)
    groups = []
    for name in kinds:
        hits = (
            works.listings(session, query, engine)
            if name == "listings"
            else _FINDERS[str(name)](session, query)
        )
        if hits:
            groups.append(Group(str(name), hits[: query.limit], len(hits) > query.limit))
    return groups
