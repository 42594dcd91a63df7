"""Introductions by public id, of an organisation, of a pair; ``visible_to`` is may_see in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    if actor.operator:
        return sa.true()
    return sa.or_(sa.false(), *ways_to_know(actor))


def ways_to_know(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return the ways in which somebody who runs nothing knows of introductions.

    Each reads one index; a row may fit several. Brokers: by place, unless none is named, and their
    own. Members: those of their organisations.
    """
    row = Introduction
    found: list[sa.ColumnElement[bool]] = []
    if actor.broker:
        found += by_place(actor)
        found += [row.broker_id == actor.user_id, row.proposer_id == actor.user_id]
    own = sorted(actor.memberships)
    if own:
        found.append(row.from_organisation_id.in_(own))
        found.append(sa.and_(row.to_organisation_id.in_(own), row.passed_on_at.is_not(None)))
    return found


def by_place(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """Return the ways in which the places that a broker sees, or none being named, show a row."""
    row, places = Introduction, sorted(actor.stations)
    nowhere = sa.and_(row.from_station_id.is_(None), row.to_station_id.is_(None))
    if not places:
        return [nowhere]
    return [nowhere, row.from_station_id.in_(places), row.to_station_id.in_(places)]


def apart(ways: Sequence[sa.ColumnElement[bool]]) -> list[sa.ColumnElement[bool]]:
    """Return conditions that together let the same rows through, each row by one of them alone."""
    return [
        sa.and_(way, *(sa.not_(sa.func.coalesce(other, sa.false())) for other in ways[:at]))
        for at, way in enumerate(ways)
    ]


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
