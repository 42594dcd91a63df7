"""The royalty statement of a report: computed from the terms in force, kept with all that it says.

A statement continues from where the one before left the licence; so reports are accepted in
order. An amendment changes what comes after it: what was accepted stays as it was stated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.models import Deal
from tenon.errors import Conflict
from tenon.formulas.royalty import Standing, Statement, Step, Terms, opening, state
from tenon.formulas.royalty.keeping import (
    standing_from_json,
    standing_to_json,
    step_to_json,
)
from tenon.history import HistoryEntry
from tenon.payments.models import Obligation
from tenon.payments.reports.agreed import Agreed
from tenon.payments.reports.figures import fits, net_of, use_of
from tenon.payments.reports.models import RoyaltyStatement, UseReport

SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "tiers": ("rate", "tiers", "by_year"),
    "once_per_unit": ("one_per_unit",),
    "sublicence_share": ("sublicence",),
    "minimum": ("minimum_amount",),
    "cap_year": ("cap_annual",),
    "cap_total": ("cap_total",),
    "deductions": ("deductions",),
}
"""Source of a step -> roles of the terms that it may rest on; all other sources are the base."""


@dataclass(frozen=True, slots=True)
class Computed:
    """A statement that may become one.

    Attributes:
        statement: of the formulas.
        content: all that it says, as plain JSON.
        sha256: of the content's canonical JSON.
        number: of the deal's statements, from 1.
        royalty: what is payable without the top-up to the year's minimum.
        settles: royalty year whose minimum this settles, if any.
    """

    statement: Statement
    content: dict[str, Any]
    sha256: str
    number: int
    royalty: int
    settles: int | None


def last_statement(session: Session, deal: Deal) -> RoyaltyStatement | None:
    """Return the latest statement of a deal."""
    return session.scalars(
        sa.select(RoyaltyStatement)
        .where(RoyaltyStatement.deal_id == deal.id)
        .order_by(RoyaltyStatement.number.desc())
        .limit(1)
    ).first()


def earlier_open(session: Session, report: UseReport) -> UseReport | None:
    """Return the first earlier report that is not accepted yet, if there is one."""
    return session.scalars(
        sa.select(UseReport)
        .where(
            UseReport.deal_id == report.deal_id,
            UseReport.starts_on < report.starts_on,
            UseReport.state != "accepted",
        )
        .order_by(UseReport.starts_on)
        .limit(1)
    ).first()


def compute(session: Session, report: UseReport, agreed: Agreed) -> Computed:
    """Compute the statement of a report's present figures.

    Raises Conflict ``earlier_report_open`` where an earlier report is not accepted: tiers, minimum
    and caps add up over periods. Raises Conflict ``licence_ended`` where the period reaches over
    the licence's last day, ``terms_do_not_fit`` where an amendment changed the currency, or the
    figures that are asked for, or the period that comes next.
    """
    earlier = earlier_open(session, report)
    if earlier is not None:
        raise Conflict("earlier_report_open", kind="use_report", period=earlier.period)
    last = agreed.terms.ends
    if last is not None and report.ends_on > last:
        facts = {"period": report.period, "day": last.isoformat()}
        raise Conflict("licence_ended", kind="use_report", **facts)
    figures = report.figures or {}
    before = last_statement(session, report.deal)
    currencies = {report.currency, agreed.currency, before.currency if before else report.currency}
    if len(currencies) > 1 or not fits(figures, agreed):
        raise Conflict("terms_do_not_fit", kind="use_report", period=report.period)
    terms = _less_waived(session, report.deal, agreed)
    standing: Standing = (
        opening(terms) if before is None else standing_from_json(before.content["standing"])
    )
    use = use_of(figures, start=report.starts_on, end=report.ends_on)
    try:
        found = state(terms, use, standing)
    except ValueError as error:
        raise Conflict("terms_do_not_fit", kind="use_report", period=report.period) from error
    number = 1 if before is None else before.number + 1
    content = content_of(report, agreed, found, number)
    settled = any(step.what == "minimum" for step in found.steps)
    return Computed(
        statement=found,
        content=content,
        sha256=hash_of(content),
        number=number,
        royalty=found.payable - found.top_up,
        settles=found.after.year if settled else None,
    )


def _less_waived(session: Session, deal: Deal, agreed: Agreed) -> Terms:
    """Return the terms without the yearly minimums that the seller gave up before they were due."""
    minimum = agreed.terms.minimum
    if minimum is None:
        return agreed.terms
    waived = session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == deal.id,
            Obligation.kind == "minimum",
            Obligation.state == "waived",
            Obligation.booked_on.is_(None),
        )
    )
    years = frozenset(each.facts["year"] for each in waived if "year" in each.facts)
    return replace(agreed.terms, minimum=replace(minimum, waived=years))


def content_of(report: UseReport, agreed: Agreed, found: Statement, number: int) -> dict[str, Any]:
    """Return all that a statement says: figures, every step with its term, where that leaves it."""
    figures = report.figures or {}
    return {
        "deal": report.deal.public_id,
        "report": report.public_id,
        "revision": report.revision,
        "number": number,
        "period": report.period,
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "currency": report.currency,
        "terms": {"number": agreed.version.number, "sha256": agreed.version.sha256},
        "form": agreed.version.form,
        "base": agreed.base,
        "figures": figures,
        "steps": [
            *_figure_steps(figures, agreed),
            *(
                {**step_to_json(step), "terms": _terms(step, agreed)}
                for step in found.steps
                if not (agreed.base == "none" and step.what in ("reported", "tier"))
            ),
        ],
        "net": found.net,
        "earned": found.earned,
        "top_up": found.top_up,
        "payable": found.payable,
        "standing": standing_to_json(found.after),
    }


def _figure_steps(figures: Mapping[str, Any], agreed: Agreed) -> list[dict[str, Any]]:
    """Return the lines that lead from gross sales to what is reported."""
    deductions = {kind: minor for kind, minor in figures["deductions"].items() if minor}
    if not (deductions or figures["adjustment"]):
        return []
    base = agreed.codes.get("base", "")
    lines = [_line("gross", figures["gross"], base)]
    term = agreed.codes.get("deductions", "")
    lines += [_line(f"deduction:{kind}", -minor, term) for kind, minor in deductions.items()]
    if figures["adjustment"]:
        lines.append(_line("adjustment", figures["adjustment"], ""))
    return lines


def _line(what: str, base: int, term: str) -> dict[str, Any]:
    return {"what": what, "base": base, "rate": None, "amount": None, "source": "figures",
            "full": None, "terms": [term] if term else []}  # fmt: skip


def _terms(step: Step, agreed: Agreed) -> list[str]:
    """Return the codes of the terms that a step rests on; none for what is arithmetic alone."""
    if step.source == "rounding":
        return []
    roles = SOURCES.get(step.source, ("base",))
    codes = [agreed.codes[role] for role in roles if role in agreed.codes]
    values = agreed.version.values
    found = [code for code in codes if values.get(code) is not None][:1]
    if step.full is not None:
        found.append(agreed.codes["stacking_share"])
    return found


def hash_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a statement's canonical JSON, in hex."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_unharmed(session: Session, statement: RoyaltyStatement) -> bool:
    """Whether a statement is what its hash was made of, and the hash what its report's chain says.

    The row's own figures must be those of its content too.
    """
    content = statement.content
    if hash_of(content) != statement.sha256:
        return False
    sums = (statement.earned_minor, statement.top_up_minor, statement.payable_minor)
    if sums != (content["earned"], content["top_up"], content["payable"]):
        return False
    accepted = session.scalars(
        sa.select(HistoryEntry)
        .where(
            HistoryEntry.chain_kind == "use_report",
            HistoryEntry.chain_id == content["report"],
            HistoryEntry.kind == "accept",
        )
        .limit(1)
    ).first()
    return accepted is not None and accepted.facts.get("statement") == statement.sha256


def net_reported(report: UseReport) -> int | None:
    """Return the net of what was written last, None where nothing was."""
    return None if report.figures is None else net_of(report.figures)


def days_of(content: Mapping[str, Any]) -> tuple[date, date]:
    """Return first and last day of a statement's period."""
    return date.fromisoformat(content["starts_on"]), date.fromisoformat(content["ends_on"])
