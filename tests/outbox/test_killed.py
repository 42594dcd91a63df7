"""A dispatcher's process is killed in the middle of its work; the work is done once in effect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from tenon.clock import utc_now
from tenon.db import Database
from tenon.outbox import emit
from tenon.outbox.dispatcher import drain
from tests.outbox import topics

ROOT = Path(__file__).resolve().parents[2]
DISPATCH = """
import sys
from tenon.db import Database
from tenon.outbox.dispatcher import Dispatcher
import tests.outbox.topics
Dispatcher(Database(sys.argv[1])).run()
"""


def wait_for(file: Path, seconds: float = 180) -> None:
    """Wait until a file appears."""
    limit = time.monotonic() + seconds
    while not file.exists():
        assert time.monotonic() < limit, f"{file.name} did not come"
        time.sleep(0.02)


def test_killed_in_the_middle_is_done_exactly_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    now = utc_now()
    mark = tmp_path / "mark"
    mark.touch()
    with database.writing() as session:
        for name in ("first", "second", "third"):
            emit(session, topics.COUNTED, {"name": name}, now=now)
    process = subprocess.Popen(
        [sys.executable, "-c", DISPATCH, database_url],
        cwd=ROOT,
        env=os.environ | {topics.MARK: str(mark)},
    )
    wait_for(mark.with_suffix(".begun"))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert topics.done(database) == {}
    assert drain(database) == 0  # the dead one's lease still holds
    assert drain(database, now=utc_now() + timedelta(seconds=20)) == 3
    assert topics.done(database) == {"first": 1, "second": 1, "third": 1}
