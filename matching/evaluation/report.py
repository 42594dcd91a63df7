"""Figures as lines, JSON and tables, for people and for programs.

What it is for: one place that decides how a figure is written.
What it must not know: how a figure came about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matching.evaluation.intervals import Interval, difference_interval, mean_interval
from matching.evaluation.running import BASELINE, Evaluation

BEGIN: Final = "<!-- figures: written by tenon eval --all --into -->"
END: Final = "<!-- end of figures -->"

HEADINGS: Final = (
    "set",
    "documents",
    "queries",
    "BM25",
    "lexical",
    "dense",
    "hybrid",
    "hybrid, 95 %",
    "hybrid - BM25, 95 %",
    "R@10",
    "R@100",
    "MRR@10",
    "dense R@1",
)
"""Of the table over all sets; nDCG@10 from BM25 to the difference, then hybrid unless said."""


def as_line(result: Evaluation) -> str:
    """Write one result as a line for a terminal."""
    means = result.means
    return (
        f"{result.name:16} {result.mode:8} nDCG@10 {means.ndcg10:.3f}"
        f"  recall@10 {means.recall10:.3f}  recall@100 {means.recall100:.3f}"
        f"  MRR@10 {means.mrr10:.3f}  {result.queries} queries in {result.query_seconds:.1f} s,"
        f" {result.documents} documents indexed in {result.index_seconds:.1f} s"
    )


def as_json(result: Evaluation) -> str:
    """Write one result as a JSON object on one line."""
    means = result.means
    interval = mean_interval(result.values("ndcg10"))
    return json.dumps(
        {
            "set": result.name,
            "mode": result.mode,
            "encoder": result.encoder,
            "nDCG@10": means.ndcg10,
            "nDCG@10_interval": [interval.low, interval.high],
            "recall@1": means.recall1,
            "recall@10": means.recall10,
            "recall@100": means.recall100,
            "MRR@10": means.mrr10,
            "documents": result.documents,
            "queries": result.queries,
            "index_seconds": result.index_seconds,
            "query_seconds": result.query_seconds,
            "seconds": result.index_seconds + result.query_seconds,
        },
        ensure_ascii=False,
    )


def by_mode(results: Sequence[Evaluation]) -> dict[str, Evaluation]:
    """Return one set's results by mode."""
    return {result.mode: result for result in results}


def gain_over_baseline(modes: Mapping[str, Evaluation]) -> Interval:
    """Return by how much hybrid's nDCG@10 exceeds the textbook BM25's on one set."""
    return difference_interval(modes["hybrid"].values("ndcg10"), modes[BASELINE].values("ndcg10"))


def cells_of(results: Sequence[Evaluation]) -> tuple[str, ...]:
    """Return one set's row of the table; all modes and the baseline must be there."""
    modes = by_mode(results)
    hybrid = modes["hybrid"]
    sure, gain = mean_interval(hybrid.values("ndcg10")), gain_over_baseline(modes)
    return (
        hybrid.name,
        f"{hybrid.documents:,}",
        f"{hybrid.queries:,}",
        *(f"{modes[mode].ndcg10:.3f}" for mode in (BASELINE, "lexical", "dense", "hybrid")),
        f"{sure.low:.3f} to {sure.high:.3f}",
        f"{gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})",
        f"{hybrid.means.recall10:.3f}",
        f"{hybrid.means.recall100:.3f}",
        f"{hybrid.means.mrr10:.3f}",
        f"{modes['dense'].means.recall1:.3f}",
    )


def as_markdown(rows: Sequence[Sequence[str]], *, when: str, commit: str, encoder: str) -> str:
    """Write the table over all sets with what it was measured on, between its two marks.

    Args:
        rows: of ``cells_of``.
        when: the day, ISO 8601.
        commit: of the code.
        encoder: its id.
    """
    lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return f"{BEGIN}\nMeasured on {when} at commit {commit}, encoder {encoder}.\n\n{table}\n{END}"


def put_into(page: str, table: str) -> str:
    """Replace the table that stands between the marks of a page.

    Raises:
        ValueError: the page has no marks.
    """
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"no place between {BEGIN} and {END}")
    return before + table + after


def read_rows(page: str) -> list[dict[str, str]]:
    """Read the table between the marks of a page back: heading -> cell, a row each."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    lines = [line.strip(" |").split(" | ") for line in table.splitlines() if line.startswith("|")]
    return [dict(zip(HEADINGS, line, strict=True)) for line in lines[2:]]


def as_object(results: Sequence[Evaluation]) -> dict[str, Any]:
    """Return one set's row of the table for programs."""
    modes = by_mode(results)
    sure, gain = mean_interval(modes["hybrid"].values("ndcg10")), gain_over_baseline(modes)
    return {
        "set": results[0].name,
        "documents": results[0].documents,
        "queries": results[0].queries,
        "nDCG@10": {mode: result.ndcg10 for mode, result in modes.items()},
        "hybrid_interval": [sure.low, sure.high],
        "hybrid_minus_bm25": {"mean": gain.mean, "low": gain.low, "high": gain.high},
        "recall@10": modes["hybrid"].means.recall10,
        "recall@100": modes["hybrid"].means.recall100,
        "MRR@10": modes["hybrid"].means.mrr10,
        "dense_recall@1": modes["dense"].means.recall1,
    }
