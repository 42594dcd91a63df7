"""An organisation's approval chain: its steps in order, edited by its administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import Membership, Organisation
from tenon.actors import Actor
from tenon.compliance import permissions
from tenon.compliance.models import CHAIN_ROLES, ChainStep
from tenon.db import new_public_id
from tenon.errors import Invalid, NotFound
from tenon.history.services import lock
from tenon.money import exponent

MOST_STEPS = 12
NAME_LIMIT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class StepInput:
    """A step as an administrator wrote it.

    Attributes:
        name_zh, name_en: what it is called; the other language's where one is empty.
        role: editor or administrator; empty where ``user_id`` names a person.
        user_id: a member of the organisation.
        from_minor: contract value from which it is needed; None always.
        currency: of the threshold.
    """

    name_zh: str = ""
    name_en: str = ""
    role: str = ""
    user_id: int | None = None
    from_minor: int | None = None
    currency: str = "CNY"


def steps_of(session: Session, organisation_id: int) -> Sequence[ChainStep]:
    """Return an organisation's chain in order."""
    return session.scalars(
        sa.select(ChainStep)
        .where(ChainStep.organisation_id == organisation_id)
        .order_by(ChainStep.position)
    ).all()


def step(session: Session, organisation: Organisation, public_id: str) -> ChainStep:
    """Return a step of this very organisation; raises NotFound."""
    found = session.scalars(
        sa.select(ChainStep).where(
            ChainStep.organisation_id == organisation.id, ChainStep.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound(kind="chain_step")
    return found


def add_step(
    session: Session, organisation: Organisation, given: StepInput, *, by: Actor, now: datetime
) -> ChainStep:
    """Add a step at the end of the chain.

    Raises Forbidden, Invalid at ``name_zh``, ``name_en``, ``who``, ``threshold`` or the whole form
    (``too_many``). Deals whose approval has begun keep the chain that they copied.
    """
    permissions.require(permissions.may_keep_chain(by, organisation.id), "keep_chain")
    names = _check(session, organisation, given)
    lock(session, ("organisation", organisation.public_id))
    known = steps_of(session, organisation.id)
    if len(known) >= MOST_STEPS:
        raise Invalid({"": "too_many"})
    made = ChainStep(
        public_id=new_public_id(),
        organisation_id=organisation.id,
        position=max((each.position for each in known), default=0) + 1,
        name_zh=names[0],
        name_en=names[1],
        role=given.role or None,
        user_id=given.user_id,
        from_minor=given.from_minor,
        currency=given.currency,
    )
    session.add(made)
    session.flush()
    _record(session, organisation, "add_approval_step", made, by=by, now=now)
    return made


def remove_step(
    session: Session, organisation: Organisation, found: ChainStep, *, by: Actor, now: datetime
) -> None:
    """Take a step out of the chain; raises Forbidden."""
    permissions.require(permissions.may_keep_chain(by, organisation.id), "keep_chain")
    _record(session, organisation, "remove_approval_step", found, by=by, now=now)
    session.delete(found)
    session.flush()


def move_up(
    session: Session, organisation: Organisation, found: ChainStep, *, by: Actor, now: datetime
) -> None:
    """Let a step come before the one that it follows; the first stays. Raises Forbidden."""
    permissions.require(permissions.may_keep_chain(by, organisation.id), "keep_chain")
    lock(session, ("organisation", organisation.public_id))
    before = [each for each in steps_of(session, organisation.id) if each.position < found.position]
    if not before:
        return
    other = before[-1]
    lower, higher = other.position, found.position
    other.position = -1  # out of the way: positions are unique at every moment
    session.flush()
    found.position = lower
    session.flush()
    other.position = higher
    session.flush()
    _record(session, organisation, "move_approval_step", found, by=by, now=now)


def needed(found: ChainStep, *, value_minor: int | None, currency: str) -> bool:
    """Whether a deal of this contract value passes a step.

    Without a value, or in another currency than the threshold's, it does: what cannot be compared
    is not let off.
    """
    if found.from_minor is None or value_minor is None or found.currency != currency:
        return True
    return value_minor >= found.from_minor


def _check(session: Session, organisation: Organisation, given: StepInput) -> tuple[str, str]:
    errors = {}
    zh, en = given.name_zh.strip(), given.name_en.strip()
    if not (zh or en):
        errors["name_zh"] = "required"
    for name, words in (("name_zh", zh), ("name_en", en)):
        if len(words) > NAME_LIMIT:
            errors[name] = "too_long"
    if bool(given.role) == (given.user_id is not None):
        errors["who"] = "required"
    elif not (
        given.role in CHAIN_ROLES
        if given.user_id is None
        else _is_member(session, organisation, given.user_id)
    ):
        errors["who"] = "unknown_code"
    if given.from_minor is not None and given.from_minor < 0:
        errors["threshold"] = "out_of_range"
    if len(given.currency) != 3 or exponent(given.currency) < 0:
        errors["threshold"] = "unknown_code"
    if errors:
        raise Invalid(errors)
    return zh or en, en or zh


def _is_member(session: Session, organisation: Organisation, user_id: int) -> bool:
    found = session.scalar(
        sa.select(Membership.id).where(
            Membership.organisation_id == organisation.id,
            Membership.user_id == user_id,
            Membership.state == "active",
        )
    )
    return found is not None


def _record(
    session: Session,
    organisation: Organisation,
    kind: str,
    found: ChainStep,
    *,
    by: Actor,
    now: datetime,
) -> None:
    facts = {
        "step": found.public_id,
        "position": found.position,
        "role": found.role,
        "from": found.from_minor,
        "currency": found.currency,
    }
    chain = ("organisation", organisation.public_id)
    history.record(session, chain=chain, kind=kind, by=by, now=now, facts=facts)
