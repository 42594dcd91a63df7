"""A grant that is repaid, in whole or above the funder's limit, becomes money that is owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.equity.days import today
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.permissions import COMPANY_SIDE
from tenon.equity.queries.repaying import paid_out, part_open
from tenon.errors import Invalid
from tenon.payments.obligations.services import cancel_planned, charge


def require_repayable(session: Session, agreement: EquityAgreement) -> None:
    """Raise Invalid ``grant_open`` or ``nothing_paid``: only what was paid out goes back."""
    if part_open(session, agreement.deal):
        raise Invalid({"": "grant_open"})
    if not paid_out(session, agreement.deal):
        raise Invalid({"": "nothing_paid"})


def owe_back(session: Session, proposal: EquityProposal, *, by: Actor, now: datetime) -> None:
    """Charge the company what both sides have confirmed that it owes back, due at once.

    Principal and interest are two obligations: interest bears no interest where it is paid late.
    A grant that is repaid as a whole is paid out no further.
    """
    agreement = proposal.agreement
    if proposal.kind == "repaid":
        cancel_planned(session, agreement.deal, by=by, now=now)
    for key, kind, what in (
        ("repayment", "repayment", "repaid"),
        ("repayment_interest", "interest", "interest"),
    ):
        minor = int(proposal.computed.get(what, 0))
        if minor:
            charge(
                session,
                agreement.deal,
                key=key,
                kind=kind,
                net_minor=minor,
                currency=agreement.deal.currency,
                due_on=today(now),
                debtor=COMPANY_SIDE,
                origin=("equity_agreement", agreement.public_id),
                by=by,
                now=now,
            )
