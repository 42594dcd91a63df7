"""Which confidential tiers stand open to whom, and who has looked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.listings.models import TIERS, Listing, ListingGrant, ListingView
from tenon.listings.permissions import may_see_tier


def granted_tiers(
    session: Session, listing: Listing, *, to: Actor, now: datetime
) -> frozenset[str]:
    """Return the tiers granted at ``now`` to the organisation that the actor acts for."""
    if to.organisation_id is None:
        return frozenset()
    rows = session.scalars(
        sa.select(ListingGrant.tier).where(
            ListingGrant.listing_id == listing.id,
            ListingGrant.organisation_id == to.organisation_id,
            ListingGrant.starts_at <= now,
            sa.or_(ListingGrant.ends_at.is_(None), ListingGrant.ends_at > now),
        )
    )
    return frozenset(rows)


def open_tiers(session: Session, listing: Listing, *, to: Actor, now: datetime) -> tuple[str, ...]:
    """Return the tiers that the actor may read of a listing they may see, lowest first."""
    granted = granted_tiers(session, listing, to=to, now=now)
    return tuple(tier for tier in TIERS if may_see_tier(to, listing, tier, granted=granted))


def grants_of(session: Session, listing: Listing) -> Sequence[sa.Row[ListingGrant, Organisation]]:
    """Return a listing's grants with the organisations they are for, newest first."""
    return session.execute(
        sa.select(ListingGrant, Organisation)
        .join(Organisation, Organisation.id == ListingGrant.organisation_id)
        .where(ListingGrant.listing_id == listing.id)
        .order_by(ListingGrant.starts_at.desc(), ListingGrant.id.desc())
    ).all()


def views_of(
    session: Session, listing: Listing, *, limit: int = 200
) -> Sequence[sa.Row[ListingView, User, Organisation]]:
    """Return who read confidential detail, newest first: view, person, organisation or None."""
    return session.execute(
        sa.select(ListingView, User, Organisation)
        .join(User, User.id == ListingView.user_id)
        .outerjoin(Organisation, Organisation.id == ListingView.organisation_id)
        .where(ListingView.listing_id == listing.id)
        .options(sa.orm.lazyload(User.roles), sa.orm.lazyload(User.memberships))
        .order_by(ListingView.at.desc(), ListingView.id.desc())
        .limit(limit)
    ).all()
