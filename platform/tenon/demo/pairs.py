"""The demo set's own judgement of which result serves which need, and how the matcher fares by it.

Grade 2 serves the need, 1 helps in part, 0 only looks alike. A need without a grade 2 has no
answer in the set and should find nothing strong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from tenon.demo.people import SOURCE
from tenon.listings.models import Listing
from tenon.matches import queries

FOLDER = Path(__file__).parent / "set"
SERVES = 2
STRONG = ("strong", "good")
DEPTHS = (1, 3, 10)


@dataclass(frozen=True, slots=True)
class Fare:
    """How the matcher fares.

    Attributes:
        answered: needs that have an answer in the set.
        top: depth -> share of those whose answer stands at that depth or above.
        unanswered: needs that have none.
        unanswered_strong: how many of those show a match called strong or good all the same.
        missed: external ids of needs whose answer is not among the first ten.
    """

    answered: int
    top: Mapping[int, float]
    unanswered: int
    unanswered_strong: int
    missed: tuple[str, ...]


def grades() -> dict[str, dict[str, int]]:
    """Return need -> achievement -> grade, by external ids."""
    found: dict[str, dict[str, int]] = {}
    for path in sorted(FOLDER.glob("*_pairs.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            graded = found.setdefault(row["need"], {})
            if row["achievement"] is not None:  # the set says so where a need has no answer
                graded[row["achievement"]] = row["grade"]
    return found


def by_external_id(session: Session, side: str) -> dict[str, Listing]:
    """Return the demo's listings of one side by external id."""
    rows = session.scalars(sa.select(Listing).where(Listing.source == SOURCE, Listing.side == side))
    return {listing.external_id or "": listing for listing in rows}


def measure(session: Session, engine: MatchEngine, *, now: datetime) -> Fare:
    """Match every need of the set among all that is public and compare with the grades."""
    judged = grades()
    ranks: dict[str, int | None] = {}
    unanswered = strong = 0
    for name, need in sorted(by_external_id(session, "need").items()):
        serving = {a for a, grade in judged.get(name, {}).items() if grade == SERVES}
        views = queries.counterparts(session, engine, listing=need, now=now)
        if serving:
            ranks[name] = next(
                (v.position for v in views if v.listing.external_id in serving), None
            )
        else:
            unanswered += 1
            strong += any(view.band in STRONG for view in views)
    return Fare(
        answered=len(ranks),
        top={
            depth: sum(rank is not None and rank <= depth for rank in ranks.values())
            / max(1, len(ranks))
            for depth in DEPTHS
        },
        unanswered=unanswered,
        unanswered_strong=strong,
        missed=tuple(name for name, rank in ranks.items() if rank is None),
    )
