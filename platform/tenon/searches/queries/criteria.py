"""Filters as rows: what a search asks for, and what a listing has to offer to each of them.

A listing has a value of a filter if the search page would show it under that value
(``matches.search.conditions``); a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from matching.documents import COUNTERPARTS
from tenon.listings.models import Expert, Listing
from tenon.matches.search.conditions import HOME
from tenon.matches.search.filters import DIMENSIONS
from tenon.searches.models import SavedCriterion, SavedSearch
from tenon.taxonomy.queries import find, lineage_codes

_SCHEMES = {"hitech": "hitech", "ipc": "ipc", "industry": "gbt4754"}
_LEVELS = range(1, 10)

Values = Mapping[str, frozenset[str]]


def wanted(
    kind: str, chosen: Mapping[str, Iterable[str]], *, side: str | None
) -> dict[str, tuple[str, ...]]:
    """Return dimension -> values, any of which will do, of a search of this kind.

    ``side`` is what the text or the listing asked with is; its counterparts are sought.
    """
    if kind != "browse" and side is not None:
        return {"side": COUNTERPARTS["need" if side == "need" else "achievement"]}
    return {name: tuple(chosen[name]) for name in DIMENSIONS if chosen.get(name)}


def offered(listing: Listing) -> Values:
    """Return dimension -> the values of a filter under which a listing is found."""
    found: dict[str, set[str]] = {
        "side": {listing.side},
        "kind": {listing.organisation.kind},
        "language": {text.language for text in listing.texts},
        "deal_form": {each.form for each in listing.deal_forms},
        "region": _places(listing),
        "readiness": _ranges(listing.readiness),
    }
    for dimension, scheme in _SCHEMES.items():
        codes = [each.code for each in listing.fields if each.scheme == scheme]
        found[dimension] = {above for code in codes for above in _lineage(scheme, code)}
    return {name: frozenset(values) for name, values in found.items()}


def offered_by_expert(expert: Expert) -> Values:
    """Return dimension -> the values of a filter under which an expert is found."""
    found: dict[str, set[str]] = {"side": {"expert"}, "language": _languages(expert)}
    owner = expert.organisation
    if owner is not None:
        code = owner.region or (owner.country if owner.country != HOME else None)
        found["kind"] = {owner.kind}
        found["region"] = set() if code is None else set(_lineage("region", code))
    for dimension, scheme in _SCHEMES.items():
        codes = [each.code for each in expert.fields if each.scheme == scheme]
        found[dimension] = {above for code in codes for above in _lineage(scheme, code)}
    return {name: frozenset(values) for name, values in found.items()}


def meeting(session: Session, listing: Listing) -> set[int]:
    """Return the active searches all of whose filters a listing meets; one statement."""
    return meeting_values(session, offered(listing))


def meeting_values(session: Session, held: Values) -> set[int]:
    """Return the active searches all of whose filters are met by these values; one statement."""
    either = [
        sa.and_(SavedCriterion.dimension == name, SavedCriterion.value.in_(sorted(values)))
        for name, values in held.items()
        if values
    ]
    met = (
        sa.select(
            SavedCriterion.search_id,
            sa.func.count(SavedCriterion.dimension.distinct()).label("number"),
        )
        .where(sa.or_(*either))
        .group_by(SavedCriterion.search_id)
        .subquery()
    )
    return set(
        session.scalars(
            sa.select(SavedSearch.id)
            .outerjoin(met, met.c.search_id == SavedSearch.id)
            .where(
                SavedSearch.state == "active",
                SavedSearch.dimensions == sa.func.coalesce(met.c.number, 0),
            )
        )
    )


def _languages(expert: Expert) -> set[str]:
    written = {code for code, bio in (("zh", expert.bio_zh), ("en", expert.bio_en)) if bio}
    return written or {"zh" if expert.name_zh else "en"}


def _places(listing: Listing) -> set[str]:
    owner = listing.organisation
    code = listing.region
    if code is None and not listing.anonymous:
        code = owner.region or (owner.country if owner.country != HOME else None)
    return set() if code is None else set(_lineage("region", code))


def _ranges(level: int | None) -> set[str]:
    if level is None:
        return set()
    return {f"{low}-{high}" for low in _LEVELS if low <= level for high in _LEVELS if high >= level}


def _lineage(scheme: str, code: str) -> tuple[str, ...]:
    return lineage_codes(scheme, code) if find(scheme, code) else (code,)
