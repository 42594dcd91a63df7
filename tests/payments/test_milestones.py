"""Milestones keep what was paid and delivered for them, wherever an amendment puts them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import history
from tenon.actors import SYSTEM
from tenon.deals.queries import accepted_terms
from tenon.payments.models import Obligation, Payment
from tenon.payments.obligations import services
from tenon.payments.obligations.milestones import numbers_of, titles_of
from tenon.payments.obligations.scheduling import fall_due, schedule
from tenon.payments.queries import payments_left, standings
from tests.factories.deals import make_terms
from tests.payments.cast import TERMS, Cast, make_cast, pay

A = {"title": "方案", "criterion": "评审通过", "minor": 100_000_00, "due": None}
B = {"title": "样机", "criterion": "连续运行", "minor": 80_000_00, "due": "2028-06-30"}
C = {"title": "小试", "criterion": "评审通过", "minor": 50_000_00, "due": None}


def begun(session: Session, *, now: datetime) -> Cast:
    """A licence with milestones A and B, of which A was reached, fell due and was paid."""
    cast = make_cast(session, now=now, terms={**TERMS, "milestones": [A, B], "vat_mode": "exempt"})
    services.reach_milestone(session, cast.deal, number=1, on=now.date(), by=SYSTEM, now=now)
    row = rows(session, cast)["milestone:1"]
    assert row.due_on is not None
    row.due_on = now.date()
    session.flush()
    fall_due(session, cast.deal, by=SYSTEM, now=now)
    pay(session, cast, 100_000_00, now=now, wishes=(row.public_id,))
    assert row.state == "paid"
    return cast


def rows(session: Session, cast: Cast) -> dict[str, Obligation]:
    """Key -> what is owed for a milestone."""
    found = session.scalars(sa.select(Obligation).filter_by(deal_id=cast.deal.id, kind="milestone"))
    return {each.key: each for each in found}


def amended(
    session: Session, cast: Cast, milestones: list[dict[str, Any]], *, now: datetime
) -> None:
    """One side proposes other milestones, the other side counters, and that is agreed."""
    before = accepted_terms(session, cast.deal)
    assert before is not None
    before.state = "replaced"
    session.flush()
    number = before.number + 2
    first = {**before.values, "milestones": [C | {"title": "不作数"}, *milestones]}
    make_terms(session, cast.deal, values=first, state="replaced", number=number - 1, now=now)
    values = {**before.values, "milestones": milestones}
    make_terms(session, cast.deal, values=values, number=number, now=now)
    chain, facts = ("deal", cast.deal.public_id), {"number": number}
    history.record(session, chain=chain, kind="amend_terms", by=SYSTEM, now=now, facts=facts)
    schedule(session, cast.deal, by=SYSTEM, now=now)


def advance_of(session: Session, cast: Cast) -> int:
    """What of the payments lies idle."""
    receipts = session.scalars(sa.select(Payment).filter_by(deal_id=cast.deal.id)).all()
    return sum(each.advance for each in payments_left(session, receipts).values())


@pytest.mark.parametrize(
    ("milestones", "numbers"),
    [([C, A, B], (3, 1, 2)), ([B, A], (2, 1)), ([A | {"due": "2027-01-31"}, B], (1, 2))],
)
def test_what_was_paid_stays_with_its_milestone(
    session: Session, now: datetime, milestones: list[dict[str, Any]], numbers: tuple[int, ...]
) -> None:
    cast = begun(session, now=now)
    amended(session, cast, milestones, now=now)
    assert numbers_of(session, cast.deal) == numbers
    found = rows(session, cast)
    assert {key: each.facts["title"] for key, each in found.items()} == {
        f"milestone:{number}": row["title"] for number, row in zip(numbers, milestones, strict=True)
    }
    paid = found["milestone:1"]
    assert (paid.state, paid.net_minor) == ("paid", 100_000_00)
    assert standings(session, [paid])[paid.id].paid == 100_000_00
    assert {each.state for key, each in found.items() if key != paid.key} == {"planned"}
    assert advance_of(session, cast) == 0
    if "milestone:3" in found:
        assert found["milestone:3"].waits_for == "milestone:3"
        services.reach_milestone(session, cast.deal, number=3, on=now.date(), by=SYSTEM, now=now)
        assert found["milestone:3"].due_on is not None
        assert found["milestone:2"].due_on is None


def test_a_paid_milestone_that_is_taken_out_stays_paid(session: Session, now: datetime) -> None:
    """What comes in its place is another one, though it is accepted by the same criterion."""
    cast = begun(session, now=now)
    amended(session, cast, [C, B], now=now)
    found = rows(session, cast)
    assert {key: each.state for key, each in found.items()} == {
        "milestone:1": "paid",
        "milestone:2": "planned",
        "milestone:3": "planned",
    }
    assert advance_of(session, cast) == 0
    assert titles_of(session, cast.deal) == {1: "方案", 2: "样机", 3: "小试"}
    amended(session, cast, [C, A, B], now=now)
    assert numbers_of(session, cast.deal) == (3, 1, 2)
    assert rows(session, cast)["milestone:1"].state == "paid"


def test_versions_that_nobody_accepted_number_nothing(session: Session, now: datetime) -> None:
    """Before the contract either side moves rows as it likes: those agreed last count from 1."""
    cast = make_cast(session, now=now, terms={"milestones": [C, A]}, scheduled=False)
    first = accepted_terms(session, cast.deal)
    assert first is not None
    first.state = "replaced"
    session.flush()
    make_terms(session, cast.deal, values={"milestones": [C]}, state="replaced", number=2, now=now)
    make_terms(session, cast.deal, values={"milestones": [A, B]}, number=3, now=now)
    chain = ("deal", cast.deal.public_id)
    for number in (1, 3):
        facts = {"number": number}
        history.record(session, chain=chain, kind="agree", by=SYSTEM, now=now, facts=facts)
    assert numbers_of(session, cast.deal) == (1, 2)


def test_a_deal_without_a_history_goes_by_its_first_version(
    session: Session, now: datetime
) -> None:
    cast = make_cast(session, now=now, terms={"milestones": [A, B]}, scheduled=False)
    assert numbers_of(session, cast.deal) == (1, 2)
    first = accepted_terms(session, cast.deal)
    assert first is not None
    first.state = "replaced"
    session.flush()
    make_terms(session, cast.deal, values={}, state="replaced", number=2, now=now)
    make_terms(session, cast.deal, values={"milestones": [C, A, B]}, number=3, now=now)
    assert numbers_of(session, cast.deal) == (3, 1, 2)
