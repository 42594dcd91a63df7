"""Dispute an entry, settle the dispute, take it back. An entry is never changed by any of it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.credit import permissions
from tenon.credit.acts import CLAIMS
from tenon.credit.chains import chain_of, digest_of, digest_of_text
from tenon.credit.models import CreditConcerned, CreditDispute, CreditEntry
from tenon.credit.queries.reading import may_read
from tenon.credit.queries.standing import does_stand, entries_of_person
from tenon.credit.services.recording import append
from tenon.credit.services.telling import tell_disputed
from tenon.credit.states import DISPUTE
from tenon.errors import Conflict, Forbidden, Invalid, NotFound
from tenon.history.services import lock

REASON_LIMIT = 2000  # characters


def dispute(
    session: Session, entry: CreditEntry, *, claim: str, reason: str, by: Actor, now: datetime
) -> CreditDispute:
    """Say that an entry is wrong, and why; both the person credited and operators are told.

    Raises NotFound where the actor may not read the ledger, Invalid for a claim that is not
    theirs to make or a missing reason, Conflict where the entry stands no longer
    (``entry_struck``), is disputed already (``disputed_already``), or where a dispute of the
    actor's over it was settled (``settled_already``).
    """
    thing = (entry.thing_kind, entry.thing_id)
    if by.user_id is None or not may_read(session, thing=thing, actor=by):
        raise NotFound(kind="credit_entry")
    text = _reason(reason, claim=claim, claims=permissions.claims_open_to(by, entry))
    lock(session, chain_of(thing))
    _check_open(session, entry, by.user_id)
    made = CreditDispute(
        entry=entry,
        claim=claim,
        reason=text,
        raised_by=session.get_one(User, by.user_id),
        raised_for_id=_side_of(session, entry, by),
        raised_at=now,
    )
    session.add(made)
    session.flush()
    history.record(
        session,
        chain=(DISPUTE.kind, made.public_id),
        kind="raise",
        by=by,
        now=now,
        facts={
            "entry": entry.public_id,
            "claim": claim,
            "by": digest_of(made.raised_by),
            "reason": digest_of_text(text, writer=made.raised_by),
        },
    )
    tell_disputed(session, made, now=now)
    return made


def settle(
    session: Session, dispute: CreditDispute, *, outcome: str, reason: str, by: Actor, now: datetime
) -> CreditEntry | None:
    """End a dispute with a reason; return the new line of the ledger, or None where none was due.

    ``uphold`` leaves the entry, ``amend`` credits whoever raised the dispute in place of the
    person credited, ``share`` beside them, ``set_aside`` strikes the entry.

    Raises NotFound where the actor may not read the dispute, Forbidden (``own_dispute``) for a
    party to it, Invalid, IllegalTransition where it is settled, Conflict where somebody else
    settled it first.
    """
    if not permissions.may_see_dispute(by, dispute):
        raise NotFound(kind="credit_dispute")
    if not permissions.may_settle(by, dispute):
        own = by.operator and permissions.is_party(by, dispute)
        raise Forbidden("own_dispute") if own else Forbidden(action="settle")
    faults = {}
    if outcome not in permissions.settlements_of(dispute):
        faults["outcome"] = "unknown_code"
    text = _checked_text(reason, faults)
    if faults:
        raise Invalid(faults)
    entry = dispute.entry
    lock(session, chain_of((entry.thing_kind, entry.thing_id)))
    if dispute.state == "open":
        dispute.settled_by_id, dispute.settled_at, dispute.settlement = by.user_id, now, text
    judge = session.get_one(User, by.user_id)
    facts = {
        "entry": entry.public_id,
        "by": digest_of(judge),
        "reason": digest_of_text(text, writer=judge),
    }
    DISPUTE.move(dispute, outcome, by=by, now=now, facts=facts)
    return _carry_out(session, dispute, outcome, by=by, now=now)


def withdraw(
    session: Session,  # noqa: ARG001  # every verb of the room is called alike
    dispute: CreditDispute,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Take one's own dispute back.

    Raises NotFound for a stranger, Forbidden for the other side, IllegalTransition once settled.
    """
    if not permissions.may_see_dispute(by, dispute):
        raise NotFound(kind="credit_dispute")
    if not permissions.may_withdraw(by, dispute):
        raise Forbidden(action="withdraw")
    if dispute.state == "open":
        dispute.settled_at = now
    facts = {"entry": dispute.entry.public_id, "by": digest_of(dispute.raised_by)}
    DISPUTE.move(dispute, "withdraw", by=by, now=now, facts=facts)


def _carry_out(
    session: Session, dispute: CreditDispute, outcome: str, *, by: Actor, now: datetime
) -> CreditEntry | None:
    entry = dispute.entry
    if outcome == "uphold":
        return None
    if not does_stand(session, entry):
        raise Conflict("entry_struck")
    thing = (entry.thing_kind, entry.thing_id)
    claimant = dispute.raised_by
    if outcome != "set_aside" and claimant.erased_at is not None:
        raise Conflict("claimant_erased")
    theirs = entries_of_person(session, thing=thing, act=entry.act, user_id=claimant.id)
    has_credit = any(does_stand(session, each) for each in theirs)
    if outcome == "share" and has_credit:
        return None
    strikes = outcome == "set_aside" or (outcome == "amend" and has_credit)
    return append(
        session,
        thing=thing,
        act=entry.act,
        person=entry.user if strikes else claimant,
        organisation_id=entry.organisation_id if strikes else dispute.raised_for_id,
        by=by,
        now=now,
        origin=(DISPUTE.kind, dispute.public_id),
        replaces=None if outcome == "share" else entry,
        says="strike" if strikes else "credit",
    )


def _side_of(session: Session, entry: CreditEntry, by: Actor) -> int | None:
    """Return for whom the actor speaks: the one of their organisations that the thing concerns.

    So an anonymous firm's member who acts for another firm at the time is not shown under that
    other one.
    """
    table = CreditConcerned
    concerned = session.scalars(
        sa.select(table.organisation_id).where(
            table.thing_kind == entry.thing_kind,
            table.thing_id == entry.thing_id,
            table.organisation_id.in_(list(by.memberships)),
        )
    ).all()
    if not concerned or by.organisation_id in concerned:
        return by.organisation_id
    return min(concerned)


def _check_open(session: Session, entry: CreditEntry, user_id: int) -> None:
    if not does_stand(session, entry):
        raise Conflict("entry_struck")
    known = session.execute(
        sa.select(CreditDispute.state, CreditDispute.raised_by_id).where(
            CreditDispute.entry_id == entry.id, CreditDispute.state != "withdrawn"
        )
    ).all()
    if any(state == "open" for state, _ in known):
        raise Conflict("disputed_already")
    if any(raised_by == user_id for _, raised_by in known):
        raise Conflict("settled_already")


def _reason(reason: str, *, claim: str, claims: tuple[str, ...]) -> str:
    faults: dict[str, str] = {}
    if claim not in claims:
        faults["claim"] = "not_yours_to_claim" if claim in CLAIMS else "unknown_code"
    text = _checked_text(reason, faults)
    if faults:
        raise Invalid(faults)
    return text


def _checked_text(reason: str, faults: dict[str, str]) -> str:
    """Return the reason without blanks around it; note in ``faults`` what is wrong with it."""
    text = reason.strip()
    if not text:
        faults["reason"] = "required"
    if len(text) > REASON_LIMIT:
        faults["reason"] = "too_long"
    return text
