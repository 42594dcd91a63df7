"""A firm by public id, for who may open its page on the desk."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, lazyload

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.desk import permissions
from tenon.errors import NotFound
from tenon.network.models import PortfolioFirm


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation with who looks after it now, if anybody does."""

    organisation: Organisation
    kept: PortfolioFirm | None


def find_firm(session: Session, public_id: str, *, by: Actor) -> Firm:
    """Return a firm that the actor may open; raises NotFound for all others. Two statements."""
    house = session.scalars(
        sa.select(Organisation).where(Organisation.public_id == public_id)
    ).first()
    if house is None:
        raise NotFound(kind="organisation")
    kept = session.scalars(
        sa.select(PortfolioFirm)
        .where(PortfolioFirm.organisation_id == house.id, PortfolioFirm.ended_at.is_(None))
        .options(
            joinedload(PortfolioFirm.broker).options(
                lazyload(User.roles), lazyload(User.memberships)
            ),
            joinedload(PortfolioFirm.station),
        )
    ).first()
    if not permissions.may_see_firm(by, house.id, kept):
        raise NotFound(kind="organisation")
    return Firm(house, kept)
