"""Verbs on people: make, change, grant and revoke roles, block, choose whom to act for."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import LANGUAGES, SITE_ROLES, Role, User, UserRole
from tenon.accounts.permissions import may_act_for, may_manage_people, require
from tenon.actors import Actor
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.outbox import emit

NAME_LENGTH = 120


def normalise_email(address: str) -> str:
    """Return the address as it is kept: checked, in lower case. Raises Invalid.

    Whether anybody receives mail there shows when the person confirms it; no look-up is made.
    """
    try:
        found = validate_email(address.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise Invalid({"email": "not_an_address"}) from None
    return found.normalized.lower()


def create_person(
    session: Session,
    *,
    email: str,
    name: str,
    language: str,
    password_hash: str | None,
    by: Actor,
    now: datetime,
    confirmed: bool = True,
    demo: bool = False,
) -> User:
    """Make an account for somebody, from the command line or the demo.

    Raises Invalid for a wrong address, name or language, and where the address is known.
    """
    require(by.operator)
    address = normalise_email(email)
    _check_profile(name, language)
    if session.scalar(sa.select(User.id).where(User.email == address)) is not None:
        raise Invalid({"email": "already_taken"})
    user = User(
        email=address,
        name=name.strip(),
        language=language,
        password=password_hash,
        confirmed_at=now if confirmed else None,
        created_at=now,
        demo=demo,
    )
    session.add(user)
    session.flush()
    history.record(session, chain=("user", user.public_id), kind="created", by=by, now=now)
    return user


def change_profile(session: Session, *, name: str, language: str, by: Actor) -> User:
    """Change one's own name and language. Raises Invalid."""
    user = _self(session, by)
    _check_profile(name, language)
    user.name, user.language = name.strip(), language
    return user


def switch_organisation(session: Session, *, organisation_id: int, by: Actor) -> None:
    """Act for another of one's organisations from now on. Raises Forbidden for a stranger's."""
    require(may_act_for(by, organisation_id))
    _self(session, by).acting_for_id = organisation_id


def grant_role(session: Session, *, user: User, role: str, by: Actor, now: datetime) -> bool:
    """Make a person broker or operator; return False where they were already.

    Raises Invalid for an unknown role, Conflict for a person who cannot sign in.
    """
    require(may_manage_people(by))
    if not user.active or user.erased_at is not None:
        raise Conflict("person_inactive")
    row = _lock_role(session, role)
    known = session.get(UserRole, (user.id, row.id))
    if known is not None:
        return False
    session.add(UserRole(user_id=user.id, role_id=row.id, granted_by=by.user_id, granted_at=now))
    _told_of_role(session, user, "role_granted", role, by, now)
    return True


def revoke_role(session: Session, *, user: User, role: str, by: Actor, now: datetime) -> bool:
    """Take a role back; return False where it was not held.

    Raises Conflict ``last_operator`` where nobody who can sign in would be left to run the site.
    """
    require(may_manage_people(by))
    row = _lock_role(session, role)
    held = session.get(UserRole, (user.id, row.id))
    if held is None:
        return False
    if role == "operator":
        require_other_operator(session, user)
    session.delete(held)
    _told_of_role(session, user, "role_revoked", role, by, now)
    return True


def set_active(session: Session, *, user: User, active: bool, by: Actor, now: datetime) -> None:
    """Block an account or open it again; blocking signs the person out everywhere.

    Raises Forbidden for one's own account, Conflict for the last operator and an erased person.
    """
    require(may_manage_people(by))
    if user.id == by.user_id:
        raise Forbidden("own_account")
    if user.erased_at is not None:
        raise Conflict("person_inactive")
    if user.active == active:
        return
    if not active:
        _lock_role(session, "operator")
        if any(role.name == "operator" for role in user.roles):
            require_other_operator(session, user)
        user.fs_uniquifier = uuid.uuid4().hex
    user.active = active
    kind = "unblocked" if active else "blocked"
    history.record(session, chain=("user", user.public_id), kind=kind, by=by, now=now)


def require_other_operator(session: Session, user: User) -> None:
    """Raise Conflict unless an operator other than ``user`` can sign in."""
    others = (
        sa.select(UserRole.user_id)
        .join(Role)
        .join(User, User.id == UserRole.user_id)
        .where(Role.name == "operator", UserRole.user_id != user.id, User.active.is_(True))
    )
    if session.scalar(others.limit(1)) is None:
        raise Conflict("last_operator")


def lock_operators(session: Session) -> None:
    """Make others who would change the operators wait for this transaction."""
    _lock_role(session, "operator")


def _lock_role(session: Session, name: str) -> Role:
    """Return the role's row, made on first use; whoever else changes its holders waits."""
    if name not in SITE_ROLES:
        raise Invalid({"role": "unknown_code"})
    wanted = sa.select(Role).where(Role.name == name).with_for_update()
    role = session.scalar(wanted)
    if role is None:
        try:
            with session.begin_nested():
                role = Role(name=name)
                session.add(role)
        except sa.exc.IntegrityError:  # another process made it in the same moment
            role = session.scalars(wanted).one()
    return role


def _told_of_role(
    session: Session, user: User, kind: str, role: str, by: Actor, now: datetime
) -> None:
    session.flush()
    session.expire(user, ["roles"])
    chain = ("user", user.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts={"role": role})
    payload = {"user_id": user.id, "change": kind, "role": role}
    emit(session, "accounts.role_changed", payload, now=now)


def _check_profile(name: str, language: str) -> None:
    problems = {}
    if not name.strip():
        problems["name"] = "required"
    elif len(name.strip()) > NAME_LENGTH:
        problems["name"] = "too_long"
    if language not in LANGUAGES:
        problems["language"] = "unknown_code"
    if problems:
        raise Invalid(problems)


def _self(session: Session, by: Actor) -> User:
    user = session.get(User, by.user_id) if by.user_id is not None else None
    if user is None:
        raise NotFound
    return user
