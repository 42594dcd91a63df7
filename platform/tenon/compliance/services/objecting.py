"""Objections to a publicity, and the institution's decision on each."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import notifying, permissions
from tenon.compliance.days import has_passed
from tenon.compliance.models import Objection, Publicity
from tenon.compliance.recording import record
from tenon.compliance.services import publishing
from tenon.db import new_public_id
from tenon.deals.models import Deal
from tenon.deals.services import step_of
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.deals.services.moving import advance
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid
from tenon.history.services import lock

TEXT_LIMIT = 4000
LIMITS = {"name": 120, "contact": 200, "text": TEXT_LIMIT}
MOST_OPEN = 5
DECISIONS = ("upheld", "rejected")


def object_to(
    session: Session,
    publicity: Publicity,
    *,
    name: str,
    contact: str,
    text: str,
    by: Actor,
    now: datetime,
) -> Objection:
    """Object to a publicity while it runs: anybody signed in, by name, with contact and grounds.

    Raises Forbidden for a visitor, IllegalTransition once its days have passed or it was stopped,
    Invalid at ``name``, ``contact`` or ``text`` (``too_many`` open ones of the same person).
    """
    if by.user_id is None:
        raise Forbidden(action="object")
    said = {"name": name.strip(), "contact": contact.strip(), "text": text.strip()}
    errors = {key: "required" for key, words in said.items() if not words}
    errors |= {key: "too_long" for key, words in said.items() if len(words) > LIMITS[key]}
    if errors:
        raise Invalid(errors)
    lock(session, ("deal", publicity.deal.public_id))
    session.refresh(publicity, ["state"])
    if publicity.state != "running" or has_passed(publicity.last_on, now):
        raise IllegalTransition(step="object", state=publicity.state, kind="publicity")
    own = sa.select(sa.func.count()).where(
        Objection.publicity_id == publicity.id,
        Objection.user_id == by.user_id,
        Objection.state == "open",
    )
    if (session.scalar(own) or 0) >= MOST_OPEN:
        raise Invalid({"text": "too_many"})
    public_id, digest = new_public_id(), hashlib.sha256(said["text"].encode()).hexdigest()
    facts = {"objection": public_id, "publicity": publicity.public_id, "sha256": digest}
    entry = record(session, publicity.deal, "objection", facts, by=by, now=now)
    made = Objection(
        public_id=public_id,
        publicity_id=publicity.id,
        user_id=by.user_id,
        at=now,
        sequence=entry.sequence,
        **said,
    )
    session.add(made)
    session.flush()
    notifying.tell_objection(session, publicity.deal, now=now)
    return made


def withdraw(session: Session, objection: Objection, *, by: Actor, now: datetime) -> None:
    """Take one's own objection back before it is decided; raises Forbidden, Conflict."""
    if by.user_id is None or by.user_id != objection.user_id:
        raise Forbidden(action="withdraw")
    _swap(session, objection, "withdrawn", by=by, now=now)
    deal = objection.publicity.deal
    facts = {"objection": objection.public_id}
    record(session, deal, "objection_withdrawn", facts, by=by, now=now)


def decide(
    session: Session,
    objection: Objection,
    *,
    decision: str,
    grounds: str,
    by: Actor,
    now: datetime,
) -> None:
    """Decide on an objection; one that is upheld takes the deal back to its terms.

    Of an amendment it stops the publicity, without which that is not accepted.

    For the seller's administrators. Raises NotFound, Forbidden, Invalid at ``decision`` or
    ``grounds``, Conflict where it was decided or withdrawn meanwhile.
    """
    deal = objection.publicity.deal
    permissions.require_decide(by, deal)
    errors = {}
    if decision not in DECISIONS:
        errors["decision"] = "required" if not decision else "unknown_code"
    if not grounds.strip():
        errors["grounds"] = "required"
    elif len(grounds) > TEXT_LIMIT:
        errors["grounds"] = "too_long"
    if errors:
        raise Invalid(errors)
    _swap(session, objection, decision, by=by, now=now, grounds=grounds.strip())
    digest = hashlib.sha256(grounds.strip().encode()).hexdigest()
    facts = {"objection": objection.public_id, "decision": decision, "sha256": digest}
    record(session, deal, "objection_decided", facts, by=by, now=now)
    notifying.tell_decided(session, objection, deal, now=now)
    if decision == "upheld":
        _reopen(session, deal, objection.publicity, by=by, now=now)


def _reopen(
    session: Session, deal: Deal, publicity: Publicity, *, by: Actor, now: datetime
) -> None:
    step = step_of(deal, "reopen")
    if deal.state in step.sources:
        advance(session, deal, step, by=by, now=now, facts={"reason": "objection"})
    elif deal.stage in AMENDED_STAGES and publicity.state == "running":
        publishing.stop(session, deal, step="objection", by=by, now=now)


def _swap(
    session: Session,
    objection: Objection,
    state: str,
    *,
    by: Actor,
    now: datetime,
    grounds: str | None = None,
) -> None:
    session.flush()
    columns = {"decided_by": by.user_id, "decided_at": now, "grounds": grounds}
    result = session.execute(
        sa.update(Objection)
        .where(Objection.id == objection.id, Objection.state == "open")
        .values(state=state, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="objection")
    session.refresh(objection, ["state", *columns])
