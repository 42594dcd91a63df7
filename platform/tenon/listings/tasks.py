"""Outbox handlers: what follows from a listing's step, and the sweep that the clock starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from tenon import settings
from tenon.accounts.models import User
from tenon.listings import handing_over, personal
from tenon.listings.models import Listing
from tenon.listings.services import crediting
from tenon.listings.services.announcing import announce
from tenon.listings.services.attachments import sweep_file
from tenon.listings.services.ending import SWEEP, expire_due, remind_due
from tenon.listings.services.holding import forget_held
from tenon.listings.services.notifying import tell, tell_broker, tell_owner
from tenon.listings.states import PUBLIC_STATES
from tenon.outbox import emit, handles

# All but the first are imported for their registrations.
__all__ = ["PERIODIC", "crediting", "handing_over", "personal"]

PERIODIC = [("listings.expire", timedelta(hours=1))]

# Step -> notice to the author, and the page below the listing's own that it leads to.
_TO_OWNER: Mapping[str, tuple[str, str | None]] = {
    "publish": ("listing_publish", None),
    "hold": ("listing_hold", None),  # the page shows the remarks beside the way to mend it
    "return": ("listing_return", None),
    "reject": ("listing_reject", None),
    "expire": ("listing_expire", "renew"),
}


@handles("listing.moved")
def listing_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Have the index follow what became public or ceased to be, and tell those concerned."""
    listing = session.get(Listing, payload["id"])
    if listing is None:
        return
    if payload["from"] in PUBLIC_STATES or payload["to"] in PUBLIC_STATES:
        announce(session, [listing.id], now=now)
    step = payload["change"]
    if step in _TO_OWNER:
        kind, page = _TO_OWNER[step]
        tell_owner(session, listing, kind=kind, now=now, page=page)
    elif step == "approve" and listing.state == "approved":
        tell_owner(session, listing, kind="listing_approve", now=now)
    elif step == "submit":
        tell_broker(session, listing, kind="listing_resubmitted", now=now)
    elif step == "withdraw":
        tell_broker(session, listing, kind="listing_withdraw", now=now)


@handles("listings.taken")
def taken(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the broker who looked after a listing that another does now."""
    listing, former = session.get(Listing, payload["id"]), payload["former"]
    user = None if former is None else session.get(User, former)
    if listing is not None and user is not None:
        tell(session, user, listing, kind="listing_taken", now=now)


@handles("listings.file_dropped")
def file_dropped(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Take a file off the disk once the listing that had it has let go of it for good."""
    sweep_file(session, digest=payload["sha256"], folder=Path(payload["folder"]))


@handles("listings.expire")
def sweep(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Expire what is due and remind of what soon will be; what is left over goes to a next turn."""
    reminded = remind_due(session, now=now, reminder_days=settings.load().reminder_days)
    expired = expire_due(session, now=now)
    forget_held(session, now=now)
    if SWEEP in (reminded, expired):
        emit(session, "listings.expire", {}, now=now)
