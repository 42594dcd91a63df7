"""The holders' first call before a right is exercised (Company Law 227): what answers cover."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tenon.equity import services
from tenon.equity.models import EquityAgreement, EquityProposal
from tenon.equity.services.confirming import fingerprint
from tenon.errors import Invalid
from tests.deals.cast import Cast
from tests.equity.scenes import NOW, SUBSCRIPTION, an_agreement

LATER = NOW + timedelta(days=400)


def a_right(session: Session, cast: Cast) -> EquityAgreement:
    """The university's right to subscribe for CNY 500,000 at a valuation of 20M."""
    return an_agreement(session, cast, "share_subscription", SUBSCRIPTION)


def confirm(
    session: Session, cast: Cast, proposal: EquityProposal, role: str, now: datetime = NOW
) -> bool:
    """Confirm what a page shows now, as a role."""
    seen = fingerprint(proposal)
    return services.confirm(session, proposal, seen=seen, by=cast.actor(role), now=now)


def test_article_227_an_exercise_waits_for_the_holders_answers(
    session: Session, cast: Cast
) -> None:
    agreement = a_right(session, cast)
    firm, holder = cast.actor("buyer_editor"), cast.actor("seller_administrator")
    services.say_law(session, agreement.company, stated=True, by=firm, now=NOW)
    proposal = services.propose_exercise(session, agreement, units=10, by=holder, now=NOW)
    with session.begin_nested() as kept:
        with pytest.raises(Invalid) as caught:
            confirm(session, cast, proposal, "buyer_administrator")
        kept.rollback()
    session.refresh(proposal)
    assert caught.value.fields == {"": "first_call_open"}
    for row in services.ask_holders(session, agreement.deal, units=10, by=firm, now=NOW):
        services.answer_first_call(
            session, row, agreement.deal, answer="waives", answered_on=NOW.date(),
            evidence="股东会决议", by=firm, now=NOW,
        )  # fmt: skip
    assert confirm(session, cast, proposal, "buyer_administrator")


def asked_and_waived(
    session: Session, cast: Cast, agreement: EquityAgreement, units: int
) -> list[str]:
    """Every holder is asked about an increase and waives; returns who was asked."""
    firm, deal = cast.actor("buyer_editor"), agreement.deal
    rows = services.ask_holders(session, deal, units=units, by=firm, now=NOW)
    for row in rows:
        services.answer_first_call(
            session, row, deal, answer="waives", answered_on=NOW.date(), evidence="股东会决议",
            by=firm, now=NOW,
        )  # fmt: skip
    return [row.holder.name for row in rows]


def a_called_right(session: Session, cast: Cast) -> EquityAgreement:
    """A right in a company whose articles give its holders the first call."""
    agreement = a_right(session, cast)
    firm = cast.actor("buyer_editor")
    services.say_law(session, agreement.company, stated=True, by=firm, now=NOW)
    return agreement


def exercised(
    session: Session, cast: Cast, agreement: EquityAgreement, units: int, now: datetime = NOW
) -> str | None:
    """Exercise units of a right; returns the code of the refusal, if it was refused."""
    with session.begin_nested() as kept:
        holder = cast.actor("seller_administrator")
        proposal = services.propose_exercise(session, agreement, units=units, by=holder, now=now)
        try:
            confirm(session, cast, proposal, "buyer_administrator", now)
        except Invalid as error:
            kept.rollback()
            session.expire_all()
            return error.fields[""]
    return None


def test_article_227_a_waiver_covers_no_more_units_than_were_asked_about(
    session: Session, cast: Cast
) -> None:
    agreement = a_called_right(session, cast)
    asked_and_waived(session, cast, agreement, 1)
    assert exercised(session, cast, agreement, 125_000) == "first_call_short"
    asked_and_waived(session, cast, agreement, 200_000)
    assert exercised(session, cast, agreement, 125_000) is None


def test_article_227_what_an_increase_has_used_is_not_there_for_the_next(
    session: Session, cast: Cast
) -> None:
    agreement = a_called_right(session, cast)
    asked_and_waived(session, cast, agreement, 240_000)
    assert exercised(session, cast, agreement, 100_000) is None
    assert exercised(session, cast, agreement, 140_001, LATER) == "first_call_short"
    assert exercised(session, cast, agreement, 40_000, LATER) is None
    assert exercised(session, cast, agreement, 110_000, LATER) == "first_call_short"
    # The university holds units by now; it is not asked about what it takes itself.
    assert asked_and_waived(session, cast, agreement, 110_000) == ["创始人甲", "云杉控股"]
    assert exercised(session, cast, agreement, 110_000, LATER) is None


@pytest.mark.parametrize("buyer", ["松果创投", "云杉控股"])
def test_article_227_who_holds_more_than_when_asked_is_asked_again(
    session: Session, cast: Cast, buyer: str
) -> None:
    agreement = a_called_right(session, cast)
    asked_and_waived(session, cast, agreement, 200_000)
    firm = cast.actor("buyer_editor")
    key = services.add_holder(session, agreement.company, name=buyer, by=firm).key
    facts = {"seller": "h1", "buyer": key, "units": 1_000_000}
    services.record(
        session, agreement.company, kind="transfer", day=NOW.date(), facts=facts, by=firm, now=NOW
    )
    assert exercised(session, cast, agreement, 100_000) == "first_call_short"
    assert buyer in asked_and_waived(session, cast, agreement, 200_000)
    assert exercised(session, cast, agreement, 100_000) is None


def test_article_227_what_a_holder_takes_up_is_not_left_to_the_right(
    session: Session, cast: Cast
) -> None:
    agreement = a_called_right(session, cast)
    firm, deal = cast.actor("buyer_editor"), agreement.deal
    first, second = services.ask_holders(session, deal, units=100_000, by=firm, now=NOW)
    said: dict[str, Any] = {"answered_on": NOW.date(), "evidence": "认缴承诺书", "by": firm}
    services.answer_first_call(
        session, first, deal, answer="takes_up", taken=60_000, now=NOW, **said
    )
    services.answer_first_call(session, second, deal, answer="waives", now=NOW, **said)
    assert exercised(session, cast, agreement, 40_001) == "first_call_short"
    assert exercised(session, cast, agreement, 40_000) is None
