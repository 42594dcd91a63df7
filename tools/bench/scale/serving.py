"""Processes that serve one index, as a site's workers do, and what memory they hold together."""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from matching.documents import Document
from matching.encoder import load_encoder
from matching.engine import MatchEngine
from tools.bench.site import Memory, memory_of


def memory_serving(folder: Path, needs: Sequence[Document], *, processes: int = 2) -> list[Memory]:
    """Return each process's memory after all have answered the needs, while all still live.

    Raises:
        OSError: there is no /proc here.
    """
    context = get_context("spawn")
    ends, workers = [], []
    for _ in range(processes):
        own, other = context.Pipe()
        worker = context.Process(target=_serve, args=(folder, list(needs), other), daemon=True)
        worker.start()
        ends.append(own)
        workers.append(worker)
    try:
        for end in ends:
            end.recv()
        return [memory_of(worker.pid or 0) for worker in workers]
    finally:
        for end, worker in zip(ends, workers, strict=True):
            end.close()
            worker.join()


def _serve(folder: Path, needs: list[Document], end: Connection) -> None:
    engine = MatchEngine(load_encoder(None), folder)
    for need in needs:
        engine.match(need)
    end.send(len(needs))
    try:
        end.recv()  # until the measurer hangs up
    except EOFError:
        return
