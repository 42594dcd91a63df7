"""What declines and refusals advise those who asked: reasons with how often each was given.

Who said it is left out: an organisation that is not named stays so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.listings.models import Listing
from tenon.listings.permissions import belongs_to


@dataclass(frozen=True, slots=True)
class Heard:
    """One reason that was given for a listing.

    Attributes:
        reason: one of DECLINE_REASONS.
        sides: how many who were asked gave it.
        brokers: how many brokers gave it and did not pass the request on.
    """

    reason: str
    sides: int
    brokers: int

    @property
    def times(self) -> int:
        """How often in all."""
        return self.sides + self.brokers


def _advises() -> sa.ColumnElement[bool]:
    """Return the condition that an introduction ended with a word to the side that asked.

    A proposal that the interested side itself turned down was never passed on.
    """
    return sa.or_(
        Introduction.state == "refused",
        sa.and_(Introduction.state == "declined", Introduction.passed_on_at.is_not(None)),
    )


def advises(introduction: Introduction, actor: Actor) -> bool:
    """Whether the introduction ended with a reason that advises the actor's side."""
    told = introduction.state == "refused" or (
        introduction.state == "declined" and introduction.passed_on_at is not None
    )
    return told and permissions.side_of(actor, introduction) == "from"


def heard_about(session: Session, listing: Listing, *, by: Actor) -> Sequence[Heard]:
    """Return the reasons given to the owner of a listing when it asked with it, commonest first.

    Empty for those who do not belong to the owner. One statement.
    """
    if not belongs_to(by, listing):
        return []
    refused = sa.func.sum(sa.case((Introduction.state == "refused", 1), else_=0))
    rows = session.execute(
        sa.select(Introduction.end_reason, sa.func.count(), refused)
        .where(
            Introduction.own_listing_id == listing.id,
            Introduction.end_reason.is_not(None),
            _advises(),
        )
        .group_by(Introduction.end_reason)
    )
    found = [Heard(reason, total - by_brokers, by_brokers) for reason, total, by_brokers in rows]
    return sorted(found, key=lambda each: (-each.times, each.reason))
