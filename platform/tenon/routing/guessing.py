"""A guess at the field of a firm's words: what the nearest public listings are about."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import Where
from matching.errors import MatchingError
from tenon.listings.models import Listing, ListingField
from tenon.listings.queries import is_public
from tenon.matches.engine import engine_of
from tenon.matches.sites import settings_behind

NEAREST = 12
MOST = 3
LEAST_TEXT = 12
SCHEMES = ("hitech", "ipc")


def guess_fields(session: Session, text: str, *, now: datetime) -> list[tuple[str, str]]:
    """Return at most three (scheme, code), likeliest first; none for a short text or no index.

    A code counts for each of the nearest listings that carries it, more for a nearer one; one
    that a single listing carries is left out unless nothing else is there.
    """
    if len(text.strip()) < LEAST_TEXT:
        return []
    try:
        engine = engine_of(settings_behind(session))
        near = engine.find(text, NEAREST, Where(sides=("achievement", "need")))
    except MatchingError:
        return []
    ranks = {key: rank for rank, (key, _score) in enumerate(near[:NEAREST])}
    rows = session.execute(
        sa.select(ListingField.listing_id, ListingField.scheme, ListingField.code)
        .join(Listing, Listing.id == ListingField.listing_id)
        .where(Listing.id.in_(ranks), is_public(now), ListingField.scheme.in_(SCHEMES))
    ).all()
    weight: Counter[tuple[str, str]] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for key, scheme, code in rows:
        weight[scheme, code] += NEAREST - ranks[key]
        seen[scheme, code] += 1
    often = [each for each in weight if seen[each] > 1] or list(weight)
    return sorted(often, key=lambda each: (-weight[each], each))[:MOST]
