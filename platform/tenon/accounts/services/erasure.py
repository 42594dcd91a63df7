"""Erase a person: what contracts and histories need stays, without the person.

The row stays, because other rows point to it; everything that tells who it was goes. The salt
goes too, so that the digests in the history mean nothing any more. Other rooms clear what they
hold through the erasers that they register in personal_data.py.
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts import personal_data, queries
from tenon.accounts.models import Membership, Organisation, User, UserRole
from tenon.accounts.permissions import may_erase, require
from tenon.accounts.services.memberships import finish_membership
from tenon.accounts.services.people import lock_operators, require_other_operator
from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict
from tenon.history import HistoryEntry


def erase_person(session: Session, *, user: User, by: Actor, now: datetime) -> None:
    """Empty everything personal of ``user`` in every room, and close the account.

    Raises Forbidden for somebody else's account; Conflict ``last_administrator`` with the
    organisations (public ids) that others belong to and nobody else could run, Conflict
    ``last_operator``, and Conflict where the person was erased before.
    """
    require(may_erase(by, user.id))
    if user.erased_at is not None:
        raise Conflict("changed_meanwhile")
    _lock_organisations(session, user)
    stuck = queries.organisations_left_without_administrator(session, user.id)
    if stuck:
        raise Conflict("last_administrator", organisations=[each.public_id for each in stuck])
    if any(role.name == "operator" for role in user.roles):
        lock_operators(session)
        require_other_operator(session, user)
    own = by.user_id == user.id
    _end_memberships(session, user, now)
    session.execute(sa.delete(UserRole).where(UserRole.user_id == user.id))
    session.expire(user, ["roles"])
    personal_data.erase(session, user, now)
    _forget_in_history(session, user)
    _empty(user, now)
    history.record(
        session,
        chain=("user", user.public_id),
        kind="erased",
        by=SYSTEM,
        now=now,
        facts={"own_wish": own},
    )


def _lock_organisations(session: Session, user: User) -> None:
    """Make others who change the members of the person's organisations wait for the outcome."""
    own = sa.select(Membership.organisation_id).where(
        Membership.user_id == user.id, Membership.state == "active"
    )
    session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id.in_(own))
        .order_by(Organisation.id)
        .with_for_update()
    )


def _end_memberships(session: Session, user: User, now: datetime) -> None:
    live = sa.select(Membership).where(Membership.user_id == user.id, Membership.state != "ended")
    for membership in session.scalars(live).all():
        finish_membership(session, membership, by=SYSTEM, now=now, change="left")
    session.expire(user, ["memberships"])


def _forget_in_history(session: Session, user: User) -> None:
    """Unlink the person from histories; the hashes do not cover ``actor_id``, so chains hold."""
    session.execute(
        sa.update(HistoryEntry).where(HistoryEntry.actor_id == user.id).values(actor_id=None)
    )


def _empty(user: User, now: datetime) -> None:
    user.email = f"erased-{user.id}@invalid"
    user.name = user.salt = ""
    user.password = user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.tf_last_counter = user.acting_for_id = user.confirmed_at = user.terms_accepted_at = None
    user.fs_uniquifier = uuid.uuid4().hex
    user.active = user.demo = False
    user.erased_at = now
