"""Outbox handlers of the room, its clock, and what it registers with earlier ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import settings
from tenon.accounts.models import User
from tenon.actors import SYSTEM
from tenon.commissions import notifying, personal, telling_line
from tenon.commissions.models import Agreement, Payout, Split
from tenon.commissions.papers.services import brokers_without, draft_paper, issue_paper
from tenon.commissions.services import follow, reopen_for_entry
from tenon.compliance.days import day_of
from tenon.credit.models import CreditDispute
from tenon.credit.statements import services as statements
from tenon.credit.statements.personal import folder_of
from tenon.deals.models import Deal
from tenon.outbox import follows, handles
from tenon.outbox.services import emit
from tenon.payments.models import Payment

PERIODIC = [
    ("commissions.watch", timedelta(hours=6)),
    ("commissions.year_papers", timedelta(days=1)),
]
_ENDS = {"agree": "agreed", "decline": "declined", "end": "ended"}
_SPLIT_ENDS = {"confirm": "confirmed", "dispute": "disputed"}

__all__ = ["personal", "telling_line"]  # imported for their registrations


@follows("payments.happened", name="commissions")
def paid(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Let commission follow a payment that was received, refunded or taken back."""
    payment = session.get(Payment, payload["id"])
    if payment is not None:
        follow(session, payment.deal, cause=("payment", payment.public_id), now=now)


@follows("deal.moved", name="commissions")
def deal_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Let commission follow a step of the deal: a sum at signing falls due with it."""
    deal = session.get(Deal, payload["id"])
    if deal is not None:
        follow(session, deal, cause=("deal", deal.public_id), now=now)


@follows("credit_dispute.moved", name="commissions")
def dispute_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Open shares again that rest on an entry which a settled dispute changed."""
    dispute = session.get(CreditDispute, payload["id"])
    if dispute is not None and dispute.state in ("amended", "set_aside"):
        reopen_for_entry(session, dispute.entry_id, now=now)


@handles("commissions.watch")
def watch(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """Catch up with what no message told: advances that were set against a sum falling due."""
    deals = session.scalars(
        sa.select(Deal)
        .join(Agreement, Agreement.deal_id == Deal.id)
        .where(Agreement.state.in_(("agreed", "ended")))
        .order_by(Deal.id)
        .distinct()
    ).all()
    for deal in deals:
        follow(session, deal, cause=("watch", ""), now=now)


@handles("commission_agreement.moved")
def agreement_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the broker what became of a proposal."""
    agreement = session.get(Agreement, payload["id"])
    what = _ENDS.get(payload["change"])
    if agreement is not None and what is not None:
        notifying.tell_agreement(session, agreement, what, now=now)


@handles("commissions.agreement")
def agreement_proposed(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell those who are to pay."""
    agreement = session.get(Agreement, payload["id"])
    if agreement is not None and agreement.state == "proposed":
        notifying.tell_agreement(session, agreement, "proposed", by=payload["by"], now=now)


@handles("commission_split.moved")
def split_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the broker what participants answered."""
    split = session.get(Split, payload["id"])
    what = _SPLIT_ENDS.get(payload["change"])
    if split is not None and what is not None:
        notifying.tell_split(session, split, what, now=now)


@handles("commissions.split")
def split_happened(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell participants of shares that are proposed, or open again."""
    split = session.get(Split, payload["id"])
    if split is not None:
        notifying.tell_split(session, split, payload["what"], now=now)


@handles("commissions.due")
def due(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell who gets and who pays."""
    deal = session.get(Deal, payload["deal_id"])
    if deal is not None:
        notifying.tell_due(session, deal, now=now)


@handles("commissions.payout")
def payout_made(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Ask the receiver to confirm."""
    payout = session.get(Payout, payload["id"])
    if payout is not None:
        notifying.tell_payout(session, payout, "paid", now=now)


@handles("commission_payout.moved")
def payout_moved(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Tell the payer that the receiver contests a payment."""
    payout = session.get(Payout, payload["id"])
    if payout is not None and payload["change"] == "contest":
        notifying.tell_payout(session, payout, "contested", now=now)


@handles("commissions.year_papers")
def year_papers(session: Session, payload: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001  # a handler's form
    """In January, ask for the statements of the year before that are not made yet."""
    today = day_of(now)
    if today.month != 1:
        return
    year = today.year - 1
    for key in brokers_without(session, year):
        emit(
            session,
            "commissions.year_paper",
            {"user_id": key, "year": year},
            now=now,
            key=f"commissions.year_paper:{year}:{key}",
        )


# Alone: the dispatcher shares the folder of files with the web processes, a worker need not.
@handles("commissions.year_paper", alone=True)
def year_paper(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Make one broker's statement of a year, in their language, and tell them."""
    user, year = session.get(User, payload["user_id"]), payload["year"]
    if user is None or user.erased_at is not None or not user.name.strip():
        return
    chosen = settings.load()
    draft = draft_paper(
        session,
        user,
        year=year,
        paper="year",
        language=user.language,
        address=chosen.base_url,
        signer=chosen.certificate_signer,
        by=SYSTEM,
        now=now,
    )
    digest = statements.print_file(draft.draft, folder=folder_of(chosen.files_folder))
    made = issue_paper(session, draft, pdf_sha256=digest, by=SYSTEM, now=now)
    notifying.tell_paper(session, made, now=now)
