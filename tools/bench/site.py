"""A throw-away site: its folder, its commands, its server as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import sqlalchemy as sa

from tenon import settings
from tenon.db import Database
from tenon.outbox.models import OutboxMessage
from tenon.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
TENON = (sys.executable, "-c", "from tenon.cli import main; main()")
START_SECONDS = 120
STOP_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds, in MB: resident, and with shared pages counted by their share."""

    rss: float
    pss: float


@dataclass(frozen=True, slots=True)
class Site:
    """A site in a folder of its own.

    Attributes:
        folder: its ``var``.
        port: where its server listens.
    """

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its processes: no limits, since one address asks everything."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TENON_")}
        if "TENON_ENCODER" in os.environ:
            kept["TENON_ENCODER"] = os.environ["TENON_ENCODER"]
        return kept | {"TENON_VAR": str(self.folder), "TENON_RATE_LIMITS": "no"}

    @property
    def settings(self) -> Settings:
        """Its settings, for work on its database from here."""
        return settings.load(self.environment)

    def tenon(self, *arguments: str) -> str:
        """Run a command of the site and return what it printed; raises on a refusal."""
        command = [*TENON, *arguments]
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()[-2000:]}")
        return done.stdout

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Serve as ``make run`` does, dispatcher included; yields the server's process id."""
        command = [*TENON, "run", "--no-demo", "--host", HOST]
        log = (self.folder / "server.log").open("w", encoding="utf-8")
        server = subprocess.Popen(
            [*command, "--port", str(self.port)],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._await(server)
            yield server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            log.close()

    def _await(self, server: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if server.poll() is not None:
                said = (self.folder / "server.log").read_text(encoding="utf-8")
                raise RuntimeError(f"the server ended: {said[-2000:]}")
            try:
                connection = HTTPConnection(HOST, self.port, timeout=5)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server did not answer")

    def waiting(self) -> int:
        """Return how many outbox messages wait for the index."""
        counted = sa.select(sa.func.count(OutboxMessage.id)).where(
            OutboxMessage.done_at.is_(None),
            OutboxMessage.topic.in_(("listings.changed", "experts.changed")),
        )
        with Database(self.settings.database_url) as database, database.reading() as session:
            return session.scalar(counted) or 0


@contextmanager
def throw_away() -> Iterator[Site]:
    """Yield a site in a temporary folder, which is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="tenon-bench-") as folder:
        yield Site(Path(folder), _free_port())


def memory_of(process: int) -> Memory:
    """Return a process's memory; from /proc, hence on Linux alone. Raises OSError elsewhere."""
    sizes = {}
    for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, amount = line.split()[:2]
        sizes[name.rstrip(":")] = int(amount) / 1024
    return Memory(rss=sizes["Rss"], pss=sizes["Pss"])


def real_files(folder: Path) -> Sequence[Path]:
    """Return the real listings' files, if the data folder lies beside the checkout."""
    names = (
        "sbir_topics.jsonl.gz",
        "sbir_awards.jsonl.gz",
        "csl_achievements.jsonl.gz",
        "csl_needs.jsonl",
        "nasa_software.csv",
    )
    return [folder / name for name in names if (folder / name).is_file()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
