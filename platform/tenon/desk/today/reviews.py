"""Listings that wait for a review where the broker sees them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.titles import title_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.listings.models import Listing
from tenon.listings.queries.review import waiting_for
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/review"
PATIENCE_DAYS = 3


def reviews(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return what waits for a first word; one statement."""
    rows = session.execute(
        sa.select(
            Listing.public_id,
            Listing.side,
            Listing.submitted_at,
            title_of(Listing.id, language).label("title"),
        )
        .where(waiting_for(by, queue="waiting"))
        .order_by(Listing.submitted_at, Listing.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/listings/{row.public_id}/review",
            why=_WHY[row.side],
            since=row.submitted_at,
            late=row.submitted_at is not None and (now - row.submitted_at).days >= PATIENCE_DAYS,
            steps=(Step(N_("Review it"), f"/listings/{row.public_id}/review"),),
        )
        for row in rows
    ]
    return part("reviews", found, PATH)


_WHY = {
    "need": N_("A need was handed in and waits for a review."),
    "achievement": N_("A result was handed in and waits for a review."),
}
