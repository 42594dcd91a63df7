"""What a broker may know, as SQL: the same as ``permissions``; other queries add these."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.models import DeskNote, DeskTask
from tenon.listings.models import Listing
from tenon.listings.queries.visibility import written_up_by
from tenon.network.models import PortfolioFirm, StationMember
from tenon.network.queries.portfolio import firms_in_sight


def own_places(actor: Actor) -> sa.Select[int]:
    """Return the keys of the places where the actor works now."""
    return sa.select(StationMember.station_id).where(
        StationMember.user_id == actor.user_id, StationMember.ended_at.is_(None)
    )


def own_place(session: Session, actor: Actor) -> int | None:
    """Return the place that what the actor writes is counted from: where they work the longest."""
    return session.scalar(own_places(actor).order_by(StationMember.id).limit(1))


def notes_for(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may read a note; agrees with ``may_read_note``."""
    mine: sa.ColumnElement[bool] = DeskNote.author_id == actor.user_id
    shared: list[sa.ColumnElement[bool]] = [DeskNote.audience != "me"]
    if not actor.operator:
        shared.append(
            sa.or_(
                sa.and_(DeskNote.audience == "place", DeskNote.station_id.in_(own_places(actor))),
                sa.and_(DeskNote.audience == "up", DeskNote.station_id.in_(sorted(actor.stations))),
            )
        )
    if actor.memberships:
        houses = sorted(actor.memberships)
        shared += [
            sa.or_(column.is_(None), column.not_in(houses))
            for column in (DeskNote.organisation_id, DeskNote.other_organisation_id)
        ]
    return sa.and_(DeskNote.removed_at.is_(None), sa.or_(mine, sa.and_(*shared)))


def tasks_for(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may know of a task; agrees with ``may_see_task``."""
    return sa.or_(DeskTask.owner_id == actor.user_id, DeskTask.created_by == actor.user_id)


def owner_known_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may learn whose listing it is (``may_know_owner``)."""
    if actor.operator:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = [Listing.anonymous.is_(False)]
    if actor.memberships:
        ways.append(Listing.organisation_id.in_(sorted(actor.memberships)))
    if actor.broker:
        ways += [Listing.broker_id == actor.user_id, written_up_by(actor)]
    return sa.or_(*ways)


def portfolio_of(actor: Actor) -> sa.Select[int]:
    """Return the keys of the firms that the actor looks after now."""
    return sa.select(PortfolioFirm.organisation_id).where(
        PortfolioFirm.broker_id == actor.user_id, PortfolioFirm.ended_at.is_(None)
    )


def in_care(actor: Actor, *narrower: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Return the condition that a listing is the actor's to look after, or its firm is.

    What a firm seeks without its name is not tied to it: who looks after the firm has it in care
    only where they may learn whose it is anyway. Anybody may take a free firm.

    As a set of keys, each half of which has an index: an OR over both would read every listing.
    ``narrower`` are conditions on listings that hold anyway: with them the set is small enough
    to be looked up key by key.
    """
    own = sa.select(Listing.id).where(Listing.broker_id == actor.user_id, *narrower)
    kept = Listing.organisation_id.in_(portfolio_of(actor))
    firms = sa.select(Listing.id).where(kept, owner_known_to(actor), *narrower)
    return Listing.id.in_(sa.union(own, firms))


def firms_open_to(actor: Actor, organisation_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Return the condition that the actor may open a firm's page (``may_see_firm``)."""
    conditions: list[sa.ColumnElement[bool]] = []
    if actor.memberships:
        conditions.append(organisation_id.not_in(sorted(actor.memberships)))
    if not actor.operator:
        elsewhere = sa.select(PortfolioFirm.organisation_id).where(
            PortfolioFirm.ended_at.is_(None), sa.not_(_known(actor))
        )
        conditions.append(organisation_id.not_in(elsewhere))
    return sa.and_(sa.true(), *conditions)


def _known(actor: Actor) -> sa.ColumnElement[bool]:
    """``portfolio.firms_in_sight``, false where a firm lies at no place: NULL would be neither."""
    return sa.func.coalesce(firms_in_sight(actor), sa.false())
