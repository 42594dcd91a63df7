"""The buyer's verbs: write a report's figures, read a file of lines, submit, take back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Conflict, IllegalTransition, Invalid
from tenon.payments.books import today
from tenon.payments.reminding import next_reminder
from tenon.payments.reports import figures as reading
from tenon.payments.reports import permissions
from tenon.payments.reports.agreed import Agreed, agreed
from tenon.payments.reports.lines import Line, counted, totals
from tenon.payments.reports.models import UseReport, UseReportLine, UseReportRevision
from tenon.payments.reports.services.expecting import expect
from tenon.payments.reports.services.noting import hold, note, require_version
from tenon.payments.reports.states import OPEN_STATES, use_report_machine


def terms_of(session: Session, report: UseReport) -> Agreed:
    """Return what is agreed; raises Conflict where the terms oblige to no report any more."""
    found = agreed(session, report.deal)
    if found is None:
        raise Conflict("nothing_to_report", kind="use_report")
    return found


def write(
    session: Session,
    report: UseReport,
    typed: Mapping[str, str],
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Keep what was typed as the report's figures.

    Raises NotFound, Forbidden; IllegalTransition where it waits for an answer or was accepted;
    Conflict where somebody was faster; Invalid with a code at every name that is wrong.
    """
    _require_open(report, by, expected_version)
    read = _lines_read(report)
    found = reading.read(typed, terms_of(session, report), from_lines=read)
    _keep(session, report, found, by=by, now=now)


