"""``python -m tools.bench scale``: build an index of any size from recombined real texts, measure.

Exit code 3 where a bar does not hold that is meant for the size (``--no-fail`` prints only).
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import numpy as np

from matching import store
from matching.encoder import load_encoder
from matching.engine import MatchEngine
from matching.generation import Generation
from matching.writer import IndexWriter
from tools.bench.generating import Sources, listings, read_sources
from tools.bench.scale.measuring import (
    SHARES,
    Timed,
    Together,
    filters,
    one_by_one,
    recalls,
    scan_by_faiss,
    together,
)
from tools.bench.scale.serving import memory_serving
from tools.bench.site import Memory

DATA: Final = Path(__file__).resolve().parents[4] / "shared" / "data"
BARS_MISSED: Final = 3
BAR_RECALL: Final = 0.95
BAR_P95: Final = {False: 50.0, True: 100.0}
BAR_BUILD: Final = 900.0
BAR_MEMORY: Final = 2_500.0
BAR_BY_HAND: Final = 1.5
RECALLED: Final = 100
"""Queries whose exact answers are worked out."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """All that was measured; seconds, milliseconds and MB.

    Attributes:
        documents: in the index.
        load: other work: the machine's load average before and after.
        cores: that this process may use.
        build_seconds, build_cpu_seconds: of the build; None where it was there already.
        build_memory: the most that the building process held, and the largest of its helpers.
        files: size by part of the index, MB.
        shares: what part of the documents each filter really leaves.
        match: by share and whether reasons were asked for.
        scan: FAISS by hand, exact, one query at a time.
        recall: of the ten nearest, by share.
        together: many needs at once.
        memory: of the processes that serve the index side by side.
    """

    documents: int = 0
    load: list[float] = field(default_factory=list)
    cores: int = 0
    build_seconds: float | None = None
    build_cpu_seconds: float | None = None
    build_memory: tuple[float, float] | None = None
    files: dict[str, float] = field(default_factory=dict)
    shares: dict[float, float] = field(default_factory=dict)
    match: dict[float, dict[bool, Timed]] = field(default_factory=dict)
    scan: Timed | None = None
    recall: dict[float, float] = field(default_factory=dict)
    together: Together | None = None
    memory: list[Memory] = field(default_factory=list)


@click.command()
@click.option("--documents", default=100_000, show_default=True, help="How many to build with.")
@click.option("--needs", default=1_000, show_default=True, help="Looked up in one call.")
@click.option("--hybrid", default=200, show_default=True, help="Of those, matched wholly.")
@click.option("--queries", default=60, show_default=True, help="Matched one by one, each kind.")
@click.option(
    "--index",
    "folder",
    type=click.Path(path_type=Path),
    help="Keep the index here; one that is there already is measured, not built.",
)
@click.option("--data", default=DATA, type=click.Path(path_type=Path), help="The real texts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where a bar does not hold.")
def scale(
    documents: int,
    needs: int,
    hybrid: int,
    queries: int,
    folder: Path | None,
    data: Path,
    *,
    as_json: bool,
    no_fail: bool,
) -> None:
    """Measure the matcher at a size: build, memory, files, latency, recall, throughput."""
    say: Say = (lambda _: None) if as_json else click.echo
    figures = Figures(cores=len(os.sched_getaffinity(0)), load=[os.getloadavg()[0]])
    sources = read_sources(data)
    with ExitStack() as stack:
        if folder is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tenon-scale-")))
        if store.pointer_stamp(folder) is None:
            _build(folder, documents, sources, figures, say)
        _measure(folder, sources, figures, say, needs=needs, hybrid=hybrid, queries=queries)
    figures.load.append(os.getloadavg()[0])
    found = verdicts(figures)
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"bars": found}, indent=1))
    else:
        report(figures, found, say)
    if not no_fail and not all(found.values()):
        raise SystemExit(BARS_MISSED)


def _build(folder: Path, documents: int, sources: Sources, figures: Figures, say: Say) -> None:
    """Build as a site does; the listings are made up on the way, which counts as well."""
    say(f"building {documents:,} documents")
    step = max(1, documents // 10)
    told = [0]

    def progress(done: int) -> None:
        if done - told[0] >= step:
            told[0] = done
            say(f"  {done:,} after {time.perf_counter() - start:.0f} s")

    encoder = load_encoder(None)
    start, used = time.perf_counter(), _processor_seconds()
    IndexWriter.rebuild(encoder, folder, listings(documents, sources), progress=progress)
    figures.build_seconds = time.perf_counter() - start
    figures.build_cpu_seconds = _processor_seconds() - used
    figures.build_memory = (
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    )


def _processor_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + helpers.ru_utime + helpers.ru_stime


def _measure(
    folder: Path,
    sources: Sources,
    figures: Figures,
    say: Say,
    *,
    needs: int,
    hybrid: int,
    queries: int,
) -> None:
    encoder = load_encoder(None)
    generation = Generation(store.current_generation(folder), encoder.id)
    figures.documents = generation.columns.count
    figures.files = _sizes(generation.path)
    asked = list(listings(needs, sources, seed=2, side="need"))
    vectors = encoder.encode_queries([need.full_text for need in asked])
    chosen = filters(generation.columns)
    figures.shares = {
        share: float(np.mean(generation.columns.mask(where))) for share, where in chosen.items()
    }
    engine = MatchEngine(encoder, folder)
    say("memory of two processes that serve it")
    figures.memory = memory_serving(folder, asked[:queries])
    say("one need at a time")
    for share, where in chosen.items():
        figures.match[share] = {
            reasons: one_by_one(engine, asked[: queries + 3], where, reasons=reasons)
            for reasons in (False, True)
        }
    figures.scan = scan_by_faiss(generation.path, vectors[:queries])
    say("many needs at a time")
    figures.together = together(engine, generation, asked, vectors, hybrid=hybrid)
    say("recall")
    figures.recall = recalls(generation, vectors[:RECALLED], chosen)


def _sizes(generation: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    for path in generation.rglob("*"):
        if path.is_file():
            part = path.relative_to(generation).parts[0]
            found[part] = found.get(part, 0.0) + path.stat().st_size / 1e6
    return dict(sorted(found.items()))


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds; the bars are those of a million documents on two cores."""
    found = {
        f"recall@10 of at least {BAR_RECALL} where {share:.1%} is left": recall >= BAR_RECALL
        for share, recall in figures.recall.items()
    }
    for reasons, bar in BAR_P95.items():
        name = "with" if reasons else "without"
        worst = max(kinds[reasons].wall.p95 for kinds in figures.match.values())
        found[f"match {name} reasons: p95 under {bar:.0f} ms whatever the filter"] = worst < bar
    if figures.build_seconds is not None:
        found["build under 15 minutes"] = figures.build_seconds < BAR_BUILD
    if figures.memory:
        largest = max(memory.rss for memory in figures.memory)
        found["under 2.5 GB resident"] = largest < BAR_MEMORY
    if figures.together is not None:
        ratio = figures.together.dense_seconds / figures.together.by_hand_seconds
        found["dense batch within 1.5 times of FAISS by hand"] = ratio <= BAR_BY_HAND
    return found


