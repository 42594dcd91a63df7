"""A running site whose TENON_ENCODER was changed: asked all the time, and killed half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tenon.db import Database
from tenon.matches import encoders, recoding
from tests.factories.listings import make_achievement
from tests.operations.test_run import _free_port

ROOT = Path(__file__).resolve().parents[2]
NUMBER = 60

# The site as it is, but for slices small enough to be killed between two of them.
SERVE = """
import sys
import matching.recoding
from tenon.matches import recoding
matching.recoding.BATCH = 1
recoding.SLICE_SECONDS = 0.0
import time
step = matching.recoding.Recoding.step
matching.recoding.Recoding.step = lambda *a, **k: (time.sleep(0.2), step(*a, **k))[1]
from tenon.cli import main
main()
"""


class Site:
    """``tenon run`` with a model, its words in a file."""

    def __init__(self, var: Path, model: Path) -> None:
        self.folder = var / "index"
        self.port = _free_port()
        self.log = var.with_suffix(".log")
        self.environment = {
            "PATH": os.environ["PATH"],
            "TENON_VAR": str(var),
            "TENON_ENCODER": str(model),
            "TENON_RATE_LIMITS": "no",  # it is asked in a loop
        }
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, "run", "--no-demo", "--port", str(self.port)],
                env=self.environment,
                cwd=ROOT,
                stdout=out,
                stderr=out,
            )

    def found(self) -> int | None:
        """How many of the listings a search finds; None while the site is not up."""
        address = f"http://127.0.0.1:{self.port}/search?q={urllib.parse.quote('测温装置')}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                page = answer.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert self.process.poll() is None, self.log.read_text()
            return None
        return sum(f"测温装置{number}号" in page for number in range(NUMBER))

    def model(self) -> str:
        """Name of the model that the index is of."""
        return (encoders.id_in(self.folder) or "").rsplit("-", 1)[0]

    def done(self) -> int:
        """How many documents are encoded anew."""
        try:
            told = json.loads((self.folder / recoding.STATE).read_text())
        except OSError:
            return 0
        return int(told["done"])

    def end(self, number: signal.Signals) -> None:
        """Send a signal and wait."""
        self.process.send_signal(number)
        self.process.wait(60)


def _until(met: Callable[[], bool], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < limit
        time.sleep(0.02)


@pytest.fixture
def start() -> Iterator[Callable[[Path, Path], Site]]:
    """Starts sites, and leaves none behind whatever the test does."""
    started: list[Site] = []

    def begin(var: Path, model: Path) -> Site:
        started.append(Site(var, model))
        return started[-1]

    yield begin
    for site in started:
        site.process.kill()
        site.process.wait()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_live_site_before_during_and_after(
    session: Session,
    database: Database,
    tmp_path: Path,
    models: Path,
    start: Callable[[Path, Path], Site],
) -> None:
    var = tmp_path / "live"
    var.mkdir()
    for number in range(NUMBER):
        make_achievement(session, state="published", title=f"测温装置{number}号")
    session.commit()
    database.dispose()
    (tmp_path / "tenon.db").rename(var / "tenon.db")

    before = start(var, models / "first")
    _until(lambda: before.found() is not None)
    shown = before.found()
    before.end(signal.SIGTERM)
    assert shown
    assert before.model() == "first"

    during = start(var, models / "second")
    _until(lambda: during.found() is not None)
    assert during.found() == shown  # served by the old index, at once
    _until(lambda: during.done() > 5)
    during.end(signal.SIGKILL)
    assert during.model() == "first"
    reached = during.done()
    assert 5 < reached < NUMBER

    after = start(var, models / "second")
    _until(lambda: after.found() is not None)
    seen = set()
    while after.model() != "second":
        seen.add(after.found())
    moved = time.monotonic()
    while "answering with the model second" not in after.log.read_text():
        seen.add(after.found())
        assert time.monotonic() - moved < 180  # a second or two where the machine has time
    seen.add(after.found())
    words = after.log.read_text()
    status = subprocess.run(
        [sys.executable, "-m", "tenon", "status", "--json"],
        env=after.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    after.end(signal.SIGTERM)

    assert seen == {shown}
    assert "encoding the index anew with second" in words
    assert json.loads(status.stdout)["index_encoding"] == "done"
    assert not (after.folder / "recoding").exists()