def take_lines(
    session: Session,
    report: UseReport,
    lines: Sequence[Line],
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> Mapping[str, Any]:
    """Put the lines of a file in place of those before; returns what they come to.

    What is not in lines (sublicences, corrections, note) stays. Raises as :func:`write`.
    """
    _require_open(report, by, expected_version)
    terms = terms_of(session, report)
    before = _lots_before(session, report) if terms.one_per_unit else frozenset()
    marked = counted(lines, before=before, once=terms.one_per_unit)
    session.execute(sa.delete(UseReportLine).where(UseReportLine.report_id == report.id))
    session.add_all(
        UseReportLine(
            report_id=report.id,
            position=position,
            lot=line.lot,
            ip_right=line.right,
            product=line.product,
            units=line.units,
            gross_minor=line.gross,
            deductions=dict(line.deductions),
            counts=counts,
        )
        for position, (line, counts) in enumerate(marked, 1)
    )
    found = totals(marked)
    _keep(session, report, {**_rest(report), **found}, by=by, now=now)
    return found


def remove_lines(
    session: Session,
    report: UseReport,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Remove the lines of a file; their sums stay as what was typed, to be changed by hand."""
    _require_open(report, by, expected_version)
    session.execute(sa.delete(UseReportLine).where(UseReportLine.report_id == report.id))
    kept = dict(report.figures or {})
    for name in ("lines", "repeated", "lines_sha256"):
        kept.pop(name, None)
    _keep(session, report, {**_rest(report), **kept}, by=by, now=now)


def submit(
    session: Session,
    report: UseReport,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> UseReportRevision:
    """Hand a report to the seller, as a submission that stays as it is.

    A corrected one is handed in anew. Raises NotFound, Forbidden; IllegalTransition; Invalid at
    ``period`` while the period is not over, at ``figures`` where an amendment asks for others now;
    Conflict where somebody was faster.
    """
    permissions.require_write(by, report.deal)
    hold(session, report, expected_version)
    if report.state not in ("draft", "queried"):
        raise IllegalTransition(step="submit", state=report.state, kind="use_report")
    if today(now) <= report.ends_on:
        raise Invalid({"period": "not_over"})
    terms = terms_of(session, report)
    if report.currency != terms.currency or not reading.fits(report.figures or {}, terms):
        raise Invalid({"figures": "terms_changed"})
    number = report.revision + 1
    kept = dict(report.figures or {})
    revision = UseReportRevision(
        report_id=report.id,
        number=number,
        figures=kept,
        sha256=hash_of(report, number, kept),
        submitted_by=by.user_id,
        submitted_at=now,
    )
    use_report_machine.move(
        report,
        "submit",
        by=by,
        now=now,
        facts={"revision": number, "sha256": revision.sha256},
        along={
            "revision": number,
            "first_submitted_at": report.first_submitted_at or now,
            "remark": None,
            "remind_on": None,
        },
    )
    session.add(revision)
    session.flush()
    facts = {"revision": number, "sha256": revision.sha256}
    note(session, report, "use_report_submitted", by=by, now=now, facts=facts)
    return revision


def take_back(
    session: Session,
    report: UseReport,
    *,
    by: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> None:
    """Take a submission back before it is answered, to change it. Raises as :func:`submit`."""
    permissions.require_write(by, report.deal)
    hold(session, report, expected_version)
    along = {"remind_on": next_reminder(report.due_on, today(now))}
    use_report_machine.move(report, "take_back", by=by, now=now, along=along)
    answer(session, report, "taken_back", by=by, now=now)
    note(session, report, "use_report_taken_back", by=by, now=now)
    expect(session, report.deal, now=now)


def answer(
    session: Session,
    report: UseReport,
    state: str,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
) -> None:
    """Note the answer on the latest submission."""
    session.execute(
        sa.update(UseReportRevision)
        .where(
            UseReportRevision.report_id == report.id, UseReportRevision.number == report.revision
        )
        .values(state=state, reason=reason, answered_by=by.user_id, answered_at=now)
    )


def hash_of(report: UseReport, number: int, kept: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a submission: which report, which time, what figures."""
    body = {
        "report": report.public_id,
        "period": [report.starts_on.isoformat(), report.ends_on.isoformat()],
        "currency": report.currency,
        "revision": number,
        "figures": kept,
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _require_open(report: UseReport, by: Actor, expected_version: int | None) -> None:
    permissions.require_write(by, report.deal)
    require_version(report, expected_version)
    if report.state not in OPEN_STATES:
        raise IllegalTransition(step="write", state=report.state, kind="use_report")


def _keep(
    session: Session, report: UseReport, found: Mapping[str, Any], *, by: Actor, now: datetime
) -> None:
    """Put figures into the row, comparing and swapping its version."""
    if report.state == "due":
        use_report_machine.move(report, "write", by=by, now=now, along={"figures": dict(found)})
        return
    session.flush()
    result = session.execute(
        sa.update(UseReport)
        .where(UseReport.id == report.id, UseReport.version == report.version)
        .values(figures=dict(found), version=report.version + 1)
        .execution_options(synchronize_session=False)
    )
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise Conflict("changed_meanwhile", kind="use_report")
    session.refresh(report, ["figures", "version"])


def _lines_read(report: UseReport) -> Mapping[str, Any] | None:
    """Return what the lines of the report's file come to, None where it has none."""
    kept = report.figures or {}
    if not kept.get("lines"):
        return None
    names = ("units", "gross", "deductions", "already", "lines", "repeated", "lines_sha256")
    return {name: kept[name] for name in names}


def _rest(report: UseReport) -> dict[str, Any]:
    """Return the figures that no file holds, as they stand."""
    kept = report.figures or {}
    nothing = {"adjustment": 0, "sublicence": 0, "third_party": "0", "note": ""}
    return {name: kept.get(name, value) for name, value in nothing.items()}


def _lots_before(session: Session, report: UseReport) -> frozenset[str]:
    """Return the lots that other reports of the deal have counted.

    Those of later periods, too: a report that was queried is corrected after the next is written.
    """
    found = session.scalars(
        sa.select(UseReportLine.lot)
        .join(UseReport, UseReport.id == UseReportLine.report_id)
        .where(
            UseReport.deal_id == report.deal_id,
            UseReport.id != report.id,
            UseReportLine.counts.is_(True),
        )
    )
    return frozenset(found)
