"""``python -m tools.bench introductions``: boards and threads among half a million introductions.

Exit code 3 where a bar does not hold (``--no-fail`` prints only).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Final

import click

from tenon.db import Database
from tools.bench.introductions.asking import DIFFERENT, PLAIN, Kind, kinds, people
from tools.bench.introductions.counting import statements_of
from tools.bench.introductions.kept import folder_option, kept_world, sqlite_option
from tools.bench.introductions.serving import THREADS, WORKERS, Served, served
from tools.bench.introductions.sizes import Sizes
from tools.bench.load import Latency, Question, mixed_loop, one_client
from tools.bench.site import Memory

RATE: Final = 10.0
BAR: Final = 200.0
BARRED: Final = ("board", "thread")
BARS_MISSED: Final = 3
PLAIN_NAME: Final = "plain"

Say = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """All that was measured; milliseconds and MB.

    Attributes:
        introductions: in the database.
        loads: who asked -> introductions that they have to do with.
        load: the machine's load average before and after.
        cores: that this process may use.
        alone: one client, by kind of page.
        mixed: RATE a second of all kinds in turn, and as many plain pages beside.
        only: RATE a second of boards alone, then of threads alone, likewise.
        statements: that a page sends.
        in_database: milliseconds of a page that went to its statements.
        memory: of each worker in the end.
    """

    introductions: int = 0
    loads: Mapping[str, int] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)
    cores: int = 0
    alone: dict[str, Latency] = field(default_factory=dict)
    mixed: dict[str, Latency] = field(default_factory=dict)
    only: dict[str, Latency] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    in_database: dict[str, float] = field(default_factory=dict)
    memory: list[Memory] = field(default_factory=list)


@click.command()
@click.option("--share", default=1.0, show_default=True, help="Of 500,000 introductions.")
@click.option("--seconds", default=90.0, show_default=True, help="Length of each open loop.")
@click.option("--requests", default=25, show_default=True, help="Of one client, each kind.")
@click.option("--seed", default=1, show_default=True, help="Of what is made up.")
@click.option("--anew", is_flag=True, help="Make the world again, though it is there.")
@folder_option
@sqlite_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where a bar does not hold.")
def introductions(
    share: float,
    seconds: float,
    requests: int,
    seed: int,
    *,
    anew: bool,
    folder: Path,
    sqlite: bool,
    as_json: bool,
    no_fail: bool,
) -> None:
    """Make half a million introductions, once, and measure their pages."""
    say: Say = (lambda _: None) if as_json else click.echo
    sizes = Sizes().times(share)
    world = kept_world(sizes, seed=seed, say=say, anew=anew, folder=folder, sqlite=sqlite)
    with world as address, served(address) as site:
        figures = measure(site, address, sizes, seconds=seconds, requests=requests, say=say)
    found = verdicts(figures)
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"bars": found}, indent=1))
    else:
        report(figures, found, say)
    if not no_fail and not all(found.values()):
        raise SystemExit(BARS_MISSED)


def measure(
    site: Served, address: str, sizes: Sizes, *, seconds: float, requests: int, say: Say
) -> Figures:
    """Take every figure."""
    figures = Figures(introductions=sizes.introductions, cores=len(os.sched_getaffinity(0)))
    figures.load.append(os.getloadavg()[0])
    say("choosing who asks, and for what")
    with Database(address) as database, database.reading() as session:
        who = people(session, sizes)
        asked = kinds(session, who)
    figures.loads = who.loads
    cookies = {key: site.sign_in(key) for key in {kind.user_id for kind in asked.values()}}
    asked[PLAIN_NAME] = Kind(who.busy_broker, [PLAIN])
    questions = {name: kind.questions(cookies.__getitem__) for name, kind in asked.items()}
    for name, sent in statements_of(site.environment, questions).items():
        figures.statements[name] = len(sent.statements)
        figures.in_database[name] = 1_000 * sum(sent.seconds)
    say(f"one client, {requests} of each kind")
    for name, each in questions.items():
        one_client(site.port, each, 4)
        figures.alone[name] = one_client(site.port, each, requests)
    say(f"{RATE:.0f} a second, as many plain pages beside, for {seconds:.0f} s: a mix")
    plain = (PLAIN_NAME, questions.pop(PLAIN_NAME))
    figures.mixed = mixed_loop(site.port, questions, plain, rate=RATE, seconds=seconds)
    for name in BARRED:
        say(f"the same, {name}s alone")
        kind = {f"only {name}s": _in_turn(questions, name)}
        found = mixed_loop(
            site.port, kind, (f"{PLAIN_NAME} beside {name}s", plain[1]), rate=RATE, seconds=seconds
        )
        figures.only.update(found)
    try:
        figures.memory = site.memory()
    except OSError:
        say("no /proc here: memory is not measured")
    figures.load.append(os.getloadavg()[0])
    return figures


def _in_turn(questions: Mapping[str, Sequence[Question]], beginning: str) -> list[Question]:
    """Return questions of all kinds of that beginning, one of each in turn."""
    rounds = [cycle(each) for name, each in questions.items() if name.startswith(beginning)]
    return [next(each) for _ in range(DIFFERENT) for each in rounds]


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds."""
    return {
        f"{name}: p95 under {BAR:.0f} ms at {RATE:.0f} requests a second": (
            latency.failed == 0 and latency.p95 < BAR
        )
        for name, latency in (figures.mixed | figures.only).items()
        if name.startswith((*BARRED, "only"))
    }


def report(figures: Figures, found: Mapping[str, bool], say: Say) -> None:
    """Print the figures and the bars."""
    say(
        f"\n{figures.introductions:,} introductions, {figures.cores} cores, {WORKERS} workers of "
        f"{THREADS} threads; load average of the machine "
        + " to ".join(f"{load:.1f}" for load in figures.load)
    )
    say(", ".join(f"{name}: {number:,}" for name, number in figures.loads.items()))
    say(
        f"{'':<28} {'SQL':>4} {'in it':>7} | {'p50':>7} {'p95':>7} alone | "
        f"{'p50':>7} {'p95':>7} {'worst':>7} {'n':>5} failed, mixed | plain x"
    )
    plain = figures.mixed[PLAIN_NAME]
    for name, mixed in figures.mixed.items():
        alone = figures.alone[name]
        say(
            f"{name:<28} {figures.statements[name]:>4} {figures.in_database[name]:>7.1f} | "
            f"{alone.p50:>7.1f} {alone.p95:>7.1f} {alone.failed or '':>5} | {mixed.p50:>7.1f} "
            f"{mixed.p95:>7.1f} {mixed.worst:>7.1f} {mixed.number:>5} {mixed.failed:>13} | "
            f"{mixed.p95 / plain.p95 if plain.p95 else 0:>7.1f}"
        )
    for name, only in figures.only.items():
        say(
            f"{name:<28} p50 {only.p50:.1f}, p95 {only.p95:.1f}, worst {only.worst:.1f} ms of "
            f"{only.number}, {only.failed} failed"
        )
    for memory in figures.memory:
        say(f"worker: {memory.rss:.0f} MB resident, {memory.pss:.0f} MB as its share")
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")
