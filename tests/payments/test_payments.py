"""Payments recorded, announced, confirmed, matched, refunded, taken back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM, Actor
from tenon.errors import Conflict, DomainError, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.payments import queries, receiving
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.obligations.scheduling import fall_due
from tenon.payments.receiving import Given
from tests.payments.cast import ROLES, Cast, owe, pay


def _states(session: Session, cast: Cast) -> dict[str, str]:
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id))
    return {each.key: each.state for each in found}


def _left(session: Session, payment: Payment) -> queries.Left:
    return queries.payments_left(session, [payment])[payment.id]


def _three(session: Session, cast: Cast, now: datetime) -> list[Obligation]:
    return [
        owe(session, cast, f"royalty:{number}", 100, now=now, due_on=date(2026, number, 1))
        for number in (3, 1, 2)
    ]


@pytest.mark.parametrize(
    ("amount", "expected", "advance"),
    [
        (100, ("due", "paid", "due"), 0),
        (150, ("due", "paid", "part_paid"), 0),
        (300, ("paid", "paid", "paid"), 0),
        (340, ("paid", "paid", "paid"), 40),
    ],
)
def test_the_oldest_is_paid_first(
    session: Session,
    cast: Cast,
    now: datetime,
    amount: int,
    expected: tuple[str, str, str],
    advance: int,
) -> None:
    owed = _three(session, cast, now)
    payment = pay(session, cast, amount, now=now)
    assert tuple(each.state for each in owed) == expected
    assert _left(session, payment) == queries.Left(amount, 0, amount - advance)


def test_as_chosen(session: Session, cast: Cast, now: datetime) -> None:
    march, january, february = _three(session, cast, now)
    wishes = (march.public_id, february.public_id)
    payment = pay(session, cast, 250, now=now, wishes=wishes)
    assert (march.state, january.state, february.state) == ("paid", "part_paid", "paid")
    assert _left(session, payment).advance == 0


def test_what_is_chosen_before_its_day_falls_due_early(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now, days=40)
    pay(session, cast, 60, now=now, wishes=(owed.public_id,))
    assert (owed.state, owed.booked_on) == ("part_paid", now.date())
    assert owed.due_on == now.date() + timedelta(days=40)  # the rest is not late before that


def test_what_is_left_over_pays_what_falls_due_later(
    session: Session, cast: Cast, now: datetime
) -> None:
    first = owe(session, cast, "royalty:1", 100, now=now)
    later = owe(session, cast, "royalty:2", 70, now=now, days=10)
    payment = pay(session, cast, 150, now=now)
    assert (first.state, later.state, _left(session, payment).advance) == ("paid", "planned", 50)
    fall_due(session, cast.deal, by=SYSTEM, now=now + timedelta(days=10))
    assert later.state == "part_paid"
    assert queries.standings(session, [later])[later.id].open == 20
    assert _left(session, payment).advance == 0


def test_currencies_stay_apart(session: Session, cast: Cast, now: datetime) -> None:
    yuan = owe(session, cast, "royalty:1", 100, now=now)
    dollars = owe(session, cast, "royalty:2", 100, now=now, currency="USD")
    payment = pay(session, cast, 150, now=now)
    assert (yuan.state, dollars.state) == ("paid", "due")
    assert _left(session, payment).advance == 50
    with pytest.raises(Invalid) as refused:
        pay(session, cast, 10, now=now, wishes=(dollars.public_id,))
    assert "wishes" in refused.value.fields


def test_what_the_seller_owes_is_another_account(
    session: Session, cast: Cast, now: datetime
) -> None:
    theirs = owe(session, cast, "repayment", 100, now=now, kind="repayment", debtor="seller")
    ours = owe(session, cast, "royalty:1", 100, now=now)
    pay(session, cast, 100, now=now)
    assert (theirs.state, ours.state) == ("due", "paid")
    pay(session, cast, 100, now=now, payee="buyer", role="buyer_editor", key="the-other-way")
    assert theirs.state == "paid"


def test_a_retried_request_makes_one_payment(session: Session, cast: Cast, now: datetime) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now)
    first = pay(session, cast, 60, now=now, key="the-form-of-today")
    again = pay(session, cast, 60, now=now, key="the-form-of-today")
    assert again.id == first.id
    assert queries.standings(session, [owed])[owed.id].paid == 60
    with pytest.raises(Conflict) as told:
        pay(session, cast, 61, now=now, key="the-form-of-today")
    assert told.value.code == "key_reused"


def test_one_transfer_of_the_bank_is_recorded_once(
    session: Session, cast: Cast, now: datetime
) -> None:
    payment = pay(session, cast, 60, now=now, reference="2026 1122 abc")
    with pytest.raises(Invalid) as refused:
        pay(session, cast, 60, now=now, key="another-form", reference="20261122ABC")
    assert refused.value.fields == {"reference": "recorded_already"}
    receiving.take_back(session, payment, reason="录错", by=cast.actor("seller_editor"), now=now)
    pay(session, cast, 60, now=now, key="another-form", reference="20261122ABC")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": -5}, "amount"),
        ({"amount_minor": 10**16}, "amount"),
        ({"currency": "yuan"}, "currency"),
        ({"paid_on": date(2026, 11, 23)}, "paid_on"),
        ({"note": "x" * 501}, "note"),
        ({"reference": "x" * 101, "key": "a-long-reference"}, "reference"),
        ({"wishes": ("no-such-thing",)}, "wishes"),
        ({"key": "short"}, "key"),
    ],
)
def test_what_is_refused_at_its_field(
    session: Session, cast: Cast, now: datetime, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        pay(session, cast, 60, now=now, **values)
    assert list(refused.value.fields) == [field]


def _announce(session: Session, cast: Cast, now: datetime, **values: Any) -> Payment:
    standard: dict[str, Any] = {
        "payee": "seller",
        "amount_minor": 100,
        "currency": "CNY",
        "paid_on": now.date(),
        "key": "announced-by-buyer",
    }
    given = Given(**standard | values)
    return receiving.announce(session, cast.deal, given, by=cast.actor("buyer_editor"), now=now)


def test_an_announced_payment_counts_once_confirmed(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now)
    payment = _announce(session, cast, now)
    assert (payment.state, owed.state) == ("announced", "due")
    receiving.confirm(session, payment, by=cast.actor("seller_editor"), now=now)
    assert (payment.state, owed.state) == ("received", "paid")
    with pytest.raises(IllegalTransition):
        receiving.confirm(session, payment, by=cast.actor("seller_editor"), now=now)


def test_an_announced_payment_that_never_came(session: Session, cast: Cast, now: datetime) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now)
    payment = _announce(session, cast, now, reference="R1")
    with pytest.raises(Invalid):
        receiving.refuse(session, payment, reason=" ", by=cast.actor("seller_editor"), now=now)
    receiving.refuse(session, payment, reason="未到账", by=cast.actor("seller_editor"), now=now)
    assert (payment.state, owed.state, payment.reference_key) == ("refused", "due", None)


def test_what_was_announced_is_not_recorded_beside_it(
    session: Session, cast: Cast, now: datetime
) -> None:
    _announce(session, cast, now, reference="R1")
    with pytest.raises(Invalid):
        pay(session, cast, 100, now=now, reference="r 1")


def test_a_payment_recorded_wrongly_is_taken_back(
    session: Session, cast: Cast, now: datetime
) -> None:
    owed = _three(session, cast, now)
    payment = pay(session, cast, 250, now=now)
    receiving.take_back(session, payment, reason="录错", by=cast.actor("seller_editor"), now=now)
    assert [each.state for each in owed] == ["due", "due", "due"]
    assert _left(session, payment) == queries.Left(0, 0, 0)
    assert queries.received_income(session, cast.deal) == {}
    with pytest.raises(IllegalTransition):
        receiving.take_back(
            session, payment, reason="录错", by=cast.actor("seller_editor"), now=now
        )


def test_what_was_paid_too_much_is_refunded(session: Session, cast: Cast, now: datetime) -> None:
    owe(session, cast, "royalty:1", 100, now=now)
    payment, by = pay(session, cast, 150, now=now), cast.actor("seller_editor")
    back: dict[str, Any] = {"paid_on": now.date(), "by": by, "now": now}
    with pytest.raises(Invalid) as refused:
        receiving.refund(session, payment, amount_minor=51, key="refund-one", **back)
    assert refused.value.fields == {"amount": "more_than_left"}
    first = receiving.refund(session, payment, amount_minor=30, key="refund-one", **back)
    again = receiving.refund(session, payment, amount_minor=30, key="refund-one", **back)
    assert again.id == first.id
    assert _left(session, payment) == queries.Left(150, 30, 100)
    with pytest.raises(Invalid):
        receiving.refund(session, payment, amount_minor=30, key="refund-two", **back)
    with pytest.raises(IllegalTransition):
        receiving.take_back(session, payment, reason="录错", by=by, now=now)
    receiving.take_back(session, first, reason="未退成", by=by, now=now)
    assert _left(session, payment).advance == 50
    receiving.take_back(session, payment, reason="录错", by=by, now=now)


def test_giving_up_what_is_open(session: Session, cast: Cast, now: datetime) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now)
    pay(session, cast, 30, now=now)
    with pytest.raises(Invalid):
        services.waive(session, owed, reason="", by=cast.actor("seller_editor"), now=now)
    services.waive(session, owed, reason="和解", by=cast.actor("seller_editor"), now=now)
    standing = queries.standings(session, [owed])[owed.id]
    assert (owed.state, standing.paid, standing.waived, standing.open) == ("waived", 30, 70, 0)
    with pytest.raises(IllegalTransition):
        services.waive(session, owed, reason="和解", by=cast.actor("seller_editor"), now=now)


def test_income_is_what_was_paid_without_vat(session: Session, cast: Cast, now: datetime) -> None:
    owe(session, cast, "royalty:1", 1000, now=now, vat_rate=Decimal(6))
    owe(session, cast, "royalty:2", 500, now=now, currency="USD")
    payment = pay(session, cast, 530, now=now)
    pay(session, cast, 600, now=now, currency="USD")
    assert queries.received_income(session, cast.deal) == {"CNY": 500, "USD": 500}
    before = now.date() - timedelta(days=1)
    assert queries.received_income(session, cast.deal, on=before) == {}
    receiving.take_back(session, payment, reason="录错", by=cast.actor("seller_editor"), now=now)
    assert queries.received_income(session, cast.deal) == {"USD": 500}


MANAGERS = {"seller_editor", "seller_administrator", "seller_charge"}
PAYERS = {"buyer_editor", "buyer_administrator", "buyer_charge"}
KNOW = {"operator", "broker"}


ACTS = ("record", "announce", "confirm", "refuse", "take_back", "refund", "waive")


@pytest.mark.parametrize("act", ACTS)
def test_who_may_do_what(session: Session, cast: Cast, now: datetime, act: str) -> None:
    owed = owe(session, cast, "royalty:1", 100, now=now)
    announced = _announce(session, cast, now, key="announced-before")
    receipt = pay(session, cast, 200, now=now, wishes=(owed.public_id,), role="seller_charge")
    later = owe(session, cast, "royalty:2", 700, now=now)

    def do(by: Actor) -> None:
        if act in ("record", "announce"):
            given = Given("seller", 10, "CNY", now.date(), "a-form-of-the-role")
            getattr(receiving, act)(session, cast.deal, given, by=by, now=now)
        elif act == "confirm":
            receiving.confirm(session, announced, by=by, now=now)
        elif act == "refuse":
            receiving.refuse(session, announced, reason="未到账", by=by, now=now)
        elif act == "take_back":
            receiving.take_back(session, receipt, reason="录错", by=by, now=now)
        elif act == "refund":
            over = pay(session, cast, 10, now=now, currency="USD", key="something-to-refund")
            receiving.refund(
                session, over, amount_minor=10, paid_on=now.date(), key="refund-it", by=by, now=now
            )
        else:
            services.waive(session, later, reason="和解", by=by, now=now)

    allowed = PAYERS if act == "announce" else MANAGERS
    for role in [each for each in ROLES if each not in allowed]:
        expected: type[DomainError] = Forbidden if role in MANAGERS | PAYERS | KNOW else NotFound
        with pytest.raises(expected):
            do(cast.actor(role))
    do(cast.actor("buyer_charge" if act == "announce" else "seller_charge"))
