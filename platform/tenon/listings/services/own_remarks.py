"""Keep, change and drop a reviewer's own ready remarks; they are nobody else's business."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.listings.models import LONGEST_REMARK, MOST_REMARKS, REMARK_SIDES, OwnRemark


def keep_remark(
    session: Session, *, text: str, side: str, language: str, by: Actor, now: datetime
) -> OwnRemark:
    """Keep a remark for the next time; one that is kept already is given back.

    Raises Forbidden to who reviews nothing, Invalid by field.
    """
    if by.user_id is None or not (by.broker or by.operator):
        raise Forbidden(action="remark")
    _check(text, side, language)
    mine = sa.select(OwnRemark).where(OwnRemark.user_id == by.user_id)
    kept = session.scalars(mine).all()
    same = (text.strip(), side, language)
    for each in kept:
        if (each.text, each.side, each.language) == same:
            return each
    if len(kept) >= MOST_REMARKS:
        raise Invalid({"text": "too_many"})
    made = OwnRemark(
        user_id=by.user_id, text=text.strip(), side=side, language=language, created_at=now
    )
    session.add(made)
    session.flush()
    return made


def change_remark(
    session: Session,
    remark: OwnRemark,
    *,
    text: str,
    side: str,
    language: str,
    by: Actor,
    expected_version: int | None = None,
) -> None:
    """Change one's own remark. Raises Forbidden, Invalid, Conflict where it changed meanwhile."""
    _require(remark, by)
    _check(text, side, language)
    if expected_version is not None and expected_version != remark.version:
        raise Conflict
    remark.text, remark.side, remark.language = text.strip(), side, language
    remark.version += 1
    session.flush()


def drop_remark(session: Session, remark: OwnRemark, *, by: Actor) -> None:
    """Forget one's own remark. Raises Forbidden for another's."""
    _require(remark, by)
    session.delete(remark)
    session.flush()


def _require(remark: OwnRemark, by: Actor) -> None:
    if remark.user_id != by.user_id:
        raise Forbidden(action="remark")


def _check(text: str, side: str, language: str) -> None:
    problems = {}
    if not text.strip():
        problems["text"] = "required"
    elif len(text.strip()) > LONGEST_REMARK:
        problems["text"] = "too_long"
    if side not in REMARK_SIDES:
        problems["side"] = "unknown_code"
    if language not in ("zh", "en"):
        problems["language"] = "unknown_code"
    if problems:
        raise Invalid(problems)
