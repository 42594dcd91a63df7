"""The broker's queue, a listing's reviews, versions and timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.db import BigId, UTCDateTime
from tenon.errors import NotFound
from tenon.history.models import HistoryEntry
from tenon.listings.models import Listing, ListingVersion, Review
from tenon.listings.queries.visibility import in_sight, written_up_by
from tenon.listings.states import PUBLIC_STATES
from tenon.network.models import StationMember

QUEUES = ("waiting", "edited", "on_hold")


def _in_queue(queue: str) -> sa.ColumnElement[bool]:
    """Return the condition of one queue; ``edited`` agrees with ``edited_since_review``."""
    if queue == "edited":
        return sa.and_(
            Listing.state.in_(PUBLIC_STATES),
            Listing.text_version > 1,
            Listing.reviewed_version < Listing.text_version,
        )
    return Listing.state == ("on_hold" if queue == "on_hold" else "in_review")


def _judged_by(by: Actor) -> list[sa.ColumnElement[bool]]:
    """Nobody is offered what ``may_review`` forbids: their own, what lies out of their sight."""
    found = [sa.or_(Listing.author_id.is_(None), Listing.author_id != by.user_id)]
    if by.memberships:
        found.append(Listing.organisation_id.not_in(sorted(by.memberships)))
    if by.broker:
        wrote = sa.select(ListingVersion.listing_id).where(ListingVersion.author_id == by.user_id)
        found.append(sa.not_(written_up_by(by)))
        found.append(sa.not_(sa.and_(Listing.collected, Listing.id.in_(wrote))))
    if not by.operator:
        found.append(in_sight(by))
    return found


def waiting_for(by: Actor, *, queue: str) -> sa.ColumnElement[bool]:
    """Return the condition that a listing waits in a queue (one of QUEUES) for this actor."""
    return sa.and_(_in_queue(queue), *_judged_by(by))


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Which queue, and what it is narrowed to; empty means all.

    Attributes:
        queue: one of QUEUES.
        side: achievement or need.
        language: of the author, zh or en.
        here: only what lies at a place where the reader works, or at none.
    """

    queue: str = "waiting"
    side: str = ""
    language: str = ""
    here: bool = False

    def condition(self, by: Actor) -> list[sa.ColumnElement[bool]]:
        """Return the SQL conditions. Raises NotFound for a queue that does not exist."""
        if self.queue not in QUEUES:
            raise NotFound
        found = [_in_queue(self.queue), *_judged_by(by)]
        if self.side:
            found.append(Listing.side == self.side)
        if self.language:
            found.append(Listing.language == self.language)
        if self.here:
            place = sa.func.coalesce(Listing.handling_station_id, Listing.station_id)
            mine = sa.select(StationMember.station_id).where(
                StationMember.user_id == by.user_id, StationMember.ended_at.is_(None)
            )
            found.append(place.in_(mine))
        return found

    @property
    def since(self) -> sa.orm.InstrumentedAttribute[Any]:
        """The column that says since when a listing waits."""
        return Listing.updated_at if self.queue == "edited" else Listing.submitted_at


def neighbours(
    session: Session, listing: Listing, where: QueueFilter, *, by: Actor
) -> tuple[str | None, str | None]:
    """Return the public ids of what waits before and after a listing; None at either end.

    The listing itself need not wait any longer: what comes after it is what waits next.
    """
    moment = listing.updated_at if where.queue == "edited" else listing.submitted_at
    if moment is None:
        return None, None
    here = sa.tuple_(where.since, Listing.id)
    there = sa.tuple_(sa.literal(moment, UTCDateTime()), sa.literal(listing.id, BigId))
    wanted = sa.select(Listing.public_id).where(*where.condition(by), Listing.id != listing.id)
    before = wanted.where(here < there).order_by(where.since.desc(), Listing.id.desc())
    after = wanted.where(here > there).order_by(where.since, Listing.id)
    return session.scalar(before.limit(1)), session.scalar(after.limit(1))


def review_queue(
    session: Session,
    *,
    queue: str,
    by: Actor,
    side: str | None = None,
    language: str | None = None,
    here: bool = False,
    offset: int = 0,
    limit: int = 20,
) -> tuple[Sequence[Listing], int]:
    """Return a page of a queue, what waits longest first, and how many wait in all.

    Raises NotFound for a queue that does not exist.
    """
    where = QueueFilter(queue=queue, side=side or "", language=language or "", here=here)
    conditions = where.condition(by)
    total = session.scalar(sa.select(sa.func.count(Listing.id)).where(*conditions)) or 0
    rows = session.scalars(
        sa.select(Listing)
        .where(*conditions)
        .options(
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        )
        .order_by(where.since, Listing.id)
        .offset(offset)
        .limit(limit)
    )
    return rows.all(), total


def queue_counts(session: Session, *, by: Actor) -> Mapping[str, int]:
    """Return queue -> how many wait in it for this actor; one statement."""
    # Each by its own index: an OR over all would read what is public.
    counts = [
        sa.select(sa.func.count(Listing.id)).where(waiting_for(by, queue=queue)).scalar_subquery()
        for queue in QUEUES
    ]
    row = session.execute(sa.select(*counts)).one()
    return dict(zip(QUEUES, row, strict=True))


def reviews_of(session: Session, listing: Listing) -> Sequence[sa.Row[Review, User]]:
    """Return a listing's reviews with their reviewers, newest first."""
    return session.execute(
        sa.select(Review, User)
        .join(User, User.id == Review.reviewer_id)
        .options(sa.orm.lazyload(User.roles), sa.orm.lazyload(User.memberships))
        .where(Review.listing_id == listing.id)
        .order_by(Review.at.desc(), Review.id.desc())
    ).all()


def latest_review(session: Session, listing: Listing) -> Review | None:
    """Return the last word on a listing, if there was one."""
    return session.scalars(
        sa.select(Review)
        .where(Review.listing_id == listing.id)
        .order_by(Review.at.desc(), Review.id.desc())
        .limit(1)
    ).first()


def versions_of(session: Session, listing: Listing) -> Sequence[ListingVersion]:
    """Return every version kept, newest first."""
    return session.scalars(
        sa.select(ListingVersion)
        .where(ListingVersion.listing_id == listing.id)
        .order_by(ListingVersion.number.desc())
    ).all()


def version_of(session: Session, listing: Listing, number: int) -> ListingVersion:
    """Return one version; raises NotFound where it was not kept."""
    found = session.get(ListingVersion, (listing.id, number))
    if found is None:
        raise NotFound
    return found


def timeline(session: Session, listing: Listing) -> Sequence[sa.Row[HistoryEntry, str]]:
    """Return what happened to a listing, newest first, and who did it (None where not known)."""
    return session.execute(
        sa.select(HistoryEntry, User.name)
        .outerjoin(User, User.id == HistoryEntry.actor_id)
        .where(HistoryEntry.chain_kind == "listing", HistoryEntry.chain_id == listing.public_id)
        .order_by(HistoryEntry.sequence.desc())
    ).all()
