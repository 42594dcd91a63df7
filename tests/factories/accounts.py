"""People, organisations and memberships for tests; nothing happens that is not asked for."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from tenon.accounts.models import Membership, Organisation, Role, User, UserRole
from tenon.accounts.passwords import hash_password
from tenon.accounts.queries import actor_of
from tenon.actors import Actor

PASSWORD = "a long enough password"
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


@cache
def _hash(password: str) -> str:
    return hash_password(password, cheap=True)


def make_user(
    session: Session, *, email: str | None = None, password: str = PASSWORD, **columns: Any
) -> User:
    """A person with a confirmed address and a password; flushed, in no organisation."""
    values: dict[str, Any] = {"name": "Wei Lan", "language": "en", "confirmed_at": NOW} | columns
    address = email or f"{uuid.uuid4().hex[:12]}@example.org"
    user = User(email=address, password=_hash(password), **values)
    session.add(user)
    session.flush()
    return user


def make_organisation(session: Session, **columns: Any) -> Organisation:
    """An approved university without members; flushed."""
    values: dict[str, Any] = {
        "kind": "university",
        "state": "approved",
        "name_zh": f"示例大学{uuid.uuid4().hex[:6]}",
        "name_en": None,
        "created_at": NOW,
    } | columns
    organisation = Organisation(**values)
    session.add(organisation)
    session.flush()
    return organisation


def make_membership(
    session: Session,
    user: User,
    organisation: Organisation,
    role: str = "administrator",
    state: str = "active",
) -> Membership:
    """A place in an organisation; flushed, and known to ``user.memberships``."""
    membership = Membership(
        user_id=user.id,
        organisation_id=organisation.id,
        role=role,
        state=state,
        created_at=NOW,
        decided_at=None if state == "requested" else NOW,
    )
    session.add(membership)
    session.flush()
    session.refresh(user, ["memberships"])
    return membership


def grant_role(session: Session, user: User, name: str) -> User:
    """Make a person ``broker`` or ``operator``; flushed."""
    role = session.scalar(sa.select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        session.add(role)
        session.flush()
    session.add(UserRole(user_id=user.id, role_id=role.id, granted_at=NOW))
    session.flush()
    session.refresh(user, ["roles"])
    return user


def actor_for(user: User) -> Actor:
    """The actor that a person is at present."""
    return actor_of(user)


def sign_in(client: FlaskClient, user: User) -> FlaskClient:
    """Sign a committed person in by writing the session, without the sign-in page."""
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"] = user.fs_uniquifier
        cookie["_fresh"] = True
        cookie["fs_paa"] = time.time()
    return client


def csrf_token(client: FlaskClient) -> str:
    """The token that a form of this browser would carry."""
    with client.session_transaction() as cookie:
        raw = cookie.setdefault("csrf_token", "0" * 40)
    key = client.application.secret_key
    return URLSafeTimedSerializer(str(key), salt="wtf-csrf-token").dumps(raw)


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form with its token, as a page's button would; redirects are not followed."""
    return client.post(path, data={"csrf_token": csrf_token(client), **fields})
