"""Learned weights: kept, let run, rolled back to the last bit; one runs; processes follow."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.learning.running import RunningWeights
from matching.learning.trial import Trial
from matching.ranking import Learned, load_weights, with_learned
from tenon.actors import SYSTEM, VISITOR
from tenon.db import Database
from tenon.errors import Conflict, Forbidden, NotFound
from tenon.history.models import HistoryEntry
from tenon.history.proof import verify
from tenon.matches import personal
from tenon.matches.learning import versions
from tenon.matches.models import RankingVersion
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.factories.accounts import actor_for, grant_role, make_user
from tests.matches.learnt import better_trial


def keep(session: Session, now: datetime, base: str | None = None) -> RankingVersion:
    trial = better_trial(versions.next_number(session), base)
    return versions.keep(session, trial, by=SYSTEM, now=now)


def let_run(session: Session, number: int, now: datetime) -> None:
    versions.let_run(session, number, by=SYSTEM, now=now)


def test_a_version_is_kept_let_run_and_rolled_back_bit_for_bit(
    session: Session, now: datetime
) -> None:
    first, second = keep(session, now), keep(session, now)
    assert versions.weights_of(versions.running_version(session)) == load_weights()
    for version in (first, second):
        let_run(session, version.number, now)
        session.flush()
        session.expire_all()
        running = versions.running_version(session)
        assert running is not None
        expected = better_trial(version.number).learned
        assert isinstance(expected, Learned)
        assert versions.weights_of(running) == with_learned(load_weights(), expected)
    assert [one.state for one in versions.versions(session)] == ["running", "retired"]
    assert versions.roll_back(session, by=SYSTEM, now=now) is first
    assert versions.roll_back(session, by=SYSTEM, now=now) is None
    assert repr(versions.weights_of(versions.running_version(session))) == repr(load_weights())
    with pytest.raises(Conflict, match="nothing_runs"):
        versions.roll_back(session, by=SYSTEM, now=now)
    let_run(session, 2, now)
    let_run(session, versions.SHIPPED, now)
    assert [one.state for one in versions.versions(session)] == ["retired", "retired"]


def test_what_never_ran_is_not_gone_back_to(session: Session, now: datetime) -> None:
    for _ in range(3):
        keep(session, now)
    let_run(session, 1, now)
    let_run(session, 3, now)
    assert versions.number_before(session) == 1


def test_only_one_runs_also_by_the_database(session: Session, now: datetime) -> None:
    keep(session, now)
    keep(session, now)
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(sa.update(RankingVersion).values(state="running"))


def test_only_operators_steer(session: Session, now: datetime) -> None:
    operator = actor_for(grant_role(session, make_user(session), "operator"))
    broker = actor_for(grant_role(session, make_user(session), "broker"))
    for by in (broker, VISITOR, actor_for(make_user(session))):
        with pytest.raises(Forbidden):
            versions.keep(session, better_trial(1), by=by, now=now)
    versions.keep(session, better_trial(1), by=operator, now=now)
    for by in (broker, VISITOR):
        with pytest.raises(Forbidden):
            versions.let_run(session, 1, by=by, now=now)
    versions.let_run(session, 1, by=operator, now=now)
    with pytest.raises(Forbidden):
        versions.roll_back(session, by=broker, now=now)
    with pytest.raises(Conflict, match="runs_already"):
        versions.let_run(session, 1, by=operator, now=now)
    with pytest.raises(NotFound):
        versions.let_run(session, 9, by=operator, now=now)


def test_only_what_is_better_is_kept_and_once(session: Session, now: datetime) -> None:
    trial = better_trial(1)
    worse = Trial("not_better", trial.words, trial.examination, trial.learned, trial.comparison)
    with pytest.raises(ValueError, match="better"):
        versions.keep(session, worse, by=SYSTEM, now=now)
    versions.keep(session, trial, by=SYSTEM, now=now)
    with pytest.raises(Conflict, match="changed_meanwhile"):
        versions.keep(session, trial, by=SYSTEM, now=now)


def test_every_move_is_history_that_holds(session: Session, now: datetime) -> None:
    version = keep(session, now)
    let_run(session, 1, now)
    versions.roll_back(session, by=SYSTEM, now=now)
    entries = session.scalars(
        sa.select(HistoryEntry)
        .where(HistoryEntry.chain_kind == "ranking", HistoryEntry.chain_id == version.public_id)
        .order_by(HistoryEntry.sequence)
    ).all()
    assert [entry.kind for entry in entries] == ["learned", "run", "retire"]
    assert entries[0].facts["figures"]["held_out"]["words"] == 120
    assert entries[2].facts["number"] == 0
    assert list(verify(session)) == []


def test_another_releases_version_does_not_run(
    session: Session, site: Settings, now: datetime
) -> None:
    version = keep(session, now, base="0" * 16)
    with pytest.raises(Conflict, match="other_release"):
        let_run(session, 1, now)
    version.state = "running"  # it ran when the release was replaced
    session.commit()
    versions.publish(session, site)
    assert RunningWeights(site.ranking_file)() == load_weights()
    assert versions.weights_of(version) == load_weights()


def test_running_processes_follow_without_a_restart(
    session: Session, database: Database, engine: MatchEngine, site: Settings, now: datetime
) -> None:
    assert engine._running() == load_weights()
    keep(session, now)
    let_run(session, 1, now)
    session.commit()
    drain(database, now=now)
    assert engine._running().learned == 1
    site.ranking_file.write_text("{}")
    assert engine._running() == load_weights()
    versions.publish(session, site)
    assert engine._running().learned == 1
    session.rollback()
    with database.writing() as writing:
        versions.roll_back(writing, by=SYSTEM, now=now)
    drain(database, now=now)
    assert repr(engine._running()) == repr(load_weights())
    assert not site.ranking_file.exists()


def test_who_learned_it_is_told_and_forgotten(session: Session, now: datetime) -> None:
    operator = grant_role(session, make_user(session), "operator")
    version = versions.keep(session, better_trial(1), by=actor_for(operator), now=now)
    assert personal.collect(session, operator)["rankings"] == [{"number": 1, "at": now.isoformat()}]
    personal.erase(session, operator, now)
    session.refresh(version)
    assert version.made_by_id is None
