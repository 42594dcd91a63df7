"""Whatever is booked and reversed in whatever order, the books balance and add up."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, Invalid
from tenon.ledger import queries
from tenon.ledger.kinds import KINDS
from tenon.ledger.models import LedgerAccount, LedgerJournal
from tenon.ledger.services import Transfer, book, reverse
from tests.ledger.books import DAY, account, naive

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
PLACES = [(kind, currency) for kind in KINDS for currency in ("CNY", "USD", "JPY")]
places = st.sampled_from(PLACES)
amounts = st.integers(min_value=1, max_value=10**15)
moves = st.lists(st.tuples(places, places, amounts), min_size=1, max_size=4)
days = st.integers(min_value=0, max_value=5)


class Books(RuleBasedStateMachine):
    """Books beside a fold of all that was booked."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = self.database.writer()
        self.accounts: dict[tuple[str, str], LedgerAccount] = {
            place: account(self.session, place[0], currency=place[1]) for place in PLACES
        }
        self.expected: Counter[int] = Counter()
        self.booked: dict[str, tuple[list[Transfer], LedgerJournal, int]] = {}
        self.undone: set[str] = set()

    def teardown(self) -> None:
        self.session.rollback()
        self.session.close()

    def _fold(self, transfers: list[Transfer], sign: int) -> None:
        for each in transfers:
            self.expected[each.debit.id] += sign * each.minor
            self.expected[each.credit.id] -= sign * each.minor

    @rule(asked=moves, key=st.sampled_from("abcdefgh"), day=days)
    def books(
        self, asked: list[tuple[tuple[str, str], tuple[str, str], int]], key: str, day: int
    ) -> None:
        """Something is booked; the key may have been used before, the currencies may differ."""
        transfers = [
            Transfer(self.accounts[debit], self.accounts[credit], minor)
            for debit, credit, minor in asked
        ]
        sound = all(
            each.debit.currency == each.credit.currency and each.debit.id != each.credit.id
            for each in transfers
        )
        try:
            journal = book(
                self.session,
                what="booked",
                about=("thing", key),
                transfers=transfers,
                key=key,
                at=NOW,
                booked_on=DAY + timedelta(days=day),
            )
        except Invalid:
            assert not sound
            return
        except Conflict:
            assert self.booked[key][0] != transfers
            return
        assert sound
        if key not in self.booked:
            self.booked[key] = (transfers, journal, day)
            self._fold(transfers, 1)

    @rule(key=st.sampled_from("abcdefgh"), repeat=st.booleans(), day=days)
    def repeats(self, key: str, repeat: bool, day: int) -> None:
        """The same request again: nothing happens."""
        if key not in self.booked or not repeat:
            return
        transfers, journal, _ = self.booked[key]
        again = book(
            self.session,
            what="booked",
            about=("thing", key),
            transfers=transfers,
            key=key,
            at=NOW,
            booked_on=DAY + timedelta(days=day),
        )
        assert again.id == journal.id

    @rule(key=st.sampled_from("abcdefgh"))
    def undoes(self, key: str) -> None:
        """A journal is reversed, once however often it is asked for."""
        if key not in self.booked:
            return
        transfers, journal, day = self.booked[key]
        reverse(
            self.session, journal, key=f"undo {key}", at=NOW, booked_on=DAY + timedelta(days=day)
        )
        if key not in self.undone:
            self.undone.add(key)
            self._fold(transfers, -1)

    @invariant()
    def debits_equal_credits(self) -> None:
        found = queries.trial_balance(self.session, owner=("deal", "a-deal"))
        for currency in ("CNY", "USD", "JPY"):
            of_it = [each for place, each in found.items() if place.currency == currency]
            assert sum(each.debit for each in of_it) == sum(each.credit for each in of_it)

    @invariant()
    def every_balance_is_the_fold_of_its_entries(self) -> None:
        by_hand = naive(self.session)
        for each in self.accounts.values():
            found = queries.balance(self.session, each).minor
            assert found == self.expected[each.id] == by_hand[each.id]

    @invariant()
    def statements_end_in_the_balance(self) -> None:
        each = self.accounts["receivable", "CNY"]
        whole = queries.statement(self.session, each)
        assert whole.closing == self.expected[each.id]
        middle = DAY + timedelta(days=3)
        before = queries.statement(self.session, each, until=middle - timedelta(days=1))
        after = queries.statement(self.session, each, since=middle)
        assert before.closing == after.opening
        assert (
            before.closing
            == queries.balance(self.session, each, on=middle - timedelta(days=1)).minor
        )
        assert len(before.lines) + len(after.lines) == len(whole.lines)


@contextmanager
def _copy(template: Path, folder: Path) -> Iterator[Database]:
    path = folder / "books.db"
    shutil.copyfile(template, path)
    with Database(f"sqlite:///{path}") as made:
        yield made


def test_the_books_always_balance(sqlite_template: Path, tmp_path: Path) -> None:
    with _copy(sqlite_template, tmp_path) as database:
        machine = type("Books", (Books,), {"database": database})
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=40, stateful_step_count=15, deadline=None),
        )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_the_books_balance_on_postgresql_too(database: Database) -> None:
    machine = type("Books", (Books,), {"database": database})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=8, stateful_step_count=10, deadline=None)
    )


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=st.lists(st.tuples(st.sampled_from("ab"), amounts), min_size=1, max_size=6))
def test_open_items_add_up_to_their_account(
    sqlite_template: Path, tmp_path: Path, asked: list[tuple[str, int]]
) -> None:
    with _copy(sqlite_template, tmp_path) as database, database.writer() as session:
        receivable, income = account(session, "receivable"), account(session, "income")
        for number, (item, minor) in enumerate(asked):
            book(
                session,
                what="due",
                about=("obligation", item),
                transfers=[Transfer(receivable, income, minor, debit_item=item, credit_item=item)],
                key=str(number),
                at=NOW,
                booked_on=DAY,
            )
        items = queries.item_balances(session, ["a", "b"])
        assert (
            sum(each["receivable"].minor for each in items.values())
            == queries.balance(session, receivable).minor
            == sum(minor for _, minor in asked)
        )
        session.rollback()
