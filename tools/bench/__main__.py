"""Measure the bars of the site, and of the matcher at a size; fail where one does not hold.

``python -m tools.bench`` runs both, the second at 100,000 documents; ``site`` or ``scale`` runs
one with options, ``introductions`` the pages of half a million introductions (apart, since its
world takes minutes to make), ``desk`` desks, boards and reports in the same world, ``digests``
the writing of daily digests, ``deals`` the board of 5,000 deals, ``royalties`` ten years of royalty
statements, ``events`` a thousand agendas in one minute, ``schedule`` the timetables of events.
Exit codes: 0 all bars hold, 3 one does not (``--no-fail`` prints only).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click

from tenon.db import Database
from tools.bench.asking import PLAIN, box_questions, match_pages
from tools.bench.deals import measure_deals
from tools.bench.desk import measure_desk
from tools.bench.digests import measure_digests
from tools.bench.events.command import measure_events
from tools.bench.introductions.command import introductions
from tools.bench.load import Latency, one_client, open_loop
from tools.bench.publishing import publish_to_findable
from tools.bench.royalties import measure_royalties
from tools.bench.scale.command import scale
from tools.bench.schedule import measure_schedule
from tools.bench.site import Memory, Site, memory_of, real_files, throw_away

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "listings"
RATE = 10.0
BARS_MISSED = 3


@dataclass(slots=True)
class Figures:
    """All that was measured.

    Attributes:
        listings: findable in the end.
        imported: by the import that was timed.
        import_seconds: until the last command was done.
        findable_seconds: until all was in the index as well.
        publish: from commit to found.
        alone: one client, by kind of page.
        open_loop: RATE questions a second of each kind together, by kind.
        memory: of the serving process, dispatcher included; None off Linux.
    """

    listings: int = 0
    imported: int = 0
    import_seconds: float = 0.0
    findable_seconds: float = 0.0
    publish: Latency | None = None
    alone: dict[str, Latency] = field(default_factory=dict)
    open_loop: dict[str, Latency] = field(default_factory=dict)
    memory: Memory | None = None


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Measure the site and, at 100,000 documents, the matcher; or one of them."""
    if context.invoked_subcommand is None:
        missed = False
        for command in (measure_site, scale):
            try:
                context.invoke(command)
            except SystemExit as end:
                missed = missed or bool(end.code)
        if missed:
            raise SystemExit(BARS_MISSED)


@bench.command("site")
@click.option("--seconds", default=60.0, show_default=True, help="Length of the open loop.")
@click.option("--requests", default=200, show_default=True, help="Questions of the one client.")
@click.option("--data", default=DATA, type=click.Path(path_type=Path), help="The real listings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where a bar does not hold.")
def measure_site(
    seconds: float, requests: int, data: Path, *, as_json: bool, no_fail: bool
) -> None:
    """Load the demo and the real listings into a throw-away site and measure it."""
    say: Callable[[str], None] = (lambda _: None) if as_json else click.echo
    with throw_away() as site:
        say("loading the demo")
        site.tenon("demo", "load", "--json")
        with site.serving() as process:
            figures = measure(site, process, data, seconds, requests, say)
    found = verdicts(figures)
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"bars": found}, indent=1))
    else:
        report(figures, found, say)
    if not no_fail and not all(found.values()):
        raise SystemExit(BARS_MISSED)


def measure(
    site: Site,
    process: int,
    data: Path,
    seconds: float,
    requests: int,
    say: Callable[[str], None],
) -> Figures:
    """Take every figure, in an order in which none disturbs another."""
    figures = Figures()
    _import(site, data, figures, say)
    say("publishing")
    figures.publish = publish_to_findable(site)
    with Database(site.settings.database_url) as database, database.reading() as session:
        kinds = {
            "plain": [PLAIN],
            "match page": match_pages(session),
            "box": box_questions(session),
        }
    for name, questions in kinds.items():
        say(f"one client: {name}")
        one_client(site.port, questions, 5)
        figures.alone[name] = one_client(site.port, questions, requests)
    say(f"open loop: {RATE:.0f} requests a second of each kind for {seconds:.0f} s")
    for name in ("match page", "box"):
        both = {"plain": kinds["plain"], name: kinds[name]}
        found = open_loop(site.port, both, rate=RATE, seconds=seconds)
        figures.open_loop[name] = found[name]
        figures.open_loop[f"plain beside {name}"] = found["plain"]
    try:
        figures.memory = memory_of(process)
    except OSError:
        say("no /proc here: memory is not measured")
    return figures


