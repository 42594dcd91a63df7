"""Steps that the law puts before an increase: the appraisal, the holders' first call.

Sources: Company Law 48 (appraisal) and 227 (first call), as in domain-rules.md, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import Actor
from tenon.deals import permissions as deals
from tenon.deals.models import Deal, DealFile
from tenon.equity import permissions
from tenon.equity.days import today
from tenon.equity.models import ANSWERS, EquityAppraisal, EquityPreemption
from tenon.equity.permissions import COMPANY_SIDE
from tenon.equity.queries.companies import company_of
from tenon.equity.queries.steps import preemptions_of, takers_of
from tenon.equity.services.once import only_one
from tenon.equity.services.recording import course
from tenon.errors import Conflict, Forbidden, Invalid
from tenon.formulas import equity as eq
from tenon.outbox import emit

TEXT_LIMIT = 300


def record_appraisal(
    session: Session,
    deal: Deal,
    *,
    file: DealFile | None,
    appraiser: str,
    value_minor: int,
    appraised_on: date,
    by: Actor,
    now: datetime,
) -> EquityAppraisal:
    """Record the appraised value with its report, a file of the deal; either side does.

    Raises NotFound, Forbidden; Invalid at ``file``, ``appraiser``, ``value`` or ``appraised_on``.
    """
    deals.require_side(by, deal)
    faults: dict[str, str] = {}
    if file is None or file.deal_id != deal.id or file.kind != "appraisal":
        faults["file"] = "required"
    if not appraiser.strip() or len(appraiser) > 200:
        faults["appraiser"] = "required" if not appraiser.strip() else "too_long"
    if value_minor <= 0:
        faults["value"] = "out_of_range"
    if appraised_on > today(now):
        faults["appraised_on"] = "in_the_future"
    if faults or file is None:
        raise Invalid(faults)
    appraisal = EquityAppraisal(
        deal_id=deal.id,
        file_id=file.id,
        sha256=file.sha256,
        appraiser=appraiser.strip(),
        value_minor=value_minor,
        currency=deal.currency,
        appraised_on=appraised_on,
        recorded_by=by.user_id,
        recorded_at=now,
    )
    session.add(appraisal)
    session.flush()
    facts = {"value": value_minor, "on": appraised_on.isoformat(), "sha256": file.sha256}
    chain = ("deal", deal.public_id)
    history.record(session, chain=chain, kind="appraisal", by=by, now=now, facts=facts)
    return appraisal


def ask_holders(
    session: Session,
    deal: Deal,
    *,
    units: int,
    paid_in: Mapping[str, int] | None = None,
    by: Actor,
    now: datetime,
) -> list[EquityPreemption]:
    """Open the step: each holder may take up its part of ``units`` new ones.

    Who gets the deal's units is not asked about its own part. ``paid_in`` is holder's key -> what
    it has paid, minor units, where not all is paid. Asked again (of another number, or since
    others hold units), earlier answers are void; history keeps them. Raises NotFound, Forbidden,
    Conflict ``no_cap_table`` or ``no_first_call``, Invalid at ``units``.
    """
    deals.require_side(by, deal, COMPANY_SIDE)
    company = company_of(session, deal)
    if company is None:
        raise Conflict("no_cap_table", kind="company")
    found = course(session, company)
    held, own = found.now.issued, takers_of(session, deal, found)
    if not set(held) - own or not eq.has_preemption(company.kind, stated=company.preemption):
        raise Conflict("no_first_call", kind="company")
    if units < 1:
        raise Invalid({"units": "out_of_range"})
    parts = eq.preemptive_units(units, held, paid_in)
    session.execute(sa.delete(EquityPreemption).where(EquityPreemption.deal_id == deal.id))
    rows = [
        EquityPreemption(
            deal_id=deal.id,
            holder_id=holder.id,
            units=units,
            entitled=parts[holder.key],
            company_version=company.version,
            asked_at=now,
        )
        for holder in company.holders
        if holder.key in parts and holder.key not in own
    ]
    with only_one(session, "asked_already", kind="answer"):
        session.add_all(rows)
    chain = ("deal", deal.public_id)
    facts = {"units": units, "parts": dict(parts)}
    history.record(session, chain=chain, kind="first_call", by=by, now=now, facts=facts)
    emit(session, "equity.asked", {"deal": deal.id}, now=now)
    return list(preemptions_of(session, deal))


def answer_first_call(
    session: Session,
    row: EquityPreemption,
    deal: Deal,
    *,
    answer: str,
    taken: int = 0,
    answered_on: date,
    evidence: str = "",
    by: Actor,
    now: datetime,
) -> None:
    """Answer for a holder: it takes up units of its part, or waives; dated.

    A holder that is no organisation of the site answers on paper, which ``evidence`` names and
    the company's side records. Raises NotFound, Forbidden, Conflict ``settled_already``; Invalid
    at ``answer``, ``taken``, ``answered_on`` or ``evidence``.
    """
    company = company_of(session, deal)
    if company is None or row.deal_id != deal.id:
        raise Conflict("no_cap_table", kind="company")
    if not permissions.may_answer(session, by, company, row.holder):
        permissions.require_read(session, by, company)
        raise Forbidden(action="answer")
    _check_answer(row, answer, taken, answered_on, evidence, now=now)
    _lock(session, row)
    row.answer, row.answered_on, row.answered_by = answer, answered_on, by.user_id
    row.taken = taken if answer == "takes_up" else 0
    row.evidence = evidence.strip() or None
    session.flush()
    chain = ("deal", deal.public_id)
    facts = {
        "holder": row.holder.key,
        "answer": answer,
        "taken": row.taken,
        "on": answered_on.isoformat(),
    }
    history.record(session, chain=chain, kind="first_call_answer", by=by, now=now, facts=facts)


def _lock(session: Session, row: EquityPreemption) -> None:
    """Let the second of two who answer at once see the first's answer; raises Conflict."""
    session.refresh(row, with_for_update=True)
    if row.answer is not None:
        raise Conflict("settled_already", kind="answer")


def _check_answer(
    row: EquityPreemption,
    answer: str,
    taken: int,
    answered_on: date,
    evidence: str,
    *,
    now: datetime,
) -> None:
    faults: dict[str, str] = {}
    if answer not in ANSWERS:
        faults["answer"] = "unknown_code"
    if answer == "takes_up" and not 0 < taken <= row.entitled:
        faults["taken"] = "out_of_range"
    if answered_on > today(now):
        faults["answered_on"] = "in_the_future"
    if row.holder.organisation_id is None and not evidence.strip():
        faults["evidence"] = "required"
    elif len(evidence) > TEXT_LIMIT:
        faults["evidence"] = "too_long"
    if faults:
        raise Invalid(faults)
