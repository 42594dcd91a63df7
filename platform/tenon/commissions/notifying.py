"""Whom the steps of commission concern, and what they are told; no amount goes by mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.accounts.queries import administrators
from tenon.commissions.models import Agreement, BrokerPaper, Payout, Split
from tenon.commissions.queries.accounts import of_deal
from tenon.deals.models import SIDES, Deal
from tenon.deals.notifying import side_people
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "commission_proposed": N_(
            "A commission for the brokers of the deal “%(deal)s” is proposed: please answer."
        ),
        "commission_agreed": N_("Those who pay agreed to the commission of the deal “%(deal)s”."),
        "commission_declined": N_("The commission proposed in the deal “%(deal)s” was declined."),
        "commission_ended": N_("The commission agreed in the deal “%(deal)s” was ended."),
        "commission_share_proposed": N_(
            "Please confirm your share of the commission of the deal “%(deal)s”."
        ),
        "commission_share_disputed": N_(
            "A participant does not agree with the shares of the commission of “%(deal)s”."
        ),
        "commission_share_confirmed": N_(
            "All participants agree with the shares of the commission of “%(deal)s”."
        ),
        "commission_share_reopened": N_(
            "The ledger of credit has changed: the shares of the commission of “%(deal)s” that are "
            "not paid yet are open again."
        ),
        "commission_due": N_("Commission of the deal “%(deal)s” is due to you."),
        "commission_to_pay": N_("Commission of the deal “%(deal)s” is to be paid by your side."),
        "commission_paid": N_(
            "Commission of the deal “%(deal)s” was paid to you: please confirm that it came."
        ),
        "commission_paid_to_house": N_(
            "A share of the commission of the deal “%(deal)s” was paid to your organisation: "
            "please confirm that it came."
        ),
        "commission_contested": N_(
            "The receiver says that commission of the deal “%(deal)s” has not come."
        ),
    },
    group="commission",
    heading=N_("Commission"),
    samples={"deal": {"zh": "高温热泵许可", "en": "Licence of a heat pump"}},
)
wording.register(
    {"broker_year_ready": N_("Your statement of the year %(year)s as a broker is ready.")},
    group="commission",
    heading=N_("Commission"),
    samples={"year": 2026},
)


def tell_agreement(
    session: Session, agreement: Agreement, what: str, *, now: datetime, by: int | None = None
) -> None:
    """Tell signatories of the paying sides of a proposal, the broker of what became of it."""
    deal = agreement.deal
    if what == "proposed":
        people = [
            user
            for side in agreement.payers
            for user in administrators(session, deal.side_organisation_id(side))
        ]
    else:
        people = _broker(session, deal)
    _tell(session, deal, people, f"commission_{what}", now=now, besides=by)


def tell_split(session: Session, split: Split, what: str, *, now: datetime) -> None:
    """Tell participants of proposed and opened shares, the broker of answers."""
    deal = split.deal
    if what == "proposed":
        keys = [each.receiver.user_id for each in split.shares if each.state == "waiting"]
        path = f"/commissions/shares/{split.public_id}"
    elif what == "reopened":
        keys = [deal.broker_id, *(each.receiver.user_id for each in split.shares)]
        path = f"/commissions/shares/{split.public_id}"
    else:
        keys = [deal.broker_id]
        path = f"/deals/{deal.public_id}/commission"
    _tell(session, deal, _people(session, keys), f"commission_share_{what}", now=now, path=path)


def tell_due(session: Session, deal: Deal, *, now: datetime) -> None:
    """Tell receivers that something is due to them, and the sides that they have to pay."""
    accounts = [each for each in of_deal(session, deal) if each.open > 0]
    receivers = _people(session, [each.receiver.user_id for each in accounts])
    _tell(session, deal, receivers, "commission_due", now=now, path="/commissions")
    for side in SIDES:
        if any(each.side == side for each in accounts):
            _tell(session, deal, side_people(session, deal, side), "commission_to_pay", now=now)


def tell_payout(session: Session, payout: Payout, what: str, *, now: datetime) -> None:
    """Tell the receiver and their organisation's heads of a payment, the payer of an objection."""
    deal, receiver = payout.deal, payout.receiver
    if what == "paid":
        people = _people(session, [receiver.user_id])
        _tell(session, deal, people, "commission_paid", now=now, path="/commissions")
        if receiver.organisation_id is not None:
            path = "/commissions/received"
            house = administrators(session, receiver.organisation_id)
            _tell(
                session, deal, house, "commission_paid_to_house", now=now, path=path,
                besides=receiver.user_id,
            )  # fmt: skip
    elif what == "contested":
        _tell(
            session, deal, side_people(session, deal, payout.side), "commission_contested", now=now
        )


def tell_paper(session: Session, paper: BrokerPaper, *, now: datetime) -> None:
    """Tell a broker that the site made their statement of a year."""
    statement = paper.statement
    notify(
        session,
        user=statement.user,
        kind="broker_year_ready",
        facts={"year": paper.year},
        path=f"/credit/statements/{statement.public_id}",
        now=now,
    )


def _broker(session: Session, deal: Deal) -> list[User]:
    return _people(session, [deal.broker_id])


def _people(session: Session, keys: Iterable[int | None]) -> list[User]:
    wanted = {key for key in keys if key is not None}
    rows = session.scalars(
        sa.select(User).where(User.id.in_(wanted), User.active.is_(True)).order_by(User.id)
    )
    return list(rows.unique())


def _tell(
    session: Session,
    deal: Deal,
    people: Iterable[User],
    kind: str,
    *,
    now: datetime,
    path: str | None = None,
    besides: int | None = None,
) -> None:
    facts: dict[str, Any] = {"deal": deal.title}
    for user in {each.id: each for each in people}.values():
        if user.id != besides:
            notify(
                session,
                user=user,
                kind=kind,
                facts=facts,
                path=path or f"/deals/{deal.public_id}/commission",
                now=now,
            )
