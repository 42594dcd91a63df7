"""First refusal: contributors are asked with the accepted terms and answer by a day.

Civil Code 847: on the assignment of service technology its contributors may take it on equal terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.compliance import notifying, permissions
from tenon.compliance.applying import first_refusal_rule, passes_title, repricing
from tenon.compliance.days import day_of, has_passed
from tenon.compliance.models import Contributor, FirstRefusal
from tenon.compliance.models.declared import ANSWERS
from tenon.compliance.recording import record
from tenon.compliance.services.sheets import contributors
from tenon.deals.models import Deal, DealFile, TermVersion
from tenon.deals.queries import accepted_terms
from tenon.deals.services.amending import AMENDED_STAGES
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound

REMARK_LIMIT = 2000
OPEN = ("approval", "publicity", "signing")


def ask_all(session: Session, deal: Deal, *, by: Actor, now: datetime) -> int:
    """Ask every contributor who was not asked on these terms; return how many were.

    Does nothing for a form that does not pass title, or before terms are accepted.
    """
    terms = terms_asked(session, deal)
    if terms is None or not passes_title(deal):
        return 0
    asked = {each.contributor_id for each in asked_on(session, terms)}
    new = [each for each in contributors(session, deal) if each.id not in asked]
    for each in new:
        _ask(session, deal, terms, each, now=now)
    if new:
        facts = {"positions": [each.position for each in new], "terms": terms.sha256}
        record(session, deal, "first_refusal_asked", facts, by=by, now=now)
    return len(new)


def terms_asked(session: Session, deal: Deal) -> TermVersion | None:
    """Return the terms that contributors are asked on: those accepted, else an amended price's.

    None once a deal is signed and no amendment of its price waits.
    """
    if deal.stage in AMENDED_STAGES:
        return repricing(session, deal)
    return accepted_terms(session, deal)


def ask_later(session: Session, deal: Deal, *, by: Actor, now: datetime) -> int:
    """Ask those who were added after the terms, or all on an amended price.

    Raises NotFound, Forbidden, IllegalTransition.
    """
    permissions.require_declare(by, deal)
    if deal.stage not in OPEN and repricing(session, deal) is None:
        raise IllegalTransition(step="ask_first_refusal", state=deal.state, kind="deal")
    return ask_all(session, deal, by=by, now=now)


def answer(
    session: Session,
    refusal: FirstRefusal,
    *,
    answer: str,
    remark: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Answer as the contributor: take it up on equal terms, or waive.

    A take-up may be turned into a waiver later, never the other way. Raises NotFound for anybody
    else; IllegalTransition after the last day or once the deal moved on; Invalid, Conflict.
    """
    if not permissions.may_answer(by, refusal):
        raise NotFound(kind="first_refusal")
    _check_answer(answer, remark)
    changes_mind = refusal.answer == "takes_up" and answer == "waives"
    if has_passed(refusal.until, now) and not changes_mind:
        raise IllegalTransition(step="answer", state="time_ran_out", kind="first_refusal")
    _write(session, refusal, answer, remark, on=day_of(now), file=None, by=by, now=now)


def answer_by_paper(
    session: Session,
    refusal: FirstRefusal,
    *,
    answer: str,
    answered_on: date,
    file: DealFile,
    remark: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Enter the signed answer of a contributor who is no person of the site.

    For the seller's administrators. Raises NotFound, Forbidden (also where the contributor can
    answer here), Invalid at ``answer``, ``answered_on``, ``file``, ``remark``; Conflict.
    """
    permissions.require_decide(by, refusal.deal)
    if refusal.contributor.user_id is not None:
        raise Forbidden(action="answer_for_another")
    _check_answer(answer, remark)
    errors = {}
    if not day_of(refusal.asked_at) <= answered_on <= day_of(now):
        errors["answered_on"] = "out_of_range"
    if file.deal_id != refusal.deal_id:
        errors["file"] = "unknown_code"
    if errors:
        raise Invalid(errors)
    _write(session, refusal, answer, remark, on=answered_on, file=file, by=by, now=now)


def asked_on(session: Session, terms: TermVersion) -> Sequence[FirstRefusal]:
    """Return who was asked on these terms, in the contributors' order."""
    return session.scalars(
        sa.select(FirstRefusal)
        .join(Contributor)
        .where(FirstRefusal.version_id == terms.id)
        .order_by(Contributor.position)
    ).all()


def is_open(session: Session, refusal: FirstRefusal) -> bool:
    """Whether the terms that the question is about are those that wait for the answers."""
    terms = terms_asked(session, refusal.deal)
    moved_on = refusal.deal.stage not in (*OPEN, *AMENDED_STAGES)
    return not moved_on and terms is not None and terms.id == refusal.version_id


def _ask(
    session: Session, deal: Deal, terms: TermVersion, each: Contributor, *, now: datetime
) -> None:
    found = first_refusal_rule(session, deal, now=now)
    made = FirstRefusal(
        deal_id=deal.id,
        version_id=terms.id,
        contributor_id=each.id,
        asked_at=now,
        until=day_of(now) + timedelta(days=found.number),
        source_zh=found.source_zh,
        source_en=found.source_en,
    )
    session.add(made)
    session.flush()
    notifying.tell_contributor(session, made, now=now)


def _check_answer(answer: str, remark: str) -> None:
    errors = {}
    if answer not in ANSWERS:
        errors["answer"] = "required" if not answer else "unknown_code"
    if len(remark) > REMARK_LIMIT:
        errors["remark"] = "too_long"
    if errors:
        raise Invalid(errors)


def _write(
    session: Session,
    refusal: FirstRefusal,
    answer: str,
    remark: str,
    *,
    on: date,
    file: DealFile | None,
    by: Actor,
    now: datetime,
) -> None:
    deal = refusal.deal
    if not is_open(session, refusal):
        raise IllegalTransition(step="answer", state=deal.state, kind="deal")
    session.flush()
    columns = {
        "remark": remark.strip() or None,
        "answered_at": now,
        "answered_by": by.user_id,
        "answered_on": on,
        "file_id": None if file is None else file.id,
    }
    free: sa.ColumnElement[bool] = FirstRefusal.answer.is_(None)
    if answer == "waives":
        free = sa.or_(free, FirstRefusal.answer == "takes_up")
    result = session.execute(
        sa.update(FirstRefusal)
        .where(FirstRefusal.id == refusal.id, free)
        .values(answer=answer, **columns)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("answered_meanwhile", kind="first_refusal")
    session.refresh(refusal, ["answer", *columns])
    facts = {
        "position": refusal.contributor.position,
        "answer": answer,
        "on": on.isoformat(),
        "sha256": None if file is None else file.sha256,
    }
    record(session, deal, "first_refusal_answered", facts, by=by, now=now)
    if answer == "takes_up":
        notifying.tell_taken_up(session, deal, now=now)
