"""What the walk over all routes asks for of kept searches."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tenon.searches.models import SavedCriterion, SavedFinding, SavedOffer, SavedSearch
from tests.factories import listings
from tests.guards.world import World


def make_searches(session: Session, world: World, listing_id: int) -> None:
    """A search of the administrator's that found the published listing, offered to colleagues."""
    search = SavedSearch(
        user_id=world.people["administrator"].id,
        name="成果",
        kind="browse",
        rhythm="daily",
        chosen={"side": ["achievement"]},
        dimensions=1,
        created_at=listings.NOW,
    )
    session.add(search)
    session.flush()
    session.add_all(
        [
            SavedCriterion(search_id=search.id, dimension="side", value="achievement"),
            SavedFinding(search_id=search.id, listing_id=listing_id, found_at=listings.NOW),
        ]
    )
    session.flush()
    house = world.people["administrator"].memberships[0].organisation_id
    offer = SavedOffer(search_id=search.id, organisation_id=house, offered_at=listings.NOW)
    session.add(offer)
    session.flush()
    world.things.saved_search, world.things.saved_offer = search.public_id, offer.public_id
