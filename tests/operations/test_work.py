"""The commands behind the site, as processes and as an operator types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenon.cli import tenon
from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import OutboxMessage, emit
from tenon.outbox.dispatcher import Dispatcher
from tenon.outbox.leases import holder
from tests.outbox import topics


@pytest.fixture(autouse=True)
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENON_DATABASE_URL", database_url)
    monkeypatch.setenv("TENON_VAR", str(tmp_path / "var"))


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(tenon, arguments)


def _emit(database: Database, topic: str, name: str) -> int:
    with database.writing() as session:
        message = emit(session, topic, {"name": name}, now=utc_now())
        session.flush()
        assert message is not None
        return message.id


def test_outbox_work_list_and_retry(database: Database) -> None:
    fine, bad = _emit(database, topics.COUNTED, "a"), _emit(database, topics.FAILING, "b")
    assert _run("outbox", "work").output == "2 messages worked\n"
    listed = json.loads(_run("outbox", "list", "--json").output)
    assert [(row["id"], row["error"]) for row in listed] == [(bad, "RuntimeError: as asked")]
    assert fine not in {row["id"] for row in listed}
    with database.writing() as session:
        session.get_one(OutboxMessage, bad).failed_at = utc_now()
    assert "given up" in _run("outbox", "list").output
    assert _run("outbox", "retry").output == "1 messages start anew\n"


def test_outbox_work_beside_a_dispatcher_says_who_does_it(database: Database) -> None:
    other = Dispatcher(database)
    other.turn()
    refused = _run("outbox", "work")
    assert refused.exit_code == 1
    assert other.owner in refused.output


def test_status_counts_and_says_where_something_is_wrong(database: Database) -> None:
    key = _emit(database, topics.COUNTED, "a")
    fine = _run("status", "--json")
    assert fine.exit_code == 0
    facts = json.loads(fine.output)
    assert (facts["outbox_waiting"], facts["outbox_given_up"], facts["users"]) == (1, 0, 0)
    assert facts["migration"] == facts["newest_migration"]
    with database.writing() as session:
        session.get_one(OutboxMessage, key).failed_at = utc_now()
    assert _run("status").exit_code == 3


def test_dispatcher_works_until_it_is_told_to_stop_and_gives_its_lease_back(
    database: Database, tmp_path: Path
) -> None:
    script = "import sys, tests.outbox.topics; from tenon.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "dispatcher"],
        cwd=Path(__file__).resolve().parents[2],
        env=dict(os.environ),
    )
    _emit(database, topics.COUNTED, "a")
    limit = time.monotonic() + 180
    while topics.done(database) != {"a": 1}:
        assert time.monotonic() < limit
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    with database.reading() as session:
        assert holder(session, "dispatcher", now=utc_now()) is None


@pytest.mark.parametrize("command", ["worker", "beat"])
def test_celery_commands_without_redis_say_what_to_set(command: str) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "tenon", command],
        capture_output=True,
        text=True,
        check=False,
        env=dict(os.environ),
    )
    assert refused.returncode == 1
    assert refused.stderr == "tenon: this needs TENON_REDIS_URL\n"
