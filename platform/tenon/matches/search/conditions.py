"""The filters as SQL, for listings and for experts alike; the one place that says what each means.

A listing stands under its own region, else under its owner's, else (abroad) under its owner's
country; an anonymous need's owner is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from tenon.accounts.models import Organisation
from tenon.listings.models import (
    Expert,
    ExpertField,
    Listing,
    ListingDealForm,
    ListingField,
    ListingText,
)
from tenon.listings.queries import is_public
from tenon.matches.search.filters import Search, is_country, readiness_bounds
from tenon.taxonomy.queries import descendant_codes, terms

Condition = sa.ColumnElement[bool]
HOME = "CN"

_owner_country = sa.case((Organisation.country != HOME, Organisation.country))

listing_region = sa.func.coalesce(
    Listing.region,
    sa.case((Listing.anonymous.is_(False), sa.func.coalesce(Organisation.region, _owner_country))),
)
"""Needs the listing's organisation joined."""

expert_region = sa.func.coalesce(Organisation.region, _owner_country)
"""Needs the expert's organisation joined, from outside."""


def listings_where(
    search: Search, *, now: datetime, keys: Sequence[int] | None, skip: str | None = None
) -> list[Condition]:
    """Return the conditions on a listing joined with its organisation.

    Args:
        search: the question.
        now: the moment at which listings must be public.
        keys: ids that the text found; None to browse.
        skip: a dimension that is left out, to count what its values would bring.
    """
    found = [is_public(now), *_chosen(search, _LISTINGS, skip)]
    if keys is not None:
        found.append(among(Listing.id, keys))
    return found


def experts_where(
    search: Search, *, keys: Sequence[int] | None, skip: str | None = None
) -> list[Condition]:
    """Return the conditions on an expert outer-joined with the organisation."""
    found = [Expert.published.is_(True), *_chosen(search, _EXPERTS, skip)]
    if keys is not None:
        found.append(among(Expert.id, keys))
    return found


def among(
    column: sa.ColumnElement[int] | sa.orm.InstrumentedAttribute[int], keys: Sequence[int]
) -> Condition:
    """Return ``column IN keys`` with the numbers in the statement: thousands are no parameters."""
    listed: sa.BindParameter[list[int]] = sa.bindparam(
        None, list(keys), expanding=True, literal_execute=True, unique=True
    )
    return column.in_(listed)


@cache
def section_of_industry() -> sa.ColumnElement[str]:
    """Return the section (A ... T) of ``listing_fields.code`` of an industry."""
    return _section(ListingField.code)


@cache
def section_of_expert_industry() -> sa.ColumnElement[str]:
    """Return the section (A ... T) of ``expert_fields.code`` of an industry."""
    return _section(ExpertField.code)


def _section(code: sa.orm.InstrumentedAttribute[str]) -> sa.ColumnElement[str]:
    tops = [term.code for term in terms("gbt4754") if term.level == 1]
    return sa.case(*((code.in_(descendant_codes("gbt4754", top)), top) for top in tops))


Make = Callable[[tuple[str, ...]], Condition]


def _chosen(search: Search, makers: Mapping[str, Make], skip: str | None) -> list[Condition]:
    return [
        makers[dimension](values)
        for dimension, values in search.chosen.items()
        if values and dimension != skip
    ]


def _coded(scheme: str, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for value in values for c in descendant_codes(scheme, value)))


def _listing_field(scheme: str) -> Make:
    def make(values: tuple[str, ...]) -> Condition:
        held = sa.select(ListingField.listing_id).where(
            ListingField.scheme == scheme, ListingField.code.in_(_coded(scheme, values))
        )
        return Listing.id.in_(held)

    return make


def _expert_field(scheme: str) -> Make:
    def make(values: tuple[str, ...]) -> Condition:
        held = sa.select(ExpertField.expert_id).where(
            ExpertField.scheme == scheme, ExpertField.code.in_(_coded(scheme, values))
        )
        return Expert.id.in_(held)

    return make


def _regions(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        code
        for value in values
        for code in ((value,) if is_country(value) else descendant_codes("region", value))
    )


def _readiness(values: tuple[str, ...]) -> Condition:
    return sa.or_(*(Listing.readiness.between(*readiness_bounds(value)) for value in values))


def _deal_form(values: tuple[str, ...]) -> Condition:
    held = sa.select(ListingDealForm.listing_id).where(ListingDealForm.form.in_(values))
    return Listing.id.in_(held)


def _listing_language(values: tuple[str, ...]) -> Condition:
    held = sa.select(ListingText.listing_id).where(ListingText.language.in_(values))
    return Listing.id.in_(held)


EXPERT_WRITES: Mapping[str, Condition] = {
    "zh": sa.or_(
        Expert.bio_zh.is_not(None), sa.and_(Expert.bio_en.is_(None), Expert.name_zh.is_not(None))
    ),
    "en": sa.or_(
        Expert.bio_en.is_not(None), sa.and_(Expert.bio_zh.is_(None), Expert.name_zh.is_(None))
    ),
}
"""Language -> whether an expert's page is written in it, as their documents are."""


def _never(_values: tuple[str, ...]) -> Condition:
    return sa.false()


_LISTINGS: Mapping[str, Make] = {
    "side": Listing.side.in_,
    "hitech": _listing_field("hitech"),
    "ipc": _listing_field("ipc"),
    "industry": _listing_field("gbt4754"),
    "region": lambda values: listing_region.in_(_regions(values)),
    "readiness": _readiness,
    "deal_form": _deal_form,
    "kind": Organisation.kind.in_,
    "language": _listing_language,
}
_EXPERTS: Mapping[str, Make] = {
    "side": lambda values: sa.true() if "expert" in values else sa.false(),
    "hitech": _expert_field("hitech"),
    "ipc": _expert_field("ipc"),
    "industry": _expert_field("gbt4754"),
    "region": lambda values: expert_region.in_(_regions(values)),
    "readiness": _never,
    "deal_form": _never,
    "kind": Organisation.kind.in_,
    "language": lambda values: sa.or_(*(EXPERT_WRITES[value] for value in values)),
}
