"""Whatever people do to a deal's money in whatever order: nothing is lost, nothing paid twice."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from tenon.actors import SYSTEM
from tenon.db import Database
from tenon.deals.models import TermVersion
from tenon.errors import DomainError
from tenon.history import proof
from tenon.ledger.models import LedgerEntry
from tenon.ledger.queries import trial_balance
from tenon.payments import queries, receiving
from tenon.payments.kinds import BOOKED_STATES
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services, settling
from tenon.payments.obligations.scheduling import fall_due, schedule
from tenon.payments.queries.sums import Standing
from tests.factories.deals import make_terms
from tests.payments.cast import TERMS, Cast, make_cast, owe, pay, yuan

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
amounts = st.integers(min_value=1, max_value=150_000_00)
which = st.integers(min_value=0, max_value=7)
currencies = st.sampled_from(["CNY", "CNY", "CNY", "USD"])


class Money(RuleBasedStateMachine):
    """A licence, what is owed under it, and a naive count of what was paid and refunded."""

    database: Database

    @initialize()
    def begins(self) -> None:
        self.session: Session = self.database.writer()
        self.now = START
        self.cast: Cast = make_cast(self.session, now=START)
        self.by = self.cast.actor("seller_editor")
        self.received: dict[str, int] = {}
        self.number = 0

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.flush()
            broken = list(proof.verify(self.session))
            self.session.rollback()
            self.session.close()
            assert broken == []

    def _count(self, payment: Payment, sign: int) -> None:
        sign = -sign if payment.kind == "refund" else sign
        before = self.received.get(payment.currency, 0)
        self.received[payment.currency] = before + sign * payment.amount_minor

    def _obligations(self) -> list[Obligation]:
        return list(
            self.session.scalars(
                sa.select(Obligation).filter_by(deal_id=self.cast.deal.id).order_by(Obligation.id)
            )
        )

    def _payments(self) -> list[Payment]:
        return list(
            self.session.scalars(
                sa.select(Payment).filter_by(deal_id=self.cast.deal.id).order_by(Payment.id)
            )
        )

    def _key(self) -> str:
        self.number += 1
        return f"form-number-{self.number}"

    @rule(net=amounts, days=st.integers(-30, 60), currency=currencies, rate=st.sampled_from([0, 6]))
    def charges(self, net: int, days: int, currency: str, rate: int) -> None:
        key = f"royalty:{len(self._obligations())}"
        owe(
            self.session, self.cast, key, net,
            now=self.now, days=days, currency=currency, vat_rate=Decimal(rate),
        )  # fmt: skip

    @rule(amount=amounts, currency=currencies, twice=st.booleans(), wish=st.none() | which)
    def pays(self, amount: int, currency: str, twice: bool, wish: int | None) -> None:
        key = self._key()
        wishes: tuple[str, ...] = ()
        rows = self._obligations()
        if wish is not None:
            wishes = (rows[wish % len(rows)].public_id,)
        for _ in range(2 if twice else 1):
            try:
                payment = pay(
                    self.session, self.cast, amount,
                    now=self.now, currency=currency, key=key, wishes=wishes,
                )  # fmt: skip
            except DomainError:
                return
        self._count(payment, 1)

    @rule(number=which, amount=amounts)
    def refunds(self, number: int, amount: int) -> None:
        payments = self._payments()
        if not payments:
            return
        receipt = payments[number % len(payments)]
        left = queries.payments_left(self.session, [receipt])[receipt.id].advance
        wanted = min(amount, left) if left > 0 else amount
        try:
            back = receiving.refund(
                self.session, receipt, amount_minor=wanted, paid_on=self.now.date(),
                key=self._key(), by=self.by, now=self.now,
            )  # fmt: skip
        except DomainError:
            return
        self._count(back, 1)

    @rule(number=which)
    def takes_back(self, number: int) -> None:
        payments = self._payments()
        if not payments:
            return
        payment = payments[number % len(payments)]
        try:
            receiving.take_back(self.session, payment, reason="录错", by=self.by, now=self.now)
        except DomainError:
            return
        self._count(payment, -1)

    @rule(number=which)
    def waives(self, number: int) -> None:
        rows = self._obligations()
        try:
            services.waive(
                self.session, rows[number % len(rows)], reason="和解", by=self.by, now=self.now
            )
        except DomainError:
            return

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)
        fall_due(self.session, self.cast.deal, by=SYSTEM, now=self.now)

    @rule(
        up_front=st.sampled_from([None, 1, 40_000, 100_000, 130_000]),
        fee=st.sampled_from([None, 6_000, 9_000]),
        currency=currencies,
        mode=st.sampled_from(["added", "included", "exempt"]),
    )
    def amends(self, up_front: int | None, fee: int | None, currency: str, mode: str) -> None:
        money = None if up_front is None else yuan(up_front) | {"currency": currency}
        values = {
            **TERMS, "up_front": money, "vat_mode": mode,
            "maintenance_fee": None if fee is None else yuan(fee),
        }  # fmt: skip
        self.session.execute(
            sa.update(TermVersion)
            .where(TermVersion.deal_id == self.cast.deal.id)
            .values(state="replaced")
            .execution_options(synchronize_session="fetch")
        )
        number = 1 + (self.session.scalar(sa.select(sa.func.max(TermVersion.number))) or 0)
        make_terms(self.session, self.cast.deal, values=values, number=number, now=self.now)
        schedule(self.session, self.cast.deal, by=SYSTEM, now=self.now)
        assert schedule(self.session, self.cast.deal, by=SYSTEM, now=self.now) == []

    @invariant()
    def what_came_in_is_in_the_books(self) -> None:
        if not hasattr(self, "session"):
            return
        owner = ("deal", self.cast.deal.public_id)
        found = trial_balance(self.session, owner=owner)
        for currency in {place.currency for place in found} | set(self.received):
            of_it = {
                place.kind: each for place, each in found.items() if place.currency == currency
            }
            assert sum(each.debit for each in of_it.values()) == sum(
                each.credit for each in of_it.values()
            )
            cash = of_it["cash"].minor if "cash" in of_it else 0
            assert cash == self.received.get(currency, 0)
            advance = -of_it["advance"].minor if "advance" in of_it else 0
            assert advance == self._advances(currency)
            receivable = of_it["receivable"].minor if "receivable" in of_it else 0
            assert receivable == self._open(currency)
            assert not (advance and receivable)  # no money lies idle beside a debt

    def _advances(self, currency: str) -> int:
        mine = [
            each
            for each in self._payments()
            if each.currency == currency and each.kind == "receipt"
        ]
        left = queries.payments_left(self.session, mine)
        assert all(each.advance >= 0 and each.used >= 0 for each in left.values())
        return sum(each.advance for each in left.values())

    def _open(self, currency: str) -> int:
        mine = [each for each in self._obligations() if each.currency == currency]
        return sum(each.open for each in queries.standings(self.session, mine).values())

    @invariant()
    def every_state_follows_from_the_books(self) -> None:
        if not hasattr(self, "session"):
            return
        rows = self._obligations()
        standing = queries.standings(self.session, rows)
        for row in rows:
            self._check(row, standing[row.id])

    def _check(self, row: Obligation, standing: Standing) -> None:
        assert standing.open >= 0
        assert min(standing.net, standing.vat, standing.paid, standing.waived) >= 0
        if row.state == "planned" or (row.state == "waived" and row.booked_on is None):
            assert standing == Standing()
        elif row.state in BOOKED_STATES:
            assert row.state == settling.state_of(standing)
            assert (row.net_minor, row.vat_minor) == (standing.net, standing.vat)
        else:
            assert standing.charged == standing.paid == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_money_is_lost(database: Database) -> None:
    machine = type("Money", (Money,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=12, deadline=None)
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_no_money_is_lost_on_postgresql(database: Database) -> None:
    machine = type("Money", (Money,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=5, stateful_step_count=10, deadline=None)
    )


def test_entries_are_only_added(sqlite_template: Path, tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    shutil.copyfile(sqlite_template, path)
    with Database(f"sqlite:///{path}") as database, database.writer() as session:
        cast = make_cast(session, now=START)
        payment = pay(session, cast, 100, now=START)
        before = session.scalar(sa.select(sa.func.count(LedgerEntry.id))) or 0
        by = cast.actor("seller_editor")
        receiving.take_back(session, payment, reason="录错", by=by, now=START)
        assert (session.scalar(sa.select(sa.func.count(LedgerEntry.id))) or 0) == 2 * before
        session.rollback()
