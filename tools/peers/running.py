"""Runs the systems over texts: a process to build, a process to ask, and what they found.

What it is for: keeping systems apart, giving all the same threads, turning a failure into a line.
What it must not know: how results are printed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from matching.dense import FloatArray
from matching.evaluation.measures import figures_of
from matching.evaluation.sets import TestSet
from matching.text import detect_language
from tools.peers.child import Job, write_texts
from tools.peers.peer import Text, missing_of, version_of
from tools.peers.systems import system

K: Final = 10
ENOUGH_SECONDS: Final = 60.0
"""Where only speed is measured, one mode is asked no longer: some peers take seconds a query."""

_ROOT: Final = Path(__file__).resolve().parents[2]
_THREADS: Final = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is indexed and asked.

    Attributes:
        name: for the report.
        texts: documents.
        queries: by id.
        judged: query id -> place of a document -> grade; empty where only speed is measured.
    """

    name: str
    texts: list[Text]
    queries: Mapping[str, Text]
    judged: Mapping[str, Mapping[int, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """One system on one corpus with one encoder in one mode.

    Attributes:
        problem: why there are no figures; empty where there are.
        ndcg10: mean over the judged queries; None where nothing is judged.
        p50, p95: milliseconds of one query, without making its vector.
        memory: bytes (PSS) that the asking process grew by, the system's servers included.
        memory_whole: of the whole process, imports included.
        bytes: of the index's files.
    """

    system: str
    corpus: str
    encoder: str
    mode: str
    documents: int
    problem: str = ""
    version: str = ""
    ndcg10: float | None = None
    queries: int = 0
    build_seconds: float | None = None
    p50: float | None = None
    p95: float | None = None
    memory: int | None = None
    memory_whole: int | None = None
    bytes: int | None = None


def corpus_of(found: TestSet) -> Corpus:
    """Make a corpus of a test set."""
    places = {name: place for place, name in enumerate(found.ids)}
    return Corpus(
        found.name,
        [Text(document.full_text, document.language) for document in found.documents],
        {name: Text(text, detect_language(text)) for name, text in found.queries.items()},
        {
            query: {places.get(name, -1): grade for name, grade in judged.items()}
            for query, judged in found.judgements.items()
        },
    )


def run_system(
    name: str,
    corpus: Corpus,
    encoder: str,
    vectors: tuple[FloatArray, FloatArray],
    work: Path,
    *,
    threads: int,
    limit: float,
    modes: Sequence[str] = (),
) -> list[Result]:
    """Build and ask one system; one result for each mode, or one that says what went wrong.

    Args:
        name: of the system.
        corpus: what to index and ask.
        encoder: name of the encoder, for the report.
        vectors: of the texts, (n, d), and of the queries, (q, d).
        work: an empty folder; removed afterwards.
        threads: for all libraries that ask the environment.
        limit: seconds for the build, and for the asking.
        modes: leave out others; empty for all that the system has.
    """
    peer = system(name)
    blank = Result(name, corpus.name, encoder, "", len(corpus.texts))
    if missing := missing_of(peer):
        return [_with(blank, problem=f"not installed: {', '.join(missing)}")]
    blank = _with(blank, version=version_of(peer))
    wanted = tuple(mode for mode in peer.modes if not modes or mode in modes)
    index = work / "index"
    try:
        index.mkdir(parents=True)
        job = _job(name, work, corpus.texts, vectors[0], wanted, k=0)
        built = _process(job, work, threads, limit)
        if isinstance(built, str):
            return [_with(blank, problem=f"build: {built}")]
        seconds = 0.0 if corpus.judged else ENOUGH_SECONDS
        queries = list(corpus.queries.values())
        job = _job(name, work, queries, vectors[1], wanted, k=K, seconds=seconds)
        asked = _process(job, work, threads, limit)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if isinstance(asked, str):
        return [_with(blank, problem=f"search: {asked}", build_seconds=built["build_seconds"])]
    return [_result(_with(blank, mode=mode), built, asked, corpus) for mode in wanted]


def _with(result: Result, **changes: Any) -> Result:
    return Result(**{**asdict(result), **changes})


def _job(
    name: str,
    work: Path,
    texts: list[Text],
    vectors: FloatArray,
    modes: tuple[str, ...],
    *,
    k: int,
    seconds: float = 0.0,
) -> Job:
    write_texts(work / "texts.jsonl", texts)
    np.save(work / "vectors.npy", vectors)
    return Job(
        name,
        str(work / "index"),
        str(work / "texts.jsonl"),
        str(work / "vectors.npy"),
        k,
        modes,
        seconds,
        str(work / "findings.json"),
    )


def _process(job: Job, work: Path, threads: int, limit: float) -> dict[str, Any] | str:
    """Run a job in a process of its own; its findings, or the last line of what went wrong."""
    path = work / "job.json"
    path.write_text(json.dumps(asdict(job)), encoding="utf-8")
    environment = {**os.environ, **dict.fromkeys(_THREADS, str(threads))}
    environment["PYTHONPATH"] = os.pathsep.join([str(_ROOT), str(_ROOT / "platform")])
    environment["TOKENIZERS_PARALLELISM"] = "false"
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tools.peers.child", str(path)],
            env=environment,
            cwd=_ROOT,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {limit:.0f} seconds"
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ended with {done.returncode}"]
        return lines[-1][:500]
    found: dict[str, Any] = json.loads(Path(job.findings).read_text(encoding="utf-8"))
    return found


def _result(
    blank: Result, built: Mapping[str, Any], asked: Mapping[str, Any], corpus: Corpus
) -> Result:
    if blank.mode in asked["failed"]:
        return _with(blank, problem=asked["failed"][blank.mode])
    ranked = asked["found"][blank.mode]
    spent = asked["milliseconds"][blank.mode]
    return _with(
        blank,
        ndcg10=_mean_ndcg(corpus, ranked) if corpus.judged else None,
        queries=len(ranked),
        build_seconds=built["build_seconds"],
        p50=float(np.percentile(spent, 50)),
        p95=float(np.percentile(spent, 95)),
        memory=asked["memory"],
        memory_whole=asked["memory_whole"],
        bytes=built["bytes"],
    )


def _mean_ndcg(corpus: Corpus, ranked: Sequence[Sequence[int]]) -> float:
    values = [
        figures_of(
            [str(place) for place in found],
            {str(place): grade for place, grade in corpus.judged[query].items()},
        ).ndcg10
        for query, found in zip(corpus.queries, ranked, strict=True)
    ]
    return sum(values) / len(values)
