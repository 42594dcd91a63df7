"""Grants of rights to contributors: those of a listing, of an institution, of a person."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.listings.models import Listing
from tenon.rights import permissions
from tenon.rights.models import GrantMember, GrantObjection, RightGrant

PUBLIC_STATES = ("publicised", "agreed")


def find_grant(session: Session, public_id: str, *, by: Actor) -> RightGrant:
    """Return a grant that the actor may read whole; raises NotFound for all others."""
    found = session.scalar(sa.select(RightGrant).where(RightGrant.public_id == public_id))
    if found is None or not permissions.may_see_grant(by, found):
        raise NotFound(kind="rights_grant")
    return found


def find_published(session: Session, public_id: str) -> RightGrant:
    """Return a grant that is, or was, published; raises NotFound for one that never was."""
    found = session.scalar(
        sa.select(RightGrant).where(
            RightGrant.public_id == public_id, RightGrant.publicised_at.is_not(None)
        )
    )
    if found is None:
        raise NotFound(kind="rights_grant")
    return found


def find_objection(session: Session, grant: RightGrant, public_id: str) -> GrantObjection:
    """Return an objection to this very grant; raises NotFound."""
    found = session.scalar(
        sa.select(GrantObjection).where(
            GrantObjection.public_id == public_id, GrantObjection.grant_id == grant.id
        )
    )
    if found is None:
        raise NotFound(kind="objection")
    return found


def unanswered(session: Session, grant: RightGrant) -> int:
    """Return how many objections have no answer yet."""
    counted = sa.select(sa.func.count()).where(
        GrantObjection.grant_id == grant.id, GrantObjection.answered_at.is_(None)
    )
    return session.scalar(counted) or 0


def objections(session: Session, grant: RightGrant) -> Sequence[GrantObjection]:
    """Return the objections to a grant, oldest first."""
    wanted = sa.select(GrantObjection).where(GrantObjection.grant_id == grant.id)
    return session.scalars(wanted.order_by(GrantObjection.id)).all()


def grants_of_listing(session: Session, listing: Listing) -> Sequence[RightGrant]:
    """Return every grant of an achievement, the latest first."""
    wanted = sa.select(RightGrant).where(RightGrant.listing_id == listing.id)
    return session.scalars(wanted.order_by(RightGrant.id.desc())).all()


def grants_for(
    session: Session, actor: Actor, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[RightGrant], int]:
    """Return the grants that are the actor's own or their institution's to decide; how many."""
    decided = [house for house in actor.memberships if actor.at_least("editor", house)]
    mine = sa.select(GrantMember.grant_id).where(GrantMember.user_id == actor.user_id)
    wanted = sa.select(RightGrant).where(
        sa.or_(
            RightGrant.institution_id.in_(decided),
            RightGrant.applicant_id == actor.user_id,
            RightGrant.id.in_(mine),
        )
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    open_first = sa.case((RightGrant.live_key.is_not(None), 0), else_=1)
    found = session.scalars(
        wanted.order_by(open_first, RightGrant.id.desc()).limit(limit).offset(offset)
    )
    return found.all(), total


def published(
    session: Session, *, limit: int = 20, offset: int = 0
) -> tuple[Sequence[RightGrant], int]:
    """Return the grants that are published at present, those that end first; how many."""
    wanted = sa.select(RightGrant).where(RightGrant.state == "publicised")
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    found = session.scalars(
        wanted.order_by(RightGrant.publicity_until, RightGrant.id).limit(limit).offset(offset)
    )
    return found.all(), total


def has_grants(session: Session, user_id: int) -> bool:
    """Whether the person takes part in any grant."""
    wanted = sa.select(GrantMember.grant_id).where(GrantMember.user_id == user_id)
    return session.scalar(wanted.limit(1)) is not None
