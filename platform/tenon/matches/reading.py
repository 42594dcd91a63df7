"""From the database to documents: what the index should hold now, in batches of few statements.

The index's only way to listings and experts. Must not know index files.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from matching.documents import Document
from tenon.listings.documents import documents_of, documents_of_expert
from tenon.listings.models import Expert, Listing, ListingContributor
from tenon.listings.queries import is_public, results_of

BATCH = 1_000
"""Listings that are read by one round of statements; bounds memory."""


def listing_documents(
    session: Session, ids: Collection[int], *, now: datetime
) -> Iterator[Document]:
    """Yield the documents of those of ``ids`` that are public at ``now``, by ascending id.

    One listing's documents come next to each other. Five statements a BATCH.
    """
    for part in in_batches(sorted(set(ids))):
        rows = session.scalars(
            sa.select(Listing)
            .where(Listing.id.in_(part), is_public(now))
            .options(lazyload(Listing.contributors))
            .order_by(Listing.id)
        )
        for listing in rows:
            yield from documents_of(listing)
        session.expunge_all()


def expert_documents(
    session: Session, ids: Collection[int], *, now: datetime
) -> Iterator[Document]:
    """Yield the documents of those experts of ``ids`` whose pages are published.

    Their version is a checksum of all that the document says, since it also changes with the
    results it names.
    """
    for part in in_batches(sorted(set(ids))):
        experts = session.scalars(
            sa.select(Expert)
            .where(Expert.id.in_(part), Expert.published.is_(True))
            .order_by(Expert.id)
        ).all()
        results = results_of(session, [expert.id for expert in experts], now=now)
        for expert in experts:
            found = documents_of_expert(expert, results[expert.id])
            version = _checksum(found)
            yield from (replace(document, version=version) for document in found)
        session.expunge_all()


def all_documents(session: Session, *, now: datetime) -> Iterator[Document]:
    """Yield every document that the index should hold."""
    ids = session.scalars(sa.select(Listing.id).where(is_public(now)).order_by(Listing.id)).all()
    yield from listing_documents(session, ids, now=now)
    yield from expert_documents(session, _published_experts(session), now=now)


def count_findable(session: Session, *, now: datetime) -> int:
    """Return how many listings and experts the index should hold."""
    listings = sa.select(sa.func.count(Listing.id)).where(is_public(now))
    experts = sa.select(sa.func.count(Expert.id)).where(Expert.published.is_(True))
    return (session.scalar(listings) or 0) + (session.scalar(experts) or 0)


def versions(session: Session, *, now: datetime) -> dict[int, int]:
    """Return key -> version of everything that the index should hold."""
    rows = session.execute(sa.select(Listing.id, Listing.version).where(is_public(now)))
    found = {row.id: row.version for row in rows}
    experts = _published_experts(session)
    found.update(
        (document.key, document.version) for document in expert_documents(session, experts, now=now)
    )
    return found


def contributing_experts(session: Session, listing_ids: Collection[int]) -> set[int]:
    """Return the experts whose documents name any of these listings."""
    found: set[int] = set()
    for part in in_batches(sorted(set(listing_ids))):
        found.update(
            session.scalars(
                sa.select(ListingContributor.expert_id)
                .where(
                    ListingContributor.listing_id.in_(part),
                    ListingContributor.expert_id.is_not(None),
                )
                .distinct()
            )
        )
    return found


def site_mark(session: Session) -> str:
    """Return what tells this database from another: its first listing's public id, or nothing."""
    return session.scalar(sa.select(Listing.public_id).order_by(Listing.id).limit(1)) or ""


def in_batches(ids: Sequence[int], size: int = BATCH) -> Iterator[list[int]]:
    """Cut ``ids`` into lists of at most ``size``."""
    rest = iter(ids)
    while part := list(islice(rest, size)):
        yield part


def _published_experts(session: Session) -> Sequence[int]:
    published = sa.select(Expert.id).where(Expert.published.is_(True)).order_by(Expert.id)
    return session.scalars(published).all()


def _checksum(documents: Sequence[Document]) -> int:
    records = [document.to_record() for document in documents]
    return zlib.crc32(json.dumps(records, ensure_ascii=False, sort_keys=True).encode())
