"""How many results each value of each filter would bring: one statement a dimension.

A value's number is what the list would hold with that value alone in its dimension and every
other filter as it is; a test holds the two together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.listings.models import (
    Expert,
    ExpertField,
    Listing,
    ListingDealForm,
    ListingField,
    ListingText,
)
from tenon.matches.search import conditions
from tenon.matches.search.filters import DIMENSIONS, READINESS_RANGES, Search, readiness_bounds
from tenon.taxonomy.queries import children, find, lineage_codes

REPEATED = frozenset({"hitech", "ipc", "industry"})
OF_OWNERS = frozenset({"region", "kind"})
"""Dimensions that look at the organisation."""

Counts = Mapping[str, int]
Part = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """The keys that a text found, apart by kind; None where there is no text."""

    listings: tuple[int, ...] | None = None
    experts: tuple[int, ...] | None = None


def count_all(
    session: Session, search: Search, found: Found, *, now: datetime
) -> dict[str, dict[str, int]]:
    """Return dimension -> value -> how many results, without the values that bring none."""
    return {
        dimension: _COUNTERS[dimension](session, search, found, now) for dimension in DIMENSIONS
    }


def _rows(session: Session, parts: Sequence[Part]) -> dict[str, int]:
    """Run the parts as one statement; each yields (value, number), which add up by value."""
    union = sa.union_all(*parts).subquery()
    value, number = union.c
    rows = session.execute(sa.select(value, sa.func.sum(number)).group_by(value))
    return {str(code): int(count) for code, count in rows if code is not None}


def _listing_part(value: Any, search: Search, found: Found, now: datetime, dimension: str) -> Part:
    where = conditions.listings_where(search, now=now, keys=found.listings, skip=dimension)
    part = (
        sa.select(value.label("value"), _number(Listing.id, dimension))
        .select_from(Listing)
        .where(*where)
        .group_by(value)
    )
    if OF_OWNERS & {dimension, *(name for name, values in search.chosen.items() if values)}:
        part = part.join(Organisation, Organisation.id == Listing.organisation_id)
    return part


def _number(key: Any, dimension: str) -> Any:
    """Count things; where one may stand under a value twice (two divisions of a section), once."""
    counted = sa.func.count(sa.distinct(key)) if dimension in REPEATED else sa.func.count()
    return counted.label("number")


def _expert_part(value: Any, search: Search, found: Found, dimension: str) -> Part:
    where = conditions.experts_where(search, keys=found.experts, skip=dimension)
    return (
        sa.select(value.label("value"), _number(Expert.id, dimension))
        .select_from(Expert)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(*where)
        .group_by(value)
    )


Counter_ = Callable[[Session, Search, Found, datetime], dict[str, int]]


def _sides(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    where = conditions.experts_where(search, keys=found.experts, skip="side")
    experts: Part = (
        sa.select(sa.literal("expert").label("value"), sa.func.count(Expert.id).label("number"))
        .select_from(Expert)
        .outerjoin(Organisation, Organisation.id == Expert.organisation_id)
        .where(*where)
    )
    rows = _rows(session, [_listing_part(Listing.side, search, found, now, "side"), experts])
    return {code: number for code, number in rows.items() if number}


def _kinds(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    listings = _listing_part(Organisation.kind, search, found, now, "kind")
    return _rows(session, [listings, _expert_part(Organisation.kind, search, found, "kind")])


def _first_letters(scheme: str, dimension: str) -> Counter_:
    """Count by the top level of a scheme whose codes begin with their top's one character."""
    listing_top = sa.func.substr(ListingField.code, 1, 1)
    expert_top = sa.func.substr(ExpertField.code, 1, 1)

    def count(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
        return _by_field(session, search, found, now, scheme, dimension, listing_top, expert_top)

    return count


def _industries(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    return _by_field(
        session,
        search,
        found,
        now,
        "gbt4754",
        "industry",
        conditions.section_of_industry(),
        conditions.section_of_expert_industry(),
    )


def _by_field(
    session: Session,
    search: Search,
    found: Found,
    now: datetime,
    scheme: str,
    dimension: str,
    listing_top: Any,
    expert_top: Any,
) -> dict[str, int]:
    listings = _listing_part(listing_top, search, found, now, dimension).join(
        ListingField,
        sa.and_(ListingField.listing_id == Listing.id, ListingField.scheme == scheme),
    )
    experts = _expert_part(expert_top, search, found, dimension).join(
        ExpertField, sa.and_(ExpertField.expert_id == Expert.id, ExpertField.scheme == scheme)
    )
    return _rows(session, [listings, experts])


def _regions(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    """Count each region with all that lies in it; a thing stands in one region only."""
    exact = _rows(
        session,
        [
            _listing_part(conditions.listing_region, search, found, now, "region"),
            _expert_part(conditions.expert_region, search, found, "region"),
        ],
    )
    rolled: Counter[str] = Counter()
    for code, number in exact.items():
        inside = lineage_codes("region", code) if find("region", code) else (code,)
        for above in inside:
            rolled[above] += number
    return {code: rolled[code] for code in _offered_regions(search, rolled) if rolled[code]}


def _offered_regions(search: Search, counted: Counts) -> list[str]:
    """Return the topmost regions and countries, and what lies around a chosen one."""
    tops = [term.code for term in children("region")]
    offered = tops + sorted(code for code in counted if len(code) == 2)
    for value in search.values("region"):
        if find("region", value) is not None:
            offered += [*lineage_codes("region", value)]
            offered += [term.code for term in children("region", value)]
    return list(dict.fromkeys(offered))


def _readiness(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    ranges = sa.case(
        *((Listing.readiness.between(*readiness_bounds(name)), name) for name in READINESS_RANGES)
    )
    part = _listing_part(ranges, search, found, now, "readiness")
    return _rows(session, [part.where(Listing.readiness.is_not(None))])


def _deal_forms(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    part = _listing_part(ListingDealForm.form, search, found, now, "deal_form").join(
        ListingDealForm, ListingDealForm.listing_id == Listing.id
    )
    return _rows(session, [part])


def _languages(session: Session, search: Search, found: Found, now: datetime) -> dict[str, int]:
    parts = [
        _listing_part(ListingText.language, search, found, now, "language").join(
            ListingText, ListingText.listing_id == Listing.id
        )
    ]
    for code, written in conditions.EXPERT_WRITES.items():
        part = _expert_part(sa.literal(code), search, found, "language").where(written)
        parts.append(part)
    return _rows(session, parts)


_COUNTERS: Mapping[str, Counter_] = {
    "side": _sides,
    "hitech": _first_letters("hitech", "hitech"),
    "ipc": _first_letters("ipc", "ipc"),
    "industry": _industries,
    "region": _regions,
    "readiness": _readiness,
    "deal_form": _deal_forms,
    "kind": _kinds,
    "language": _languages,
}
