"""An open licence from declaration to paid licence: nobody negotiates (Patent Law, 50-52)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.deals import forms, terms
from tenon.deals.guards import RuleBroken
from tenon.deals.models import Deal
from tenon.deals.queries import proposed_terms
from tenon.deals.services import accept, propose, take_step
from tenon.errors import Conflict, Forbidden, IllegalTransition
from tenon.listings.models import IpRight
from tenon.payments import receiving
from tenon.payments.models import Obligation
from tenon.payments.obligations.scheduling import fall_due
from tenon.payments.receiving import Given
from tenon.rights import services as rights
from tenon.rights.services import Declaration
from tests.deals.cast import Cast
from tests.factories.listings import make_ip_right

FEE = 30_000_00


def fee_terms(now: datetime) -> dict[str, Any]:
    """The terms as the declaration has them: one fee, five years, all of China."""
    form = forms.get("licence_open")
    chosen = {
        "payment_mode": "single",
        "up_front": {"minor": FEE, "currency": "CNY"},
        "up_front_days": 15,
        "vat_mode": "exempt",
        "duration": "fixed",
        "term_months": 60,
        "declaration_number": "2026-0042",
        "declared_on": now.date().isoformat(),
    }
    return terms.defaults(form, chosen)


@pytest.fixture
def patent(session: Session, cast: Cast) -> IpRight:
    """A granted patent of the university's."""
    right = make_ip_right(session)
    cast.result.ip_rights.append(right)
    session.flush()
    return right


@pytest.fixture
def deal(session: Session, cast: Cast, patent: IpRight) -> Deal:
    """A firm's interest in it."""
    return cast.deal(session, form="licence_open", state="lead", rights=[patent])


def declare(session: Session, cast: Cast, patent: IpRight, now: datetime) -> Any:
    """The owner declares the patent open."""
    return rights.declare_open(
        session,
        patent,
        declaration=Declaration(
            number="2026-0042",
            fee_mode="single",
            fee_minor=FEE,
            currency="CNY",
            rate=None,
            standard="五年三万元",
            until=now.date() + timedelta(days=365),
        ),
        organisation_id=cast.university.id,
        by=cast.actor("seller_administrator"),
        now=now,
        today=now.date(),
    )


def lay_down(session: Session, cast: Cast, deal: Deal, now: datetime) -> Any:
    """The owner lays the declared terms in the deal."""
    by = cast.actor("seller_editor")
    return propose(session, deal, values=fee_terms(now), by=by, now=now)


def test_notice_and_payment_make_the_licence(
    session: Session, cast: Cast, deal: Deal, patent: IpRight, now: datetime
) -> None:
    declare(session, cast, patent, now)
    version = lay_down(session, cast, deal, now)
    assert deal.state == "terms.offered"
    accept(session, deal, version, by=cast.actor("buyer_editor"), now=now)
    assert deal.state == "signing.notified"
    with pytest.raises(RuleBroken) as unpaid:
        take_step(session, deal, "pay", by=cast.actor("seller_editor"), now=now)
    assert [each.guard for each in unpaid.value.refusals] == ["offer_paid"]
    owed = session.scalars(sa.select(Obligation).filter_by(deal_id=deal.id)).one()
    given = Given(
        payee="seller",
        amount_minor=FEE,
        currency="CNY",
        paid_on=now.date(),
        key="open-licence-fee",
        wishes=(owed.public_id,),
    )
    receiving.record(session, deal, given, by=cast.actor("seller_editor"), now=now)
    take_step(session, deal, "pay", by=cast.actor("seller_editor"), now=now)
    assert deal.state == "in_force"
    assert (deal.signed_on, deal.effective_on) == (now.date(), now.date())
    assert deal.ends_on is not None
    assert deal.ends_on.year == now.year + 5


def pay(session: Session, cast: Cast, deal: Deal, key: str, now: datetime) -> None:
    """The firm pays one obligation in full."""
    owed = session.scalars(sa.select(Obligation).filter_by(deal_id=deal.id, key=key)).one()
    given = Given(
        payee="seller",
        amount_minor=owed.gross_minor,
        currency="CNY",
        paid_on=now.date(),
        key=f"open-licence-{key}",
        wishes=(owed.public_id,),
    )
    receiving.record(session, deal, given, by=cast.actor("seller_editor"), now=now)


