"""Open confidential tiers to an organisation, close them again, note who looked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.listings import permissions
from tenon.listings.models import TIERS, Listing, ListingGrant, ListingView

REASONS = ("introduction", "nda", "owner", "deal")


def grant_access(
    session: Session,
    listing: Listing,
    *,
    organisation_id: int,
    tier: str,
    reason: str,
    by: Actor,
    now: datetime,
    ends_at: datetime | None = None,
    origin_kind: str | None = None,
    origin_id: int | None = None,
) -> ListingGrant:
    """Open a tier, and with it those below, to an organisation from now until ``ends_at``.

    ``reason`` is introduction, nda, owner (of its own will) or deal; ``origin_kind`` and
    ``origin_id`` name the introduction or agreement that it follows from, if any. Raises
    Forbidden, and Invalid for a tier that needs no grant or an end before the beginning.
    """
    permissions.require(by, "grant", listing, now=now)
    faults = {}
    if tier not in TIERS[2:]:
        faults["tier"] = "unknown_code"
    if reason not in REASONS:
        faults["reason"] = "unknown_code"
    if organisation_id == listing.organisation_id:
        faults["organisation"] = "own_organisation"
    if ends_at is not None and ends_at <= now:
        faults["ends_at"] = "in_the_past"
    if faults:
        raise Invalid(faults)
    grant = ListingGrant(
        listing_id=listing.id,
        organisation_id=organisation_id,
        tier=tier,
        reason=reason,
        origin_kind=origin_kind,
        origin_id=origin_id,
        starts_at=now,
        ends_at=ends_at,
        granted_by=by.user_id,
    )
    session.add(grant)
    session.flush()
    facts = {"grant": grant.id, "organisation": organisation_id, "tier": tier, "reason": reason}
    chain = ("listing", listing.public_id)
    history.record(session, chain=chain, kind="grant", by=by, now=now, facts=facts)
    return grant


def revoke_access(
    session: Session, listing: Listing, *, grant_id: int, by: Actor, now: datetime
) -> None:
    """End a grant now; what was read before stays in the log. Ending it twice changes nothing."""
    permissions.require(by, "grant", listing, now=now)
    grant = session.get(ListingGrant, grant_id)
    if grant is None or grant.listing_id != listing.id:
        raise NotFound
    if grant.ends_at is not None and grant.ends_at <= now:
        return
    grant.ends_at = now
    facts = {"grant": grant.id}
    chain = ("listing", listing.public_id)
    history.record(session, chain=chain, kind="revoke", by=by, now=now, facts=facts)


def note_view(
    session: Session, listing: Listing, *, tier: str, by: Actor, now: datetime
) -> ListingView | None:
    """Note that somebody reads a confidential tier; the owner's own people are not noted.

    Raises Forbidden for a visitor, who can have read nothing.
    """
    if permissions.belongs_to(by, listing):
        return None
    if by.user_id is None:
        raise Forbidden(action="view", tier=tier)
    view = ListingView(
        listing_id=listing.id,
        user_id=by.user_id,
        organisation_id=by.organisation_id,
        tier=tier,
        at=now,
    )
    session.add(view)
    return view
