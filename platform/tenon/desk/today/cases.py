"""Needs on their way through the network that wait for the broker's answer.

Their own, those of whom they stand in for today, and what nobody has at their places.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.desk.days import today_of
from tenon.desk.queries.sight import own_places
from tenon.desk.titles import title_of
from tenon.desk.today.parts import COUNTED, Part, Row, Step, part
from tenon.listings.models import Listing
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.network.queries.people import stood_in_for
from tenon.routing.models import NeedCase

PATH = "/routing/cases"
AHEAD = timedelta(days=14)


def cases(session: Session, *, by: Actor, now: datetime, language: str) -> Part:
    """Return open needs that are the actor's or another's for whom they stand in, or nobody's.

    One statement.
    """
    today = today_of(now)
    waits = sa.or_(
        NeedCase.broker_id == by.user_id,
        _stood_in(by, today),
        sa.and_(NeedCase.broker_id.is_(None), NeedCase.station_id.in_(own_places(by))),
    )
    rows = session.execute(
        sa.select(
            NeedCase.public_id,
            NeedCase.version,
            NeedCase.broker_id,
            NeedCase.due_on,
            NeedCase.received_at,
            User.name.label("broker"),
            title_of(Listing.id, language).label("title"),
        )
        .join(Listing, Listing.id == NeedCase.listing_id)
        .outerjoin(User, User.id == NeedCase.broker_id)
        .where(NeedCase.state == "open", waits, NeedCase.due_on <= today + AHEAD)
        .order_by(NeedCase.due_on, NeedCase.id)
        .limit(COUNTED)
    ).all()
    found = [
        Row(
            title=row.title,
            path=f"/routing/cases/{row.public_id}",
            why=_why(row, by),
            facts={"person": row.broker or ""},
            since=row.received_at,
            due=row.due_on,
            late=row.due_on < today,
            steps=_steps(row),
        )
        for row in rows
    ]
    return part("cases", found, PATH)


def _stood_in(by: Actor, today: date) -> sa.ColumnElement[bool]:
    """Return the condition that the actor stands in today for who looks after a need."""
    if not by.broker or by.user_id is None:
        return sa.false()
    return NeedCase.broker_id.in_(stood_in_for(by.user_id, today))


def _why(row: Any, by: Actor) -> str:
    if row.broker_id is None:
        return N_("A need lies at your place and nobody has taken it.")
    if row.broker_id == by.user_id:
        return N_("A firm's need waits for your answer.")
    return N_("A firm's need waits for an answer, and you stand in for %(person)s.")


def _steps(row: Any) -> tuple[Step, ...]:
    path = f"/routing/cases/{row.public_id}"
    if row.broker_id is not None:
        return (Step(N_("Open"), path),)
    values = {"version": str(row.version)}
    return (Step(N_("Take it over"), f"{path}/take", post=True, values=values),)
