"""``tenon eval``: how good the matcher is on test sets, by one command anyone can repeat.

Exit codes: 0 measured; 1 a set or a model cannot be used; 2 wrong usage.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from matching.encoder import Encoder, load_encoder
from matching.errors import EncoderUnusable
from matching.evaluation import report
from matching.evaluation.running import Evaluation, evaluate
from matching.evaluation.sets import TestSetUnusable
from matching.retrieval import Mode

SETS = Path(__file__).resolve().parents[3] / "shared" / "data" / "retrieval"
"""Where the project's test sets lie, beside a checkout."""

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("eval")
@click.argument("folders", nargs=-1, type=_folder, metavar="[FOLDER]...")
@click.option(
    "--mode",
    type=click.Choice([*(mode.value for mode in Mode), "all"]),
    help="Sides to ask; default hybrid.",
)
@click.option("--encoder", metavar="PATH_OR_NAME", help="The site's own if absent.")
@click.option("--all", "every", is_flag=True, help="All sets, all modes, beside BM25, as a table.")
@click.option("--under", type=_folder, default=SETS, help="With --all: the folder of the sets.")
@click.option("--into", type=_file, help="With --all: put the table between the marks of a page.")
@click.option("--commit", default="unknown", help="With --into: what the page says was measured.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def evaluate_sets(
    *,
    folders: tuple[Path, ...],
    mode: str | None,
    encoder: str | None,
    every: bool,
    under: Path,
    into: Path | None,
    commit: str,
    as_json: bool,
) -> None:
    """Measure the matcher on FOLDERs in BEIR's form, indexed and asked as the site does it."""
    if every == bool(folders):
        raise click.UsageError("name one or more folders, or say --all")
    if (every and mode) or (into and not every):
        raise click.UsageError("--all asks every mode, and --into needs --all")
    try:
        model = load_encoder(encoder)
        if every:
            _measure_all(under, model, into=into, commit=commit, as_json=as_json)
            return
        modes = tuple(Mode) if mode == "all" else (Mode(mode or Mode.HYBRID),)
        for folder in folders:
            for result in evaluate(folder, model, modes):
                click.echo(report.as_json(result) if as_json else report.as_line(result))
    except (EncoderUnusable, TestSetUnusable, OSError) as error:
        raise click.ClickException(str(error)) from None


def _measure_all(
    under: Path, encoder: Encoder, *, into: Path | None, commit: str, as_json: bool
) -> None:
    rows = []
    for results in _each(under, encoder):
        rows.append(report.cells_of(results))
        if as_json:
            click.echo(json.dumps(report.as_object(results), ensure_ascii=False))
    if not as_json:
        _print(rows)
    if into is not None:
        today = datetime.now(tz=UTC).date().isoformat()
        table = report.as_markdown(rows, when=today, commit=commit, encoder=encoder.id)
        try:
            page = report.put_into(into.read_text(encoding="utf-8"), table)
        except ValueError as error:
            raise click.ClickException(f"{into}: {error}") from None
        into.write_text(page, encoding="utf-8")


def _each(under: Path, encoder: Encoder) -> Iterator[list[Evaluation]]:
    folders = sorted(path.parent for path in under.glob("*/queries.jsonl*"))
    if not folders:
        raise click.ClickException(f"no test set under {under}; name another with --under")
    for folder in folders:
        yield evaluate(folder, encoder, baseline=True)


def _print(rows: list[tuple[str, ...]]) -> None:
    table = Table(*report.HEADINGS, box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    # A table that is cut to a pipe's 80 columns would lose its figures.
    console = Console()
    console.print(table) if console.is_terminal else Console(width=200).print(table)
