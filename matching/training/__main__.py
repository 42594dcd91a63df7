"""The recipe's command line: ``python -m matching.training build|export``.

What it is for: building the encoder from its sources, and expanding it for other programs.
What it must not know: how either is done.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from matching.encoder import SHIPPED_MODEL
from matching.errors import EncoderUnusable
from matching.training.folder import export_plain
from matching.training.lessons import Schedule
from matching.training.sources import SourceMissing

REPOSITORY = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when done, 1 when a file was not as needed, 2 for wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "build":
            print(_build(options))
        else:
            export_plain(options.model, options.out)
            print(options.out)
    except (SourceMissing, EncoderUnusable, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _build(options: argparse.Namespace) -> str:
    # Its packages belong to development alone; `export` runs without them.
    from matching.training.build import Recipe, build  # noqa: PLC0415
    from matching.training.refinement import Second  # noqa: PLC0415

    schedule = Schedule(steps=options.steps, seed=options.seed, threads=options.threads)
    second = Second(schedule=replace(Second().schedule, seed=options.seed, threads=options.threads))
    recipe = Recipe(
        sources=options.sources,
        work=options.work,
        out=options.out,
        dimensions=options.dimensions,
        schedule=schedule,
        base=options.base,
        second=second,
    )
    return f"{options.out}: weights sha256 {build(recipe)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching.training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="train the encoder and write its folder")
    make.add_argument("--out", type=Path, required=True, help="model folder to write")
    make.add_argument(
        "--sources",
        type=Path,
        default=REPOSITORY.parent / "shared" / "data" / "train",
        help="folder of the training files (default: %(default)s)",
    )
    make.add_argument(
        "--work",
        type=Path,
        default=REPOSITORY / "var" / "training",
        help="folder for what an interrupted run finds again (default: %(default)s)",
    )
    make.add_argument(
        "--base",
        type=Path,
        help="base folder to lay the second stage over, in place of building one",
    )
    make.add_argument("--dimensions", type=int, default=256, help="default: %(default)s")
    make.add_argument("--steps", type=int, default=Schedule.steps, help="default: %(default)s")
    make.add_argument("--seed", type=int, default=Schedule.seed, help="default: %(default)s")
    make.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    plain = commands.add_parser("export", help="write a plain sentence-transformers folder")
    plain.add_argument("--out", type=Path, required=True, help="folder to write")
    plain.add_argument("--model", type=Path, default=SHIPPED_MODEL, help="model folder to expand")
    return parser


if __name__ == "__main__":
    sys.exit(main())
