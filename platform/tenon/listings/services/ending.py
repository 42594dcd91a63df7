"""The ends of a listing's public life and the ways back: expiry, renewal, withdrawal, reopening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, lazyload

from tenon import history
from tenon.actors import SYSTEM, Actor
from tenon.listings import permissions
from tenon.listings.models import Listing
from tenon.listings.services.announcing import announce
from tenon.listings.services.notifying import tell_owner
from tenon.listings.services.versions import expect_version, raise_version
from tenon.listings.states import LISTING, PUBLIC_STATES

# So many a run: one transaction must not hold SQLite's single writer for long.
SWEEP = 200


def withdraw(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take a listing back; it can be reopened as a draft."""
    permissions.require(by, "withdraw", listing, now=now)
    expect_version(listing, expected_version)
    listing.submitted_at = None
    LISTING.move(listing, "withdraw", by=by, now=now)


def conclude(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Say that a listing has served its purpose; nobody finds it any longer."""
    permissions.require(by, "conclude", listing, now=now)
    expect_version(listing, expected_version)
    LISTING.move(listing, "conclude", by=by, now=now)


def reopen(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Make a draft again of what was withdrawn or rejected; it has to be handed in anew."""
    permissions.require(by, "reopen", listing, now=now)
    expect_version(listing, expected_version)
    listing.submitted_at = listing.published_at = listing.expires_at = listing.reminded_at = None
    LISTING.move(listing, "reopen", by=by, now=now)


def renew(
    session: Session,
    listing: Listing,
    *,
    by: Actor,
    now: datetime,
    listing_days: int,
    expected_version: int | None = None,
) -> None:
    """Give a listing another term from now, whether it is still public or has expired."""
    permissions.require(by, "renew", listing, now=now)
    expect_version(listing, expected_version)
    listing.expires_at = now + timedelta(days=listing_days)
    listing.reminded_at = None
    if listing.state == "expired":
        LISTING.move(listing, "renew", by=by, now=now)
        return
    # Still public: a counterpart may be talking to it, so its state stays.
    raise_version(session, listing)
    history.record(session, chain=("listing", listing.public_id), kind="renew", by=by, now=now)
    announce(session, [listing.id], now=now)


def expire_due(session: Session, *, now: datetime, limit: int = SWEEP) -> int:
    """Expire public listings whose term is over; return how many, at most ``limit``."""
    due = _public(session, Listing.expires_at <= now, order=Listing.expires_at, limit=limit)
    for listing in due:
        LISTING.move(listing, "expire", by=SYSTEM, now=now)
    return len(due)


def remind_due(session: Session, *, now: datetime, reminder_days: int, limit: int = SWEEP) -> int:
    """Remind owners of terms that end within ``reminder_days``, once a term; return how many."""
    due = _public(
        session,
        Listing.expires_at > now,
        Listing.expires_at <= now + timedelta(days=reminder_days),
        Listing.reminded_at.is_(None),
        order=Listing.expires_at,
        limit=limit,
    )
    for listing in due:
        listing.reminded_at = now
        tell_owner(session, listing, kind="listing_expires_soon", now=now, page="renew")
    return len(due)


def _public(
    session: Session,
    *conditions: sa.ColumnElement[bool],
    order: sa.orm.InstrumentedAttribute[datetime | None],
    limit: int,
) -> Sequence[Listing]:
    return session.scalars(
        sa.select(Listing)
        .where(Listing.state.in_(PUBLIC_STATES), *conditions)
        .options(
            lazyload(Listing.fields),
            lazyload(Listing.deal_forms),
            lazyload(Listing.requirements),
            lazyload(Listing.contributors),
        )
        .order_by(order, Listing.id)
        .limit(limit)
    ).all()
