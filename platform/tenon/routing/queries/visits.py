"""Visits in lists: of a firm, of a broker or a place; one visit; firms to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from tenon.accounts.models import Organisation
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.network.models import PortfolioFirm
from tenon.network.queries.portfolio import LIVE
from tenon.routing.models import Visit
from tenon.routing.permissions import visits_in_sight

FIRM_CHOICES = 300


def visits(
    session: Session,
    *,
    by: Actor,
    mine: bool = False,
    organisation_id: int | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[Sequence[Visit], int]:
    """Return a page of the visits in sight, the latest first, and how many in all."""
    conditions = [visits_in_sight(by)]
    if mine:
        conditions.append(Visit.broker_id == by.user_id)
    if organisation_id is not None:
        conditions.append(Visit.organisation_id == organisation_id)
    total = session.scalar(sa.select(sa.func.count(Visit.id)).where(*conditions)) or 0
    rows = session.scalars(
        sa.select(Visit)
        .where(*conditions)
        .options(
            joinedload(Visit.organisation),
            joinedload(Visit.broker).options(lazyload("*")),
            joinedload(Visit.listing).options(lazyload("*")),
        )
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return rows.all(), total


def visits_of(
    session: Session, organisation_id: int, *, by: Actor, limit: int = 20
) -> Sequence[Visit]:
    """Return the latest visits to a firm that the actor may read."""
    return visits(session, by=by, organisation_id=organisation_id, limit=limit)[0]


def find_visit(session: Session, public_id: str, *, by: Actor) -> Visit:
    """Return a visit that the actor may read; raises NotFound for all others."""
    found = session.scalars(
        sa.select(Visit)
        .where(Visit.public_id == public_id, visits_in_sight(by))
        .options(joinedload(Visit.organisation), joinedload(Visit.station))
    ).first()
    if found is None:
        raise NotFound(kind="visit")
    return found


def visit_behind(session: Session, listing_id: int) -> Visit | None:
    """Return the visit on which a need was collected; who may see it is not asked."""
    return session.scalars(
        sa.select(Visit)
        .where(Visit.listing_id == listing_id)
        .options(joinedload(Visit.broker).options(lazyload("*")))
    ).first()


def known_visit(session: Session, *, broker_id: int | None, key: str) -> Visit | None:
    """Return what a broker sent under this key before, if anything."""
    return session.scalars(
        sa.select(Visit).where(Visit.broker_id == broker_id, Visit.key == key)
    ).first()


def own_firms(session: Session, broker_id: int) -> Sequence[Organisation]:
    """Return the firms that a broker looks after, by name, at most FIRM_CHOICES."""
    name = sa.func.coalesce(Organisation.name_zh, Organisation.name_en)
    return session.scalars(
        sa.select(Organisation)
        .join(PortfolioFirm, PortfolioFirm.organisation_id == Organisation.id)
        .where(PortfolioFirm.broker_id == broker_id, LIVE)
        .order_by(name, Organisation.id)
        .limit(FIRM_CHOICES)
    ).all()
