"""The seller's verbs: query a report with a reason, or accept it, which states and charges."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import IllegalTransition, Invalid
from tenon.payments import books
from tenon.payments.obligations.services import charge, nothing_owed
from tenon.payments.reports import permissions
from tenon.payments.reports.agreed import Agreed
from tenon.payments.reports.chasing import PATIENCE
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tenon.payments.reports.services.expecting import expect
from tenon.payments.reports.services.noting import hold, note
from tenon.payments.reports.services.writing import answer, terms_of
from tenon.payments.reports.states import use_report_machine
from tenon.payments.reports.stating import Computed, compute
from tenon.payments.vat import by_terms

REASON_LIMIT = 2000


def query(
    session: Session,
    report: UseReport,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Give a report back with what is to be explained or corrected.

    Raises NotFound, Forbidden; IllegalTransition where it was not submitted; Invalid at
    ``reason``; Conflict where somebody was faster.
    """
    permissions.require_check(by, report.deal)
    hold(session, report, expected_version)
    words = reason.strip()
    if not words or len(words) > REASON_LIMIT:
        raise Invalid({"reason": "too_long" if words else "required"})
    along = {"remark": words, "remind_on": books.today(now) + PATIENCE}
    use_report_machine.move(report, "query", by=by, now=now, along=along)
    answer(session, report, "queried", by=by, now=now, reason=words)
    note(session, report, "use_report_queried", by=by, now=now, facts={"revision": report.revision})
    expect(session, report.deal, now=now)


def accept(
    session: Session,
    report: UseReport,
    *,
    by: Actor,
    now: datetime,
    remark: str = "",
    expected_version: int | None = None,
) -> RoyaltyStatement:
    """Accept a report: its royalty is stated, and what is payable is owed from now on.

    In the year's last period the minimum annual royalty is settled as well. Who reported in time
    has at least until the day of acceptance to pay; who did not, owes from the contract's day.
    Raises NotFound, Forbidden; IllegalTransition where it was not submitted; Conflict
    ``earlier_report_open``, ``terms_do_not_fit``, ``changed_meanwhile``; Invalid at ``remark``.
    """
    permissions.require_check(by, report.deal)
    hold(session, report, expected_version)
    if report.state != "submitted":
        raise IllegalTransition(step="accept", state=report.state, kind="use_report")
    words = remark.strip()
    if len(words) > REASON_LIMIT:
        raise Invalid({"remark": "too_long"})
    terms = terms_of(session, report)
    computed = compute(session, report, terms)
    facts = {"statement": computed.sha256, "payable": computed.statement.payable}
    use_report_machine.move(report, "accept", by=by, now=now, facts=facts)
    answer(session, report, "accepted", by=by, now=now, reason=words or None)
    made = RoyaltyStatement(
        deal_id=report.deal_id,
        report=report,
        terms=terms.version,
        number=computed.number,
        content=computed.content,
        sha256=computed.sha256,
        currency=report.currency,
        earned_minor=computed.statement.earned,
        top_up_minor=computed.statement.top_up,
        payable_minor=computed.statement.payable,
        stated_by=by.user_id,
        stated_at=now,
    )
    session.add(made)
    session.flush()
    facts = {"number": made.number, "terms": terms.version.sha256, **facts}
    note(session, report, "use_report_accepted", by=by, now=now, facts=facts)
    _charge(session, report, computed, terms, by=by, now=now)
    return made


def _charge(
    session: Session,
    report: UseReport,
    computed: Computed,
    terms: Agreed,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let the royalty and the top-up to a year's minimum be owed, each under its own key."""
    day = books.today(now)
    sent = report.first_submitted_at
    in_time = sent is not None and books.today(sent) <= report.due_on
    due_on = max(report.pay_on, day) if in_time else report.pay_on
    sums = [(f"royalty:{report.period}", terms.kind, computed.royalty)]
    year = computed.settles
    if year is not None:
        sums.append((f"minimum:{year}", "minimum", computed.statement.top_up))
    for key, what, minor in sums:
        if minor:
            net, vat, rate = by_terms(minor, mode=terms.vat_mode, rate=terms.vat_rate)
            charge(
                session,
                report.deal,
                key=key,
                kind=what,
                net_minor=net,
                vat_rate=rate,
                vat_minor=vat,
                currency=report.currency,
                due_on=due_on,
                debtor=permissions.WRITER,
                origin=("use_report", report.public_id),
                facts={"period": report.period} if what != "minimum" else {"year": year},
                by=by,
                now=now,
            )
        elif what == "minimum":
            nothing_owed(session, report.deal, key=key, by=by, now=now)
