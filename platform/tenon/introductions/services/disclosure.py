"""Which confidential tiers an introduction opens, and closes again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.introductions.models import Introduction
from tenon.listings.models import ListingGrant
from tenon.listings.services import grant_access


def open_tier(session: Session, introduction: Introduction, tier: str, *, now: datetime) -> None:
    """Open a tier of both sides' listings to the other side; their consents are on record."""
    for side, other in (("from", "to"), ("to", "from")):
        listing = introduction.listing_of(side)
        if listing is not None:
            grant_access(
                session,
                listing,
                organisation_id=introduction.organisation_id(other),
                tier=tier,
                reason=tier,
                by=SYSTEM,
                now=now,
                origin_kind="introduction",
                origin_id=introduction.id,
            )


def close_tiers(session: Session, introduction: Introduction, *, now: datetime) -> None:
    """End the grants that followed from an introduction; what was read stays in the log."""
    grants = session.scalars(
        sa.select(ListingGrant).where(
            ListingGrant.origin_kind == "introduction",
            ListingGrant.origin_id == introduction.id,
            ListingGrant.listing_id.in_(
                [introduction.listing_id, introduction.own_listing_id or introduction.listing_id]
            ),
            sa.or_(ListingGrant.ends_at.is_(None), ListingGrant.ends_at > now),
        )
    ).all()
    listings = {each.id: each for each in (introduction.listing, introduction.own_listing) if each}
    for grant in grants:
        grant.ends_at = now
        chain = ("listing", listings[grant.listing_id].public_id)
        history.record(
            session, chain=chain, kind="revoke", by=SYSTEM, now=now, facts={"grant": grant.id}
        )
