"""Fit what tells a need from a result: ``python -m tools.sides``.

What it is for: the small table of words that ``tenon.matches.sides`` weighs beside its cues,
learned from the project's own written pairs, its demo set and calls for technology. Only words that
our own texts use are taken, so that an agency's own vocabulary decides nothing.
What it must not know: the judged set, on which the guess is measured, and the listings.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from sklearn.linear_model import LogisticRegression

from tenon.matches.sides import WORDS_FILE, marks

REPOSITORY: Final = Path(__file__).resolve().parents[1]
WRITTEN: Final = REPOSITORY / "matching" / "training" / "written" / "pairs.jsonl"
CALLS: Final = REPOSITORY.parent / "shared" / "data" / "train" / "sbir_topics_unpaired.jsonl.gz"
DEMO: Final = REPOSITORY / "platform" / "tenon" / "demo" / "set"
CALLS_TAKEN: Final = 100
LONGEST_CALL: Final = 700
LEAST_TEXTS: Final = 8
"""A word that fewer of our own texts use is of a subject, not of a side."""

STRENGTH: Final = 0.3
LEAST_WEIGHT: Final = 0.05
DOUBT: Final = 0.6
"""Taken off the offset: where little speaks for either, a text is rather a result's."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit and write the table; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.sides", description=__doc__)
    parser.add_argument("--out", type=Path, default=WORDS_FILE, help="default: %(default)s")
    chosen = parser.parse_args(arguments)
    pairs = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    needs = [str(pair[name]) for pair in pairs for name in ("need_zh", "need_en")]
    results = [str(pair[name]) for pair in pairs for name in ("result_zh", "result_en")]
    needs += _demo("needs", "background")
    results += _demo("achievements", "summary")
    with gzip.open(CALLS, "rt", encoding="utf-8") as lines:
        calls = [str(json.loads(line)["text"])[:LONGEST_CALL] for line in lines]
    taken = calls[1 :: max(1, len(calls) // CALLS_TAKEN)]
    weights, offset = fit(needs, results, taken)
    record = {"offset": round(offset - DOUBT, 3), "words": weights}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    chosen.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{chosen.out}: {len(weights)} words\n")
    return 0


def _demo(kind: str, body: str) -> list[str]:
    """Return the demo set's texts of one kind, each with its title."""
    rows = [
        json.loads(line)
        for path in sorted(DEMO.glob(f"?_{kind}.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [f"{row['title']}\n{row[body]}" for row in rows]


def fit(
    needs: Sequence[str], results: Sequence[str], calls: Sequence[str]
) -> tuple[dict[str, float], float]:
    """Return each word's log-odds for a need, and the offset.

    Args:
        needs: the written ones; from them and the results alone words are taken.
        results: the written ones.
        calls: further needs, in an agency's words.
    """
    counts = Counter(mark for text in (*needs, *results) for mark in marks(text))
    names = sorted(mark for mark, count in counts.items() if count >= LEAST_TEXTS)
    place = {name: number for number, name in enumerate(names)}
    texts = [*needs, *calls, *results]
    table = np.zeros((len(texts), len(names)), dtype=np.float32)
    for row, text in enumerate(texts):
        table[row, [place[mark] for mark in marks(text) if mark in place]] = 1.0
    sides = np.array([1] * (len(needs) + len(calls)) + [0] * len(results))
    model = LogisticRegression(
        C=STRENGTH, solver="liblinear", class_weight="balanced", random_state=0
    ).fit(table, sides)
    found = {
        name: round(float(weight), 3)
        for name, weight in zip(names, model.coef_[0], strict=True)
        if abs(weight) >= LEAST_WEIGHT
    }
    return found, float(model.intercept_[0])


if __name__ == "__main__":
    raise SystemExit(main())
