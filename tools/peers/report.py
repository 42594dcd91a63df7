"""Results as tables and JSON, and in plain words where Tenon is not ahead.

What it is for: one place that decides how a result is written and what counts as ahead.
What it must not know: how a result came about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from tools.peers.peer import DENSE, HYBRID, LEXICAL, MATCH
from tools.peers.running import Result
from tools.peers.vectors import OURS

TENON: Final = "tenon"
_BEST_FIRST: Final = (HYBRID, DENSE, LEXICAL)

LEVEL: Final = 1.1
"""Up to this ratio two times count as level: timings of one run differ by so much."""


def as_json(results: Sequence[Result], conditions: dict[str, Any]) -> str:
    """Write all results, with what they were measured under, as one JSON object."""
    rows = [asdict(result) for result in results]
    return json.dumps({"conditions": conditions, "results": rows}, ensure_ascii=False, indent=1)


def quality_table(results: Sequence[Result]) -> str:
    """Write nDCG@10 as Markdown: a row a system, encoder and mode, a column a test set."""
    judged = [result for result in results if result.ndcg10 is not None]
    names = list(dict.fromkeys(result.corpus for result in judged))
    rows: dict[tuple[str, str, str], dict[str, float]] = {}
    for result in judged:
        row = rows.setdefault((result.system, result.mode, _encoder(result)), {})
        row[result.corpus] = float(result.ndcg10 or 0)
    lines = [["system", "mode", "encoder", *names]]
    for labels, row in rows.items():
        lines.append([*labels, *(f"{row[n]:.3f}" if n in row else "-" for n in names)])
    return _markdown(lines)


def speed_table(results: Sequence[Result]) -> str:
    """Write build time, latency, memory and size as Markdown, a row a system and mode."""
    head = "system mode encoder documents build,s p50,ms p95,ms memory,MB process,MB files,MB"
    lines = [[cell.replace(",", ", ") for cell in head.split()]]
    lines += [_speed_cells(one) for one in results if one.ndcg10 is None and not one.problem]
    return _markdown(lines)


def _speed_cells(one: Result) -> list[str]:
    times = (one.build_seconds, one.p50, one.p95)
    sizes = (one.memory, one.memory_whole, one.bytes)
    return [
        one.system,
        one.mode,
        _encoder(one),
        f"{one.documents:,}",
        *(f"{value or 0:.1f}" for value in times),
        *(f"{(size or 0) / 1e6:.0f}" for size in sizes),
    ]


def problems(results: Iterable[Result]) -> list[str]:
    """Return a line for everything that gave no figures."""
    found = []
    for one in results:
        if one.problem:
            place = " ".join(filter(None, (one.corpus, one.encoder, one.mode)))
            found.append(f"{one.system}, {place}: {one.problem}")
    return list(dict.fromkeys(found))


def verdicts(results: Sequence[Result]) -> list[str]:
    """Say for every corpus where Tenon is ahead of each peer, level, or behind.

    Quality is compared with the best that the peer does with either encoder in any of its modes;
    speed with the fullest mode that it has (hybrid, else dense, else words) and our encoder.
    """
    lines = []
    for corpus in dict.fromkeys(result.corpus for result in results):
        here = [one for one in results if one.corpus == corpus and not one.problem]
        own = {one.mode: one for one in here if one.system == TENON}
        for name in dict.fromkeys(one.system for one in here if one.system != TENON):
            peers = [one for one in here if one.system == name]
            if HYBRID in own:
                lines += _compared(corpus, own, peers)
    return lines


def _compared(corpus: str, own: dict[str, Result], theirs: list[Result]) -> list[str]:
    ours = own[HYBRID]
    if ours.ndcg10 is not None:
        best = max(theirs, key=lambda one: one.ndcg10 or 0.0)
        gap = ours.ndcg10 - (best.ndcg10 or 0.0)
        word = "ahead" if gap > 0 else "behind" if gap < 0 else "level"
        how = best.mode if best.mode == LEXICAL else f"{best.mode}, {best.encoder}"
        return [f"{corpus}, {best.system} at its best ({how}): quality {word} by {abs(gap):.3f}"]
    mode = next(mode for mode in _BEST_FIRST if any(one.mode == mode for one in theirs))
    same = next((one for one in theirs if (one.mode, one.encoder) == (mode, OURS)), None)
    if same is None:
        return []
    label = f"{corpus}, {same.system} ({mode})"
    whole = own.get(MATCH, ours)
    parts = []
    for name, mine, its in (
        ("p50", ours.p50, same.p50),
        ("p95", ours.p95, same.p95),
        ("whole match p95", whole.p95, same.p95),
        ("build", ours.build_seconds, same.build_seconds),
        ("memory", ours.memory, same.memory),
    ):
        if mine and its:
            ratio = its / mine
            word = "ahead" if ratio > LEVEL else "behind" if ratio < 1 / LEVEL else "level"
            parts.append(f"{name} {word} ({ratio:.1f}x)")
    return [f"{label}: {', '.join(parts)}"]


def _encoder(result: Result) -> str:
    return "-" if result.mode == LEXICAL else result.encoder


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    whole = [lines[0], ["---"] * len(lines[0]), *lines[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in whole)
