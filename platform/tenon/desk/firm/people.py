"""Who speaks for a firm, what it has filed, what it seeks and offers in public now."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.desk.firm.sources import Asked, own_listings
from tenon.desk.models import ListingFit
from tenon.desk.titles import title_of
from tenon.listings.models import Listing, ListingIpRight
from tenon.listings.queries import is_public

MOST = 8


def contacts(session: Session, organisation_id: int) -> Sequence[tuple[str, str]]:
    """Return (name, role) of members who speak for a firm, administrators first.

    Names alone: how to reach them is theirs to tell.
    """
    rows = session.execute(
        sa.select(User.name, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.state == "active",
            Membership.role.in_(("administrator", "editor")),
            User.active.is_(True),
            User.erased_at.is_(None),
        )
        .order_by(Membership.role, User.name, User.id)
        .limit(MOST)
    )
    return [(name, role) for name, role in rows]


def patents(session: Session, asked: Asked) -> int:
    """Return how many IP rights stand behind what the firm may be known to have put up."""
    mine = sa.select(Listing.id).where(own_listings(asked))
    found = sa.select(sa.func.count(sa.distinct(ListingIpRight.ip_right_id)))
    return session.scalar(found.where(ListingIpRight.listing_id.in_(mine))) or 0


def offers(session: Session, asked: Asked) -> Sequence[sa.Row[str, str, int, str]]:
    """Return the firm's latest public listings: public_id, side, title, good matches known."""
    return session.execute(
        sa.select(
            Listing.public_id,
            Listing.side,
            ListingFit.fitting,
            title_of(Listing.id, asked.language).label("title"),
        )
        .outerjoin(ListingFit, ListingFit.listing_id == Listing.id)
        .where(own_listings(asked), is_public(asked.now))
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(MOST)
    ).all()
