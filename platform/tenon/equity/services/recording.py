"""Record an event in a company's table: computed, checked, chained; never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals.models import Deal
from tenon.equity import permissions
from tenon.equity.courses import Course, Stage, compute
from tenon.equity.days import today
from tenon.equity.models import EquityAgreement, EquityCompany, EquityEvent, EquityProposal
from tenon.equity.queries.companies import events
from tenon.equity.services.computing import refresh
from tenon.equity.services.pricing_in import priced_by, propose_conversions, set_aside, unprice
from tenon.equity.writing import holders_in, result_json
from tenon.errors import Conflict, Invalid
from tenon.formulas.equity import Impossible

BY_HAND = (
    "incorporation",
    "contribution",
    "round",
    "pool",
    "pool_issued",
    "transfer",
    "repurchase",
    "split",
)
"""What the company's side records; the rest follows from agreements that both sides confirm."""

CONFIRMED = ("exercise", "conversion")
SOURCE_LIMIT = 300


def record(
    session: Session,
    company: EquityCompany,
    *,
    kind: str,
    day: date,
    facts: Mapping[str, Any],
    deal: Deal | None = None,
    source: str = "",
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> EquityEvent:
    """Record an event by hand; a round prices every open grant and proposes its conversion.

    ``source`` says where it is written (a register's entry, a resolution). Raises NotFound,
    Forbidden, Conflict ``changed_meanwhile``, Invalid at ``day``, ``source`` or, with the code of
    ``equity.Impossible``, for the whole form.
    """
    permissions.require_write(session, by, company)
    if kind not in BY_HAND:
        raise Invalid({"": "unknown_code"})
    require_version(company, expected_version)
    if day > today(now):
        raise Invalid({"day": "in_the_future"})
    money = sum(each.get("amount", 0) for each in facts.get("payments", ()))
    grants = priced_by(session, company, money) if kind == "round" else []
    if grants:
        facts = {**facts, "pricing": [each.key for each in grants]}
        set_aside(session, grants, now=now)
    event = append(
        session, company, kind=kind, day=day, facts=facts, deal=deal, source=source, by=by, now=now
    )
    propose_conversions(session, company, grants, course=course(session, company), now=now)
    return event


def strike(
    session: Session,
    company: EquityCompany,
    *,
    number: int,
    source: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> EquityEvent:
    """Take an earlier event out of the computation, saying why; it stays on record.

    Raises as ``record``; Conflict ``confirmed_by_both`` for what both sides of an agreement have
    confirmed or what entered it, Invalid at ``number`` for an event that is not in force.
    """
    permissions.require_write(session, by, company)
    require_version(company, expected_version)
    if not source.strip():
        raise Invalid({"source": "required"})
    stage = course(session, company).stage(number)
    if stage is None:
        raise Invalid({"number": "unknown_code"})
    if stage.event.kind not in BY_HAND:
        raise Conflict("confirmed_by_both", kind="event")
    struck = append(
        session,
        company,
        kind="strike",
        day=stage.event.day,
        facts={"number": number},
        deal=None,
        source=source,
        by=by,
        now=now,
    )
    unprice(session, company, course=course(session, company), by=by, now=now)
    return struck


def append(
    session: Session,
    company: EquityCompany,
    *,
    kind: str,
    day: date,
    facts: Mapping[str, Any],
    deal: Deal | None,
    source: str,
    by: Actor,
    now: datetime,
) -> EquityEvent:
    """Append an event whose right to it the caller has checked.

    What both sides have confirmed before must come out as it did. Raises as ``record``.
    """
    if len(source) > SOURCE_LIMIT:
        raise Invalid({"source": "too_long"})
    if not holders_in(facts) <= {holder.key for holder in company.holders}:
        raise Invalid({"": "unknown_holder"})
    number = _next_number(session, company)
    event = EquityEvent(
        company_id=company.id,
        number=number,
        day=day,
        kind=kind,
        facts=dict(facts),
        result=[],
        deal_id=None if deal is None else deal.id,
        source=source.strip() or None,
        sequence=0,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    known = [*events(session, company), event]
    found = _computed(company, known)
    _require_confirmed_unchanged(found)
    stage = found.stage(number)
    event.result = [] if stage is None else result_json(stage.step)
    told = {
        "number": number,
        "day": day.isoformat(),
        "facts": event.facts,
        "result": event.result,
        "deal": None if deal is None else deal.public_id,
    }
    chain = ("cap_table", company.public_id)
    entry = history.record(session, chain=chain, kind=kind, by=by, now=now, facts=told)
    event.sequence = entry.sequence
    session.add(event)
    session.flush()
    if deal is not None:
        told = {"company": company.public_id, "number": number, "what": kind}
        chain = ("deal", deal.public_id)
        history.record(session, chain=chain, kind="cap_table_event", by=by, now=now, facts=told)
    refresh(session, _waiting(session, company), course=found, now=now)
    return event


def course(session: Session, company: EquityCompany) -> Course:
    """Return the company's course as it is recorded now."""
    return compute(company, events(session, company))


def require_version(company: EquityCompany, expected: int | None) -> None:
    """Raise Conflict ``changed_meanwhile`` where the table is not as the page showed it."""
    if expected is not None and expected != company.version:
        raise Conflict("changed_meanwhile", kind="company")


def _next_number(session: Session, company: EquityCompany) -> int:
    """Take the next number by comparing and swapping the version; raises Conflict."""
    result = session.execute(
        sa.update(EquityCompany)
        .where(EquityCompany.id == company.id, EquityCompany.version == company.version)
        .values(version=company.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="company")
    session.refresh(company, ["version"])
    return company.version


def _waiting(session: Session, company: EquityCompany) -> list[EquityProposal]:
    return list(
        session.scalars(
            sa.select(EquityProposal)
            .join(EquityAgreement, EquityAgreement.id == EquityProposal.live_key)
            .where(EquityAgreement.company_id == company.id)
            .order_by(EquityProposal.id)
        )
    )


def _computed(company: EquityCompany, rows: list[EquityEvent]) -> Course:
    try:
        return compute(company, rows)
    except Impossible as error:
        raise Invalid({"": error.code}, **error.facts) from error
    except ValueError as error:
        raise Invalid({"": "impossible"}) from error


def _require_confirmed_unchanged(found: Course) -> None:
    for stage in found.stages:
        if _was_confirmed(stage) and result_json(stage.step) != stage.event.result:
            raise Conflict("changes_confirmed", kind="event", number=stage.event.number)


def _was_confirmed(stage: Stage) -> bool:
    return stage.event.kind in CONFIRMED and stage.event.sequence > 0
