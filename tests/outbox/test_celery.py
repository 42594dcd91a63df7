"""A real Celery worker on a real Redis: killed, robbed of its messages, and the work done once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import emit
from tenon.outbox.dispatcher import Dispatcher
from tenon.settings import Settings
from tenon.worker import make_celery
from tests.outbox import topics
from tests.outbox.test_killed import ROOT, wait_for
from tests.redis_server import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.xdist_group("redis")]

WORK = """
import sys
import tests.outbox.topics
from tenon.cli import main
sys.argv = ["tenon", "worker", "--concurrency", "1"]
main()
"""


@pytest.fixture
def site(settings: Settings, redis_server: RedisServer) -> Settings:
    redis_server.flush()
    values = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    return Settings(**values | {"redis_url": redis_server.url, "visibility_seconds": 1})


@pytest.fixture
def dispatcher(database: Database, site: Settings) -> Iterator[Dispatcher]:
    """The site's dispatcher, sending to Celery as ``tenon dispatcher`` does."""
    celery = make_celery(site)
    with celery.connection_for_write() as connection:

        def send(message_id: int) -> None:
            celery.send_task("tenon.work", args=[message_id], connection=connection)

        yield Dispatcher(database, send=send)
    celery.close()


@contextmanager
def worker(site: Settings, mark: Path, log: Path) -> Iterator[Callable[[], None]]:
    """Run ``tenon worker`` in a process group of its own; yields what kills the whole group."""
    environ = os.environ | {
        "TENON_ENVIRONMENT": "test",
        "TENON_VAR": str(site.var),
        "TENON_DATABASE_URL": site.database_url,
        "TENON_SECRET_KEY": site.secret_key,
        "TENON_REDIS_URL": site.redis_url,
        "TENON_VISIBILITY_SECONDS": str(site.visibility_seconds),
        topics.MARK: str(mark),
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", WORK],
            cwd=ROOT,
            env=environ,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )

    def kill() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    try:
        yield kill
    finally:
        kill()


def _turn_until_done(
    dispatcher: Dispatcher, database: Database, expected: dict[str, int], log: Path
) -> None:
    limit = time.monotonic() + 180
    while topics.done(database) != expected:
        assert time.monotonic() < limit, log.read_text(errors="replace")
        dispatcher.turn()
        time.sleep(0.1)


def _emit(database: Database, *names: str) -> None:
    with database.writing() as session:
        for name in names:
            emit(session, topics.COUNTED, {"name": name}, now=utc_now())


def test_worker_killed_in_the_middle_of_a_task_and_it_is_done_exactly_once(
    database: Database, dispatcher: Dispatcher, site: Settings, tmp_path: Path
) -> None:
    mark, log = tmp_path / "mark", tmp_path / "worker.log"
    mark.touch()
    _emit(database, "first", "second")
    dispatcher.turn()
    with worker(site, mark, log) as kill:
        wait_for(mark.with_suffix(".begun"))
        kill()
    assert topics.done(database) == {}
    mark.unlink()
    with worker(site, mark, log):
        expected = {"first": 1, "second": 1}
        _turn_until_done(dispatcher, database, expected, log)
        time.sleep(2)  # whatever Redis still redelivers finds the work done
        assert topics.done(database) == expected


def test_message_lost_on_the_way_is_sent_again_after_its_lease(
    database: Database,
    dispatcher: Dispatcher,
    site: Settings,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    log = tmp_path / "worker.log"
    _emit(database, "lost")
    assert dispatcher.turn() == 1
    redis_server.flush()
    with worker(site, tmp_path / "no mark", log):
        _turn_until_done(dispatcher, database, {"lost": 1}, log)
