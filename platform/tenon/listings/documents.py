"""Listings and experts as documents of the matching index: the public tier and nothing else.

An anonymous need carries no name of its owner anywhere; the owner's id stays as a facet, so that
a firm is never matched with itself. Knows nothing of the index. ``Document.version`` is the
row's ``version``, which every change raises: the sweeper compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import cast

from matching.documents import Document, Facets, Language, Side
from tenon.listings.models import Expert, Listing, ListingText
from tenon.taxonomy.queries import find, label, lineage_codes

# Experts share the index's one space of keys with listings; theirs begin here.
EXPERT_KEYS = 1 << 40
EPOCH = date(1970, 1, 1)
INDUSTRIES = "gbt4754"
COMPARISON_WISH = "?"


def expert_key(expert_id: int) -> int:
    """Return the index's key of an expert."""
    return EXPERT_KEYS + expert_id


def is_expert_key(key: int) -> bool:
    """Whether a key of the index is an expert's; ``key - EXPERT_KEYS`` is then the expert's id."""
    return key >= EXPERT_KEYS


def documents_of(listing: Listing) -> list[Document]:
    """Return one document a language that the listing is written in, source language first."""
    facets = _facets_of(listing)
    texts = sorted(listing.texts, key=lambda text: text.language != listing.language)
    return [
        Document(
            key=listing.id,
            side=cast("Side", listing.side),
            language=cast("Language", text.language),
            title=text.title,
            text=_body(listing, text),
            facets=facets,
            version=listing.version,
        )
        for text in texts
    ]


def _body(listing: Listing, text: ListingText) -> str:
    """Return the public text; requirements stand with the language in which they were written."""
    parts = [text.summary, text.problem, text.advantages, text.applications]
    if text.language == listing.language:
        parts += [requirement.text for requirement in listing.requirements]
    return "\n".join(part for part in parts if part)


def _facets_of(listing: Listing) -> Facets:
    need = listing.side == "need"
    stated = listing.money_kind in {"fixed", "range"}
    low = listing.money_low if stated else None
    high = listing.money_high if stated else None
    codes = sorted((each.scheme, each.code) for each in listing.fields)
    return Facets(
        organisation=listing.organisation_id,
        organisation_kind=listing.organisation.kind,
        fields=_coded(codes),
        industries=_industries(codes),
        region=_lineage("region", listing.region),
        readiness=None if need else listing.readiness,
        readiness_sought=listing.readiness if need else None,
        deal_forms=tuple(sorted(each.form for each in listing.deal_forms)),
        price_low=None if need else low,
        price_high=None if need else high,
        budget_low=low if need else None,
        budget_high=high if need else None,
        currency=listing.currency if stated else None,
        published=_day(listing.published_at) or 0,
        expires=_last_day(listing),
        requirements=tuple(
            (COMPARISON_WISH if each.obligation == "wish" else "") + each.text
            for each in listing.requirements
        ),
    )


def _coded(codes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return fields of technology as ``scheme:code`` with the ones above them, without repeats."""
    found = dict.fromkeys(
        f"{scheme}:{above}"
        for scheme, code in codes
        if scheme != INDUSTRIES
        for above in _lineage(scheme, code)
    )
    return tuple(found)


def _industries(codes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    found = dict.fromkeys(
        above for scheme, code in codes if scheme == INDUSTRIES for above in _lineage(scheme, code)
    )
    return tuple(found)


def _lineage(scheme: str, code: str | None) -> tuple[str, ...]:
    """Return a code and those above it; a code that the files no longer carry stands alone."""
    if not code:
        return ()
    return lineage_codes(scheme, code) if find(scheme, code) else (code,)


def _day(moment: datetime | None) -> int | None:
    return None if moment is None else (moment.date() - EPOCH).days


def _last_day(listing: Listing) -> int | None:
    """Return the last day on which it may be found: its expiry, or a need's deadline before it."""
    deadline = None if listing.deadline is None else (listing.deadline - EPOCH).days
    days = [day for day in (_day(listing.expires_at), deadline) if day is not None]
    return min(days, default=None)


def documents_of_expert(expert: Expert, results: Sequence[Listing] = ()) -> list[Document]:
    """Return one document a language that the page is written in, or in that of the name.

    Args:
        expert: a published page.
        results: the expert's public achievements, whose titles tell what the person does.
    """
    written = [code for code, bio in (("zh", expert.bio_zh), ("en", expert.bio_en)) if bio]
    if not written:
        written = ["zh" if expert.name_zh else "en"]
    return [_expert_document(expert, code, results) for code in written]


def _expert_document(expert: Expert, language: str, results: Sequence[Listing]) -> Document:
    chinese = language == "zh"
    role = expert.title_zh if chinese else expert.title_en
    fields = "；" if chinese else "; "
    codes = sorted((each.scheme, each.code) for each in expert.fields)
    parts = [
        expert.bio_zh if chinese else expert.bio_en,
        fields.join(label(scheme, code, language) for scheme, code in codes),
        *(result.text(language).title for result in results),
    ]
    organisation = expert.organisation
    return Document(
        key=expert_key(expert.id),
        side="expert",
        language=cast("Language", language),
        title=" ".join(part for part in (expert.name(language), role) if part),
        text="\n".join(part for part in parts if part),
        facets=Facets(
            organisation=expert.organisation_id,
            organisation_kind=organisation.kind if organisation else None,
            fields=_coded(codes),
            industries=_industries(codes),
            region=_lineage("region", organisation.region if organisation else None),
            published=_day(expert.created_at) or 0,
        ),
        version=expert.version,
    )
