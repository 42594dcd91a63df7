"""What this room holds about a person, and how it forgets them.

A case, its log and a visit are the network's and the firm's and stay; that a certain person
looked after it, wrote or visited does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.routing.models import NeedCase, NeedCaseMove, NeedReply, RoutingChoice, Visit

_IN_MOVES = ("by_id", "from_broker_id", "to_broker_id")


@collects("routing")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return the needs looked after, steps taken, replies written and visits made."""
    own_steps = sa.or_(*(getattr(NeedCaseMove, name) == user.id for name in _IN_MOVES))
    return {
        "needs_looked_after": list(
            session.scalars(
                sa.select(NeedCase.public_id)
                .where(NeedCase.broker_id == user.id)
                .order_by(NeedCase.id)
            )
        ),
        "steps": [
            {"need_case": public_id, "kind": kind, "remark": remark, "at": at.isoformat()}
            for public_id, kind, remark, at in session.execute(
                sa.select(
                    NeedCase.public_id, NeedCaseMove.kind, NeedCaseMove.remark, NeedCaseMove.at
                )
                .join(NeedCase, NeedCase.id == NeedCaseMove.case_id)
                .where(own_steps)
                .order_by(NeedCaseMove.id)
            )
        ],
        "replies": [
            {"text": text, "at": at.isoformat()}
            for text, at in session.execute(
                sa.select(NeedReply.text, NeedReply.at)
                .where(NeedReply.author_id == user.id)
                .order_by(NeedReply.id)
            )
        ],
        "visits": [
            {"id": each.public_id, "on": each.visited_on.isoformat(), "words": each.words}
            for each in session.scalars(
                sa.select(Visit).where(Visit.broker_id == user.id).order_by(Visit.id)
            )
        ],
        "choices": [
            {"automatic": automatic, "at": at.isoformat()}
            for automatic, at in session.execute(
                sa.select(RoutingChoice.automatic, RoutingChoice.chosen_at).where(
                    RoutingChoice.chosen_by == user.id
                )
            )
        ],
    }


@erases("routing")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out; a case that they looked after is nobody's, in table and log alike."""
    changes = [
        sa.update(model).where(getattr(model, name) == user.id).values({name: None})
        for model, name in (
            (NeedCase, "broker_id"),
            *((NeedCaseMove, name) for name in _IN_MOVES),
            (NeedReply, "author_id"),
            (Visit, "broker_id"),
            (RoutingChoice, "chosen_by"),
        )
    ]
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
