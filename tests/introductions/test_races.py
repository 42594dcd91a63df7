"""Two people at once: one wins, the other is told, nothing is half-written or told twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.errors import Conflict, DomainError, Forbidden
from tenon.history import HistoryEntry, proof
from tenon.introductions import services
from tenon.introductions.models import Introduction, IntroductionMessage
from tenon.introductions.states import OPEN_STATES
from tenon.listings.models import ListingGrant
from tenon.matches.models import MatchFeedback, MatchOutcome
from tenon.outbox.models import OutboxMessage
from tests.introductions.cast import Cast, bring_to, express, make_cast, take

Act = Callable[[Session, Introduction], object]
ROUNDS = 2


def _step(cast: Cast, step: str, role: str, now: datetime) -> Act:
    by = cast.actor(role)
    return lambda session, it: take(session, it, step, by=by, now=now)


def _together(database: Database, key: int, acts: list[Act]) -> list[DomainError | None]:
    """Do two things at once; return what each got: None, or why not.

    On PostgreSQL both have read the introduction before either writes. SQLite's one writer has
    the second wait before it reads.
    """
    both_read = threading.Barrier(len(acts))
    early = database.engine.dialect.name == "sqlite"

    def act(doing: Act) -> DomainError | None:
        try:
            if early:
                both_read.wait(timeout=30)
            with database.writing() as session:
                it = session.get_one(Introduction, key)
                if not early:
                    both_read.wait(timeout=30)
                doing(session, it)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def _won(outcomes: list[DomainError | None]) -> int:
    """Return who won; the other must have been told of a conflict.

    Or that they may not: who reads afterwards may find that it is not theirs any more.
    """
    assert outcomes.count(None) == 1, outcomes
    told = next(each for each in outcomes if each is not None)
    assert isinstance(told, Conflict | Forbidden), outcomes
    return outcomes.index(None)


def _set_up(database: Database, state: str, now: datetime) -> tuple[Cast, int]:
    with database.writing() as session:
        cast = make_cast(session)
        it = bring_to(session, cast, state, now=now)
    return cast, it.id


def _check(database: Database, key: int) -> Introduction:
    """What must hold whoever won; return the introduction as it is now."""
    with database.reading() as session:
        it = session.get_one(Introduction, key)
        moved = session.scalars(
            sa.select(OutboxMessage.payload).where(OutboxMessage.topic == "introduction.moved")
        ).all()
        told = [each["to"] for each in moved if each["id"] == key]
        chain = session.scalars(
            sa.select(HistoryEntry).filter_by(chain_id=it.public_id).order_by(HistoryEntry.sequence)
        ).all()
        assert told == [each.facts["to"] for each in chain if "to" in each.facts]
        assert told[-1] == it.state
        grants = session.scalars(sa.select(ListingGrant).filter_by(origin_id=key)).all()
        live = [(each.listing_id, each.tier) for each in grants if each.ends_at is None]
        assert len(set(live)) == len(live)
        assert bool(live) == (it.state in OPEN_STATES)
        outcomes = session.scalar(sa.select(sa.func.count(MatchOutcome.id)))
        assert outcomes == (1 if it.opened_at is not None else 0)
        words = session.scalar(sa.select(sa.func.count(MatchFeedback.id)))
        assert words == (1 if it.end_reason == "too_early" else 0)
        assert list(proof.verify(session)) == []
        return it


IN_ORDER = {
    ("decline", "ask_back"): "declined",
    ("pass_on", "withdraw"): "withdrawn",
    ("reply", "accept"): "nda",
}
"""Steps of which one may follow the other -> where both lead to."""


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize(
    ("state", "one", "other", "ends"),
    [
        ("asked", ("accept", "to_editor"), ("decline", "to_administrator"), ("nda", "declined")),
        ("asked", ("accept", "to_editor"), ("accept", "to_administrator"), ("nda", "nda")),
        ("asked", ("accept", "to_editor"), ("withdraw", "from_editor"), ("nda", "withdrawn")),
        (
            "asked",
            ("decline", "to_editor"),
            ("ask_back", "to_administrator"),
            ("declined", "asked_back"),
        ),
        ("asked_back", ("reply", "from_editor"), ("accept", "to_editor"), ("asked", "nda")),
        ("checking", ("pass_on", "broker"), ("withdraw", "from_editor"), ("asked", "withdrawn")),
        (
            "proposed",
            ("express", "from_editor"),
            ("withdraw", "proposer"),
            ("checking", "withdrawn"),
        ),
        ("nda", ("end", "from_editor"), ("end", "to_editor"), ("ended", "ended")),
        ("connected", ("end", "from_editor"), ("end", "to_editor"), ("ended", "ended")),
    ],
)
def test_one_wins_and_the_other_is_told(
    database: Database,
    now: datetime,
    state: str,
    one: tuple[str, str],
    other: tuple[str, str],
    ends: tuple[str, str],
    _round: int,
) -> None:
    cast, key = _set_up(database, state, now)
    acts = [_step(cast, step, role, now) for step, role in (one, other)]
    outcomes = _together(database, key, acts)
    if outcomes == [None, None]:  # the second read after the first wrote, and could follow it
        assert _check(database, key).state == IN_ORDER[one[0], other[0]]
        return
    winner = _won(outcomes)
    it = _check(database, key)
    assert it.state == ends[winner]
    with database.reading() as session:
        said = session.scalars(sa.select(IntroductionMessage.kind)).all()
    spoken = {"ask_back": "question", "reply": "reply"}
    lost = (one, other)[1 - winner][0]
    assert spoken.get(lost) not in said or state == "asked_back"


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("sweep", ["lapse", "void"])
def test_acceptance_against_time_and_against_a_listing_that_goes(
    database: Database, now: datetime, sweep: str, _round: int
) -> None:
    cast, key = _set_up(database, "asked", now)
    later = now + timedelta(days=22)

    def swept(session: Session, _it: Introduction) -> None:
        if sweep == "lapse":
            services.work_off_due(session, now=later)
        else:
            services.void_all_of(session, cast.result.id, now=later)

    accepted, swept_off = _together(
        database, key, [_step(cast, "accept", "to_editor", later), swept]
    )
    assert swept_off is None or isinstance(swept_off, Conflict)  # the sweep comes again
    it = _check(database, key)
    if accepted is None:
        assert it.state == "nda"
    else:
        assert isinstance(accepted, Conflict)
        assert it.state == {"lapse": "lapsed", "void": "void"}[sweep]


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("steps", [("pass_on", "pass_on"), ("take", "take"), ("take", "pass_on")])
def test_two_brokers_at_once(
    database: Database, now: datetime, steps: tuple[str, str], _round: int
) -> None:
    with database.writing() as session:
        cast = make_cast(session, result={"broker_id": None})
        it = express(session, cast, now=now)
    roles = ("broker", "other_broker")

    def act(step: str, role: str) -> Act:
        if step == "pass_on":
            return _step(cast, "pass_on", role, now)
        by = cast.actor(role)
        return lambda session, it: services.take_over(session, it, by=by, now=now)

    outcomes = _together(
        database, it.id, [act(step, role) for step, role in zip(steps, roles, strict=True)]
    )
    winner = _won(outcomes)
    assert _check(database, it.id).broker_id == cast.people[roles[winner]].id


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("paired", [True, False])
def test_both_ask_for_the_same_pair_at_once(
    database: Database, now: datetime, paired: bool, _round: int
) -> None:
    with database.writing() as session:
        cast = make_cast(session)
    start = threading.Barrier(2)
    turned = {
        "listing": cast.need,
        "own_listing": cast.result,
        "organisation_id": cast.university.id,
        "by": cast.actor("to_editor"),
    }
    colleague = {"own_listing": None, "by": cast.actor("from_administrator")}
    asks = [{}, turned] if paired else [{"own_listing": None}, colleague]

    def ask(values: dict[str, object]) -> DomainError | None:
        start.wait(timeout=30)
        try:
            with database.writing() as session:
                mine = {
                    name: session.merge(value, load=True)
                    if name.endswith("listing") and value
                    else value
                    for name, value in (
                        {"listing": cast.result, "own_listing": cast.need} | values
                    ).items()
                }
                express(session, cast, now=now, **mine)
        except DomainError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(ask, asks))
    _won(outcomes)
    assert next(each for each in outcomes if each).code == "already_introduced"
    with database.reading() as session:
        it = session.scalars(sa.select(Introduction)).one()
        topic = OutboxMessage.topic == "introduction.moved"
        assert len(session.scalars(sa.select(OutboxMessage).where(topic)).all()) == 1
        chain = HistoryEntry.chain_kind == "introduction"
        assert session.scalars(sa.select(HistoryEntry.chain_id).where(chain)).all() == [
            it.public_id
        ]


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_both_confirm_at_once_and_the_tier_opens_once(
    database: Database, now: datetime, _round: int
) -> None:
    cast, key = _set_up(database, "nda", now)
    acts = [_step(cast, "agree", role, now) for role in ("from_editor", "to_editor")]
    assert _together(database, key, acts) == [None, None]
    assert _check(database, key).state == "connected"
    with database.reading() as session:
        tiers = session.scalars(sa.select(ListingGrant.tier).filter_by(origin_id=key)).all()
        kinds = session.scalars(
            sa.select(HistoryEntry.kind).where(HistoryEntry.chain_kind == "introduction")
        ).all()
    assert sorted(tiers) == ["introduction", "introduction", "nda", "nda"]
    assert (kinds.count("nda_confirmed"), kinds.count("agree")) == (2, 1)


@pytest.mark.parametrize("_round", range(ROUNDS))
@pytest.mark.parametrize("other", [("agree", "to_administrator"), ("end", "from_editor")])
def test_second_confirmation_against_a_colleagues_and_against_an_end(
    database: Database, now: datetime, other: tuple[str, str], _round: int
) -> None:
    cast, key = _set_up(database, "nda", now)
    with database.writing() as session:
        it = session.get_one(Introduction, key)
        take(session, it, "agree", by=cast.actor("from_editor"), now=now)
    outcomes = _together(
        database, key, [_step(cast, "agree", "to_editor", now), _step(cast, *other, now)]
    )
    it = _check(database, key)
    if other[0] == "end" and outcomes == [None, None]:
        assert it.state == "ended"  # agreed first, then ended: both in order
        return
    winner = _won(outcomes)
    assert it.state == ("ended" if winner and other[0] == "end" else "connected")
