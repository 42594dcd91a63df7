"""What a listing's page or a match's card asks: is there an introduction already, may one ask?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.introductions.models import Introduction
from tenon.listings.models import Attachment, ConfidentialDetail, Listing
from tenon.listings.queries import is_public

MOST_OWN = 100


def live_about(
    session: Session, listing_ids: Collection[int], *, by: Actor
) -> Mapping[int, Introduction]:
    """Return listing key -> the latest live introduction that the actor's organisation has there.

    Of others' listings: those it asked about, and those whose owner asked it with that listing,
    unless the owner keeps its name back and the listing would tell it. One statement.
    """
    house = by.organisation_id
    if not listing_ids or house is None or house not in by.memberships:
        return {}
    own = sa.orm.aliased(Listing)
    keys = list(listing_ids)
    asked = sa.and_(Introduction.from_organisation_id == house, Introduction.listing_id.in_(keys))
    tells_nothing = sa.or_(
        Introduction.unnamed.is_(False), Introduction.opened_at.is_not(None), own.anonymous
    )
    approached = sa.and_(
        Introduction.to_organisation_id == house,
        Introduction.passed_on_at.is_not(None),
        Introduction.own_listing_id.in_(keys),
        tells_nothing,
    )
    rows = session.scalars(
        sa.select(Introduction)
        .outerjoin(own, own.id == Introduction.own_listing_id)
        .where(Introduction.live_key.is_not(None), sa.or_(asked, approached))
        .order_by(Introduction.stage_since, Introduction.id)
    )
    return {
        (each.listing_id if each.from_organisation_id == house else each.own_listing_id or 0): each
        for each in rows
    }


def may_ask(session: Session, listing: Listing, *, by: Actor) -> bool:
    """Whether the actor may ask for an introduction to those behind a public listing."""
    return asks_for(session, by) is not None and listing.organisation_id not in by.memberships


def asks_for(session: Session, by: Actor) -> Organisation | None:
    """Return the organisation that the actor may ask for; None unless it is approved."""
    if not by.at_least("editor", by.organisation_id):
        return None
    house = session.get(Organisation, by.organisation_id)
    return house if house is not None and house.state == "approved" else None


def own_counterparts(
    session: Session, organisation_id: int, *, side: str, now: datetime
) -> Sequence[Listing]:
    """Return an organisation's public listings of the other kind than ``side``, newest first."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.organisation_id == organisation_id, Listing.side != side, is_public(now))
        .options(
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        )
        .order_by(Listing.published_at.desc(), Listing.id.desc())
        .limit(MOST_OWN)
    ).all()


def held_tiers(session: Session, listing_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return listing key -> the confidential tiers that hold a text or a file; one statement."""
    if not listing_ids:
        return {}
    parts = [
        sa.select(table.listing_id, table.tier).where(table.listing_id.in_(list(listing_ids)))
        for table in (ConfidentialDetail, Attachment)
    ]
    found: dict[int, set[str]] = {}
    for listing_id, tier in session.execute(sa.union(*parts)):
        found.setdefault(listing_id, set()).add(tier)
    return {key: frozenset(tiers) for key, tiers in found.items()}
