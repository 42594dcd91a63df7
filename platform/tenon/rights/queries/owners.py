"""Who owned a listing's achievement or an IP right on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.listings.models import Expert, IpRight, Listing, ListingContributor, ListingIpRight
from tenon.listings.queries import on_desk
from tenon.rights.models import Ownership, OwnershipShare, UseRight
from tenon.rights.shares import WHOLE, Owner, Owners

Subject = Listing | IpRight


def of_subject(subject: Subject) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a version of owners is of this subject."""
    if isinstance(subject, Listing):
        return Ownership.listing_id == subject.id
    return Ownership.ip_right_id == subject.id


def owners(session: Session, subject: Subject, *, on: date) -> Owners:
    """Return who owns an achievement or an IP right on a day.

    Where nobody recorded it for that day, the listing's own word is taken: the achievement's
    organisation, or that of the first achievement on the right; ``recorded`` is False then.
    """
    version = version_on(session, subject, on=on)
    if version is not None:
        return Owners(
            tuple(as_owner(each) for each in version.shares),
            recorded=True,
            since=version.valid_from,
        )
    return Owners(tuple(_implied(session, subject)))


def as_owner(row: OwnershipShare) -> Owner:
    """Return a stored share as the room reckons with it."""
    return Owner(
        share=row.share,
        organisation_id=row.organisation_id,
        user_id=row.user_id,
        name=row.name or "",
        outside_kind=row.outside_kind,
    )


def version_on(session: Session, subject: Subject, *, on: date) -> Ownership | None:
    """Return the version that holds on a day, if any was recorded."""
    return session.scalars(
        sa.select(Ownership)
        .where(
            of_subject(subject),
            Ownership.replaced_at.is_(None),
            Ownership.valid_from <= on,
            sa.or_(Ownership.valid_to.is_(None), Ownership.valid_to >= on),
        )
        .limit(1)
    ).first()


def versions(session: Session, subject: Subject) -> Sequence[Ownership]:
    """Return all versions that were not replaced, the latest first."""
    return session.scalars(
        sa.select(Ownership)
        .where(of_subject(subject), Ownership.replaced_at.is_(None))
        .order_by(Ownership.valid_from.desc())
    ).all()


def _implied(session: Session, subject: Subject) -> Iterable[Owner]:
    if isinstance(subject, Listing):
        return [Owner(share=WHOLE, organisation_id=subject.organisation_id)]
    first = session.scalar(
        sa.select(Listing.organisation_id)
        .join(ListingIpRight, ListingIpRight.listing_id == Listing.id)
        .where(ListingIpRight.ip_right_id == subject.id, Listing.side == "achievement")
        .order_by(Listing.id)
        .limit(1)
    )
    if first is not None:
        return [Owner(share=WHOLE, organisation_id=first)]
    if subject.owner:
        return [Owner(share=WHOLE, name=subject.owner, outside_kind="organisation")]
    return []


def in_sight(session: Session, subject: Subject, *, by: Actor) -> bool:
    """Whether a broker has an achievement, or one that rests on an IP right, at a place they see.

    What is public everywhere is not thereby in sight of every broker.
    """
    if not by.broker:
        return False
    resting = sa.select(Listing.id).where(on_desk(by))
    if isinstance(subject, Listing):
        resting = resting.where(Listing.id == subject.id)
    else:
        resting = resting.join(ListingIpRight, ListingIpRight.listing_id == Listing.id).where(
            ListingIpRight.ip_right_id == subject.id
        )
    return session.scalar(resting.limit(1)) is not None


def contributors_of(session: Session, listing: Listing) -> frozenset[int]:
    """Return the keys of the people of the site who contributed to an achievement."""
    found = session.scalars(
        sa.select(Expert.user_id)
        .join(ListingContributor, ListingContributor.expert_id == Expert.id)
        .where(ListingContributor.listing_id == listing.id, Expert.user_id.is_not(None))
    )
    return frozenset(key for key in found if key is not None)


def listed_names(session: Session, listing: Listing) -> dict[str, int]:
    """Return the names under which people of the site stand in a listing, with their keys."""
    found = session.execute(
        sa.select(ListingContributor.name, Expert.user_id)
        .join(Expert, Expert.id == ListingContributor.expert_id)
        .where(ListingContributor.listing_id == listing.id, Expert.user_id.is_not(None))
    )
    return {name: key for name, key in found if key is not None}


def use_rights(session: Session, subjects: Iterable[Subject], *, on: date) -> Sequence[UseRight]:
    """Return the contributors' rights of use that live on a day in any of these subjects.

    A right of use in an achievement is one in every IP right that it rests on.
    """
    given = list(subjects)
    listings = [each.id for each in given if isinstance(each, Listing)]
    rights = [each.id for each in given if isinstance(each, IpRight)]
    resting = sa.select(ListingIpRight.listing_id).where(ListingIpRight.ip_right_id.in_(rights))
    return session.scalars(
        sa.select(UseRight)
        .where(
            sa.or_(UseRight.listing_id.in_(listings), UseRight.listing_id.in_(resting)),
            UseRight.since <= on,
            UseRight.until >= on,
        )
        .order_by(UseRight.id)
    ).all()
