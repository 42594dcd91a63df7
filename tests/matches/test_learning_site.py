"""``tenon learn`` on a site of made-up users: it learns what they want, and nothing from noise."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from matching.engine import MatchEngine
from matching.learning.judged import load_judged
from matching.ranking import Learned, load_weights, with_learned
from tenon import settings as environment
from tenon.cli import tenon
from tenon.matches.models import MatchFeedback
from tenon.settings import Settings
from tests.matches.learnt import small_judged, write_visits
from tests.unit.matching.learning.simulated import AS_SHIPPED, World

WISHES = AS_SHIPPED | {"requirements": 3.5, "fields": 3.0, "region": 0.8}

Run = Callable[..., Result]


@pytest.fixture
def run(site: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command on this test's site, with a judged set of the test's own.

    The shipped one has its own tests; here it would make the verdict hang on the retrieval.
    """
    monkeypatch.setattr(environment, "load", lambda: site)
    gate = partial(load_judged, folder=small_judged(tmp_path / "judged"))
    monkeypatch.setattr("tenon.matches.learning.commands.load_judged", gate)
    return lambda *arguments: CliRunner().invoke(tenon, list(arguments))


def test_it_learns_what_users_want_and_can_be_rolled_back(
    run: Run, session: Session, engine: MatchEngine
) -> None:
    world = World(6, WISHES, eta=0.8)
    write_visits(session, world, 560)
    session.commit()
    dry = json.loads(run("learn", "--dry-run", "--json").output)
    assert (dry["verdict"], dry["kept"]) == ("better", None)
    assert json.loads(run("learn", "history", "--json").output) == []
    told = json.loads(run("learn", "--apply", "--json").output)
    assert (told["verdict"], told["kept"], told["runs"]) == ("better", 1, True)
    assert told["held_out"]["low"] > 0
    assert told["examination"]["words"] > 0
    assert set(told["judged"]) == {"all", "zh", "en"}
    ours, texts = told["weights"]["requirements"], told["weights"]["relevance"]
    assert ours[1] / texts[1] > 2 * ours[0] / texts[0]
    (row,) = json.loads(run("learn", "history", "--json").output)
    learned = with_learned(load_weights(), Learned.from_record(row["weights"]))
    assert engine._running() == learned
    shipped = world.true_utility(load_weights())
    assert world.true_utility(learned) > shipped + 0.5
    again = run("learn", "--apply")
    assert "nothing changes: not better" in again.output
    assert "1  running" in run("learn", "history").output
    assert "the shipped weights run" in run("learn", "rollback").output
    assert repr(engine._running()) == repr(load_weights())
    assert "nothing to go back to" in run("learn", "rollback").output
    assert "version 1 runs" in run("learn", "run", "1").output
    assert engine._running() == learned
    refused = run("learn", "rollback", "7")
    assert (refused.exit_code, "no such version" in refused.output) == (1, True)
    assert "the shipped weights run" in run("learn", "rollback", "0").output


def test_a_candidate_changes_nothing_until_it_runs(
    run: Run, session: Session, engine: MatchEngine
) -> None:
    write_visits(session, World(6, WISHES, eta=0.8), 560)
    session.commit()
    kept = run("learn")
    assert "kept as version 1" in kept.output
    assert "tenon learn run 1" in kept.output
    assert "weight of requirements" in kept.output
    assert engine._running() == load_weights()
    assert "candidate" in run("learn", "history").output
    assert "version 1 runs" in run("learn", "run", "1").output
    assert engine._running().learned == 1


def test_noise_changes_nothing(run: Run, session: Session, engine: MatchEngine) -> None:
    write_visits(session, World(3, None), 300)
    session.commit()
    told = json.loads(run("learn", "--apply", "--json").output)
    assert (told["verdict"], told["kept"], told["runs"]) == ("not_better", None, False)
    assert engine._running() == load_weights()


def test_own_words_alone_are_too_few(run: Run, session: Session) -> None:
    write_visits(session, World(6, WISHES), 300)
    session.query(MatchFeedback).update({"own": True})
    session.commit()
    told = json.loads(run("learn", "--apply", "--json").output)
    assert (told["verdict"], told["words"]) == ("too_few", 0)
    assert told["own"] > 200
    assert "too few words: it takes 200" in run("learn").output


def test_options_that_contradict_each_other_are_refused(run: Run) -> None:
    assert run("learn", "--apply", "--dry-run").exit_code == 2
