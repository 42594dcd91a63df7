"""IP rights and what rests on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import IpRight, Listing, ListingIpRight
from tenon.listings.queries.visibility import is_public, visible_to


def find_right(session: Session, public_id: str, *, by: Actor, now: datetime) -> IpRight:
    """Return an IP right on which something rests that the actor may see; raises NotFound."""
    resting = (
        sa.select(ListingIpRight.ip_right_id)
        .join(Listing, Listing.id == ListingIpRight.listing_id)
        .where(visible_to(by, now=now))
    )
    found = session.scalars(
        sa.select(IpRight).where(IpRight.public_id == public_id, IpRight.id.in_(resting))
    ).first()
    if found is None:
        raise NotFound
    return found


def listings_on(
    session: Session, right: IpRight, *, now: datetime, limit: int = 100
) -> Sequence[Listing]:
    """Return the public listings that rest on a right, newest first."""
    return session.scalars(
        sa.select(Listing)
        .join(ListingIpRight, ListingIpRight.listing_id == Listing.id)
        .where(ListingIpRight.ip_right_id == right.id, is_public(now))
        .options(
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
            lazyload(Listing.deal_forms),
        )
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(limit)
    ).all()
