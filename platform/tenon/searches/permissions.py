"""Who may keep which search, and when one ends; asked by services and pages alike."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to, may_see
from tenon.network.queries.portfolio import keeper_of
from tenon.searches.models import SavedSearch


def may_keep_of(actor: Actor, listing: Listing, now: datetime) -> bool:
    """Whether the actor may be told of what fits a listing: its members, and brokers in sight."""
    return (
        actor.signed_in
        and may_see(actor, listing, now)
        and (belongs_to(actor, listing) or actor.broker or actor.operator)
    )


def may_keep_for(session: Session, actor: Actor, organisation_id: int | None) -> bool:
    """Whether the actor may search for a firm: none, or one in their own portfolio."""
    if organisation_id is None:
        return True
    return actor.broker and keeper_of(session, organisation_id) == actor.user_id


EDITING = ("editor", "administrator")
"""Roles of those to whom a colleague's search is offered."""


def may_offer(actor: Actor, search: SavedSearch, organisation_id: int) -> bool:
    """Whether the actor may offer a search to an organisation: their own search, their house.

    What fits a listing is for the people of the house whose listing it is.
    """
    own = actor.user_id is not None and search.user_id == actor.user_id
    if not own or actor.role_in(organisation_id) is None:
        return False
    return search.listing is None or search.listing.organisation_id == organisation_id


def offered_to(actor: Actor) -> list[int]:
    """Return the organisations whose offers the actor sees: those that they edit for."""
    if actor.user_id is None:
        return []
    return sorted(key for key in actor.memberships if actor.at_least("editor", key))


def may_resume(session: Session, actor: Actor, search: SavedSearch, now: datetime) -> bool:
    """Whether what the search rests on is still the actor's."""
    if search.listing is not None and not may_keep_of(actor, search.listing, now):
        return False
    return may_keep_for(session, actor, search.organisation_id)


def may_go_on(session: Session, search: SavedSearch, now: datetime) -> bool:
    """Whether the owner has an account, and the right that the search rests on."""
    user = search.user
    if not user.active or user.erased_at is not None:
        return False
    return may_resume(session, actor_of(user), search, now)
