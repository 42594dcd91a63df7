"""What a deal is called, and the listings and rights that it rests on, until terms are agreed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import permissions
from tenon.deals.forms.schema import NEGOTIATED_STAGES
from tenon.deals.models import Deal, DealListing, DealRight
from tenon.deals.services.moving import change_columns
from tenon.deals.services.opening import MOST_LISTINGS, TITLE_LIMIT
from tenon.errors import IllegalTransition, Invalid
from tenon.listings.models import IpRight, Listing, ListingIpRight

OFFERED = 60
_LIVE = ("approved", "published", "in_matching", "concluded")


def choosable_listings(session: Session, deal: Deal, *, by: Actor) -> Sequence[Listing]:
    """Return what the deal rests on and may rest on besides: live listings of the actor's side."""
    own = permissions.require_side(by, deal)
    more = session.scalars(
        sa.select(Listing)
        .where(
            Listing.organisation_id == deal.side_organisation_id(own),
            Listing.state.in_(_LIVE),
            Listing.id.not_in([each.id for each in deal.listings]),
        )
        .order_by(Listing.id.desc())
        .limit(OFFERED)
    )
    return [*deal.listings, *more]


def choosable_rights(session: Session, deal: Deal) -> Sequence[IpRight]:
    """Return the rights that the deal names and those behind the seller's listings."""
    behind = (
        sa.select(ListingIpRight.ip_right_id)
        .join(Listing, Listing.id == ListingIpRight.listing_id)
        .where(Listing.organisation_id == deal.seller_organisation_id)
    )
    more = session.scalars(
        sa.select(IpRight)
        .where(IpRight.id.in_(behind), IpRight.id.not_in([each.id for each in deal.ip_rights]))
        .order_by(IpRight.id.desc())
        .limit(OFFERED)
    )
    return [*deal.ip_rights, *more]


def describe(
    session: Session,
    deal: Deal,
    *,
    title: str,
    listings: Collection[str],
    rights: Collection[str],
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Change a deal's name and what it rests on (public ids, of what may be chosen).

    Raises NotFound, Forbidden, IllegalTransition once terms are agreed, Invalid at ``title``,
    ``listings`` or ``rights``, Conflict where somebody was faster.
    """
    permissions.require_side(by, deal)
    if deal.stage not in NEGOTIATED_STAGES:
        raise IllegalTransition(step="describe", state=deal.state, kind="deal")
    name = title.strip()
    chosen = [e for e in choosable_listings(session, deal, by=by) if e.public_id in listings]
    named = [e for e in choosable_rights(session, deal) if e.public_id in rights]
    errors = {}
    if not name:
        errors["title"] = "required"
    elif len(name) > TITLE_LIMIT:
        errors["title"] = "too_long"
    if len(chosen) < len(set(listings)) or len(chosen) > MOST_LISTINGS:
        errors["listings"] = "unknown_code"
    if len(named) < len(set(rights)):
        errors["rights"] = "unknown_code"
    if errors:
        raise Invalid(errors)
    change_columns(session, deal, expected_version=expected_version, title=name)
    session.execute(sa.delete(DealListing).where(DealListing.deal_id == deal.id))
    session.execute(sa.delete(DealRight).where(DealRight.deal_id == deal.id))
    session.add_all(DealListing(deal_id=deal.id, listing_id=each.id) for each in chosen)
    session.add_all(DealRight(deal_id=deal.id, ip_right_id=each.id) for each in named)
    session.flush()
    session.expire(deal, ["listings", "ip_rights"])
    history.record(
        session,
        chain=("deal", deal.public_id),
        kind="describe",
        by=by,
        now=now,
        facts={"listings": len(chosen), "rights": len(named)},
    )
