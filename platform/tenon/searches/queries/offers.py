"""Searches that colleagues offer to the editors of an organisation; who sees which."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from tenon.accounts.models import Membership, User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.searches.models import SavedOffer, SavedSearch
from tenon.searches.permissions import offered_to

MOST_OFFERS = 50


@dataclass(frozen=True, slots=True)
class Offered:
    """A search that a colleague offers, and whether the reader keeps the same already."""

    offer: SavedOffer
    kept: bool


def offers_to(session: Session, by: Actor) -> list[Offered]:
    """Return what colleagues offer to the actor, the latest first; two statements.

    Only of people who are still members of the organisation.
    """
    if not offered_to(by):
        return []
    rows = session.scalars(_open_to(by).order_by(SavedOffer.id.desc()).limit(MOST_OFFERS)).all()
    own = session.scalars(sa.select(SavedSearch).where(SavedSearch.user_id == by.user_id)).all()
    asked = [_question(each) for each in own]
    return [Offered(each, _question(each.search) in asked) for each in rows]


def find_offer(session: Session, public_id: str, *, by: Actor) -> SavedOffer:
    """Return an offer that is open to the actor; raises NotFound for all others."""
    found = session.scalar(_open_to(by).where(SavedOffer.public_id == public_id))
    if found is None:
        raise NotFound(kind="saved_offer")
    return found


def own_offers(session: Session, by: Actor) -> frozenset[tuple[int, int]]:
    """Return (search, organisation) of what the actor offers."""
    rows = session.execute(
        sa.select(SavedOffer.search_id, SavedOffer.organisation_id)
        .join(SavedSearch, SavedSearch.id == SavedOffer.search_id)
        .where(SavedSearch.user_id == by.user_id)
    )
    return frozenset((search_id, organisation_id) for search_id, organisation_id in rows)


def same_as(session: Session, offered: SavedSearch, by: Actor) -> SavedSearch | None:
    """Return the actor's own search that asks the same, if there is one."""
    own = session.scalars(
        sa.select(SavedSearch)
        .where(SavedSearch.user_id == by.user_id, SavedSearch.kind == offered.kind)
        .order_by(SavedSearch.id)
    )
    return next((each for each in own if _question(each) == _question(offered)), None)


def _question(search: SavedSearch) -> tuple[object, ...]:
    chosen = {name: sorted(values) for name, values in search.chosen.items()}
    return search.kind, search.text, search.side, search.listing_id, sorted(chosen.items())


def _open_to(by: Actor) -> sa.Select[SavedOffer]:
    still = sa.exists().where(
        Membership.user_id == SavedSearch.user_id,
        Membership.organisation_id == SavedOffer.organisation_id,
        Membership.state == "active",
    )
    return (
        sa.select(SavedOffer)
        .join(SavedSearch, SavedSearch.id == SavedOffer.search_id)
        .join(User, User.id == SavedSearch.user_id)
        .where(
            SavedOffer.organisation_id.in_(offered_to(by)),
            SavedSearch.user_id != by.user_id,
            SavedSearch.state != "stopped",
            User.active.is_(True),
            still,
        )
        .options(
            joinedload(SavedOffer.organisation),
            joinedload(SavedOffer.search).joinedload(SavedSearch.user),
            joinedload(SavedOffer.search).joinedload(SavedSearch.listing),
        )
    )
