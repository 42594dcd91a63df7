"""What this room holds about a person, and how it forgets them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.actors import SYSTEM
from tenon.events.models import EventTable, PairRule, Registration, Wish
from tenon.events.taking_part.services import places


@collects("event_parts")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the person's parts in events with what they said, and their wishes."""
    parts = session.scalars(
        sa.select(Registration).where(Registration.user_id == user.id).order_by(Registration.id)
    ).all()
    keys = [each.id for each in parts]
    wishes = session.scalars(sa.select(Wish).where(Wish.from_id.in_(keys)).order_by(Wish.id))
    answers = session.scalars(
        sa.select(Wish).where(Wish.to_id.in_(keys), Wish.answered_at.is_not(None)).order_by(Wish.id)
    )
    return {
        "registrations": [_part(session, each) for each in parts],
        "wishes": [
            {
                "event": each.from_.event.public_id,
                "kind": each.kind,
                "state": each.state,
                "message": each.message,
                "created_at": each.created_at.isoformat(),
            }
            for each in wishes
        ],
        "answers": [
            {
                "event": each.to.event.public_id,
                "state": each.state,
                "reason": each.decline_reason,
                "remark": each.decline_remark,
                "at": each.answered_at.isoformat() if each.answered_at else None,
            }
            for each in answers
        ],
    }


def _part(session: Session, each: Registration) -> dict[str, Any]:
    table = None if each.table_id is None else session.get(EventTable, each.table_id)
    return {
        "event": each.event.public_id,
        "state": each.state,
        "group": each.group.code,
        "about": each.about,
        "seeks": each.seeks,
        "languages": each.languages,
        "attends": each.attends,
        "wants_interpreter": each.wants_interpreter,
        "shows_contact": each.shows_contact,
        "table": None if table is None else table.name,
        "listings": [listing.public_id for listing in each.listings],
        "reason": each.state_reason,
        "created_at": each.created_at.isoformat(),
    }


@erases("event_parts")
def erase(session: Session, user: User, now: datetime) -> None:
    """End what lives, free its place, and take the person and their words out."""
    live = session.scalars(
        sa.select(Registration)
        .where(Registration.user_id == user.id, Registration.live_key.is_not(None))
        .order_by(Registration.event_id)
    ).all()
    for each in live:
        if each.event.state == "open" and each.event.ends_at > now:
            places.end(session, each, "cancel", by=SYSTEM, now=now)
    keys = session.scalars(sa.select(Registration.id).where(Registration.user_id == user.id)).all()
    session.flush()
    changes: list[sa.Update] = [
        sa.update(Wish).where(Wish.from_id.in_(keys)).values(message=""),
        sa.update(Wish).where(Wish.to_id.in_(keys)).values(decline_remark=None),
        sa.update(PairRule)
        .where(sa.or_(PairRule.a_id.in_(keys), PairRule.b_id.in_(keys)))
        .values(remark=""),
        sa.update(PairRule).where(PairRule.made_by == user.id).values(made_by=None),
        sa.update(Registration).where(Registration.decided_by == user.id).values(decided_by=None),
        sa.update(Registration)
        .where(Registration.id.in_(keys))
        .values(
            user_id=None,
            about="",
            seeks="",
            languages=[],
            attends="on_site",
            wants_interpreter=False,
            shows_contact=False,
            state_reason=None,
            live_key=sa.case(
                (Registration.live_key.is_not(None), "erased:" + Registration.public_id),
                else_=None,
            ),
        ),
    ]
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
    session.expire_all()
