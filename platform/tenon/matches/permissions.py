"""Who may say what of a match; the listings room decides who may see the listings."""

from __future__ import annotations

from datetime import datetime

from tenon.actors import Actor
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to, in_sight, is_public


def may_give_feedback(actor: Actor, listing: Listing, now: datetime) -> bool:
    """Whether the actor may speak for the listing's organisation about its matches.

    Only once the listing is public: the other side is told, and must be able to read it.
    """
    return is_public(listing, now) and actor.at_least("editor", listing.organisation_id)


def may_steer_ranking(actor: Actor) -> bool:
    """Whether the actor may decide which learned weights order matches, and see their figures."""
    return actor.operator


def may_see_feedback(actor: Actor, listing: Listing) -> bool:
    """Whether the actor may read what others said of the listing's matches.

    Its own people, brokers who have it in sight, operators.
    """
    seen = actor.broker and in_sight(actor, listing)
    return belongs_to(actor, listing) or actor.operator or seen
