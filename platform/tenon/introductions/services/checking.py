"""The broker of the approached side: take over, pass on, give back, refuse."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.accounts.queries import actor_of
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.introductions import permissions
from tenon.introductions.models import Introduction
from tenon.introductions.services.closing import close
from tenon.introductions.services.moving import move, require_standing
from tenon.introductions.services.writing import say
from tenon.introductions.states import INTRODUCTION


def take_over(
    session: Session,
    introduction: Introduction,
    *,
    broker_id: int | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Look after an introduction; an operator may give it to another broker (``broker_id``).

    Raises NotFound, Forbidden (somebody else's, or of one's own house, ``own_house`` where the
    chosen one is of either), Invalid at ``broker`` for who is no broker, Conflict where it is over
    or somebody was faster.
    """
    if not permissions.may_see(by, introduction):
        raise NotFound
    chosen = broker_id if broker_id is not None else by.user_id
    own = chosen == by.user_id
    if (
        chosen is None
        or permissions.is_party(by, introduction)
        or not (by.operator or (own and permissions.may_take(by, introduction)))
    ):
        raise Forbidden(action="take_over")
    if not own:
        _check_choice(session, introduction, chosen)
    if introduction.live_key is None:
        raise Conflict("introduction_over", kind="introduction")
    if introduction.broker_id == chosen:
        return
    put_in_charge(session, introduction, chosen)
    history.record(
        session,
        chain=(INTRODUCTION.kind, introduction.public_id),
        kind="take_over" if own else "assign",
        by=by,
        now=now,
    )


def _check_choice(session: Session, introduction: Introduction, broker_id: int) -> None:
    broker = session.get(User, broker_id)
    as_actor = None if broker is None or not broker.active else actor_of(broker)
    if as_actor is None or not (as_actor.broker or as_actor.operator):
        raise Invalid({"broker": "unknown_code"})
    if permissions.is_party(as_actor, introduction):
        raise Forbidden("own_house", action="take_over")


def put_in_charge(session: Session, introduction: Introduction, broker_id: int | None) -> None:
    """Compare and swap, as a move does: of two who take it over at once the second is told.

    Permissions and history are the caller's business. Raises Conflict.
    """
    changed = session.execute(
        sa.update(Introduction)
        .where(Introduction.id == introduction.id, Introduction.version == introduction.version)
        .values(broker_id=broker_id, version=introduction.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="introduction")
    session.refresh(introduction, ["broker_id", "version"])


def pass_on(
    session: Session,  # noqa: ARG001  # every verb takes one
    introduction: Introduction,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Pass the request on to the side that is approached; whoever does it looks after it.

    Raises Conflict ``not_public`` where a listing has gone meanwhile, Forbidden
    ``organisation_not_approved``.
    """
    permissions.require(by, "pass_on", introduction)
    require_standing(introduction, now=now)
    along = {"broker_id": by.user_id, "passed_on_at": now}
    move(introduction, "pass_on", by=by, now=now, along=along, expected_version=expected_version)


def give_back(
    session: Session,
    introduction: Introduction,
    *,
    remark: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Ask the interested side to write its answers better, and say how."""
    permissions.require(by, "give_back", introduction)
    say(
        session, introduction, text=remark, kind="remark", speaker="broker", audience="from",
        field="remark", by=by, now=now,
    )  # fmt: skip
    along = {"broker_id": by.user_id}
    move(introduction, "give_back", by=by, now=now, along=along, expected_version=expected_version)


def refuse(
    session: Session,
    introduction: Introduction,
    *,
    reason: str,
    remark: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Do not pass the request on; the interested side reads why, as advice."""
    close(
        session, introduction, "refuse", reason=reason, remark=remark, by=by, now=now,
        along={"broker_id": by.user_id}, expected_version=expected_version,
    )  # fmt: skip
