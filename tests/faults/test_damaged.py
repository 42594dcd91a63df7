"""Every file of an index damaged in every way: refused or read right, and always mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from matching import store
from matching.engine import MatchEngine
from matching.errors import IndexNeedsRebuild
from matching.writer import IndexWriter
from tenon.app import create_app
from tenon.clock import utc_now
from tenon.db import Database
from tenon.matches import indexing
from tenon.matches.engine import engine_of
from tenon.outbox.dispatcher import drain
from tenon.settings import Settings
from tests.factories.listings import make_achievement
from tests.faults import EVERYTHING, damage
from tests.faults.moments import FIRST, document

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def findings(quick_path: Path) -> list[dict[str, Any]]:
    """What came of each damage."""
    ways = len(damage.WAYS) if os.environ.get(EVERYTHING) else 2
    command = [sys.executable, "-m", "tests.faults.damage", str(quick_path), str(ways)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_every_file_is_tried(findings: list[dict[str, Any]]) -> None:
    tried = {each["file"].split("/")[-1] for each in findings}
    assert {"CURRENT", "meta.json", "documents.bin", "vectors.faiss", "journal.bin"} <= tried
    assert {"key.npy", "postings_rows.npy", "postings_tokens.json"} <= tried
    assert any(name.endswith(".idx") for name in tried)


def test_damage_is_refused_or_does_not_show(findings: list[dict[str, Any]]) -> None:
    """What is no error must be an answer; the text of a scratched one is not checked."""
    ends = [each for each in findings if each["reader"].startswith("ended")]
    assert ends == []
    other = {each["file"] for each in findings if each["reader"].startswith("other")}
    # A journal that was cut shows an earlier state; a scratch in numbers cannot be told.
    assert {name.split("/")[-1] for name in other} <= {"journal.bin", "key.npy", "serial.npy"}


def test_the_next_change_mends_it(findings: list[dict[str, Any]]) -> None:
    assert [each for each in findings if each["repaired"] != "right"] == []


def test_a_reader_goes_on_with_what_it_has_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    IndexWriter.rebuild(FIRST, tmp_path, [document(1)])
    engine = MatchEngine(FIRST, tmp_path)
    assert engine.find("激光")
    (tmp_path / store.POINTER).write_bytes(b"\xff\xfe what is this")
    assert [key for key, _ in engine.find("激光")] == [1]
    assert "the last state that can be read stays in use" in caplog.text
    with pytest.raises(IndexNeedsRebuild):
        MatchEngine(FIRST, tmp_path).find("激光")
    IndexWriter.rebuild(FIRST, tmp_path, [document(2)])
    assert [key for key, _ in engine.find("激光")] == [2]


@pytest.fixture
def client(database: Database, site: Settings) -> FlaskClient:
    return create_app(site, database).test_client()


def test_page_that_cannot_answer_has_the_index_repaired(
    session: Session, database: Database, site: Settings, client: FlaskClient, now: datetime
) -> None:
    listing = make_achievement(session, state="published", title="片球菌发酵剂")
    session.commit()
    indexing.rebuild(session, now=now)
    indexing.release(site)
    for path in site.index_folder.glob("g*/documents.bin"):
        path.write_bytes(b"")
    assert client.get("/search?q=片球菌").status_code == 503
    assert client.get("/search?q=片球菌").status_code == 503
    drain(database)
    answer = client.get("/search?q=片球菌")
    assert answer.status_code == 200
    assert listing.public_id in answer.text


def _scratch(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[40:44] = bytes(byte ^ 0xFF for byte in content[40:44])
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize("harm", [_scratch, _cut, Path.unlink])
def test_sweeper_mends_a_journal_that_lost_records(
    session: Session,
    database: Database,
    site: Settings,
    now: datetime,
    harm: Callable[[Path], None],
) -> None:
    make_achievement(session, state="published")
    session.commit()
    indexing.rebuild(session, now=now)
    late = [make_achievement(session, state="published", title="片球菌发酵剂") for _ in range(3)]
    session.commit()
    ids = [listing.id for listing in late]
    indexing.apply_changes(session, listing_ids=ids, now=utc_now())
    (journal,) = site.index_folder.glob("g*/journal.bin")
    harm(journal)
    # once with the writer still open, which knows nothing of it
    indexing.sweep(session, now=utc_now())
    assert indexing.compare(session, now=utc_now()).none
    assert {key for key, _ in engine_of(site).find("片球菌")} == set(ids)
