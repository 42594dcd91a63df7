"""Another TENON_ENCODER: the old index serves until all is encoded anew, and none is ever mixed."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matching import recoding as encoding
from matching.engine import MatchEngine
from tenon import settings as environment
from tenon.app import create_app
from tenon.cli import tenon
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.services import announce
from tenon.matches import building, encoders, indexing, recoding
from tenon.matches.engine import engine_of
from tenon.matches.sites import remember_site
from tenon.outbox.dispatcher import Dispatcher, drain
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings
from tests.factories.listings import make_achievement


@pytest.fixture
def listings(session: Session) -> list[int]:
    """Some public results."""
    made = [make_achievement(session, state="published", title=f"测温装置{n}号") for n in range(9)]
    session.commit()
    return [listing.id for listing in made]


def _keys(engine: MatchEngine) -> set[int]:
    return {key for key, _ in engine.find("测温")}


def _with(site: Settings, model: Path | None) -> Settings:
    """Settings after a restart with another model."""
    changed = replace(site, encoder="" if model is None else str(model))
    remember_site(changed)
    return changed


def _held(settings: Settings) -> str:
    return (encoders.id_in(settings.index_folder) or "").rsplit("-", 1)[0]


def _until(met: Callable[[], bool], seconds: float = 180) -> None:
    limit = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < limit
        time.sleep(0.02)


def _answers(settings: Settings, encoder: str) -> bool:
    return engine_of(settings).state().encoder.startswith(encoder)


def test_site_serves_the_old_index_and_moves_over_when_all_is_encoded(
    database: Database, site: Settings, models: Path, listings: list[int]
) -> None:
    building.ensure_index(database, site, quiet=True)
    old = engine_of(site)
    asked = _keys(old)
    assert asked == set(listings)
    changed = _with(site, models / "first")

    assert not building.ensure_index(database, changed, quiet=True)
    assert (_held(changed), engine_of(changed)) == ("tenon-static", old)
    assert recoding.state(changed).words.startswith("being encoded anew with")
    drain(database)

    assert _held(changed) == "first"
    # an engine that somebody still holds goes on with what it had
    assert _keys(old) == asked
    _until(lambda: _answers(changed, "first"))
    assert _keys(engine_of(changed)) == asked
    assert recoding.state(changed).words == ""
    assert not (changed.index_folder / encoding.FOLDER).exists()
    with database.reading() as reader:
        assert indexing.compare(reader, now=utc_now()).none
    # a process that has not been restarted yet, with the setting of before, follows too
    assert _answers(site, "first")


def test_what_is_published_and_withdrawn_meanwhile_is_right_in_the_new_index(
    session: Session,
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    monkeypatch.setattr(recoding, "SLICE_SECONDS", 0.0)
    building.ensure_index(database, site, quiet=True)
    changed = _with(site, models / "first")
    building.ensure_index(database, changed, quiet=True)
    dispatcher = Dispatcher(database)
    dispatcher.turn()
    dispatcher.turn()
    assert 0 < recoding.state(changed).done < len(listings)

    fresh = make_achievement(session, state="published", title="片球菌发酵剂")
    gone = session.get_one(type(fresh), listings[0])
    gone.state = "withdrawn"
    announce(session, [fresh.id, gone.id], now=utc_now())
    session.commit()
    dispatcher.turn()
    # the old index is kept up while it serves
    assert _held(changed) == "tenon-static"
    assert [key for key, _ in engine_of(changed).find("片球菌")] == [fresh.id]
    dispatcher.let_go()
    drain(database)

    assert _held(changed) == "first"
    _until(lambda: _answers(changed, "first"))
    assert [key for key, _ in engine_of(changed).find("片球菌")] == [fresh.id]
    assert gone.id not in {key for key, _ in engine_of(changed).find("测温")}
    with database.reading() as reader:
        assert indexing.compare(reader, now=utc_now()).none
    # one row for all slices
    topics = session.scalars(
        sa.select(OutboxMessage.topic).where(OutboxMessage.topic == "index.encode")
    )
    assert topics.all() == ["index.encode"]


def test_going_back_half_way_ends_it(
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    monkeypatch.setattr(recoding, "SLICE_SECONDS", 0.0)
    building.ensure_index(database, site, quiet=True)
    building.ensure_index(database, _with(site, models / "first"), quiet=True)
    dispatcher = Dispatcher(database)
    dispatcher.turn()
    dispatcher.let_go()
    back = _with(site, None)
    building.ensure_index(database, back, quiet=True)
    drain(database)

    assert (_held(back), recoding.state(back).words) == ("tenon-static", "")
    assert not (back.index_folder / encoding.FOLDER).exists()


@pytest.mark.parametrize("name", ["unfit", "broken"])
def test_unusable_model_leaves_the_old_one_serving_and_says_what_to_do(
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    name: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    building.ensure_index(database, site, quiet=True)
    changed = _with(site, models / name)
    building.ensure_index(database, changed, quiet=True)
    with caplog.at_level(logging.ERROR, "tenon.matches"):
        drain(database)

    assert "is not used, the site goes on with tenon-static" in caplog.text
    assert _held(changed) == "tenon-static"
    assert _keys(engine_of(changed)) == set(listings)
    monkeypatch.setattr(environment, "load", lambda: changed)
    check, status = _run("index", "check"), _run("status")
    assert check.exit_code == 0
    assert status.exit_code == 3
    for told in (check.output, status.output):
        assert "the old model goes on" in told
        assert "name another model in TENON_ENCODER" in told
    # and should the index be lost meanwhile, it is built with the model that works
    for path in changed.index_folder.glob("g*/vectors.faiss"):
        path.write_bytes(b"")
    with database.reading() as reader:
        indexing.sweep(reader, now=utc_now())
    assert _held(changed) == "tenon-static"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(tenon, arguments)


def test_model_of_the_index_that_is_gone_is_built_before_serving(
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lent = tmp_path / "lent"
    shutil.copytree(models / "first", lent)
    building.ensure_index(database, _with(site, lent), quiet=True)
    shutil.rmtree(lent)
    shutil.copytree(models / "second", lent)
    encoders.keep_only(encoders.SHIPPED)
    back = _with(site, None)
    with caplog.at_level(logging.WARNING, "tenon.matches"):
        assert building.ensure_index(database, back, quiet=True)

    assert "the model that the index is of is gone" in caplog.text
    assert _held(back) == "tenon-static"
    assert _keys(engine_of(back)) == set(listings)


def test_index_from_before_the_notes_is_known_by_its_model(
    database: Database, site: Settings, listings: list[int]
) -> None:
    building.ensure_index(database, site, quiet=True)
    (site.index_folder / encoders.NOTES).unlink()

    assert not building.ensure_index(database, site, quiet=True)
    drain(database)
    assert set(encoders.noted_in(site.index_folder).values()) == {""}
    assert recoding.state(site).words == ""


def test_status_and_check_tell_how_far_it_is(
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    monkeypatch.setattr(recoding, "SLICE_SECONDS", 0.0)
    building.ensure_index(database, site, quiet=True)
    changed = _with(site, models / "first")
    building.ensure_index(database, changed, quiet=True)
    dispatcher = Dispatcher(database)
    dispatcher.turn()
    dispatcher.let_go()
    monkeypatch.setattr(environment, "load", lambda: changed)

    told = json.loads(_run("status", "--json").output)
    assert told["index_encoder"].startswith("tenon-static-")
    assert told["index_encoding"].endswith(f"2 of {len(listings)} documents")
    checked = json.loads(_run("index", "check", "--json").output)
    assert checked["encoding"]["done"] == 2


def test_pages_answer_before_during_and_after(
    session: Session,
    database: Database,
    site: Settings,
    models: Path,
    listings: list[int],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "BATCH", 2)
    monkeypatch.setattr(recoding, "SLICE_SECONDS", 0.0)
    building.ensure_index(database, site, quiet=True)
    changed = _with(site, models / "second")
    client = create_app(changed, database).test_client()
    building.ensure_index(database, changed, quiet=True)
    dispatcher = Dispatcher(database)
    seen = [_found(client)]
    while dispatcher.turn():
        seen.append(_found(client))
    dispatcher.let_go()
    _until(lambda: _answers(changed, "second"))
    seen.append(_found(client))

    assert len(seen) > 4
    assert set(seen) == {(200, 9)}


def _found(client: FlaskClient) -> tuple[int, int]:
    answer = client.get("/search?q=测温装置")
    return answer.status_code, sum(f"测温装置{n}号" in answer.text for n in range(9))
