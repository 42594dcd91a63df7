"""Who may ask for a statement, and read, download or revoke one: the person, and operators."""

from __future__ import annotations

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit.statements.models import CreditStatement


def may_issue(actor: Actor, user: User) -> bool:
    """Whether the actor may have a statement about this person issued; the site itself may."""
    return user.erased_at is None and (actor.system or _is_theirs(actor, user.id))


def may_see(actor: Actor, statement: CreditStatement) -> bool:
    """Whether the actor may read, download and revoke the statement."""
    return _is_theirs(actor, statement.user_id)


def _is_theirs(actor: Actor, user_id: int) -> bool:
    return actor.signed_in and (actor.operator or actor.user_id == user_id)
