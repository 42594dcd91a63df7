"""One running instance a folder: a lock file that the kernel releases whatever happens."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the folder; the message names its process and address."""


@contextmanager
def hold_instance(var: Path, address: str) -> Iterator[None]:
    """Hold the folder ``var`` for this process; raises AlreadyRunning at once where it is held."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(file.read().strip() or "another process") from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}, {address}")
        file.flush()
        yield