def _import(site: Site, data: Path, figures: Figures, say: Callable[[str], None]) -> None:
    """Import while the site serves, and wait until the index has it all."""
    files = real_files(data)
    before = _findable(site)
    if files:
        say(f"importing {len(files)} files")
        start = time.perf_counter()
        site.tenon("import", "--json", *map(str, files))
        figures.import_seconds = time.perf_counter() - start
        while site.waiting():
            time.sleep(0.05)
        figures.findable_seconds = time.perf_counter() - start
    else:
        say("the real listings are not here: figures are of the demo alone")
        while site.waiting():
            time.sleep(0.05)
    figures.listings = _findable(site)
    figures.imported = figures.listings - before


def _findable(site: Site) -> int:
    """Return how many listings and experts the index and the database agree on."""
    found = json.loads(site.tenon("index", "check", "--json"))
    return int(found["findable"])


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds."""
    found = {}
    if figures.imported:
        rate = figures.imported / figures.findable_seconds
        found["import with indexing at 1,000 listings a second"] = rate >= 1000
    if figures.publish is not None:
        whole = figures.publish.failed == 0 and figures.publish.p95 < 1000
        found["publish to findable within 1 second"] = whole
    for name in ("match page", "box"):
        alone, loop = figures.alone[name], figures.open_loop[name]
        found[f"{name}: p95 under 150 ms with one client"] = _holds(alone)
        found[f"{name}: p95 under 150 ms at 10 requests a second"] = _holds(loop)
    if figures.memory is not None:
        found["memory of one web process under 1 GB"] = figures.memory.rss < 1024
    return found


def _holds(latency: Latency) -> bool:
    return latency.failed == 0 and latency.p95 < 150


def report(figures: Figures, found: dict[str, bool], say: Callable[[str], None]) -> None:
    """Print the figures and the bars."""
    say(f"\n{figures.listings} listings and experts")
    if figures.imported:
        say(
            f"import: {figures.imported} in {figures.import_seconds:.1f} s; with indexing "
            f"{figures.findable_seconds:.1f} s = "
            f"{figures.imported / figures.findable_seconds:.0f} listings/s"
        )
    rows: dict[str, Any] = {"publish to findable": figures.publish}
    rows |= {f"one client: {name}": value for name, value in figures.alone.items()}
    rows |= {f"open loop: {name}": value for name, value in figures.open_loop.items()}
    say(f"{'':<36} {'p50 ms':>8} {'p95 ms':>8} {'worst':>8} {'n':>6} failed")
    for name, value in rows.items():
        say(
            f"{name:<36} {value.p50:>8.1f} {value.p95:>8.1f} {value.worst:>8.1f} "
            f"{value.number:>6} {value.failed:>6}"
        )
    plain = figures.alone["plain"].p95
    for name in ("match page", "box"):
        say(f"{name} takes {figures.alone[name].p95 / plain:.1f} times a plain page (p95)")
    if figures.memory is not None:
        say(f"memory: {figures.memory.rss:.0f} MB resident, {figures.memory.pss:.0f} MB shared out")
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")


bench.add_command(scale)
bench.add_command(measure_digests)
bench.add_command(introductions)
bench.add_command(measure_deals)
bench.add_command(measure_desk)
bench.add_command(measure_royalties)
bench.add_command(measure_schedule)
bench.add_command(measure_events)

if __name__ == "__main__":
    bench()
