"""One system in a process of its own: build an index, or open one and ask it.

What it is for: memory that belongs to one system alone, and a failure that ends one system only.
It reads a job (JSON), writes its findings beside it, and prints what went wrong on stderr.
What it must not know: judgements, figures, other systems.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.peers.peer import Peer, Text
from tools.peers.systems import system


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is to do.

    Attributes:
        name: of the system.
        folder: of its index.
        texts: JSON lines of text and language: documents to build of, or queries to ask.
        vectors: their vectors, ``.npy``.
        k: results asked for; 0 to build.
        modes: to ask in.
        seconds: after so long a mode has been asked enough; 0 to ask all.
        findings: where to write what was found.
    """

    name: str
    folder: str
    texts: str
    vectors: str
    k: int
    modes: tuple[str, ...]
    seconds: float
    findings: str


def read_texts(path: Path) -> list[Text]:
    """Read JSON lines that ``write_texts`` wrote."""
    with path.open(encoding="utf-8") as lines:
        return [Text(**json.loads(line)) for line in lines]


def write_texts(path: Path, texts: list[Text]) -> None:
    """Write texts as JSON lines."""
    with path.open("w", encoding="utf-8") as lines:
        for text in texts:
            lines.write(json.dumps(asdict(text), ensure_ascii=False) + "\n")


def proportional_bytes(process: int | str) -> int:
    """Return the proportional set size (PSS) of a process; 0 where the kernel does not tell."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    sizes = [int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")]
    return sum(sizes)


def _folder_bytes(folder: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _build(peer: Peer, job: Job) -> dict[str, Any]:
    texts, vectors = read_texts(Path(job.texts)), np.load(job.vectors)
    started = time.perf_counter()
    peer.build(Path(job.folder), texts, vectors)
    seconds = time.perf_counter() - started
    return {"build_seconds": seconds, "bytes": _folder_bytes(Path(job.folder))}


def _ask(peer: Peer, job: Job) -> dict[str, Any]:
    queries, vectors = read_texts(Path(job.texts)), np.load(job.vectors)
    before = proportional_bytes("self")
    started = time.perf_counter()
    peer.open(Path(job.folder), vectors.shape[1])
    opened = time.perf_counter() - started
    found: dict[str, Any] = {"open_seconds": opened, "found": {}, "milliseconds": {}, "failed": {}}
    for mode in job.modes:
        try:
            peer.search(mode, queries[0], vectors[0], job.k)  # warms up, is not timed
            ranked, spent = [], []
            for query, vector in zip(queries, vectors, strict=True):
                started = time.perf_counter()
                ranked.append(peer.search(mode, query, vector, job.k))
                spent.append(1000 * (time.perf_counter() - started))
                if 0 < 1000 * job.seconds < sum(spent):
                    break
        except Exception as error:  # noqa: BLE001 - a peer's failure is a finding
            found["failed"][mode] = f"{type(error).__name__}: {error}"[:500]
            continue
        found["found"][mode], found["milliseconds"][mode] = ranked, spent
    others = sum(proportional_bytes(process) for process in peer.processes())
    found["memory"] = proportional_bytes("self") - before + others
    found["memory_whole"] = proportional_bytes("self") + others
    peer.close()
    return found


def main(path: Path) -> None:
    """Do the job that a file describes."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    job = Job(**{**raw, "modes": tuple(raw["modes"])})
    peer = system(job.name)
    findings = _ask(peer, job) if job.k else _build(peer, job)
    Path(job.findings).write_text(json.dumps(findings), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
