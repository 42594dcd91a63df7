"""A licence of 2025 with quarterly reports, and short ways to write and answer them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.queries import accepted_terms
from tenon.payments.reports import services
from tenon.payments.reports.models import RoyaltyStatement, UseReport
from tests.factories.deals import make_terms
from tests.payments.cast import Cast, make_cast, yuan

NOW = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
"""All of 2025 is over; its last quarter's report is due on 30 January."""
TERMS: dict[str, Any] = {
    "payment_mode": "running",
    "royalty_base": "net_sales",
    "deductions": ["returns", "freight"],
    "royalty_scheme": "tiers",
    "royalty_tiers": [
        {"from": 0, "rate": "5"},
        {"from": 500_000_000, "rate": "4"},
        {"from": 1_500_000_000, "rate": "3"},
    ],
    "tier_mode": "marginal",
    "tier_period": "year",
    "report_period": "quarter",
    "report_days": 30,
    "royalty_days": 30,
    "minimum_annual": yuan(300_000),
    "minimum_prorate": "months",
    "one_per_unit": True,
    "audit": True,
}


def make_scene(
    session: Session, *, now: datetime = NOW, terms: dict[str, Any] | None = None, **columns: Any
) -> tuple[Cast, list[UseReport]]:
    """The licence with everybody around it, and its reports in the order of their periods."""
    standard: dict[str, Any] = {
        "signed_on": date(2025, 1, 1),
        "effective_on": date(2025, 1, 1),
        "ends_on": date(2027, 12, 31),
    }
    cast = make_cast(session, now=now, terms=TERMS | (terms or {}), **standard | columns)
    return cast, services.expect(session, cast.deal, now=now)


def figures(**typed: str) -> dict[str, str]:
    """What is typed into a report: 1,000 units for 1 million unless told otherwise."""
    return {"units": "1,000", "gross": "1,000,000"} | typed


def hand_in(
    session: Session, cast: Cast, report: UseReport, *, now: datetime = NOW, **typed: str
) -> None:
    """The buyer's editor writes a report and submits it."""
    by = cast.actor("buyer_editor")
    services.write(session, report, figures(**typed), by=by, now=now)
    services.submit(session, report, by=by, now=now)


def accept(
    session: Session, cast: Cast, report: UseReport, *, now: datetime = NOW, **typed: str
) -> RoyaltyStatement:
    """Hand a report in and have the seller's editor accept it."""
    hand_in(session, cast, report, now=now, **typed)
    return services.accept(session, report, by=cast.actor("seller_editor"), now=now)


def amend(session: Session, cast: Cast, **values: object) -> None:
    """An accepted amendment: the terms with other values."""
    before = accepted_terms(session, cast.deal)
    assert before is not None
    before.state = "replaced"
    session.flush()
    make_terms(session, cast.deal, values={**before.values, **values}, number=before.number + 1)
