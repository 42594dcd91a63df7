"""A grant that goes back is money that the company owes: principal, interest, and no end before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.services import take_step
from tenon.equity import queries, services, tasks
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.services.confirming import fingerprint
from tenon.errors import Invalid
from tenon.payments.models import Obligation
from tenon.payments.queries import received_income, standings
from tenon.payments.receiving import Given, record, take_back
from tests.deals.cast import Cast
from tests.equity.scenes import (
    CNY,
    GRANT,
    MILLION,
    NOW,
    a_round,
    an_agreement,
    money,
    pay_out,
)

A_YEAR_AGO = date(2025, 11, 22)
WITH_INTEREST: Mapping[str, Any] = {"repayment": "with_interest", "repayment_interest": "4"}


def a_grant(session: Session, cast: Cast, **terms: Any) -> EquityAgreement:
    """A public grant of 2M."""
    return an_agreement(session, cast, "invest_then_equity", {**GRANT, **terms})


def proposed(session: Session, cast: Cast, agreement: EquityAgreement) -> EquityProposal:
    """Its repayment, as the firm proposes it."""
    by = cast.actor("buyer_administrator")
    return services.propose_closing(session, agreement, kind="repaid", by=by, now=NOW)


def confirm(session: Session, cast: Cast, proposal: EquityProposal, *roles: str) -> bool:
    """Confirm what a page shows now; returns whether it has happened."""
    return [
        services.confirm(
            session, proposal, seen=fingerprint(proposal), by=cast.actor(role), now=NOW
        )
        for role in roles
    ][-1]


def owed_back(session: Session, deal: Deal) -> dict[str, tuple[str, int]]:
    """Kind -> state and amount of what the firm owes the funder."""
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=deal.id, debtor="buyer"))
    return {each.kind: (each.state, each.net_minor) for each in found}


def pay_back(session: Session, cast: Cast, deal: Deal, minor: int) -> None:
    """The funder says that money came."""
    given = Given("seller", minor, "CNY", NOW.date(), f"paid-back-{minor}")
    record(session, deal, given, by=cast.actor("seller_editor"), now=NOW)


def test_a_repaid_grant_is_owed_with_interest_and_the_deal_ends_when_it_is_paid(
    session: Session, cast: Cast
) -> None:
    """2,000,000 for 365 days at 4 %: 80,000."""
    agreement = a_grant(session, cast, **WITH_INTEREST)
    deal = agreement.deal
    pay_out(session, cast, agreement, on=A_YEAR_AGO)
    proposal = proposed(session, cast, agreement)
    assert proposal.computed == {"repaid": 2 * MILLION, "interest": 80_000 * CNY}
    assert owed_back(session, deal) == {}
    assert confirm(session, cast, proposal, "seller_administrator")
    assert owed_back(session, deal) == {
        "repayment": ("due", 2 * MILLION),
        "interest": ("due", 80_000 * CNY),
    }
    by = cast.actor("buyer_administrator")
    with session.begin_nested() as kept:
        with pytest.raises(RuleBroken):
            take_step(session, deal, "complete", by=by, now=NOW)
        kept.rollback()
    pay_back(session, cast, deal, 2 * MILLION)
    with session.begin_nested() as kept:
        with pytest.raises(RuleBroken):
            take_step(session, deal, "complete", by=by, now=NOW)
        kept.rollback()
    pay_back(session, cast, deal, 80_000 * CNY)
    assert {state for state, _ in owed_back(session, deal).values()} == {"paid"}
    assert received_income(session, deal) == {"CNY": 80_000 * CNY}  # the grant itself is none
    take_step(session, deal, "complete", by=by, now=NOW)
    assert deal.stage == "completed"


def test_where_no_interest_was_agreed_the_principal_alone_goes_back(
    session: Session, cast: Cast
) -> None:
    agreement = a_grant(session, cast, repayment_interest="4")
    pay_out(session, cast, agreement, on=A_YEAR_AGO)
    proposal = proposed(session, cast, agreement)
    assert confirm(session, cast, proposal, "seller_administrator")
    assert owed_back(session, agreement.deal) == {"repayment": ("due", 2 * MILLION)}
    [owed] = session.scalars(sa.select(Obligation).filter_by(kind="repayment")).all()
    assert owed.creditor == "seller"
    assert standings(session, [owed])[owed.id].open == 2 * MILLION


def test_only_what_was_paid_out_goes_back(session: Session, cast: Cast) -> None:
    """Of two parts one was paid; the other is owed no more."""
    parts = [
        {"title": "首期", "minor": 1_500_000 * CNY, "on": A_YEAR_AGO.isoformat()},
        {"title": "二期", "minor": 500_000 * CNY, "on": "2027-06-30"},
    ]
    terms = {**WITH_INTEREST, "payment_mode": "instalments", "instalments": parts}
    agreement = a_grant(session, cast, **terms)
    with pytest.raises(Invalid) as caught:
        proposed(session, cast, agreement)
    assert caught.value.fields == {"": "nothing_paid"}
    pay_out(session, cast, agreement, on=A_YEAR_AGO, minor=1_000_000 * CNY)
    with pytest.raises(Invalid) as caught:
        proposed(session, cast, agreement)
    assert caught.value.fields == {"": "grant_open"}
    pay_out(session, cast, agreement, on=date(2026, 9, 10), minor=500_000 * CNY)
    proposal = proposed(session, cast, agreement)
    # A million for 365 days, half a million for 73: 40,000 and 4,000.
    assert proposal.computed == {"repaid": 1_500_000 * CNY, "interest": 44_000 * CNY}
    assert confirm(session, cast, proposal, "seller_administrator")
    theirs = session.scalars(
        sa.select(Obligation.state)
        .filter_by(deal_id=agreement.deal_id, debtor="seller")
        .order_by(Obligation.due_on)
    ).all()
    assert list(theirs) == ["paid", "cancelled"]


def test_a_payment_that_is_taken_back_voids_what_was_confirmed(
    session: Session, cast: Cast
) -> None:
    agreement = a_grant(session, cast)
    paid = pay_out(session, cast, agreement)
    proposal = proposed(session, cast, agreement)
    assert proposal.buyer_confirmed_at is not None
    take_back(session, paid, reason="误记", by=cast.actor("buyer_editor"), now=NOW)
    tasks.paid(session, {"id": paid.id}, NOW)
    session.refresh(proposal)
    assert not proposal.computed
    assert not proposal.buyer_confirmed_at
    with session.begin_nested() as kept:
        with pytest.raises(Invalid) as caught:
            confirm(session, cast, proposal, "seller_administrator", "buyer_administrator")
        kept.rollback()
    assert caught.value.fields == {"": "grant_open"}


def test_what_lies_above_the_funders_limit_goes_back(session: Session, cast: Cast) -> None:
    """At 5 a unit 2 % beside 12 million units are 244,897, for 1,224,485; 775,515 go back."""
    agreement = a_grant(
        session, cast, pre_money_includes_conversion="excludes", holding_limit="2", **WITH_INTEREST
    )
    deal = agreement.deal
    pay_out(session, cast, agreement, on=A_YEAR_AGO)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    proposal = queries.open_proposal(session, agreement)
    assert proposal is not None
    back = {name: proposal.computed[name] for name in ("units", "amount", "repaid", "interest")}
    assert back == {
        "units": 244_897,
        "amount": 1_224_485 * CNY,
        "repaid": 775_515 * CNY,
        "interest": 3_102_060,
    }
    assert confirm(session, cast, proposal, "seller_administrator", "buyer_administrator")
    assert deal.state == "in_force.converted"
    assert owed_back(session, deal) == {
        "repayment": ("due", 775_515 * CNY),
        "interest": ("due", 3_102_060),
    }
    with pytest.raises(RuleBroken):
        take_step(session, deal, "complete", by=cast.actor("buyer_administrator"), now=NOW)


def test_a_conversion_within_the_limit_owes_nothing(session: Session, cast: Cast) -> None:
    agreement = a_grant(session, cast, fallback_valuation=money(MILLION), **WITH_INTEREST)
    pay_out(session, cast, agreement, on=A_YEAR_AGO)
    a_round(session, cast, agreement.company, amount=10 * MILLION, pre_money=50 * MILLION)
    proposal = queries.open_proposal(session, agreement)
    assert proposal is not None
    assert confirm(session, cast, proposal, "seller_administrator", "buyer_administrator")
    assert owed_back(session, agreement.deal) == {}


def test_a_proposal_whose_figures_are_old_is_computed_anew_by_the_watch(
    session: Session, cast: Cast
) -> None:
    """An advance that was set against a later part, or a proposal from before repayments."""
    agreement = a_grant(session, cast)
    pay_out(session, cast, agreement)
    proposal = proposed(session, cast, agreement)
    computed = dict(proposal.computed)
    assert computed["repaid"]
    proposal.computed = {}
    session.flush()
    services.watch(session, now=NOW)
    session.refresh(proposal)
    assert proposal.computed == computed
