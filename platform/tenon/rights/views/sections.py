"""What a listing's page shows of its rights, for those who may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.rights import permissions, queries
from tenon.rights.views.blueprint import today


def load_of_listing(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return owners, rights with their standing, and grants; None for who may not see them."""
    if listing.side != "achievement" or not actor.signed_in:
        return None
    on = today()
    owners = queries.owners(session, listing, on=on)
    contributors = queries.contributors_of(session, listing)
    may_apply = permissions.may_apply(actor, listing, contributors)
    in_sight = queries.in_sight(session, listing, by=actor)
    if not permissions.may_see_owners(actor, owners, in_sight=in_sight) and not may_apply:
        return None
    return {
        "owners": owners,
        "rights": [(right, queries.standing(session, right, on=on)) for right in listing.ip_rights],
        "declared": {
            each.ip_right_id: each
            for each in queries.declarations_of(
                session, [right.id for right in listing.ip_rights], on=on
            )
        },
    }


def load_open(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # a section's form
    """Return the open licences of an achievement's patents, which anybody may read of."""
    if listing.side != "achievement":
        return None
    keys = [right.id for right in listing.ip_rights]
    declared = queries.declarations_of(session, keys, on=today()) if keys else []
    return {"declared": declared} if declared else None
