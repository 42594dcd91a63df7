"""Objections to a published grant: raised by anybody signed in, answered by the institution."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.permissions import require
from tenon.actors import Actor
from tenon.db import new_public_id
from tenon.errors import Conflict, Invalid
from tenon.outbox import emit
from tenon.rights import permissions
from tenon.rights.models import GrantObjection, RightGrant

TEXT_LENGTH = 3000


def object_to(
    session: Session, grant: RightGrant, *, text: str, by: Actor, now: datetime, today: date
) -> GrantObjection:
    """Object to a published grant.

    Raises Forbidden for visitors and the team; Conflict ``publicity_over`` after its last day;
    Invalid at ``text``.
    """
    require(permissions.may_object(by, grant))
    if grant.publicity_until is None or today > grant.publicity_until:
        raise Conflict("publicity_over", kind="rights_grant")
    made = GrantObjection(
        public_id=new_public_id(),
        grant_id=grant.id,
        author_id=by.user_id,
        text=_checked(text, "text"),
        at=now,
    )
    session.add(made)
    session.flush()
    _record(session, grant, made, "objection", by=by, now=now)
    return made


def answer(
    session: Session, objection: GrantObjection, *, text: str, by: Actor, now: datetime
) -> None:
    """Answer an objection for the institution, once; raises Forbidden, Conflict, Invalid."""
    require(permissions.decides_grants(by, objection.grant.institution_id))
    if objection.answered_at is not None:
        raise Conflict("answered_already", kind="objection")
    objection.answer = _checked(text, "answer")
    objection.answered_by, objection.answered_at = by.user_id, now
    session.flush()
    _record(session, objection.grant, objection, "answer", by=by, now=now)


def _checked(text: str, field: str) -> str:
    words = text.strip()
    if not words or len(words) > TEXT_LENGTH:
        raise Invalid({field: "too_long" if words else "required"})
    return words


def _record(
    session: Session,
    grant: RightGrant,
    objection: GrantObjection,
    kind: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    chain = ("rights_grant", grant.public_id)
    facts = {"objection": objection.public_id}
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
    payload = {"id": grant.id, "change": kind, "objection": objection.id}
    emit(session, "rights.grant_told", payload, now=now)
