"""The site on the made-up world: gunicorn as in production, and one in this process to count."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from tools.bench.introductions.houses import PASSWORD, address_of
from tools.bench.site import HOST, ROOT, Memory, memory_of

WORKERS: Final = 2
THREADS: Final = 8
_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Served:
    """A running site.

    Attributes:
        port: where it listens.
        process: gunicorn's own; its workers are its children.
        environment: of its processes.
    """

    port: int
    process: int
    environment: dict[str, str]

    def sign_in(self, user_id: int) -> str:
        """Sign a person in by the page that people use; return the cookie to send from then on."""
        page = "/account/sign-in"
        jar: SimpleCookie = SimpleCookie()
        connection = HTTPConnection(HOST, self.port, timeout=30)
        connection.request("GET", page)
        shown = connection.getresponse()
        _keep(jar, shown.headers.get_all("Set-Cookie"))
        token = _TOKEN.search(shown.read().decode())
        fields = {
            "csrf_token": token.group(1) if token else "",
            "email": address_of(user_id),
            "password": PASSWORD,
        }
        headers = {
            "Cookie": _as_header(jar),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request("POST", page, urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        _keep(jar, answer.headers.get_all("Set-Cookie"))
        connection.close()
        if answer.status not in (302, 303):
            raise RuntimeError(f"person {user_id} cannot sign in: {answer.status}")
        return _as_header(jar)

    def memory(self) -> list[Memory]:
        """Return what each worker holds; raises OSError off Linux."""
        return [memory_of(each) for each in self._workers()]

    def processor_seconds(self) -> float:
        """Return the processor time of all workers so far; raises OSError off Linux."""
        ticks = 0
        for each in self._workers():
            after_name = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2]
            ticks += sum(map(int, after_name.split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.process}/task/{self.process}/children")
        return [int(each) for each in children.read_text(encoding="ascii").split()]


def _keep(jar: SimpleCookie, headers: list[str] | None) -> None:
    for header in headers or ():
        jar.load(header)


def _as_header(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


@contextmanager
def served(database_url: str) -> Iterator[Served]:
    """Serve the database by gunicorn, without a dispatcher, so that nothing else stirs."""
    with tempfile.TemporaryDirectory(prefix="tenon-bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TENON_")}
        environment = kept | {
            "TENON_VAR": folder,
            "TENON_DATABASE_URL": database_url,
            "TENON_RATE_LIMITS": "no",
            "TENON_DISPATCHER": "external",
        }
        port = _free_port()
        command = [sys.executable, "-m", "gunicorn", "tenon.wsgi:app", "--bind", f"{HOST}:{port}"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
        # As a proxy before it would: what is measured is answers, not the opening of connections.
        command += ["--keep-alive", "60"]
        with (Path(folder) / "server.log").open("w", encoding="utf-8") as log:
            server = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
            try:
                _await(server, port, Path(folder) / "server.log")
                yield Served(port, server.pid, environment)
            finally:
                server.send_signal(signal.SIGTERM)
                try:
                    server.wait(_STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    server.kill()
                    server.wait()


def _await(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text(encoding='utf-8')[-2000:]}")
        try:
            connection = HTTPConnection(HOST, port, timeout=30)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
