"""The commands: build, check, sweep, match; and a start that builds what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from matching.writer import IndexWriter
from tenon import settings as environment
from tenon.cli import tenon
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import building, indexing
from tenon.matches.engine import encoder_of
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.factories.listings import make_achievement, make_need

Run = Callable[..., Result]


@pytest.fixture
def run(site: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on this test's site."""
    monkeypatch.setattr(environment, "load", lambda: site)
    return lambda *arguments: CliRunner().invoke(tenon, list(arguments))


def test_index_is_built_checked_and_swept(run: Run, session: Session) -> None:
    make_achievement(session, state="published")
    session.commit()
    missing = run("index", "check")
    assert missing.exit_code == 1
    assert "tenon index rebuild" in missing.output
    built = json.loads(run("index", "rebuild", "--json").output)
    assert (built["listings"], built["by"]) == (1, "this process")
    assert run("index", "check").exit_code == 0
    fresh = make_need(session, state="published")
    session.commit()
    differs = run("index", "check", "--json")
    assert differs.exit_code == 3
    assert json.loads(differs.output)["missing"] == [fresh.id]
    assert json.loads(run("index", "sweep", "--json").output)["missing"] == [fresh.id]
    assert run("index", "check").exit_code == 0


def test_match_prints_what_a_visitor_would_see(run: Run, session: Session) -> None:
    found = make_achievement(session, state="published")
    make_achievement(session, state="draft")
    session.commit()
    run("index", "rebuild")
    text = "想要高温管道外壁连续测温的装置，更换不停产"
    told = json.loads(run("match", text, "--json").output)
    assert told["side"] == "need"
    assert [each["id"] for each in told["matches"]] == [found.public_id]
    assert found.texts[0].title in run("match", text, "--side", "need").output


def test_start_builds_a_missing_index_and_repairs_a_stale_one(
    site: Settings, database: Database, session: Session
) -> None:
    make_achievement(session, state="published")
    session.commit()
    assert building.ensure_index(database, site, quiet=True)
    make_need(session, state="published")
    session.commit()
    assert not building.ensure_index(database, site, quiet=True)
    assert indexing.compare(session, now=utc_now()).none


def test_rebuild_goes_through_the_dispatcher_that_holds_the_index(
    site: Settings, database: Database, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_achievement(session, state="published")
    session.commit()
    building.build(database, site, quiet=True)
    make_need(session, state="published")
    session.commit()
    other = IndexWriter(encoder_of(site), site.index_folder)

    def dispatch(_seconds: float) -> None:
        other.close()
        drain(database)

    monkeypatch.setattr("tenon.matches.building.time.sleep", dispatch)
    indexing.release(site)
    assert not building.build_wherever(database, site, quiet=True)
    assert indexing.compare(session, now=utc_now()).none
