"""A reviewer's own ready remarks: all of them, and those that suit a listing."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import Listing, OwnRemark


def own_remarks(
    session: Session, *, by: Actor, listing: Listing | None = None
) -> Sequence[OwnRemark]:
    """Return the actor's remarks; with ``listing`` those of its kind and its author's language."""
    wanted = sa.select(OwnRemark).where(OwnRemark.user_id == by.user_id)
    if listing is not None:
        wanted = wanted.where(
            OwnRemark.language == listing.language, OwnRemark.side.in_(("both", listing.side))
        )
    return session.scalars(wanted.order_by(OwnRemark.language, OwnRemark.side, OwnRemark.id)).all()


def own_remark(session: Session, public_id: str, *, by: Actor) -> OwnRemark:
    """Return one remark of the actor's; raises NotFound for others' and unknown ones."""
    found = session.scalars(
        sa.select(OwnRemark).where(
            OwnRemark.public_id == public_id, OwnRemark.user_id == by.user_id
        )
    ).first()
    if found is None:
        raise NotFound(kind="remark")
    return found
