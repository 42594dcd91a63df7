"""What the room adds to earlier rooms' pages: the way into a deal, and the deals that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask, url_for
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.deals.models import Deal, DealListing
from tenon.deals.queries.deals import for_lists, readable_by
from tenon.deals.services.opening import may_open_from
from tenon.deals.views.beginning import may_begin
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.web.sections import Section, add_section

SHOWN = 10


def load_on_introduction(
    session: Session, introduction: Introduction, actor: Actor
) -> Mapping[str, Any] | None:
    """Return the deals that an introduction has led to, and the way to begin one."""
    found = session.scalars(
        sa.select(Deal)
        .where(
            Deal.origin_kind == "introduction",
            Deal.origin_id == introduction.id,
            readable_by(actor),
        )
        .options(*for_lists())
        .order_by(Deal.id.desc())
        .limit(SHOWN)
    ).all()
    may = may_open_from(actor, introduction)
    if not found and not may:
        return None
    address = url_for("deals.new", introduction=introduction.public_id) if may else None
    return {"deals": found, "address": address}


def load_on_listing(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return the actor's deals that rest on a listing; None where there are none."""
    if not actor.signed_in:
        return None
    found = session.scalars(
        sa.select(Deal)
        .join(DealListing, DealListing.deal_id == Deal.id)
        .where(DealListing.listing_id == listing.id, readable_by(actor))
        .options(*for_lists())
        .order_by(Deal.id.desc())
        .limit(SHOWN)
    ).all()
    return {"deals": found} if found else None


def load_action(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:  # noqa: ARG001  # a section's form
    """Return the button beside a listing's title, for its own editors and for brokers."""
    if not actor.signed_in or not may_begin(listing):
        return None
    return {"address": url_for("deals.new", listing=listing.public_id)}


def install(app: Flask) -> None:
    """Hang the room's parts on earlier rooms' pages."""
    add_section(app, "introduction", Section("deals/on_introduction.html", load_on_introduction))
    add_section(app, "listing", Section("deals/on_listing.html", load_on_listing, order=15))
    add_section(app, "listing.actions", Section("deals/on_listing_action.html", load_action, 60))
