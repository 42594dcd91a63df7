"""What the sides of a deal are told of an agreement that brings units."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from tenon.accounts.queries import administrators
from tenon.deals.models import SIDES, Deal
from tenon.deals.notifying import side_people, tell
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.queries import company_of, preemptions_of
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.services import notify

wording.register(
    {
        "equity_exercise": N_("An exercise is proposed in the deal “%(deal)s”: please confirm."),
        "equity_conversion": N_(
            "A round has been recorded, and a conversion computed in the deal “%(deal)s”: please "
            "confirm."
        ),
        "equity_closing": N_("An end of the grant is proposed in the deal “%(deal)s”."),
        "equity_vested": N_("A first part of the subscription right has vested: “%(deal)s”."),
        "equity_lapsed": N_("The subscription right has lapsed: “%(deal)s”."),
        "equity_first_call": N_(
            "“%(company)s” raises its capital: please say whether you take up your part."
        ),
        "equity_due": N_("The agreement of the deal “%(deal)s” ends on %(day)s."),
    },
    group="equity",
    heading=N_("Equity"),
    samples={
        "deal": {"zh": "高温热泵认股协议", "en": "Right to subscribe"},
        "day": "2027-03-31",
        "company": {"zh": "示例换热设备有限公司", "en": "Example Heat Exchangers Co., Ltd."},
    },
)

_PROPOSED = {
    "exercise": "equity_exercise",
    "conversion": "equity_conversion",
    "repaid": "equity_closing",
    "closed": "equity_closing",
}


def tell_proposed(session: Session, proposal: EquityProposal, *, now: datetime) -> None:
    """Tell the sides that have not confirmed yet."""
    for side in SIDES:
        if getattr(proposal, f"{side}_confirmed_at") is None:
            _tell(session, proposal.agreement, side, _PROPOSED[proposal.kind], now=now)


def tell_asked(session: Session, deal: Deal, *, now: datetime) -> None:
    """Tell the holders that are on the site of their first call: their administrators."""
    company = company_of(session, deal)
    if company is None:
        return
    for row in preemptions_of(session, deal):
        if row.holder.organisation_id is None or row.answer is not None:
            continue
        for user in administrators(session, row.holder.organisation_id):
            notify(
                session,
                user=user,
                kind="equity_first_call",
                facts={"company": company.name},
                path=f"/equity/{company.public_id}",
                now=now,
            )


def tell_both(session: Session, agreement: EquityAgreement, kind: str, *, now: datetime) -> None:
    """Tell both sides of what the watch has seen."""
    for side in SIDES:
        _tell(session, agreement, side, kind, now=now)


def _tell(
    session: Session, agreement: EquityAgreement, side: str, kind: str, *, now: datetime
) -> None:
    last = agreement.expires_on
    facts = {} if kind != "equity_due" or last is None else {"day": last.isoformat()}
    people = side_people(session, agreement.deal, side)
    path = f"/equity/agreements/{agreement.public_id}"
    tell(session, agreement.deal, people, kind, facts, now=now, path=path)
