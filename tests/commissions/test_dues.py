"""Dues follow the deal's payments to the fen, are shared, booked, reversed."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.commissions import books, services
from tenon.commissions.models import Accrual, Agreement, Part, Receiver
from tenon.commissions.queries.accounts import accrued, of_deal
from tenon.commissions.services import Paid
from tenon.errors import Conflict, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.ledger.queries import trial_balance
from tenon.payments import receiving
from tenon.payments.models import Payment
from tests.factories.commissions import Line, follow, make_agreement, make_line, make_split
from tests.factories.listings import NOW
from tests.factories.sharing import cashier, make_income

TODAY = NOW.date()


@pytest.fixture
def line(session: Session) -> Line:
    return make_line(session)


def owed(session: Session, line: Line) -> dict[tuple[str, str], int]:
    """(participant, side) -> what is open, held against what the books say."""
    session.expire_all()
    names = {user.id: name for name, user in line.people.items()}
    accounts = of_deal(session, line.deal)
    assert_books_agree(session, line)
    return {(names[each.receiver.user_id or 0], each.side): each.open for each in accounts}


def assert_books_agree(session: Session, line: Line) -> None:
    """Every account of the ledger fits the rows, and the books balance in each currency."""
    accounts = of_deal(session, line.deal)
    by_receiver: dict[str, int] = {}
    for each in accounts:
        key = each.receiver.public_id
        by_receiver[key] = by_receiver.get(key, 0) + each.open
    booked = books.payable(session, [each.receiver for each in accounts])
    assert {key: minor for key, minor in booked.items() if minor} == {
        key: minor for key, minor in by_receiver.items() if minor
    }
    free = services.unshared(session, line.deal, accounts)
    assert all(minor > 0 for minor in free.values())
    booked_free = books.unshared(session, line.deal)
    assert {place: minor for place, minor in booked_free.items() if minor} == free
    for currency in ("CNY", "USD"):
        sums = trial_balance(session, owner=books.owner(line.deal))
        assert sum(each.minor for place, each in sums.items() if place.currency == currency) == 0


def pay(session: Session, line: Line, name: str, side: str, minor: int, key: str = "k1") -> str:
    user = line.people[name]
    receiver = session.scalars(sa.select(Receiver).filter_by(user_id=user.id)).one()
    said = Paid(
        side=side, currency="CNY", minor=minor, paid_on=TODAY, reference="回单0001", key=key
    )
    made = services.pay(session, receiver, said, by=line.actor(f"{side}_editor"), now=NOW)
    return made.public_id


def test_commission_follows_a_payment_and_is_shared_to_the_fen(
    session: Session, line: Line
) -> None:
    make_agreement(session, line, vat_rate=Decimal(6))
    make_split(session, line)
    make_income(session, line.deal, 1_000_001, vat_rate=6)
    assert follow(session, line)
    # 5 % of 10,000.01 net is 500.00(05); each side half of it, 6 % VAT on top of each half.
    rows = session.scalars(sa.select(Accrual).order_by(Accrual.id)).all()
    assert [(each.side, each.net_minor, each.vat_minor) for each in rows] == [
        ("seller", 25000, 1500),
        ("buyer", 25000, 1500),
    ]
    found = owed(session, line)
    assert found == {
        ("broker", "seller"): 15900,
        ("broker", "buyer"): 15900,
        ("collector", "seller"): 6625,
        ("collector", "buyer"): 6625,
        ("writer", "seller"): 3975,
        ("writer", "buyer"): 3975,
    }
    assert not follow(session, line), "the same again changes nothing"
    assert owed(session, line) == found


def test_nothing_is_due_before_the_contract_is_made_or_the_payers_agreed(
    session: Session,
) -> None:
    line = make_line(session, state="terms")
    agreement = make_agreement(session, line, agreed=False)
    services.agree(session, agreement, by=line.actor("seller"), now=NOW)
    make_income(session, line.deal, 100_000)
    assert not follow(session, line)
    services.agree(session, agreement, by=line.actor("buyer"), now=NOW)
    assert agreement.state == "agreed"
    assert not follow(session, line), "no contract yet: Civil Code 961, 963"
    line.deal.stage = line.deal.state = "signed"
    line.deal.signed_on = TODAY
    session.flush()
    assert follow(session, line)


def test_a_payment_taken_back_takes_its_commission_along(session: Session, line: Line) -> None:
    make_agreement(session, line)
    make_split(session, line)
    make_income(session, line.deal, 1_000_000, key="1")
    follow(session, line)
    public_id = make_income(session, line.deal, 333_333, key="2")
    follow(session, line)
    pay(session, line, "broker", "buyer", 15000)
    payment = session.scalars(sa.select(Payment).filter_by(public_id=public_id)).one()
    receiving.take_back(session, payment, reason="记错", by=cashier(line.deal), now=NOW)
    assert follow(session, line)
    found = owed(session, line)
    assert sum(found.values()) == 50_000 - 15_000
    assert all(minor >= 0 for minor in found.values()), "what was open went back first"
    first = session.scalars(sa.select(Payment).order_by(Payment.id)).first()
    assert first is not None
    receiving.take_back(session, first, reason="记错", by=cashier(line.deal), now=NOW)
    follow(session, line)
    found = owed(session, line)
    assert sum(found.values()) == -15_000
    assert found["broker", "buyer"] == -15_000, "who was paid too much owes it back"
    assert pay(session, line, "broker", "buyer", 15_000, key="back")
    assert sum(owed(session, line).values()) == 0


def test_a_fixed_sum_is_due_at_its_event_and_amended_in_all(session: Session) -> None:
    line = make_line(session, state="signed")
    make_agreement(
        session,
        line,
        basis="fixed",
        fixed_minor=100_001,
        fixed_event="first_payment",
        seller_percent=Decimal(0),
    )
    assert not session.scalars(sa.select(Accrual)).all()
    make_income(session, line.deal, 500)
    follow(session, line)
    make_agreement(
        session, line, basis="fixed", fixed_minor=80_000, fixed_event="signing",
        seller_percent=Decimal(0),
    )  # fmt: skip
    rows = session.scalars(sa.select(Accrual).order_by(Accrual.id)).all()
    assert [(each.side, each.net_minor) for each in rows] == [
        ("buyer", 100_001),
        ("buyer", -20_001),
    ]
    assert_books_agree(session, line)


def test_an_amended_percentage_holds_from_then_on_and_an_end_stops_it(
    session: Session, line: Line
) -> None:
    make_agreement(session, line, seller_percent=Decimal(100))
    make_income(session, line.deal, 100_000, key="1")
    follow(session, line)
    second = make_agreement(session, line, percent=Decimal(10), seller_percent=Decimal(0))
    make_income(session, line.deal, 50_000, key="2")
    follow(session, line)
    sums = {(row.side, row.net_minor) for row in session.scalars(sa.select(Accrual))}
    assert sums == {("seller", 5_000), ("buyer", 5_000)}
    services.end(session, second, reason="不再继续", by=line.actor("broker"), now=NOW)
    make_income(session, line.deal, 70_000, key="3")
    assert not follow(session, line)


@pytest.mark.parametrize(("before", "after"), [(10, 1), (1, 10)])
def test_a_refund_after_an_amendment_takes_back_what_that_payment_earned(
    session: Session, line: Line, before: int, after: int
) -> None:
    make_agreement(session, line, percent=Decimal(before))
    first = make_income(session, line.deal, 100_000, key="1")
    follow(session, line)
    make_agreement(session, line, percent=Decimal(after))
    make_income(session, line.deal, 50_000, key="2")
    follow(session, line)
    assert due(session, line) == 1_000 * before + 500 * after
    back(session, line, first)
    assert due(session, line) == 500 * after, "the later payment keeps what it earned"
    make_income(session, line.deal, 7_000, key="3")
    follow(session, line)
    assert due(session, line) == 570 * after


def test_everything_refunded_leaves_nothing_due_over_three_versions_and_an_end(
    session: Session, line: Line
) -> None:
    payments = []
    for number, percent in enumerate((10, 3, 7)):
        last = make_agreement(session, line, percent=Decimal(percent), vat_rate=Decimal(6))
        payments.append(make_income(session, line.deal, 30_000, key=str(number), vat_rate=6))
        follow(session, line)
    services.end(session, last, reason="不再继续", by=line.actor("broker"), now=NOW)
    later = make_income(session, line.deal, 40_000, key="later")
    assert not follow(session, line)
    back(session, line, later)
    whole = due(session, line)
    assert whole == 3_000 + 900 + 2_100, "what earned nothing takes nothing along"
    for public_id, earned in zip(payments, (3_000, 900, 2_100), strict=True):
        back(session, line, public_id)
        whole -= earned
        assert due(session, line) == whole
    assert_books_agree(session, line)


def test_a_version_from_before_places_in_the_books_were_kept_goes_by_its_day(
    session: Session, line: Line
) -> None:
    make_agreement(session, line, percent=Decimal(10))
    first = make_income(session, line.deal, 100_000, key="1")
    follow(session, line)
    next_day = NOW + timedelta(days=1)
    second = make_agreement(session, line, percent=Decimal(1), now=next_day)
    make_income(session, line.deal, 50_000, key="2", on=TODAY + timedelta(days=2))
    kept = {key: sums for key, sums in second.carried.items() if key != "since"}
    session.execute(sa.update(Agreement).filter_by(id=second.id).values(carried=kept))
    follow(session, line)
    assert due(session, line) == 10_500
    back(session, line, first, now=NOW + timedelta(days=3))
    assert due(session, line) == 500


def due(session: Session, line: Line) -> int:
    """What is due of both sides together, net."""
    return sum(net for net, _ in accrued(session, line.deal).values())


def back(session: Session, line: Line, public_id: str, *, now: datetime = NOW) -> None:
    """Take a payment back, and let commission follow."""
    payment = session.scalars(sa.select(Payment).filter_by(public_id=public_id)).one()
    receiving.take_back(session, payment, reason="退", by=cashier(line.deal), now=now)
    follow(session, line)


def test_currencies_never_mix(session: Session, line: Line) -> None:
    make_agreement(session, line)
    make_split(session, line)
    make_income(session, line.deal, 100_000, key="1")
    make_income(session, line.deal, 100_000, key="2", currency="USD")
    follow(session, line)
    assert {row.currency for row in session.scalars(sa.select(Accrual))} == {"CNY"}
    make_agreement(session, line, currency="USD", percent=Decimal(1))
    by_currency: dict[str, int] = {}
    for part in session.scalars(sa.select(Part)):
        by_currency[part.currency] = by_currency.get(part.currency, 0) + part.minor
    assert by_currency == {"CNY": 5_000, "USD": 1_000}
    assert_books_agree(session, line)


def test_a_settled_dispute_opens_what_is_not_paid_again(session: Session, line: Line) -> None:
    make_agreement(session, line, seller_percent=Decimal(0))
    split = make_split(session, line)
    make_income(session, line.deal, 1_000_000)
    follow(session, line)
    pay(session, line, "broker", "buyer", 30_000)
    assert services.reopen_for_entry(session, line.entries["writer:written"].id, now=NOW) == 1
    assert split.state == "reopened"
    assert owed(session, line) == {
        ("broker", "buyer"): 0,
        ("collector", "buyer"): 0,
        ("writer", "buyer"): 0,
    }
    make_split(session, line, percents=("0.0001", "99.9998", "0.0001"))
    found = owed(session, line)
    assert sum(found.values()) == 20_000
    assert services.reopen_for_entry(session, line.entries["author:collected"].id, now=NOW) == 0


def test_overdue_is_told_by_the_oldest_open_part(session: Session, line: Line) -> None:
    make_agreement(session, line, seller_percent=Decimal(0), pay_within_days=10)
    make_split(session, line)
    make_income(session, line.deal, 100_000, key="1")
    follow(session, line)
    pay(session, line, "broker", "buyer", 2_000)
    later = TODAY + timedelta(days=5)
    make_income(session, line.deal, 100_000, key="2", on=later)
    follow(session, line, on=later)
    account = next(
        each
        for each in of_deal(session, line.deal)
        if each.receiver.user_id == line.people["broker"].id
    )
    assert account.open == 4_000
    assert account.due_on() == TODAY + timedelta(days=10)
    assert account.overdue(TODAY + timedelta(days=11)) == 1_000
    assert account.overdue(TODAY + timedelta(days=16)) == 4_000


class TestPayouts:
    @pytest.fixture
    def due(self, session: Session, line: Line) -> Line:
        make_agreement(session, line, seller_percent=Decimal(0))
        make_split(session, line)
        make_income(session, line.deal, 1_000_000)
        follow(session, line)
        return line

    def test_only_the_payers_editors_mark_and_never_too_much(
        self, session: Session, due: Line
    ) -> None:
        receiver = session.scalars(
            sa.select(Receiver).filter_by(user_id=due.people["broker"].id)
        ).one()
        said = Paid(
            side="buyer", currency="CNY", minor=30_001, paid_on=TODAY, reference="1", key="a"
        )
        for name, error in (
            ("seller_editor", Forbidden),
            ("broker", Forbidden),
            ("outsider", NotFound),
            ("author", NotFound),
        ):
            with pytest.raises(error):
                services.pay(session, receiver, said, by=due.actor(name), now=NOW)
        with pytest.raises(Invalid) as caught:
            services.pay(session, receiver, said, by=due.actor("buyer_editor"), now=NOW)
        assert caught.value.fields == {"amount": "more_than_open"}

    def test_a_payout_is_marked_once_contested_and_received(
        self, session: Session, due: Line
    ) -> None:
        public_id = pay(session, due, "broker", "buyer", 30_000)
        assert pay(session, due, "broker", "buyer", 30_000) == public_id, "the same form again"
        with pytest.raises(Conflict):
            pay(session, due, "broker", "buyer", 1)
        (payout,) = [each for account in of_deal(session, due.deal) for each in account.payouts]
        with pytest.raises(Forbidden):
            services.receive(session, payout, by=due.actor("buyer_editor"), now=NOW)
        with pytest.raises(NotFound):
            services.receive(session, payout, by=due.actor("collector"), now=NOW)
        services.contest(session, payout, words="没有到账", by=due.actor("broker"), now=NOW)
        services.receive(session, payout, by=due.actor("broker"), now=NOW)
        with pytest.raises(IllegalTransition):
            services.take_back(session, payout, by=due.actor("buyer_editor"), now=NOW)

    def test_a_wrong_mark_is_taken_back_in_the_books(self, session: Session, due: Line) -> None:
        pay(session, due, "broker", "buyer", 30_000)
        (payout,) = [each for account in of_deal(session, due.deal) for each in account.payouts]
        with pytest.raises(Forbidden):
            services.take_back(session, payout, by=due.actor("broker"), now=NOW)
        services.take_back(session, payout, by=due.actor("buyer_editor"), now=NOW)
        assert owed(session, due)["broker", "buyer"] == 30_000