def unpaid(session: Session, cast: Cast, deal: Deal, now: datetime) -> list[int]:
    """How many payments keep the licence from standing."""
    with pytest.raises(RuleBroken) as told:
        take_step(session, deal, "pay", by=cast.actor("seller_editor"), now=now)
    assert [each.guard for each in told.value.refusals] == ["offer_paid"]
    assert "51" in told.value.refusals[0].source_en
    return [each.facts["count"] for each in told.value.refusals]


def test_instalments_of_days_to_come_do_not_keep_the_licence_from_standing(
    session: Session, cast: Cast, deal: Deal, patent: IpRight, now: datetime
) -> None:
    declare(session, cast, patent, now)
    parts = [
        {"title": title, "minor": FEE, "on": (now + timedelta(days=days)).date().isoformat()}
        for title, days in (("首期", 30), ("二期", 60), ("三期", 365))
    ]
    values = {**fee_terms(now), "payment_mode": "instalments", "instalments": parts}
    for code in ("up_front", "up_front_days"):
        values.pop(code)
    version = propose(session, deal, values=values, by=cast.actor("seller_editor"), now=now)
    accept(session, deal, version, by=cast.actor("buyer_editor"), now=now)
    assert unpaid(session, cast, deal, now) == [1]  # notice alone makes no licence
    pay(session, cast, deal, "instalment:1", now)
    whole = session.begin_nested()
    late = now + timedelta(days=61)
    fall_due(session, deal, by=SYSTEM, now=late)
    assert unpaid(session, cast, deal, late) == [1]  # the second is due by then
    whole.rollback()
    session.expire_all()
    take_step(session, deal, "pay", by=cast.actor("seller_editor"), now=now)
    assert deal.state == "in_force"
    owed = session.scalars(sa.select(Obligation.state).filter_by(deal_id=deal.id))
    assert sorted(owed) == ["paid", "planned", "planned"]
    with pytest.raises(RuleBroken) as told:  # but it is not carried out before all is paid
        take_step(session, deal, "complete", by=cast.actor("seller_editor"), now=now)
    assert "all_paid" in [each.guard for each in told.value.refusals]


def test_without_a_declaration_there_is_nothing_to_take_up(
    session: Session, cast: Cast, deal: Deal, now: datetime
) -> None:
    with pytest.raises(RuleBroken) as caught:
        lay_down(session, cast, deal, now)
    assert [each.guard for each in caught.value.refusals] == ["open_licence_standing"]
    assert "50" in caught.value.refusals[0].source_en


def test_the_firm_cannot_counter_what_was_declared_to_all(
    session: Session, cast: Cast, deal: Deal, patent: IpRight, now: datetime
) -> None:
    declare(session, cast, patent, now)
    buyer = cast.actor("buyer_administrator")
    with pytest.raises(Forbidden):
        propose(session, deal, values=fee_terms(now), by=buyer, now=now)
    version = lay_down(session, cast, deal, now)
    with pytest.raises(Forbidden):
        propose(session, deal, values=fee_terms(now), by=buyer, now=now)
    assert proposed_terms(session, deal) is version


def test_a_declaration_withdrawn_before_the_notice_cannot_be_taken_up(
    session: Session, cast: Cast, deal: Deal, patent: IpRight, now: datetime
) -> None:
    declared = declare(session, cast, patent, now)
    version = lay_down(session, cast, deal, now)
    later = now + timedelta(days=2)
    rights.withdraw_open(
        session,
        declared,
        reason="",
        by=cast.actor("seller_administrator"),
        now=later,
        today=later.date(),
    )
    nested = session.begin_nested()
    with pytest.raises(RuleBroken):
        accept(session, deal, version, by=cast.actor("buyer_editor"), now=later)
    nested.rollback()
    session.expire_all()
    assert deal.state == "terms.offered"


def test_an_open_licence_is_never_signed_or_published(
    session: Session, cast: Cast, deal: Deal, now: datetime
) -> None:
    names = {each.name for each in forms.get(deal.form).steps}
    assert not {"sign", "publish", "clear", "reopen"} & names
    with pytest.raises((IllegalTransition, Conflict)):
        take_step(session, deal, "pay", by=cast.actor("seller_editor"), now=now)
