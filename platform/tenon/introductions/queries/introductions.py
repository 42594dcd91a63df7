"""Introductions by public id, of an organisation, of a pair; ``visible_to`` is may_see in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing


@dataclass(frozen=True, slots=True)
class Shown:
    """An introduction as one actor may see it.

    Attributes:
        introduction: with both listings' titles and both organisations loaded.
        side: the actor's own side, or None.
        from_named: whether the actor may learn the interested side's name.
        to_named: the same of the approached side.
    """

    introduction: Introduction
    side: str | None
    from_named: bool
    to_named: bool


def shown(introduction: Introduction, to: Actor) -> Shown:
    """Return what the actor may see of it; who may see it at all is not asked here."""
    return Shown(
        introduction,
        permissions.side_of(to, introduction),
        permissions.may_know_name(to, introduction, "from"),
        permissions.may_know_name(to, introduction, "to"),
    )


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of an introduction."""
    if actor.operator or actor.broker:
        return sa.true()
    own = sorted(actor.memberships)
    if not own:
        return sa.false()
    return sa.or_(
        Introduction.from_organisation_id.in_(own),
        sa.and_(Introduction.to_organisation_id.in_(own), Introduction.passed_on_at.is_not(None)),
    )


def for_lists() -> tuple[ORMOption, ...]:
    """Return what a list of introductions loads: titles and names, in 4 statements for any number.

    Requirements, fields, deal forms and contributors of the listings stay away.
    """
    listings = (
        selectinload(listing).options(
            selectinload(Listing.texts),
            lazyload(Listing.organisation),  # loaded already, as one of the two houses
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        )
        for listing in (Introduction.listing, Introduction.own_listing)
    )
    houses = (Introduction.from_organisation, Introduction.to_organisation)
    return (*(joinedload(house) for house in houses), *listings)


def find(session: Session, public_id: str, *, by: Actor) -> Introduction:
    """Return an introduction that the actor may know of; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Introduction)
        .where(Introduction.public_id == public_id, visible_to(by))
        .options(*for_lists(), joinedload(Introduction.nda))
    ).first()
    if found is None:
        raise NotFound(kind="introduction")
    return found


def live_between(session: Session, keys: Iterable[str], *, by: Actor) -> Mapping[str, Introduction]:
    """Return the live introductions of pairs (``services.asking.live_key``) that the actor sees."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.scalars(
        sa.select(Introduction).where(Introduction.live_key.in_(wanted), visible_to(by))
    )
    return {str(each.live_key): each for each in rows}