def report(figures: Figures, found: dict[str, bool], say: Say) -> None:
    """Print the figures and the bars."""
    say(
        f"\n{figures.documents:,} documents, {figures.cores} cores; load average of the machine "
        + " to ".join(f"{load:.1f}" for load in figures.load)
    )
    if figures.build_seconds is not None and figures.build_memory is not None:
        say(
            f"build: {figures.build_seconds:.0f} s ({figures.build_cpu_seconds:.0f} s of processor "
            f"time), at most {figures.build_memory[0]:.0f} MB and {figures.build_memory[1]:.0f} MB "
            "in each helper"
        )
    say("files, MB: " + ", ".join(f"{name} {size:.0f}" for name, size in figures.files.items()))
    for memory in figures.memory:
        say(f"serving process: {memory.rss:.0f} MB resident, {memory.pss:.0f} MB as its share")
    _report_matches(figures, say)
    if figures.together is not None:
        _report_together(figures.together, say)
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")


def _report_matches(figures: Figures, say: Say) -> None:
    say(
        f"{'left':>7} {'recall@10':>9} | {'p50':>7} {'p95':>7} {'cpu':>7} ms without reasons | "
        f"{'p50':>7} {'p95':>7} {'cpu':>7} ms with"
    )
    for share in SHARES:
        line = f"{figures.shares[share]:>7.2%} {figures.recall[share]:>9.3f} |"
        for kind, tail in ((False, " " * 19 + "|"), (True, "")):
            timed: Any = figures.match[share][kind]
            line += f" {timed.wall.p50:>7.1f} {timed.wall.p95:>7.1f} {timed.cpu:>7.1f}{tail}"
        say(line)
    if figures.scan is not None:
        scan, whole = figures.scan, figures.match[1.0][False]
        say(
            f"FAISS by hand, exact scan of the vectors alone: p50 {scan.wall.p50:.1f} ms, p95 "
            f"{scan.wall.p95:.1f}, cpu {scan.cpu:.1f}; a whole match takes "
            f"{whole.cpu / scan.cpu:.1f} times that (cpu)"
        )


def _report_together(many: Together, say: Say) -> None:
    say(
        f"{many.queries:,} needs in one call, dense part: {many.dense_seconds:.2f} s = "
        f"{many.queries / many.dense_seconds:.0f}/s; FAISS by hand {many.by_hand_seconds:.2f} s "
        f"({many.dense_seconds / many.by_hand_seconds:.2f} times)"
    )
    rate = many.hybrid_queries / many.hybrid_seconds
    say(f"{many.hybrid_queries:,} whole matches, no reasons: {rate:.1f}/s")
