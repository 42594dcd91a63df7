"""What demo deals bring in: use reports, payments, registrations, shares of the income."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tenon.actors import SYSTEM
from tenon.commissions.services import follow
from tenon.compliance.services import duties, registering
from tenon.demo.deal_roads import Road
from tenon.figures.recording import record_contract
from tenon.payments import invoicing, receiving
from tenon.payments.models import Obligation
from tenon.payments.obligations.scheduling import fall_due
from tenon.payments.queries.sums import standings
from tenon.payments.receiving import Given
from tenon.payments.reports import services as reports
from tenon.payments.reports.models import UseReport

Do = Callable[[Road, Mapping[str, Any]], None]


def pay(road: Road, step: Mapping[str, Any]) -> None:
    """What is due is paid by the debtor's bank and recorded; ``part`` pays only so much of it."""
    fall_due(road.session, road.deal, by=SYSTEM, now=road.now)
    rows = _due(road)
    standing = standings(road.session, rows)
    for number, owed in enumerate(rows):
        minor = int(standing[owed.id].open * float(step.get("part", 1)))
        if minor <= 0:
            continue
        payee = "buyer" if owed.debtor == "seller" else "seller"
        payment = receiving.record(
            road.session,
            road.deal,
            Given(
                payee=payee,
                amount_minor=minor,
                currency=owed.currency,
                paid_on=road.today,
                key=f"demo-{road.deal.public_id}-{owed.id}-{road.today.isoformat()}",
                reference=f"HB{road.today:%Y%m%d}{number:03d}",
                wishes=(owed.public_id,),
            ),
            by=road.signer(payee),
            now=road.now,
        )
        if road.brokered:
            follow(road.session, road.deal, cause=("payment", payment.public_id), now=road.now)


def report(road: Road, step: Mapping[str, Any]) -> None:
    """Reports of ``sales`` (gross), period by period, accepted and paid unless told."""
    for sales in step["sales"]:
        waiting = _next_report(road)
        if waiting is None:
            raise ValueError(f"{road.deal.title}: no report is expected")
        road.now = max(road.now, _after(road, waiting))
        typed = {"units": str(step.get("units", 10)), "gross": str(sales)}
        typed |= {key: str(value) for key, value in step.get("typed", {}).items()}
        reports.write(road.session, waiting, typed, by=road.actor("buyer"), now=road.now)
        reports.submit(road.session, waiting, by=road.actor("buyer"), now=road.now)
        if "queried" in step:
            road.wait(4)
            reason = step["queried"]
            reports.query(
                road.session, waiting, reason=reason, by=road.actor("seller"), now=road.now
            )
            return
        if not step.get("accepted", True):
            return
        road.wait(5)
        reports.accept(road.session, waiting, by=road.actor("seller"), now=road.now)
        if step.get("paid", True):
            road.wait(25)
            pay(road, {})


def _next_report(road: Road) -> UseReport | None:
    reports.expect(road.session, road.deal, now=road.now + timedelta(days=100))
    return road.session.scalars(
        sa.select(UseReport)
        .where(UseReport.deal_id == road.deal.id, UseReport.state == "due")
        .order_by(UseReport.starts_on)
    ).first()


def _after(road: Road, waiting: UseReport) -> Any:
    return road.now + timedelta(days=max((waiting.ends_on - road.today).days + 10, 0))


def register(road: Road, step: Mapping[str, Any]) -> None:
    """The seller registers the contract; the certificate states its values."""
    deal = road.deal
    certificate = registering.Certificate(
        number=step["number"],
        project_name=deal.title,
        contract=step["contract"],
        signed_on=deal.signed_on,
        registered_on=road.today,
        value_minor=deal.value_minor,
        technology_value_minor=int((deal.value_minor or 0) * float(step.get("technology", 1))),
        seller_division="420100",
        seller_nature="institution",
        buyer_division="420500",
        buyer_nature="enterprise",
        authority="演示登记机构",
    )
    found = duties.duty(road.session, deal, "contract_registration")
    registering.register(
        road.session, found, certificate, file=None, by=road.signer("seller"), now=road.now
    )
    record_contract(road.session, deal, now=road.now)


def done(road: Road, step: Mapping[str, Any]) -> None:
    """A dated duty (filing, title transfer) has been done."""
    found = duties.duty(road.session, road.deal, step["duty"])
    duties.do(
        road.session,
        found,
        number=step["number"],
        done_on=road.today,
        by=road.signer(found.side),
        now=road.now,
    )


def invoice(road: Road, step: Mapping[str, Any]) -> None:
    """What is due is invoiced; ``credited`` (yuan) is taken off again with a credit note."""
    fall_due(road.session, road.deal, by=SYSTEM, now=road.now)
    for owed in _due(road):
        by = road.signer("seller")
        invoicing.issue(road.session, owed, remark=step.get("remark", ""), by=by, now=road.now)
        if "credited" in step:
            invoicing.credit(
                road.session,
                owed,
                gross_minor=step["credited"] * 100,
                reason="折扣（演示）",
                by=by,
                now=road.now,
            )


def announce(road: Road, step: Mapping[str, Any]) -> None:
    """The buyer says that it has paid; the seller has not confirmed it yet."""
    given = Given(
        payee="seller",
        amount_minor=step["yuan"] * 100,
        currency=road.deal.currency,
        paid_on=road.today,
        key=f"demo-announced-{road.deal.public_id}",
        reference=step["reference"],
    )
    receiving.announce(road.session, road.deal, given, by=road.signer("buyer"), now=road.now)


def _due(road: Road) -> Sequence[Obligation]:
    return road.session.scalars(
        sa.select(Obligation).where(
            Obligation.deal_id == road.deal.id, Obligation.state.in_(("due", "part_paid"))
        )
    ).all()


STEPS: Mapping[str, Do] = {
    "invoice": invoice,
    "announce": announce,
    "pay": pay,
    "report": report,
    "register": register,
    "done": done,
}
