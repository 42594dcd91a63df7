"""Choose retrieval's constants again: ``python -m matching.tuning sources|choose``.

What it is for: ``sources OUT`` writes the training files without what is held out, for
``python -m matching.training build --sources OUT`` and ``python -m matching.translation
--sources OUT``; ``choose`` then asks the development sets with that encoder and that table,
searches the constants and prints them before and after, by set.
What it must not know: the test sets.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from matching.encoder import load_encoder
from matching.errors import EncoderUnusable
from matching.fusion import FusionWeights
from matching.ranking import load_weights
from matching.results import Band
from matching.translation.table import TABLE, use_table
from matching.tuning import sets
from matching.tuning.choosing import IMPORTANCE, ROUNDS, Part, choose, standing
from matching.tuning.recording import ndcg, record


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when done, 1 when a file was not as needed."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "sources":
            counts = sets.write_reduced_sources(chosen.texts, chosen.out)
            for name, (before, after) in counts.items():
                _say(f"{name}: {after} of {before} rows")
        else:
            _choose(chosen)
    except (OSError, ValueError, EncoderUnusable) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _choose(chosen: argparse.Namespace) -> None:
    use_table(chosen.table)
    encoder = load_encoder(chosen.encoder)
    start = load_weights().fusion
    parts = []
    for one in sets.all_sets(chosen.texts, seed=chosen.seed):
        parts.append(Part(one.name, one.kind, record(one, encoder, start)))
        _say(f"{one.name}: {len(one.questions)} questions, {len(one.documents)} documents")
    after = start
    for reached, weights in choose(parts, start, chosen.rounds):
        _say(f"quality {reached:.4f}")
        after = weights
    _report(parts, start, after)


def _report(parts: Sequence[Part], before: FusionWeights, after: FusionWeights) -> None:
    """Print each set's figures before and after, where bands stand, and the constants."""
    for part in parts:
        if IMPORTANCE[part.kind]:
            old, new = ndcg(part.recorded, before), ndcg(part.recorded, after)
            _say(f"{part.name:20} nDCG@10 {old:.3f} -> {new:.3f}")
    floors = load_weights().bands
    for part in parts:
        if part.kind in ("needs", "bands"):
            at = standing(part.recorded, before)
            shares = (
                f"{band.value} {answers:.2f} / {strangers:.2f}"
                for band in Band
                for answers, strangers in [at.shares(math.log(floors[band] / (1 - floors[band])))]
            )
            _say(f"{part.name:20} answers / strangers at or above: {', '.join(shares)}")
    for name, value in asdict(after).items():
        _say(f"{name} {value:.4g}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.tuning", description=__doc__)
    parser.add_argument(
        "--texts", type=Path, default=sets.TRAINING_TEXTS, help="default: %(default)s"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    reduced = commands.add_parser("sources", help="training files without what is held out")
    reduced.add_argument("out", type=Path, metavar="OUT")
    search = commands.add_parser("choose", help="search the constants on the development sets")
    search.add_argument("--encoder", help="folder of the encoder built without what is held out")
    search.add_argument(
        "--table", type=Path, default=TABLE, help="renderings made without what is held out"
    )
    search.add_argument("--rounds", type=int, default=ROUNDS, help="default: %(default)s")
    search.add_argument("--seed", type=int, default=20261122, help="default: %(default)s")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
