"""Whatever happens in whatever order, rows, books and shares agree to the fen (hypothesis)."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.commissions import services
from tenon.commissions.models import Payout
from tenon.commissions.queries.accounts import accrued, of_deal
from tenon.commissions.services import Paid
from tenon.db import Database
from tenon.payments import receiving
from tenon.payments.models import Payment
from tests.commissions.test_dues import assert_books_agree
from tests.factories.commissions import Line, follow, make_agreement, make_line, make_split
from tests.factories.listings import NOW
from tests.factories.sharing import cashier, make_income

STEP = st.one_of(
    st.tuples(st.just("income"), st.integers(1, 10**9)),
    st.tuples(st.just("back"), st.integers(0, 5)),
    st.tuples(st.just("pay"), st.integers(1, 10**6)),
    st.tuples(st.just("unpay"), st.integers(0, 5)),
    st.tuples(st.just("reopen"), st.just(0)),
    st.tuples(st.just("share"), st.sampled_from([0, 1, 2])),
    st.tuples(st.just("amend"), st.integers(1, 99)),
)
PERCENTS = [("60", "25", "15"), ("0.0001", "99.9998", "0.0001"), ("33.3333", "33.3333", "33.3334")]


def pay_all(session: Session, line: Line, number: int, most: int) -> None:
    """Pay every receiver up to a sum, or take back what was too much."""
    for each in of_deal(session, line.deal):
        minor = min(abs(each.open), most)
        if minor:
            said = Paid(
                side=each.side,
                currency=each.currency,
                minor=minor,
                paid_on=NOW.date(),
                reference="1",
                key=f"{number}-{each.receiver.id}-{each.side}",
            )
            services.pay(session, each.receiver, said, by=line.actor(each.side), now=NOW)


def take_step(session: Session, line: Line, number: int, step: tuple[str, int]) -> None:
    """Do one of the things that can happen; what is not possible now is left out."""
    kind, value = step
    if kind == "income":
        make_income(session, line.deal, value, key=str(number), vat_rate=6)
    elif kind == "back":
        rows = session.scalars(sa.select(Payment).filter_by(state="received")).all()
        if rows:
            row = rows[value % len(rows)]
            receiving.take_back(session, row, reason="退", by=cashier(line.deal), now=NOW)
    elif kind == "pay":
        pay_all(session, line, number, value)
    elif kind == "unpay":
        rows_ = session.scalars(sa.select(Payout).filter_by(state="paid")).all()
        if rows_:
            paid = rows_[value % len(rows_)]
            services.take_back(session, paid, by=line.actor(paid.side), now=NOW)
    elif kind == "reopen":
        services.reopen_for_entry(session, line.entries["broker:closed"].id, now=NOW)
    elif kind == "share":
        make_split(session, line, percents=PERCENTS[value])
    else:
        make_agreement(
            session,
            line,
            percent=Decimal(value),
            vat_rate=Decimal(6),
            seller_percent=Decimal(value),
        )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=1, max_size=9))
def test_rows_books_and_shares_agree(database: Database, steps: list[tuple[str, int]]) -> None:
    with database.engine.connect() as connection, connection.begin() as whole:
        session = Session(connection, join_transaction_mode="create_savepoint")
        line = make_line(session)
        make_agreement(session, line)
        make_split(session, line)
        for number, step in enumerate(steps):
            take_step(session, line, number, step)
            follow(session, line)
            assert not follow(session, line)
            session.expire_all()
            assert_books_agree(session, line)
            owed = sum(each.owed for each in of_deal(session, line.deal))
            free = sum(services.unshared(session, line.deal, of_deal(session, line.deal)).values())
            due = sum(net + vat for net, vat in accrued(session, line.deal).values())
            assert due == owed + free, "every fen is somebody's or nobody's yet"
            assert all(net >= 0 and vat >= 0 for net, vat in accrued(session, line.deal).values())
        session.close()
        whole.rollback()


DONE = st.one_of(
    st.tuples(st.just("income"), st.integers(1, 10**9)),
    st.tuples(st.just("back"), st.integers(0, 5)),
    st.tuples(st.just("amend"), st.integers(1, 99)),
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(DONE, min_size=3, max_size=9))
def test_each_payment_keeps_the_terms_it_came_under_and_takes_along_what_it_earned(
    database: Database, steps: list[tuple[str, int]]
) -> None:
    with database.engine.connect() as connection, connection.begin() as whole:
        session = Session(connection, join_transaction_mode="create_savepoint")
        line = make_line(session)
        make_agreement(session, line)
        came: dict[str, tuple[int, int]] = {}  # payment -> number of the version, what came
        rates = [5]
        for number, (kind, value) in enumerate(steps):
            if kind == "income":
                public_id = make_income(session, line.deal, value, key=str(number))
                came[public_id] = (len(rates) - 1, value)
            elif kind == "back" and came:
                public_id = list(came)[value % len(came)]
                payment = session.scalars(sa.select(Payment).filter_by(public_id=public_id)).one()
                receiving.take_back(session, payment, reason="退", by=cashier(line.deal), now=NOW)
                del came[public_id]
            elif kind == "amend":
                make_agreement(session, line, percent=Decimal(value))
                rates.append(value)
            follow(session, line)
            held = {at: sum(c for v, c in came.values() if v == at) for at in range(len(rates))}
            wanted = sum((held[at] * rate + 50) // 100 for at, rate in enumerate(rates))
            due = sum(net for net, _ in accrued(session, line.deal).values())
            assert abs(due - wanted) < len(rates), "no more than a fen of rounding a version"
            assert came or not due, "nothing is left of nothing"
        session.close()
        whole.rollback()
