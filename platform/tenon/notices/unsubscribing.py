"""Links by which whoever reads a mail switches such mails off, without signing in.

The link's token is the authority: signed with the site's key, made for one person and one scope,
and without an end, since a mail may be opened years later. A scope is a kind of notice, a group
of kinds, or ``all`` of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.errors import NotFound
from tenon.notices import choosing, delivery, wording
from tenon.notices.wording import Kind

ALL = "all"
PATH = "/unsubscribe/"
_SALT = "tenon.notices.unsubscribe"
_LONGEST = 400
UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whom a token is for, and what it switches off."""

    public_id: str
    scope: str


def link(public_id: str, scope: str = ALL) -> str:
    """Return the outside address that switches ``scope`` off for the person ``public_id``.

    Fits the header List-Unsubscribe (RFC 8058) and a mail's footer alike.
    """
    return delivery.current().address(PATH + token(public_id, scope))


def token(public_id: str, scope: str = ALL) -> str:
    """Return the token of a person and a scope; the same whenever it is asked for."""
    return _serializer().dumps([public_id, scope])


def read(given: str) -> Unsubscription:
    """Return what a token says; raises NotFound for one that this site did not make."""
    if len(given) > _LONGEST:
        raise NotFound(kind="unsubscription")
    try:
        said = _serializer().loads(given)
    except BadSignature:
        raise NotFound(kind="unsubscription") from None
    public_id, scope = said
    return Unsubscription(str(public_id), str(scope))


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(
        delivery.current().secret_key, salt=_SALT, signer_kwargs={"digest_method": hashlib.sha256}
    )


def person(session: Session, given: Unsubscription) -> User:
    """Return whom a token is for; raises NotFound for somebody who is gone."""
    found = session.scalar(
        sa.select(User).where(User.public_id == given.public_id, User.erased_at.is_(None))
    )
    if found is None:
        raise NotFound(kind="user")
    return found


def affected(session: Session, given: Unsubscription) -> Sequence[tuple[Kind, str]]:
    """Return each kind that the scope covers, with how it is mailed to the person at present."""
    held = choosing.choices(session, person(session, given).id)
    groups = wording.groups()
    everything = [kind for members in groups.values() for kind in members]
    covered = [kind for kind in everything if given.scope in {ALL, kind.group, kind.code}]
    return [(kind, held[kind.code].mail) for kind in covered]


def switch_off(session: Session, given: Unsubscription, *, now: datetime) -> Mapping[str, str]:
    """Switch the scope off, and return kind -> how it was mailed before, of what changed.

    What nobody can switch off becomes daily. A scope that the site no longer has changes nothing.
    """
    user = person(session, given)
    before = {kind.code: mail for kind, mail in affected(session, given)}
    if before:
        choosing.choose(session, user_id=user.id, kind_or_group=given.scope, mail="off", now=now)
    after = {kind.code: mail for kind, mail in affected(session, given)}
    return {code: mail for code, mail in before.items() if after[code] != mail}


def undo_token(given: Unsubscription, before: Mapping[str, str]) -> str:
    """Return what puts everything back to how it was, for a day."""
    return _undoing().dumps([given.public_id, dict(before)])


def undo(session: Session, given: Unsubscription, undoing: str, *, now: datetime) -> int:
    """Put back what a switching off changed; return how many kinds.

    Raises NotFound for a token that is older than a day, somebody else's, or not of this site.
    """
    try:
        public_id, before = _undoing().loads(undoing, max_age=int(UNDO_WITHIN.total_seconds()))
    except BadSignature:
        raise NotFound(kind="unsubscription") from None
    if public_id != given.public_id:
        raise NotFound(kind="unsubscription")
    user = person(session, given)
    known = [(code, mail) for code, mail in before.items() if wording.kind_of(code)]
    for code, mail in known:
        choosing.choose(session, user_id=user.id, kind_or_group=code, mail=mail, now=now)
    return len(known)


def _undoing() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        delivery.current().secret_key,
        salt=f"{_SALT}.undo",
        signer_kwargs={"digest_method": hashlib.sha256},
    )
