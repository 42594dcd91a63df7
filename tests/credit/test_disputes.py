"""Disputes: who may raise and settle them, what becomes of the ledger, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.accounts.services import erase_person
from tenon.actors import Actor
from tenon.credit import tasks
from tenon.credit.models import CreditDispute, CreditEntry
from tenon.credit.queries import does_stand, find_dispute, stands
from tenon.credit.services import dispute, settle, withdraw
from tenon.db import Database
from tenon.errors import Conflict, DomainError, Forbidden, IllegalTransition, Invalid, NotFound
from tenon.history import HistoryEntry, proof
from tenon.notices.models import Notice
from tests.factories.accounts import (
    actor_for,
    grant_role,
    make_membership,
    make_organisation,
    make_user,
)
from tests.factories.credit import make_entry

WHY = "The minutes of the meeting name me."


@dataclass(frozen=True)
class Case:
    """A firm concerned with a deal, the broker credited with it, and operators."""

    firm: Organisation
    broker: User
    colleague: User
    stranger: User
    operator: User
    second_operator: User
    entry: CreditEntry


@pytest.fixture
def case(session: Session, now: datetime) -> Case:
    return make_case(session, now)


def make_case(session: Session, now: datetime) -> Case:
    """One of each, flushed."""
    firm = make_organisation(session, kind="enterprise")
    broker, colleague, stranger, *operators = (make_user(session) for _ in range(5))
    make_membership(session, colleague, firm, role="member")
    for operator in operators:
        grant_role(session, operator, "operator")
    entry = make_entry(session, broker, concerned=[firm.id], now=now)
    return Case(firm, broker, colleague, stranger, operators[0], operators[1], entry)


def _raise(session: Session, case: Case, now: datetime, claim: str = "mine") -> CreditDispute:
    by = actor_for(case.colleague)
    return dispute(session, case.entry, claim=claim, reason=WHY, by=by, now=now)


def _credited(session: Session) -> list[int]:
    standing = sa.select(CreditEntry.user_id).where(stands()).order_by(CreditEntry.id)
    return list(session.scalars(standing))


def _told(session: Session, user: User) -> list[str]:
    return list(session.scalars(sa.select(Notice.kind).filter_by(user_id=user.id)))


@pytest.mark.parametrize(
    ("claim", "outcome", "state", "credited"),
    [
        ("mine", "uphold", "upheld", ["broker"]),
        ("mine", "amend", "amended", ["colleague"]),
        ("mine", "share", "amended", ["broker", "colleague"]),
        ("mine", "set_aside", "set_aside", []),
        ("shared", "share", "amended", ["broker", "colleague"]),
        ("shared", "amend", "amended", ["colleague"]),
        ("nobody", "uphold", "upheld", ["broker"]),
        ("nobody", "set_aside", "set_aside", []),
    ],
)
def test_a_dispute_settled(
    session: Session,
    case: Case,
    now: datetime,
    claim: str,
    outcome: str,
    state: str,
    credited: list[str],
) -> None:
    raised = _raise(session, case, now, claim)
    line = settle(
        session, raised, outcome=outcome, reason="Looked up.", by=actor_for(case.operator), now=now
    )
    assert raised.state == state
    assert (raised.settled_by_id, raised.settlement) == (case.operator.id, "Looked up.")
    assert _credited(session) == [getattr(case, name).id for name in credited]
    assert (line is None) == (outcome == "uphold")
    if line is not None:
        assert (line.origin_kind, line.origin_id) == ("credit_dispute", raised.public_id)
        assert line.replaces_id == (None if outcome == "share" else case.entry.id)
    chain = sa.select(HistoryEntry.kind).filter_by(chain_kind="credit_dispute")
    assert session.scalars(chain.order_by(HistoryEntry.sequence)).all() == ["raise", outcome]
    salts: dict[int, str | None] = dict(session.execute(sa.select(User.id, User.salt)).all())
    assert list(proof.verify(session, salts=salts)) == []
    step = {"id": raised.id, "change": outcome}
    tasks.dispute_moved(session, step, now)
    assert _told(session, case.broker) == ["credit_recorded", "credit_disputed", "credit_settled"]
    assert _told(session, case.colleague) == ["credit_settled"]
    assert _told(session, case.operator) == ["credit_to_settle"]
    assert _told(session, case.stranger) == []


def test_amending_to_somebody_credited_already_strikes_the_other(
    session: Session, case: Case, now: datetime
) -> None:
    make_entry(session, case.colleague, now=now)
    raised = _raise(session, case, now)
    line = settle(
        session, raised, outcome="amend", reason="So.", by=actor_for(case.operator), now=now
    )
    assert line is not None
    assert (line.says, line.user_id) == ("strike", case.broker.id)
    assert _credited(session) == [case.colleague.id]


def test_credit_lost_in_one_dispute_comes_back_in_another(
    session: Session, case: Case, now: datetime
) -> None:
    judge = actor_for(case.operator)
    raised = _raise(session, case, now)
    line = settle(session, raised, outcome="amend", reason="One.", by=judge, now=now)
    assert line is not None
    back = dispute(session, line, claim="mine", reason=WHY, by=actor_for(case.broker), now=now)
    again = settle(session, back, outcome="amend", reason="Two.", by=judge, now=now)
    assert again is not None
    assert again.generation == 2
    assert _credited(session) == [case.broker.id]


def test_who_may_raise_a_dispute(session: Session, case: Case, now: datetime) -> None:
    for by in (actor_for(case.stranger), Actor()):
        with pytest.raises(NotFound):
            dispute(session, case.entry, claim="mine", reason=WHY, by=by, now=now)
    with pytest.raises(Invalid) as error:  # one's own, again
        dispute(session, case.entry, claim="mine", reason=" ", by=actor_for(case.broker), now=now)
    assert error.value.fields == {"claim": "not_yours_to_claim", "reason": "required"}
    with pytest.raises(Invalid) as error:
        dispute(
            session, case.entry, claim="x", reason="x" * 2001, by=actor_for(case.colleague), now=now
        )
    assert error.value.fields == {"claim": "unknown_code", "reason": "too_long"}


def test_one_dispute_at_a_time_and_none_again_once_settled(
    session: Session, case: Case, now: datetime
) -> None:
    raised = _raise(session, case, now)
    with pytest.raises(Conflict, match="disputed_already"):
        dispute(session, case.entry, claim="nobody", reason=WHY, by=actor_for(case.broker), now=now)
    settle(session, raised, outcome="uphold", reason="No.", by=actor_for(case.operator), now=now)
    with pytest.raises(Conflict, match="settled_already"):
        _raise(session, case, now)
    other = dispute(
        session, case.entry, claim="nobody", reason=WHY, by=actor_for(case.broker), now=now
    )
    settle(session, other, outcome="set_aside", reason="Yes.", by=actor_for(case.operator), now=now)
    with pytest.raises(Conflict, match="entry_struck"):
        _raise(session, case, now)


def test_a_dispute_taken_back_can_be_raised_again(
    session: Session, case: Case, now: datetime
) -> None:
    raised = _raise(session, case, now)
    with pytest.raises(NotFound):
        withdraw(session, raised, by=actor_for(case.stranger), now=now)
    with pytest.raises(Forbidden):
        withdraw(session, raised, by=actor_for(case.broker), now=now)
    withdraw(session, raised, by=actor_for(case.colleague), now=now)
    tasks.dispute_moved(session, {"id": raised.id, "change": "withdraw"}, now)
    assert raised.state == "withdrawn"
    assert _told(session, case.broker)[-1] == "credit_dispute_withdrawn"
    with pytest.raises(IllegalTransition):
        settle(session, raised, outcome="uphold", reason="x", by=actor_for(case.operator), now=now)
    assert _raise(session, case, now).state == "open"


def test_nobody_settles_what_they_are_part_of(session: Session, case: Case, now: datetime) -> None:
    own = make_entry(session, case.operator, thing=("deal", "own"), now=now)
    judge = actor_for(case.second_operator)
    about = dispute(session, own, claim="nobody", reason=WHY, by=judge, now=now)
    for party in (case.operator, case.second_operator):
        with pytest.raises(Forbidden, match="own_dispute"):
            settle(session, about, outcome="uphold", reason="x", by=actor_for(party), now=now)
    raised = _raise(session, case, now)
    with pytest.raises(NotFound):
        settle(session, raised, outcome="uphold", reason="x", by=actor_for(case.stranger), now=now)
    with pytest.raises(Forbidden):
        settle(session, raised, outcome="uphold", reason="x", by=actor_for(case.broker), now=now)
    with pytest.raises(Forbidden):  # the site itself is no judge
        settle(session, raised, outcome="uphold", reason="x", by=Actor(operator=True), now=now)
    with pytest.raises(NotFound):
        find_dispute(session, raised.public_id, by=actor_for(case.stranger))


@pytest.mark.parametrize(
    ("claim", "outcome", "reason", "fields"),
    [
        ("nobody", "amend", "x", {"outcome": "unknown_code"}),
        ("mine", "x", "", {"outcome": "unknown_code", "reason": "required"}),
        ("mine", "uphold", "x" * 2001, {"reason": "too_long"}),
    ],
)
def test_a_settlement_that_cannot_be(
    session: Session,
    case: Case,
    now: datetime,
    claim: str,
    outcome: str,
    reason: str,
    fields: dict[str, str],
) -> None:
    raised = _raise(session, case, now, claim)
    with pytest.raises(Invalid) as error:
        settle(
            session, raised, outcome=outcome, reason=reason, by=actor_for(case.operator), now=now
        )
    assert error.value.fields == fields
    assert raised.state == "open"


def test_of_two_operators_who_settle_at_once_one_wins_and_the_other_is_told(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        case = make_case(session, now)
        raised = _raise(session, case, now)
        raised_id, judges = raised.id, (case.operator.id, case.second_operator.id)
    ready = Barrier(2)

    def judge(user_id: int, outcome: str) -> str:
        with database.reading() as reading:  # both look before either settles
            by = actor_for(reading.get_one(User, user_id))
            assert reading.get_one(CreditDispute, raised_id).state == "open"
        ready.wait()
        try:
            with database.writing() as session:
                found = session.get_one(CreditDispute, raised_id)
                settle(session, found, outcome=outcome, reason=outcome, by=by, now=now)
        except Conflict as error:  # an IllegalTransition is one, too
            return error.code
        return "settled"

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(judge, judges, ("amend", "set_aside")))
    assert sorted(ends) in (["changed_meanwhile", "settled"], ["illegal_transition", "settled"])
    with database.reading() as session:
        found = session.get_one(CreditDispute, raised_id)
        winner = ("amend", "set_aside")[ends.index("settled")]
        assert found.settlement == winner
        assert found.settled_by_id == judges[ends.index("settled")]
        later = session.scalars(sa.select(CreditEntry).where(CreditEntry.replaces_id.is_not(None)))
        assert [line.says for line in later] == ["credit" if winner == "amend" else "strike"]


def test_erasing_a_party_empties_what_was_written(
    session: Session, case: Case, now: datetime
) -> None:
    raised = _raise(session, case, now)
    settle(session, raised, outcome="amend", reason="Yes.", by=actor_for(case.operator), now=now)
    session.flush()
    erase_person(session, user=case.colleague, by=actor_for(case.colleague), now=now)
    session.expire_all()
    assert (raised.reason, raised.settlement, raised.state) == ("", "", "amended")
    assert _credited(session) == [case.colleague.id]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["broker", "colleague", "stranger", "operator", "second_operator"]),
        st.sampled_from(["mine", "shared", "nobody", "withdraw"]),
        st.sampled_from(["uphold", "amend", "share", "set_aside", None]),
        st.integers(0, 20),
    ),
    max_size=8,
)


@pytest.fixture
def plain(sqlite_template: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A SQLite database for many short runs."""
    import shutil
    from pathlib import Path

    file = tmp_path_factory.mktemp("plain") / "plain.db"
    shutil.copyfile(Path(str(sqlite_template)), file)
    with Database(f"sqlite:///{file}") as made:
        yield made


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_is_disputed_lines_only_grow_and_nobody_stands_twice(
    plain: Database, now: datetime, steps: list[tuple[str, str, str | None, int]]
) -> None:
    with plain.writer() as session:
        case = make_case(session, now)
        before: list[tuple[object, ...]] = []
        for name, claim, outcome, place in steps:
            entries = list(session.scalars(sa.select(CreditEntry).order_by(CreditEntry.id)))
            _step(session, case, entries[place % len(entries)], name, claim, outcome, now)
            after = _lines(session)
            assert after[: len(before)] == before
            before = after
            standing = _credited(session)
            assert len(standing) == len(set(standing))
            for entry in entries:
                assert does_stand(session, entry) == (
                    entry.says == "credit" and entry.id not in {line[-1] for line in after}
                )
        salts: dict[int, str | None] = dict(session.execute(sa.select(User.id, User.salt)).all())
        assert list(proof.verify(session, salts=salts)) == []
        session.rollback()


def _lines(session: Session) -> list[tuple[object, ...]]:
    return [
        (line.public_id, line.user_id, line.says, line.sequence, line.at, line.replaces_id)
        for line in session.scalars(sa.select(CreditEntry).order_by(CreditEntry.id))
    ]


def _step(
    session: Session,
    case: Case,
    entry: CreditEntry,
    name: str,
    claim: str,
    outcome: str | None,
    now: datetime,
) -> None:
    """Raise a dispute as somebody, and end it somehow; what is refused changes nothing."""
    by = actor_for(getattr(case, name))
    try:
        with session.begin_nested():
            made = dispute(session, entry, claim=claim, reason=WHY, by=by, now=now)
    except DomainError:
        return
    try:
        with session.begin_nested():
            if outcome is None:
                withdraw(session, made, by=by, now=now)
            else:
                judge = actor_for(case.operator)
                settle(session, made, outcome=outcome, reason=WHY, by=judge, now=now)
    except DomainError:
        pass
