"""Deals that bring units, at the point where the tests begin; through the services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.deals.models import Deal, DealFile
from tenon.equity import services
from tenon.equity.models import EquityAgreement, EquityCompany
from tenon.payments.models import Payment
from tenon.payments.obligations.scheduling import schedule
from tenon.payments.receiving import Given
from tenon.payments.receiving import record as record_payment
from tests.deals.cast import Cast

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
FOUNDED = date(2025, 3, 3)
CNY = 100
MILLION = 1_000_000 * CNY


def money(minor: int) -> dict[str, Any]:
    """A money term's value."""
    return {"minor": minor, "currency": "CNY"}


CONTRIBUTION: Mapping[str, Any] = {
    "company_name": "云杉换热设备有限公司",
    "company_kind": "limited",
    "new_company": False,
    "technology_value": money(3 * MILLION),
    "pre_money": money(12 * MILLION),
    "team_share": "70",
}
SUBSCRIPTION: Mapping[str, Any] = {
    "company_name": "云杉换热设备股份有限公司",
    "company_kind": "by_shares",
    "subscription_amount": money(500_000 * CNY),
    "strike_rule": "valuation",
    "valuation": money(20 * MILLION),
    "valuation_base": "fully_diluted",
    "vesting": [{"on": "2026-11-22", "percent": "50"}, {"on": "2027-11-22", "percent": "50"}],
    "expiry": "2028-11-21",
    "exercise_in_part": True,
    "adjustment": "full_ratchet",
}
GRANT: Mapping[str, Any] = {
    "company_name": "云杉换热设备股份有限公司",
    "company_kind": "by_shares",
    "payment_mode": "single",
    "up_front_days": 0,
    "grant_amount": money(2 * MILLION),
    "pre_money_includes_conversion": "includes",
    "round_minimum": money(5 * MILLION),
    "convert_by": "2028-12-31",
    "repayment": "principal",
}


def a_deal(session: Session, cast: Cast, form: str, terms: Mapping[str, Any], state: str) -> Deal:
    """A deal between university and firm with accepted terms, effective on the test's day."""
    columns: dict[str, Any] = {"effective_on": TODAY} if state.startswith("signed") else {}
    return cast.deal(session, form=form, state=state, terms=terms, now=NOW, **columns)


def a_table(
    session: Session, cast: Cast, deal: Deal, *, kind: str = "joint_stock", own: bool = True
) -> EquityCompany:
    """The firm's table: founded with 10M in cash, a unit at par; 60 : 40 of two founders."""
    by = cast.actor("buyer_editor")
    name = "" if own else "新榫科技有限公司（拟设立）"
    company = services.found_company(
        session, deal, name=name, kind=kind, par_minor=CNY, own=own, by=by, now=NOW
    )
    keys = [
        services.add_holder(session, company, name=each, by=by).key
        for each in ("创始人甲", "云杉控股")
    ]
    payments = [
        {"holder": keys[0], "amount": 6 * MILLION},
        {"holder": keys[1], "amount": 4 * MILLION},
    ]
    services.record(
        session, company, kind="incorporation", day=FOUNDED, facts={"payments": payments},
        source="设立登记", by=by, now=NOW,
    )  # fmt: skip
    return company


def an_agreement(
    session: Session, cast: Cast, form: str, terms: Mapping[str, Any]
) -> EquityAgreement:
    """An agreement that has just taken effect, in the register."""
    deal = a_deal(session, cast, form, terms, "signed")
    a_table(session, cast, deal)
    enter = services.enter_grant if form == "invest_then_equity" else services.enter_subscription
    agreement = enter(session, deal, by=cast.actor("system"), now=NOW)
    deal.stage, deal.state = "in_force", "in_force.granted"
    session.flush()
    return agreement


def pay_out(
    session: Session, cast: Cast, agreement: EquityAgreement, *, on: date = TODAY,
    minor: int | None = None,
) -> Payment:  # fmt: skip
    """The funder pays the grant on a day, or the part of it that is due then; the firm says so."""
    deal = agreement.deal
    deal.signed_on = on
    schedule(session, deal, by=cast.actor("system"), now=NOW)
    amount = GRANT["grant_amount"]["minor"] if minor is None else minor
    key = f"grant-{on.isoformat()}"
    given = Given("buyer", amount, "CNY", on, key, reference=key)
    return record_payment(session, deal, given, by=cast.actor("buyer_editor"), now=NOW)


def a_round(
    session: Session, cast: Cast, company: EquityCompany, *, amount: int, pre_money: int
) -> None:
    """An investor's round, recorded by the firm today."""
    by = cast.actor("buyer_editor")
    investor = services.add_holder(session, company, name="松果创投", by=by)
    facts = {
        "payments": [{"holder": investor.key, "amount": amount}],
        "pre_money": pre_money,
        "base": "fully_diluted",
    }
    services.record(session, company, kind="round", day=TODAY, facts=facts, by=by, now=NOW)


def an_appraisal_file(session: Session, deal: Deal) -> DealFile:
    """A report among the deal's files."""
    made = DealFile(
        public_id=f"report-{deal.id}",
        deal_id=deal.id,
        kind="appraisal",
        name="评估报告.pdf",
        media_type="application/pdf",
        size=10,
        sha256="ab" * 32,
        side="seller",
        uploaded_at=NOW,
    )
    session.add(made)
    session.flush()
    return made
