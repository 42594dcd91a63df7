"""Public listings of the broker's firms that run out soon."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.queries.sight import in_care
from tenon.desk.titles import title_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.listings.models import Listing
from tenon.listings.queries import is_public
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows

PATH = "/desk/expiring"
AHEAD, SOON = timedelta(days=30), timedelta(days=7)


def runs_out(by: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of a public listing in care that runs out within thirty days."""
    return sa.and_(is_public(now), Listing.expires_at <= now + AHEAD, in_care(by))


def expiring(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return listings that run out; one statement."""
    rows = session.execute(
        sa.select(
            Listing.public_id, Listing.expires_at, title_of(Listing.id, language).label("title")
        )
        .where(runs_out(by, now))
        .order_by(Listing.expires_at, Listing.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/listings/{row.public_id}",
            why=N_("Runs out soon: ask the firm whether it still holds."),
            due=today_of(row.expires_at),
            late=row.expires_at <= now + SOON,
            steps=(Step(N_("Open"), f"/listings/{row.public_id}"),),
        )
        for row in rows
    ]
    return part("expiring", found, PATH)
