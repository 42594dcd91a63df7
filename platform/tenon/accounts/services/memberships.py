"""Verbs on memberships: ask, decide, change role, end; never without an administrator."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts import queries
from tenon.accounts.models import MEMBER_ROLES, Membership, Organisation, User
from tenon.accounts.permissions import (
    may_ask_to_join,
    may_end_membership,
    may_manage_members,
    require,
)
from tenon.actors import Actor
from tenon.errors import Conflict, Invalid
from tenon.history.services import digest_actor
from tenon.outbox import emit

NOTE_LENGTH = 500


def ask_to_join(
    session: Session, *, organisation: Organisation, note: str, by: Actor, now: datetime
) -> Membership:
    """Ask to become a member; the organisation's administrators are told.

    Raises Conflict ``already_asked`` where a request waits or a membership lives.
    """
    if len(note.strip()) > NOTE_LENGTH:
        raise Invalid({"note": "too_long"})
    if queries.live_membership(session, by.user_id, organisation.id) is not None:
        raise Conflict("already_asked")
    require(may_ask_to_join(by, organisation))
    membership = Membership(
        user_id=by.user_id,
        organisation_id=organisation.id,
        role="member",
        state="requested",
        note=note.strip() or None,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(membership)
    except sa.exc.IntegrityError:  # the same form, sent twice at once
        raise Conflict("already_asked") from None
    _note(session, membership, "requested", by, now)
    return membership


def decide_request(
    session: Session,
    *,
    membership: Membership,
    accept: bool,
    by: Actor,
    now: datetime,
    role: str = "member",
) -> None:
    """Accept a request in a role, or refuse it. Raises Conflict where it waits no longer."""
    require(may_manage_members(by, membership.organisation))
    if role not in MEMBER_ROLES:
        raise Invalid({"role": "unknown_code"})
    _lock(session, membership)
    if membership.state != "requested":
        raise Conflict("changed_meanwhile")
    membership.state = "active" if accept else "ended"
    membership.role = role if accept else membership.role
    membership.note = None  # it has served; nothing personal is kept longer than needed
    membership.decided_at, membership.decided_by = now, by.user_id
    _note(session, membership, "accepted" if accept else "declined", by, now)


def change_role(
    session: Session, *, membership: Membership, role: str, by: Actor, now: datetime
) -> None:
    """Give a member another role. Raises Conflict ``last_administrator``."""
    require(may_manage_members(by, membership.organisation))
    if role not in MEMBER_ROLES:
        raise Invalid({"role": "unknown_code"})
    _lock(session, membership)
    if membership.state != "active":
        raise Conflict("changed_meanwhile")
    if membership.role == role:
        return
    if membership.role == "administrator":
        _require_other_administrator(session, membership)
    membership.role = role
    _note(session, membership, "role_changed", by, now)


def end_membership(session: Session, *, membership: Membership, by: Actor, now: datetime) -> None:
    """End a membership or withdraw a request. Raises Conflict ``last_administrator``."""
    require(may_end_membership(by, membership))
    _lock(session, membership)
    if membership.state == "ended":
        raise Conflict("changed_meanwhile")
    if membership.state == "active" and membership.role == "administrator":
        _require_other_administrator(session, membership)
    own = by.user_id == membership.user_id
    finish_membership(session, membership, by=by, now=now, change="left" if own else "ended")


def finish_membership(
    session: Session, membership: Membership, *, by: Actor, now: datetime, change: str
) -> None:
    """Write the end of a membership; the checks are the caller's."""
    membership.state, membership.note = "ended", None
    membership.decided_at, membership.decided_by = now, by.user_id
    user = session.get(User, membership.user_id)
    if user is not None and user.acting_for_id == membership.organisation_id:
        user.acting_for_id = None
    _note(session, membership, change, by, now)


def _lock(session: Session, membership: Membership) -> None:
    """Make others who change this organisation's members wait, and see what they left."""
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id == membership.organisation_id)
        .with_for_update()
    )
    session.refresh(membership, ["state", "role"])


def _require_other_administrator(session: Session, membership: Membership) -> None:
    if not queries.has_other_administrator(
        session, membership.organisation_id, besides=membership.user_id
    ):
        raise Conflict("last_administrator")


def _note(session: Session, membership: Membership, change: str, by: Actor, now: datetime) -> None:
    session.flush()
    member = session.get_one(User, membership.user_id)
    history.record(
        session,
        chain=("organisation", membership.organisation.public_id),
        kind=f"member_{change}",
        by=by,
        now=now,
        facts={
            "member": digest_actor(Actor(user_id=member.id, salt=member.salt)),
            "role": membership.role,
        },
    )
    payload = {"id": membership.id, "change": change}
    emit(session, "accounts.membership_changed", payload, now=now)
