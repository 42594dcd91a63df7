"""From draft to a broker's desk: handed in, approved by the institution, submitted for review."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.errors import Conflict
from tenon.listings import permissions
from tenon.listings.models import Listing
from tenon.listings.services.crediting import credit_collected
from tenon.listings.services.notifying import tell_administrators
from tenon.listings.services.versions import expect_version, raise_version
from tenon.listings.services.writing import complete
from tenon.listings.states import LISTING


def submit(
    session: Session,
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Hand a listing in for review.

    A need goes to a broker at once, and so does an achievement that its institution has approved.
    An achievement in draft goes to the institution's administrators first; where the actor is one,
    handing in approves it. Raises Invalid naming what still lacks.
    """
    permissions.require(by, "submit", listing, now=now)
    expect_version(listing, expected_version)
    complete(listing, now=now)
    if listing.side == "achievement" and listing.state == "draft":
        if permissions.may(by, "approve", listing):
            _release(session, listing, by=by, now=now)
        else:
            _hand_in(session, listing, by=by, now=now)
        return
    listing.submitted_at = now
    LISTING.move(listing, "submit", by=by, now=now)
    credit_collected(session, listing, by=by, now=now)


def approve(
    session: Session,
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Release an achievement for its institution.

    What the author had handed in goes on to review in the same step; a draft that was not waits
    for the author as approved. Raises Invalid naming what still lacks.
    """
    permissions.require(by, "approve", listing, now=now)
    expect_version(listing, expected_version)
    complete(listing, now=now)
    session.flush()
    if listing.submitted_at is None:
        LISTING.move(listing, "approve", by=by, now=now)
    else:
        _release(session, listing, by=by, now=now)


def send_back(
    session: Session,
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give a handed-in draft back to its author instead of approving it."""
    permissions.require(by, "approve", listing, now=now)
    expect_version(listing, expected_version)
    if listing.submitted_at is None:
        raise Conflict("not_handed_in")
    raise_version(session, listing)
    listing.submitted_at = None
    chain = ("listing", listing.public_id)
    history.record(session, chain=chain, kind="send_back", by=by, now=now)


def _release(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    LISTING.move(listing, "approve", by=by, now=now)
    listing.submitted_at = now
    LISTING.move(listing, "submit", by=by, now=now)
    credit_collected(session, listing, by=by, now=now)


def _hand_in(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    if listing.submitted_at is not None:
        raise Conflict("handed_in_already")
    raise_version(session, listing)
    listing.submitted_at = now
    chain = ("listing", listing.public_id)
    history.record(session, chain=chain, kind="hand_in", by=by, now=now)
    tell_administrators(session, listing, kind="listing_handed_in", now=now)
