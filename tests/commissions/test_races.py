"""Two people act at once on one deal's commission: one wins, or both count, and sums hold."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.commissions import services
from tenon.commissions.models import Accrual, Agreement, Payout, Receiver
from tenon.commissions.services import Paid
from tenon.db import Database
from tenon.deals.models import Deal
from tenon.errors import DomainError, Invalid
from tests.factories.commissions import Line, make_agreement, make_line, make_split
from tests.factories.listings import NOW
from tests.factories.sharing import make_income

Act = Callable[[Session], object]


@pytest.fixture
def line(database: Database) -> Line:
    with database.writing() as session:
        return make_line(session)


def together(database: Database, acts: list[Act]) -> list[DomainError | None]:
    """Do two things at once; on PostgreSQL both have read before either writes."""
    both_read = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Act) -> DomainError | None:
        try:
            if early:
                both_read.wait(timeout=30)
            with database.writing() as session:
                for table in (Deal, Agreement, Receiver, Payout):
                    session.scalars(sa.select(table)).unique().all()
                if not early:
                    both_read.wait(timeout=30)
                doing(session)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_both_sides_agree_at_once(database: Database, line: Line) -> None:
    with database.writing() as session:
        key = make_agreement(session, session_line(session, line), agreed=False).id

    def agree(side: str) -> Act:
        def do(session: Session) -> object:
            found = session.get_one(Agreement, key)
            return services.agree(session, found, by=line.actor(side), now=NOW)

        return do

    assert together(database, [agree("seller"), agree("buyer")]) == [None, None]
    with database.reading() as session:
        assert session.get_one(Agreement, key).state == "agreed"


def test_what_is_open_is_paid_once_and_due_once(database: Database, line: Line) -> None:
    with database.writing() as session:
        own = session_line(session, line)
        make_agreement(session, own)
        make_split(session, own)
        make_income(session, own.deal, 1_000_000)

    def follow(session: Session) -> object:
        deal = session.get_one(Deal, line.deal.id)
        return services.follow(session, deal, cause=("payment", "x"), now=NOW)

    assert together(database, [follow, follow]) == [None, None]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.sum(Accrual.net_minor))) == 50_000

    def pay(key: str) -> Act:
        def do(session: Session) -> object:
            user = line.people["broker"].id
            receiver = session.scalars(sa.select(Receiver).filter_by(user_id=user)).one()
            said = Paid(
                side="buyer", currency="CNY", minor=15_000, paid_on=NOW.date(),
                reference="1", key=key,
            )  # fmt: skip
            return services.pay(session, receiver, said, by=line.actor("buyer"), now=NOW)

        return do

    answers = together(database, [pay("a"), pay("b")])
    (refused,) = [each for each in answers if each is not None]
    assert isinstance(refused, Invalid)
    assert refused.fields == {"amount": "more_than_open"}


def session_line(session: Session, line: Line) -> Line:
    """The line with its deal in this session."""
    return Line(
        session.merge(line.deal),
        line.seller,
        line.buyer,
        line.introduction,
        line.people,
        line.actors,
        line.entries,
    )
