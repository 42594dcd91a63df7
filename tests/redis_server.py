"""A Redis server for the tests, on a free port, with nothing on disk."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass

import redis


@dataclass
class RedisServer:
    """A running server of the tests' own."""

    url: str
    process: subprocess.Popen[bytes]

    def flush(self) -> None:
        """Lose everything that it holds."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.wait()


def start_server() -> RedisServer | None:
    """Start a server and wait until it answers; None where the program is missing."""
    program = shutil.which("redis-server")
    if program is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
    server = RedisServer(f"redis://127.0.0.1:{port}/0", process)
    for _ in range(100):
        try:
            with redis.Redis.from_url(server.url) as client:
                client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return server
    server.stop()
    raise RuntimeError("redis-server did not answer within five seconds")
