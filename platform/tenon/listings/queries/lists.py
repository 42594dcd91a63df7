"""Listings in numbers: result lists, one's own, by public id; bounded counts of statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload, selectinload

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import Listing
from tenon.listings.queries.visibility import is_public, visible_to


def public_listings(session: Session, ids: Collection[int], *, now: datetime) -> list[Listing]:
    """Return those of ``ids`` that are public at ``now``, in the order of ``ids``.

    Loaded for result lists: organisation, texts, fields and deal forms come along (4 statements,
    however many ids); requirements and contributors do not.
    """
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.id.in_(ids), is_public(now))
        .options(lazyload(Listing.requirements), lazyload(Listing.contributors))
    )
    by_id = {listing.id: listing for listing in rows}
    return [by_id[key] for key in ids if key in by_id]


def whole_listings(
    session: Session, ids: Collection[int], *, public_at: datetime | None = None
) -> list[Listing]:
    """Return listings with everything that a document is made of, in order of id.

    With ``public_at``, only those that are public at that moment. At most 6 statements.
    """
    wanted = sa.select(Listing).where(Listing.id.in_(ids)).order_by(Listing.id)
    if public_at is not None:
        wanted = wanted.where(is_public(public_at))
    return list(session.scalars(wanted))


def find_listing(session: Session, public_id: str, *, by: Actor, now: datetime) -> Listing:
    """Return a listing that the actor may see; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Listing)
        .where(Listing.public_id == public_id, visible_to(by, now=now))
        .options(
            selectinload(Listing.details),
            selectinload(Listing.attachments),
            selectinload(Listing.ip_rights),
        )
    ).first()
    if found is None:
        raise NotFound
    return found


def own_listings(
    session: Session,
    *,
    organisation_id: int,
    states: Iterable[str] = (),
    side: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[Sequence[Listing], int]:
    """Return a page of an organisation's listings, what changed last first, and how many in all."""
    condition = [Listing.organisation_id == organisation_id]
    chosen = tuple(states)
    if chosen:
        condition.append(Listing.state.in_(chosen))
    if side is not None:
        condition.append(Listing.side == side)
    total = session.scalar(sa.select(sa.func.count(Listing.id)).where(*condition)) or 0
    rows = session.scalars(
        sa.select(Listing)
        .where(*condition)
        .options(
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
        )
        .order_by(Listing.updated_at.desc(), Listing.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return rows.all(), total


def own_counts(session: Session, *, organisation_id: int) -> dict[str, int]:
    """Return state -> how many listings of the organisation are in it."""
    rows = session.execute(
        sa.select(Listing.state, sa.func.count(Listing.id).label("listings"))
        .where(Listing.organisation_id == organisation_id)
        .group_by(Listing.state)
    )
    return {row.state: row.listings for row in rows}


def public_of_organisation(
    session: Session,
    organisation_id: int,
    *,
    now: datetime,
    limit: int,
    with_anonymous: bool = False,
) -> Sequence[Listing]:
    """Return an organisation's latest public listings.

    Anonymous needs are left out unless the reader belongs to the organisation: a list on its page
    would give the firm away.
    """
    wanted = sa.select(Listing).where(Listing.organisation_id == organisation_id, is_public(now))
    if not with_anonymous:
        wanted = wanted.where(Listing.anonymous.is_(False))
    return session.scalars(
        wanted.options(
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
            lazyload(Listing.deal_forms),
        )
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(limit)
    ).all()
