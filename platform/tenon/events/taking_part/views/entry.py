"""What the room adds to other rooms' pages: the way in on an event's page, and on a listing's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.events.models import Event
from tenon.events.permissions import may_run
from tenon.events.taking_part.phases import registration_closed
from tenon.events.taking_part.queries import people
from tenon.events.taking_part.services.places import free_places
from tenon.events.taking_part.views.blueprint import parts_here
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to, is_public
from tenon.web.requests import current_actor, request_now


def on_event(session: Session, event: Event, actor: Actor) -> Mapping[str, Any]:
    """Return how registration stands, and the reader's own part."""
    own = [each for each in parts_here(event) if each.user_id == actor.user_id]
    return {
        "closed": registration_closed(event, request_now()),
        "places": free_places(session, event),
        "part": own[0] if own else None,
        "rank": people.rank_in_queue(session, own[0]) if own else None,
    }


def on_listing(session: Session, listing: Listing, actor: Actor) -> Mapping[str, Any] | None:
    """Return events to which the listing could be brought: those its reader has registered for."""
    fits = is_public(listing, request_now()) and not listing.anonymous
    if not fits or not belongs_to(actor, listing):
        return None
    parts = people.without_listing(session, listing, by=actor, now=request_now())
    return {"parts": parts} if parts else None


def takes_part(_actor: Actor, event: Event) -> bool:
    """Whether the reader answers for somebody who has registered."""
    return current_actor().signed_in and bool(parts_here(event))


def is_confirmed(_actor: Actor, event: Event) -> bool:
    """Whether the reader answers for somebody who takes part."""
    return current_actor().signed_in and any(
        each.state == "confirmed" for each in parts_here(event)
    )


def sees_people(actor: Actor, event: Event) -> bool:
    """Whether the reader may know who comes."""
    return may_run(actor, event) or is_confirmed(actor, event)
