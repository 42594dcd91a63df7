"""Needs on their way through the network that wait at the broker's places for an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.queries.sight import own_places
from tenon.desk.titles import title_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.listings.models import Listing
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.routing.models import NeedCase

PATH = "/routing/cases"
AHEAD = timedelta(days=14)


def cases(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return open needs that are the actor's, or lie at their place with nobody; one statement."""
    today = today_of(now)
    waits = sa.or_(
        NeedCase.broker_id == by.user_id,
        sa.and_(NeedCase.broker_id.is_(None), NeedCase.station_id.in_(own_places(by))),
    )
    rows = session.execute(
        sa.select(
            NeedCase.public_id,
            NeedCase.version,
            NeedCase.broker_id,
            NeedCase.due_on,
            NeedCase.received_at,
            title_of(Listing.id, language).label("title"),
        )
        .join(Listing, Listing.id == NeedCase.listing_id)
        .where(NeedCase.state == "open", waits, NeedCase.due_on <= today + AHEAD)
        .order_by(NeedCase.due_on, NeedCase.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/routing/cases/{row.public_id}",
            why=N_("A firm's need waits for your answer.")
            if row.broker_id
            else N_("A need lies at your place and nobody has taken it."),
            since=row.received_at,
            due=row.due_on,
            late=row.due_on < today,
            steps=_steps(row),
        )
        for row in rows
    ]
    return part("cases", found, PATH)


def _steps(row: Any) -> tuple[Step, ...]:
    path = f"/routing/cases/{row.public_id}"
    if row.broker_id is not None:
        return (Step(N_("Open"), path),)
    values = {"version": str(row.version)}
    return (Step(N_("Take it over"), f"{path}/take", post=True, values=values),)
