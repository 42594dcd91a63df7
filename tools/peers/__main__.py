"""Compare Tenon with its peers in one run: quality on the test sets, speed and memory by size.

Exit codes: 0 all that was asked for ran (a peer's failure is a finding), 2 wrong arguments.
"""

from __future__ import annotations

import itertools
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import numpy as np

from matching.evaluation.sets import read_set
from tools.peers import report
from tools.peers.peer import Text
from tools.peers.running import Corpus, Result, corpus_of, run_system
from tools.peers.systems import SYSTEMS
from tools.peers.vectors import ENCODERS, MINILM, OURS, encoder_named, vectors_of

_ROOT = Path(__file__).resolve().parents[2]
DATA = _ROOT.parent / "shared" / "data"
QUERIES = 100


@click.command()
@click.option("--only", default=",".join(SYSTEMS), show_default=True, help="Systems, by comma.")
@click.option("--sets", default="", help="Test sets, by comma; all by default, 'none' for none.")
@click.option("--sizes", default="20000,100000", show_default=True, help="Listings; 0: none.")
@click.option("--encoders", default=",".join(ENCODERS), show_default=True, help="By comma.")
@click.option("--data", default=DATA, type=click.Path(path_type=Path), help="The data folder.")
@click.option("--threads", default=2, show_default=True, help="For every system.")
@click.option("--limit", default=1800.0, show_default=True, help="Seconds for one build.")
@click.option("--kept", type=click.Path(path_type=Path), help="Folder that keeps vectors.")
@click.option("--json", "into", type=click.Path(path_type=Path), help="Write JSON there too.")
def peers(
    only: str,
    sets: str,
    sizes: str,
    encoders: str,
    data: Path,
    threads: int,
    limit: float,
    kept: Path | None,
    into: Path | None,
) -> None:
    """Run the systems over the test sets and over generated listings, and print tables."""
    names = _named(only, SYSTEMS, "system")
    chosen = _named(encoders, ENCODERS, "encoder")
    conditions = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "threads": threads,
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    kept = kept or _ROOT / "var" / "peers"
    results: list[Result] = []
    plan = itertools.chain(
        ((corpus, chosen) for corpus in _judged(data, sets)),
        # The vectors cost the same whoever made them; a transformer would take hours to.
        ((corpus, (OURS,)) for corpus in _sized(data, sizes)),
    )
    for corpus, own in plan:
        for encoder in own:
            # Written after every system: a run of hours may be cut short.
            for found in _over(names, corpus, encoder, kept, threads, limit):
                results += found
                if into is not None:
                    into.write_text(report.as_json(results, conditions), encoding="utf-8")
    for part in (report.quality_table(results), report.speed_table(results)):
        click.echo(part + "\n")
    for line in (*report.problems(results), *report.verdicts(results)):
        click.echo(line)


def _over(
    names: Sequence[str], corpus: Corpus, encoder: str, kept: Path, threads: int, limit: float
) -> Iterator[list[Result]]:
    """Run all systems over one corpus with one encoder; yield each one's results."""
    try:
        vectors = vectors_of(encoder, [text.text for text in corpus.texts], kept)
        model = encoder_named(encoder)
    except ImportError as error:
        problem = f"not installed: {error.name}"
        yield [Result(n, corpus.name, encoder, "", len(corpus.texts), problem) for n in names]
        return
    asked = model.encode_queries([query.text for query in corpus.queries.values()])
    for name in names:
        if name == report.TENON and encoder == MINILM:
            continue  # it is compared as it ships
        print(f"{corpus.name}: {name} with {encoder}", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="tenon-peers-") as place:
            yield run_system(
                name,
                corpus,
                encoder,
                (vectors, np.asarray(asked, dtype=np.float32)),
                Path(place) / "work",
                threads=threads,
                limit=limit,
            )


def _judged(data: Path, sets: str) -> Iterator[Corpus]:
    folder = data / "retrieval"
    if sets == "none":
        return
    wanted = sets.split(",") if sets else sorted(path.name for path in folder.iterdir())
    for name in wanted:
        yield corpus_of(read_set(folder / name))


def _sized(data: Path, sizes: str) -> Iterator[Corpus]:
    # Imported here: the slice that tests run needs no texts to recombine.
    from tools.bench.generating import listings, read_sources  # noqa: PLC0415

    wanted = [int(size) for size in sizes.split(",") if int(size)]
    if not wanted:
        return
    sources = read_sources(data)
    for size in wanted:
        made = listings(size, sources)
        texts = [Text(one.full_text, one.language) for one in made]
        asked = listings(QUERIES, sources, seed=2, side="need")
        queries = {str(one.key): Text(one.full_text, one.language) for one in asked}
        yield Corpus(f"{size} listings", texts, queries)


def _named(given: str, known: Iterable[str], kind: str) -> tuple[str, ...]:
    """Return the names given by comma.

    Raises:
        click.BadParameter: one of them does not exist.
    """
    all_known = tuple(known)
    names = tuple(given.split(","))
    for name in names:
        if name not in all_known:
            raise click.BadParameter(f"no {kind} {name}: there are {', '.join(all_known)}")
    return names


if __name__ == "__main__":
    peers()
