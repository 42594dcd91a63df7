"""The broker's queue, a listing's reviews, versions and timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import NotFound
from tenon.history.models import HistoryEntry
from tenon.listings.models import Listing, ListingVersion, Review
from tenon.listings.states import PUBLIC_STATES

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


def _not_own(by: Actor) -> sa.ColumnElement[bool]:
    """Nobody is offered what they may not judge: their own, and their organisations'."""
    author = sa.or_(Listing.author_id.is_(None), Listing.author_id != by.user_id)
    if not by.memberships:
        return author
    return sa.and_(author, Listing.organisation_id.not_in(sorted(by.memberships)))


def review_queue(
    session: Session,
    *,
    queue: str,
    by: Actor,
    side: str | None = None,
    language: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[Sequence[Listing], int]:
    """Return a page of a queue, what waits longest first, and how many wait in all.

    Raises NotFound for a queue that does not exist.
    """
    if queue not in QUEUES:
        raise NotFound
    conditions = [_in_queue(queue), _not_own(by)]
    if side:
        conditions.append(Listing.side == side)
    if language:
        conditions.append(Listing.language == language)
    total = session.scalar(sa.select(sa.func.count(Listing.id)).where(*conditions)) or 0
    since = Listing.updated_at if queue == "edited" else Listing.submitted_at
    rows = session.scalars(
        sa.select(Listing)
        .where(*conditions)
        .options(
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        )
        .order_by(since, Listing.id)
        .offset(offset)
        .limit(limit)
    )
    return rows.all(), total


def queue_counts(session: Session, *, by: Actor) -> Mapping[str, int]:
    """Return queue -> how many wait in it for this actor; one statement."""
    counts = [
        sa.func.count(sa.case((_in_queue(queue), Listing.id))).label(queue) for queue in QUEUES
    ]
    waiting = sa.or_(*(_in_queue(queue) for queue in QUEUES))
    row = session.execute(sa.select(*counts).where(waiting, _not_own(by))).one()
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
