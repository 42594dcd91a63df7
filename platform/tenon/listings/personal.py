"""What this room holds about a person, and how it forgets them.

A listing belongs to its organisation and stays; that a certain person wrote, reviewed or read it
does not. An expert's page is the person and goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.listings.models import (
    Attachment,
    Expert,
    ExpertClaim,
    ImportJob,
    Listing,
    ListingContributor,
    ListingGrant,
    ListingVersion,
    ListingView,
    OwnRemark,
    Review,
)
from tenon.listings.services.announcing import announce_experts

NOBODY = "—"


@collects("listings")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's page, what they wrote, reviewed, read and uploaded."""
    return {
        "expert_page": [_page(page) for page in _pages(session, user)],
        "claims": [
            {"expert": claim.expert.public_id, "state": claim.state, "remark": claim.remark}
            for claim in session.scalars(
                sa.select(ExpertClaim).where(ExpertClaim.user_id == user.id)
            )
        ],
        "listings_written": [
            {"id": public_id, "side": side, "state": state, "created_at": at.isoformat()}
            for public_id, side, state, at in session.execute(
                sa.select(Listing.public_id, Listing.side, Listing.state, Listing.created_at)
                .where(Listing.author_id == user.id)
                .order_by(Listing.id)
            )
        ],
        "reviews_given": _reviews(session, user),
        "ready_remarks": [
            {"text": each.text, "for": each.side, "language": each.language}
            for each in session.scalars(
                sa.select(OwnRemark).where(OwnRemark.user_id == user.id).order_by(OwnRemark.id)
            )
        ],
        "confidential_detail_read": [
            {"listing": public_id, "tier": tier, "at": at.isoformat()}
            for public_id, tier, at in session.execute(
                sa.select(Listing.public_id, ListingView.tier, ListingView.at)
                .join(Listing, Listing.id == ListingView.listing_id)
                .where(ListingView.user_id == user.id)
                .order_by(ListingView.id)
            )
        ],
        "files_uploaded": [
            {"name": file.name, "size": file.size, "at": file.uploaded_at.isoformat()}
            for file in session.scalars(
                sa.select(Attachment)
                .where(Attachment.uploaded_by == user.id)
                .order_by(Attachment.id)
            )
        ],
        "imports": [
            {"name": name, "kind": kind, "at": at.isoformat()}
            for name, kind, at in session.execute(
                sa.select(ImportJob.name, ImportJob.kind, ImportJob.created_at)
                .where(ImportJob.user_id == user.id)
                .order_by(ImportJob.id)
            )
        ],
    }


def _reviews(session: Session, user: User) -> list[dict[str, Any]]:
    return [
        {
            "listing": public_id,
            "scores": [review.substance, review.clarity, review.expectations, review.wording],
            "outcome": review.outcome,
            "remarks": review.remarks,
            "at": review.at.isoformat(),
        }
        for review, public_id in session.execute(
            sa.select(Review, Listing.public_id)
            .join(Listing, Listing.id == Review.listing_id)
            .where(Review.reviewer_id == user.id)
            .order_by(Review.id)
        )
    ]


def _pages(session: Session, user: User) -> list[Expert]:
    return list(session.scalars(sa.select(Expert).where(Expert.user_id == user.id)))


def _page(page: Expert) -> dict[str, Any]:
    texts = ("name_zh", "name_en", "title_zh", "title_en", "bio_zh", "bio_en", "availability")
    return {
        **{name: getattr(page, name) for name in texts},
        "languages": list(page.languages),
        "fields": sorted(f"{each.scheme}:{each.code}" for each in page.fields),
        "published": page.published,
    }


@erases("listings")
def erase(session: Session, user: User, now: datetime) -> None:
    """Delete the person's page and claims, and take their name off listings and their versions.

    The log of who read confidential detail stays: it is its owner's proof, and names no more than
    the organisation once the account is empty. A contributor's name that somebody typed without a
    page here cannot be told from a namesake's and is the listing's owner to change.
    """
    for page in _pages(session, user):
        _take_off_listings(session, page)
        announce_experts(session, [page.id], now=now)
        session.delete(page)
    session.flush()
    for statement in (
        sa.delete(ExpertClaim).where(ExpertClaim.user_id == user.id),
        sa.delete(OwnRemark).where(OwnRemark.user_id == user.id),
        sa.update(Listing).where(Listing.author_id == user.id).values(author_id=None),
        sa.update(Listing).where(Listing.broker_id == user.id).values(broker_id=None),
        sa.update(ListingVersion).where(ListingVersion.author_id == user.id).values(author_id=None),
        sa.update(ListingGrant).where(ListingGrant.granted_by == user.id).values(granted_by=None),
        sa.update(Attachment).where(Attachment.uploaded_by == user.id).values(uploaded_by=None),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _take_off_listings(session: Session, page: Expert) -> None:
    """Put a dash for the person's name in contributions, present and in kept versions."""
    names = {page.name_zh, page.name_en}
    rows = session.scalars(
        sa.select(ListingContributor).where(ListingContributor.expert_id == page.id)
    ).all()
    for row in rows:
        names.add(row.name)
        row.name, row.expert_id = NOBODY, None
    versions = session.scalars(
        sa.select(ListingVersion).where(
            ListingVersion.listing_id.in_({row.listing_id for row in rows})
        )
    )
    for version in versions:
        kept = version.content.get("contributors", [])
        cleared = [NOBODY if name in names else name for name in kept]
        if cleared != kept:
            version.content = {**version.content, "contributors": cleared}
