"""What can be booked, what cannot, and that nothing booked can be changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from tenon.errors import Conflict, Invalid
from tenon.ledger import queries
from tenon.ledger.models import LedgerAccount, LedgerEntry, LedgerJournal
from tenon.ledger.services import Transfer, book, open_account, reverse
from tests.ledger.books import DAY, DEAL, account, charge, naive


def _book(session: Session, transfers: list[Transfer], *, now: datetime, key: str = "k") -> None:
    book(
        session,
        what="paid",
        about=("payment", "p"),
        transfers=transfers,
        key=key,
        at=now,
        booked_on=DAY,
    )


def test_what_is_due_then_paid_in_part(session: Session, now: datetime) -> None:
    charge(session, 100_000, key="due", now=now)
    receivable, cash = account(session, "receivable"), account(session, "cash")
    _book(session, [Transfer(cash, receivable, 30_000, credit_item="up-front")], now=now)
    assert queries.balance(session, receivable) == queries.Balance(100_000, 30_000)
    assert queries.balance(session, cash).minor == 30_000
    assert queries.grown("income", queries.balance(session, account(session, "income"))) == 100_000
    items = queries.item_balances(session, ["up-front", "unheard-of"])
    assert items == {
        "up-front": {
            "receivable": queries.Balance(100_000, 30_000),
            "income": queries.Balance(0, 100_000),
        }
    }


def test_an_account_is_opened_once(session: Session) -> None:
    one = account(session, "cash")
    assert account(session, "cash").id == one.id
    assert account(session, "cash", currency="USD").id != one.id
    assert account(session, "cash", side="buyer").id != one.id
    with pytest.raises(Invalid):
        account(session, "petty_cash")


def test_a_balance_as_of_a_past_day(session: Session, now: datetime) -> None:
    for number in range(3):
        charge(session, 10, key=str(number), now=now, day=DAY + timedelta(days=number))
    receivable = account(session, "receivable")
    assert queries.balance(session, receivable, on=DAY).minor == 10
    assert queries.balance(session, receivable, on=DAY + timedelta(days=1)).minor == 20
    assert queries.balance(session, receivable, on=DAY - timedelta(days=1)).minor == 0
    assert queries.balance(session, receivable).minor == 30
    assert queries.balance(session, receivable, item="other").minor == 0
    on = {
        place.kind: balance.minor
        for place, balance in queries.trial_balance(session, owner=DEAL, on=DAY).items()
    }
    assert on == {"receivable": 10, "income": -10}


def test_a_statement_runs_from_balance_to_balance(session: Session, now: datetime) -> None:
    for number, minor in enumerate((500, 300, 200)):
        charge(session, minor, key=str(number), now=now, day=DAY + timedelta(days=number))
    receivable, cash = account(session, "receivable"), account(session, "cash")
    _book(session, [Transfer(cash, receivable, 600, credit_item="up-front")], now=now)
    whole = queries.statement(session, receivable)
    assert [line.balance for line in whole.lines] == [500, -100, 200, 400]
    assert (whole.opening, whole.closing) == (0, 400)
    later = queries.statement(session, receivable, since=DAY + timedelta(days=1))
    assert (later.opening, [line.balance for line in later.lines]) == (-100, [200, 400])
    earlier = queries.statement(session, receivable, until=DAY)
    assert (earlier.opening, earlier.closing) == (0, -100)
    assert [line.other_kind for line in earlier.lines] == ["income", "cash"]


def test_currencies_are_never_added(session: Session, now: datetime) -> None:
    charge(session, 100, key="yuan", now=now)
    charge(session, 7, key="dollars", now=now, currency="USD")
    found = queries.trial_balance(session, owner=DEAL)
    assert {(place.kind, place.currency, each.minor) for place, each in found.items()} == {
        ("receivable", "CNY", 100),
        ("income", "CNY", -100),
        ("receivable", "USD", 7),
        ("income", "USD", -7),
    }


def test_one_transfer_has_one_currency(session: Session, now: datetime) -> None:
    yuan, dollars = account(session, "cash"), account(session, "advance", currency="USD")
    with pytest.raises(Invalid) as refused:
        _book(session, [Transfer(yuan, dollars, 1)], now=now)
    assert refused.value.fields == {"currency": "mixed_currencies"}


@pytest.mark.parametrize("currency", ["CNY", "USD"])
def test_the_database_refuses_it_too(session: Session, now: datetime, currency: str) -> None:
    journal = charge(session, 1, key="one", now=now)
    yuan, dollars = account(session, "cash"), account(session, "advance", currency="USD")
    wrong = {
        "journal_id": journal.id,
        "lines": 1,
        "line": 1,
        "debit_id": yuan.id,
        "credit_id": dollars.id,
        "currency": currency,
        "minor": 1,
    }
    with pytest.raises(IntegrityError):
        session.execute(sa.insert(LedgerEntry).values(**wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"minor": 0},
        {"minor": -5},
        {"line": 1},
        {"line": 2},
        {"line": 2, "lines": 2},
        {"journal_id": 999_999},
    ],
)
def test_nothing_can_be_added_to_a_journal_later(
    session: Session, now: datetime, wrong: dict[str, int]
) -> None:
    journal = charge(session, 1, key="one", now=now)
    values = {
        "journal_id": journal.id,
        "lines": 1,
        "line": 1,
        "debit_id": account(session, "cash").id,
        "credit_id": account(session, "advance").id,
        "currency": "CNY",
        "minor": 1,
    }
    with pytest.raises(IntegrityError):
        session.execute(sa.insert(LedgerEntry).values(**values | wrong))


@pytest.mark.parametrize("minor", [0, -1, 2**62])
def test_an_amount_is_above_zero(session: Session, now: datetime, minor: int) -> None:
    with pytest.raises(Invalid):
        charge(session, minor, key="k", now=now)


def test_what_makes_no_booking(session: Session, now: datetime) -> None:
    cash = account(session, "cash")
    for transfers, key in (
        ([], "k"),
        ([Transfer(cash, cash, 1)], "k"),
        ([Transfer(cash, account(session, "advance"), 1)], ""),
        ([Transfer(cash, account(session, "advance"), 1)], "k" * 121),
    ):
        with pytest.raises(Invalid):
            _book(session, transfers, now=now, key=key)


def test_the_same_key_books_once(session: Session, now: datetime) -> None:
    first = charge(session, 100, key="due", now=now)
    again = charge(session, 100, key="due", now=now + timedelta(hours=1))
    assert again.id == first.id
    assert queries.balance(session, account(session, "receivable")).minor == 100


def test_a_key_that_stands_for_something_else(session: Session, now: datetime) -> None:
    charge(session, 100, key="due", now=now)
    with pytest.raises(Conflict) as told:
        charge(session, 101, key="due", now=now)
    assert told.value.code == "key_reused"


def test_a_mistake_is_undone_by_its_mirror(session: Session, now: datetime) -> None:
    journal = charge(session, 100, key="due", now=now)
    undone = reverse(session, journal, key="undo", at=now, booked_on=DAY)
    assert undone.reversal_of_id == journal.id
    assert queries.balance(session, account(session, "receivable")) == queries.Balance(100, 100)
    assert queries.item_balances(session, ["up-front"])["up-front"]["income"].minor == 0
    assert reverse(session, journal, key="undo", at=now, booked_on=DAY).id == undone.id
    assert queries.reversed_ids(session, [journal, undone]) == {journal.id}
    with pytest.raises(Conflict) as told:
        reverse(session, journal, key="undo again", at=now, booked_on=DAY)
    assert told.value.code == "already_reversed"
    with pytest.raises(Invalid):
        reverse(session, undone, key="redo", at=now, booked_on=DAY)
    assert set(naive(session).values()) == {0}


def test_a_journal_knows_its_entries_and_what_it_is_about(session: Session, now: datetime) -> None:
    journal = charge(session, 100, key="due", now=now)
    assert [each.minor for each in journal.entries] == [100]
    assert list(queries.journals_about(session, ("obligation", "up-front"))) == [journal]


@pytest.mark.parametrize("table", [LedgerAccount, LedgerJournal, LedgerEntry])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_what_is_booked(
    session: Session, now: datetime, table: type, verb: str
) -> None:
    charge(session, 100, key="due", now=now)
    change = (
        sa.delete(table) if verb == "delete" else sa.update(table).values(id=table.id)  # type: ignore[attr-defined]  # every table has it
    )
    with pytest.raises(DatabaseError, match="append-only"):
        session.execute(change.execution_options(synchronize_session=False))


def test_an_account_of_another_owner_is_another(session: Session, now: datetime) -> None:
    charge(session, 100, key="due", now=now)
    other = open_account(
        session, owner=("deal", "other"), side="seller", kind="receivable", currency="CNY"
    )
    assert queries.balance(session, other).minor == 0
    assert queries.trial_balance(session, owner=("deal", "other")) == {}
    assert queries.statement(session, other, since=date(2020, 1, 1)).lines == []
