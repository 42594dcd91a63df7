"""``tenon run`` from nothing: killed half-way, started again, stopped in good order."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tenon import schema
from tenon.db import Database

pytestmark = pytest.mark.xdist_group("run")

LISTINGS = 132 + 88

Begun = tuple[Path, list[tuple[str, ...]]]  # the folder, and the sign-ins that were printed


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Run:
    """One ``tenon run`` on a folder, its words in a file."""

    def __init__(self, var: Path) -> None:
        self.port = _free_port()
        self.words = var.with_suffix(".log")
        with self.words.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tenon", "run", "--port", str(self.port)],
                env={"PATH": os.environ["PATH"], "TENON_VAR": str(var)},
                cwd="/",
                stdout=out,
                stderr=out,
            )

    def answers(self) -> bool:
        """Whether the site is up."""
        assert self.process.poll() is None, self.words.read_text()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(60)


def _until(met: Callable[[], bool], seconds: float = 120) -> float:
    begun = time.monotonic()
    while not met():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return time.monotonic() - begun


def _count(var: Path) -> int:
    with Database(f"sqlite:///{var / 'tenon.db'}") as database, database.reading() as session:
        return session.scalar(sa.text("SELECT count(*) FROM listings")) or 0


def _sign_ins(run: Run) -> list[tuple[str, ...]]:
    """Return role, address and password of each sign-in that a start printed."""
    return re.findall(r"^  ([a-z-]+) +(\S+@\S+) +(\S{12,})$", run.words.read_text(), re.MULTILINE)


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """A folder whose first start was killed twice half-way and then let through."""
    var = tmp_path_factory.mktemp("run") / "var"
    for moment in (var / "tenon.db", var / "index"):
        run = Run(var)
        _until(lambda: moment.exists() or run.process.poll() is not None)  # noqa: B023  # asked at once
        assert run.process.poll() is None, run.words.read_text()
        time.sleep(0.3)
        run.end(signal.SIGKILL)
    run = Run(var)
    _until(run.answers)
    assert run.end(signal.SIGTERM) == 0
    assert f"http://127.0.0.1:{run.port}" in run.words.read_text()
    return var, _sign_ins(run)


def test_start_after_half_starts_is_whole(begun: Begun) -> None:
    var, sign_ins = begun
    roles = {role for role, _, _ in sign_ins}
    assert roles >= {"researcher", "institution", "company", "broker", "operator"}
    assert _count(var) >= LISTINGS
    with Database(f"sqlite:///{var / 'tenon.db'}") as database:
        assert schema.differences(database) == []


def test_second_start_keeps_the_sign_ins(begun: Begun) -> None:
    var, sign_ins = begun
    run = Run(var)
    _until(run.answers)
    assert run.end(signal.SIGINT) == 0
    assert _sign_ins(run) == sign_ins


def test_demo_database_is_refused_in_production(begun: Begun) -> None:
    var, _ = begun
    refused = subprocess.run(
        [sys.executable, "-m", "tenon", "run", "--port", str(_free_port())],
        env={
            "PATH": os.environ["PATH"],
            "TENON_VAR": str(var),
            "TENON_ENVIRONMENT": "production",
            "TENON_SECRET_KEY": "x" * 40,
            "TENON_BASE_URL": "https://tenon.example.org",
            "TENON_DATABASE_URL": f"sqlite:///{var / 'tenon.db'}",
        },
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "demo" in refused.stderr
    assert "Traceback" not in refused.stderr
