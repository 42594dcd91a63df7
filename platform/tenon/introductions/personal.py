"""What this room holds about a person, and how it forgets them.

An introduction is between organisations and stays, with what they wrote to each other as theirs;
that a certain person wrote it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.personal_data import collects, erases
from tenon.introductions.models import (
    Introduction,
    IntroductionMessage,
    IntroductionNda,
    IntroductionRead,
)

_ROLES = ("from_user_id", "to_user_id", "broker_id", "proposer_id")
_SIDES = ("from", "to")


@collects("introductions")
def collect(session: Session, user: User) -> Mapping[str, Any]:
    """Return what the person asked, answered, looked after, wrote, read and confirmed."""
    mine = sa.or_(*(getattr(Introduction, role) == user.id for role in _ROLES))
    return {
        "introductions": [
            {
                "id": each.public_id,
                "as": [
                    role.removesuffix("_id") for role in _ROLES if getattr(each, role) == user.id
                ],
                "state": each.state,
                "created_at": each.created_at.isoformat(),
            }
            for each in session.scalars(
                sa.select(Introduction).where(mine).order_by(Introduction.id)
            )
        ],
        "messages": [
            {"introduction": public_id, "kind": kind, "text": text, "at": at.isoformat()}
            for public_id, kind, text, at in session.execute(
                sa.select(
                    Introduction.public_id,
                    IntroductionMessage.kind,
                    IntroductionMessage.text,
                    IntroductionMessage.at,
                )
                .join(Introduction, Introduction.id == IntroductionMessage.introduction_id)
                .where(IntroductionMessage.author_id == user.id)
                .order_by(IntroductionMessage.id)
            )
        ],
        "agreements_confirmed": [
            {"sha256": nda.sha256, "signatory": getattr(nda, f"{side}_signatory")}
            for side in _SIDES
            for nda in session.scalars(
                sa.select(IntroductionNda).where(
                    getattr(IntroductionNda, f"{side}_confirmed_by") == user.id
                )
            )
        ],
        "read_to": [
            {"introduction": public_id, "at": at.isoformat()}
            for public_id, at in session.execute(
                sa.select(Introduction.public_id, IntroductionRead.at)
                .join(Introduction, Introduction.id == IntroductionRead.introduction_id)
                .where(IntroductionRead.user_id == user.id)
                .order_by(Introduction.id)
            )
        ],
    }


@erases("introductions")
def erase(session: Session, user: User, now: datetime) -> None:  # noqa: ARG001  # the register's form
    """Take the person out; the organisations' words and agreements stay, their hash too."""
    changes: list[sa.Update | sa.Delete] = [
        sa.delete(IntroductionRead).where(IntroductionRead.user_id == user.id),
        sa.update(IntroductionMessage)
        .where(IntroductionMessage.author_id == user.id)
        .values(author_id=None),
    ]
    changes.extend(
        sa.update(Introduction).where(getattr(Introduction, role) == user.id).values({role: None})
        for role in _ROLES
    )
    changes.extend(
        sa.update(IntroductionNda)
        .where(getattr(IntroductionNda, f"{side}_confirmed_by") == user.id)
        .values({f"{side}_confirmed_by": None, f"{side}_signatory": None})
        for side in _SIDES
    )
    for change in changes:
        session.execute(change.execution_options(synchronize_session=False))
