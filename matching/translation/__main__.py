"""``python -m matching.translation --out FILE``: make the table of renderings from its sources.

What it is for: the one command that rebuilds the table that ships.
What it must not know: how it is made.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matching.training.sources import SourceMissing, read_sources
from matching.translation.table import TABLE

REPOSITORY: Final = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when done, 1 when a source is missing."""
    # The dictionary's package belongs to development alone.
    from matching.training.glosses import read_dictionary  # noqa: PLC0415
    from matching.translation.building import (  # noqa: PLC0415
        pairs_of,
        renderings,
        write_table,
    )

    parser = argparse.ArgumentParser(prog="python -m matching.translation", description=__doc__)
    parser.add_argument("--out", type=Path, default=TABLE, help="default: %(default)s")
    parser.add_argument(
        "--sources",
        type=Path,
        default=REPOSITORY.parent / "shared" / "data" / "train",
        help="folder of the training files (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        pairs = pairs_of(read_dictionary(), read_sources(options.sources))
    except (SourceMissing, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    count = write_table(renderings(pairs), options.out)
    sys.stdout.write(f"{options.out}: {count} words from {len(pairs)} pairs\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
