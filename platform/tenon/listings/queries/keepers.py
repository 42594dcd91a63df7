"""Who looks after a listing: the people whom word about it goes to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Membership, User
from tenon.accounts.queries import administrators
from tenon.listings.models import Listing


def keepers(session: Session, listing: Listing) -> list[User]:
    """Return the author while they belong to the owner, else the owner's administrators."""
    author = session.scalars(
        sa.select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organisation_id == listing.organisation_id,
            Membership.state == "active",
            User.id == listing.author_id,
            User.active.is_(True),
        )
    ).first()
    return (
        [author] if author is not None else list(administrators(session, listing.organisation_id))
    )
