"""``tenon match-all``: every open need against all results, into a file, with a bar."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from tenon.clock import utc_now
from tenon.matches.all_needs import running, writing
from tenon.matches.building import showing_bar
from tenon.matches.commands import opened_site
from tenon.matches.engine import engine_of


@click.command()
@click.argument("output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("-k", "number", default=10, show_default=True, help="How many for each at most.")
@click.option("--past", is_flag=True, help="Include needs whose deadline has passed.")
@click.option("--anew", is_flag=True, help="Start over, whatever OUTPUT holds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and show no bar.")
def match_all(output: Path, *, number: int, past: bool, anew: bool, as_json: bool) -> None:
    """Match every open need with all results into OUTPUT, a .jsonl or .csv file.

    Interrupted, it goes on where it stopped when it is called again. What is listed is what any
    visitor may see; a need's own organisation is left out.
    """
    if output.suffix not in {".jsonl", ".csv"}:
        raise click.BadParameter("a name that ends in .jsonl or .csv", param_hint="OUTPUT")
    done = _done(output, anew=anew)
    now = utc_now()
    start = time.monotonic()
    matches = 0
    with opened_site() as (database, config), database.reading() as session:
        engine = engine_of(config)
        needs = running.open_needs(session, now=now, past=past)
        ids = [key for key, public_id in needs if public_id not in done]
        before = len(needs) - len(ids)
        with (
            output.open("a", encoding="utf-8") as file,
            showing_bar("matching needs", len(needs), quiet=as_json) as advance,
        ):
            for block in running.match_needs(session, engine, ids, now=now, k=number):
                file.write(writing.as_text(block, output.suffix))
                file.flush()
                matches += sum(len(one.found) for one in block)
                before += len(block)
                advance(before)
    seconds = time.monotonic() - start
    if as_json:
        told = {"needs": len(ids), "matches": matches, "skipped": len(done), "seconds": seconds}
        click.echo(json.dumps(told))
        return
    click.echo(f"{len(ids)} needs, {matches} matches in {seconds:.1f} s: {output}")


def _done(output: Path, *, anew: bool) -> set[str]:
    """Return the needs that the file holds already; an absent file is made."""
    if anew or not output.exists():
        writing.begin(output)
        return set()
    try:
        return writing.take_up(output)
    except (UnicodeDecodeError, ValueError) as error:
        raise click.ClickException(
            f"{output} is not of an interrupted run ({error}); --anew overwrites it"
        ) from None
