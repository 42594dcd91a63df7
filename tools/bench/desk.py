"""``python -m tools.bench desk``: desks, boards and reports in a whole province's network.

The kept world of ``introductions`` (200 brokers, 65,000 firms, 200,000 listings, 500,000
introductions, 168 places of a network). Desks and boards are asked for 10 times a second in turn,
and a plain page as often beside them; then figures and reports are made one after the other.
Exit code 3 where a bar does not hold (``--no-fail`` prints only).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation
from tenon.clock import utc_now
from tenon.db import Database
from tenon.insight.reports.making import compute
from tenon.insight.reports.models import KINDS, SITE
from tenon.insight.reports.periods import period_of
from tenon.network.models import PortfolioFirm
from tools.bench.introductions.asking import PLAIN, WORD, Kind, people
from tools.bench.introductions.counting import statements_of
from tools.bench.introductions.houses import Houses
from tools.bench.introductions.kept import folder_option, kept_world, sqlite_option
from tools.bench.introductions.serving import Served, served
from tools.bench.introductions.sizes import Sizes
from tools.bench.load import Latency, mixed_loop, one_client

RATE: Final = 10.0
BAR_MS: Final = 200.0
BAR_SECONDS: Final = 10.0
BARS_MISSED: Final = 3
FIRMS_ASKED: Final = 40
NODE_HEAD: Final = 5
"""Rank of a broker who heads a node of the made-up network."""

Say = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """What was measured; milliseconds, and seconds of reports.

    Attributes:
        introductions: in the database.
        load: the machine's load average before and after.
        cores: that this process may use.
        statements, in_database: SQL statements of a page, milliseconds in them.
        alone: one client, by kind of page.
        mixed: RATE a second of all kinds in turn, and as many plain pages beside.
        reports: what was made -> seconds.
    """

    introductions: int = 0
    load: list[float] = field(default_factory=list)
    cores: int = 0
    statements: dict[str, int] = field(default_factory=dict)
    in_database: dict[str, float] = field(default_factory=dict)
    alone: dict[str, Latency] = field(default_factory=dict)
    mixed: dict[str, Latency] = field(default_factory=dict)
    reports: dict[str, float] = field(default_factory=dict)


@click.command("desk")
@click.option("--share", default=1.0, show_default=True, help="Of 500,000 introductions.")
@click.option("--seconds", default=90.0, show_default=True, help="Length of the open loop.")
@click.option("--requests", default=20, show_default=True, help="Of one client, each kind.")
@click.option("--seed", default=1, show_default=True, help="Of what is made up.")
@folder_option
@sqlite_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where a bar does not hold.")
def measure_desk(
    share: float,
    seconds: float,
    requests: int,
    seed: int,
    *,
    folder: Path,
    sqlite: bool,
    as_json: bool,
    no_fail: bool,
) -> None:
    """Measure desks, boards and reports among 500,000 introductions."""
    say: Say = (lambda _: None) if as_json else click.echo
    sizes = Sizes().times(share)
    with kept_world(sizes, seed=seed, say=say, folder=folder, sqlite=sqlite) as address:
        with served(address) as site:
            figures = measure(site, address, sizes, seconds=seconds, requests=requests, say=say)
        figures.reports |= _made_reports(address, say)
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
    """Ask every kind of page alone, then all of them at once; figures' pages alone."""
    figures = Figures(introductions=sizes.introductions, cores=len(os.sched_getaffinity(0)))
    figures.load.append(os.getloadavg()[0])
    with Database(address) as database, database.reading() as session:
        who = people(session, sizes)
        asked = desks(session, Houses(sizes, ()), who.busy_broker, who.broker)
        slow = figure_pages(who.operator)
    everybody = {kind.user_id for kind in (*asked.values(), *slow.values())}
    cookies = {key: site.sign_in(key) for key in everybody}
    asked["plain"] = Kind(who.busy_broker, [PLAIN])
    questions = {name: kind.questions(cookies.__getitem__) for name, kind in asked.items()}
    for name, sent in statements_of(site.environment, questions).items():
        figures.statements[name] = len(sent.statements)
        figures.in_database[name] = 1_000 * sum(sent.seconds)
    say(f"one client, {requests} of each kind")
    for name, each in questions.items():
        one_client(site.port, each, 4)
        figures.alone[name] = one_client(site.port, each, requests)
    say(f"{RATE:.0f} a second, as many plain pages beside, for {seconds:.0f} s")
    plain = ("plain", questions.pop("plain"))
    figures.mixed = mixed_loop(site.port, questions, plain, rate=RATE, seconds=seconds)
    say("pages of figures, one after the other")
    for name, kind in slow.items():
        found = one_client(site.port, kind.questions(cookies.__getitem__), len(kind.paths))
        figures.reports[name] = float("inf") if found.failed else found.worst / 1_000
    figures.load.append(os.getloadavg()[0])
    return figures


def desks(session: Session, houses: Houses, busy: int, broker: int) -> dict[str, Kind]:
    """Return name -> kind of page of brokers at a station, a node and the centre."""
    head = houses.broker(NODE_HEAD)
    return {
        "desk, broker": Kind(broker, ["/desk"]),
        "desk, head of the centre": Kind(busy, ["/desk"]),
        "desk, head of a node": Kind(head, ["/desk"]),
        "a firm": Kind(broker, _firms(session, broker)),
        "search of the desk": Kind(broker, [f"/desk/search?q={WORD}"]),
        "tasks": Kind(broker, ["/desk/tasks"]),
        "map of supply and need": Kind(broker, ["/desk/map"]),
        "needs on their way": Kind(head, ["/routing/cases"]),
        "my firms": Kind(broker, ["/network/portfolio"]),
        "review queue": Kind(busy, ["/review"]),
        "board of introductions": Kind(broker, ["/introductions/board"]),
        "board, everybody's": Kind(head, ["/introductions/board?whose=all"]),
        "board of deals": Kind(busy, ["/deals/board"]),
    }


def _firms(session: Session, broker: int) -> Sequence[str]:
    rows = session.scalars(
        sa.select(Organisation.public_id)
        .join(PortfolioFirm, PortfolioFirm.organisation_id == Organisation.id)
        .where(PortfolioFirm.broker_id == broker, PortfolioFirm.ended_at.is_(None))
        .order_by(Organisation.id)
        .limit(FIRMS_ASKED)
    )
    return [f"/desk/firms/{public_id}" for public_id in rows]


def figure_pages(operator: int) -> dict[str, Kind]:
    """Return the pages of figures, each held to ten seconds."""
    now = utc_now().year
    year = f"first={now - 1}-01-01"
    # The made-up listings came two to three years ago, most of them in this one year.
    came = f"first={now - 2}-01-01&last={now - 2}-12-31"
    return {
        "figures, needs by region": Kind(operator, [f"/insight?measure=needs_collected&{came}"]),
        "figures, results by field": Kind(
            operator, [f"/insight?measure=achievements_published&by=field&{came}"]
        ),
        "figures, introductions by broker": Kind(
            operator, [f"/insight?measure=introductions_passed_on&by=broker&{year}"]
        ),
        "figures, contracts by field": Kind(
            operator, [f"/insight?measure=contract_value&by=field&{year}"]
        ),
        "funnel": Kind(operator, [f"/insight/funnel?{year}"]),
        "public statistics": Kind(operator, ["/statistics"]),
    }


def _made_reports(address: str, say: Say) -> dict[str, float]:
    """Make the site's report of the last ended period of each kind; return the seconds."""
    found = {}
    today = utc_now().date()
    with Database(address) as database:
        for kind in KINDS:
            name = f"report of a {kind}"
            say(name)
            with database.reading() as session:
                start = time.perf_counter()
                first = period_of(kind, today).before.first
                if compute(session, kind=kind, first=first, scope=SITE) is None:
                    raise RuntimeError(f"no {name}")
                found[name] = time.perf_counter() - start
    return found


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds."""
    found = {
        f"{name}: p95 under {BAR_MS:.0f} ms at {RATE:.0f} requests a second": (
            latency.failed == 0 and latency.p95 < BAR_MS
        )
        for name, latency in figures.mixed.items()
        if name != "plain"
    }
    return found | {
        f"{name} under {BAR_SECONDS:.0f} s": seconds < BAR_SECONDS
        for name, seconds in figures.reports.items()
    }


def report(figures: Figures, found: Mapping[str, bool], say: Say) -> None:
    """Print the figures and the bars."""
    loads = " to ".join(f"{load:.1f}" for load in figures.load)
    say(f"\n{figures.introductions:,} introductions, {figures.cores} cores, load average {loads}")
    say(
        f"{'':<28} {'SQL':>4} {'in it':>7} | {'p50':>7} {'p95':>7} alone | {'p50':>7} {'p95':>7} "
        f"{'worst':>7} {'n':>5} failed | plain x"
    )
    plain = figures.mixed["plain"]
    for name, mixed in figures.mixed.items():
        alone = figures.alone[name]
        say(
            f"{name:<28} {figures.statements[name]:>4} {figures.in_database[name]:>7.1f} | "
            f"{alone.p50:>7.1f} {alone.p95:>7.1f} {alone.failed or '':>5} | {mixed.p50:>7.1f} "
            f"{mixed.p95:>7.1f} {mixed.worst:>7.1f} {mixed.number:>5} {mixed.failed:>6} | "
            f"{mixed.p95 / plain.p95 if plain.p95 else 0:>7.1f}"
        )
    for name, seconds in figures.reports.items():
        say(f"{name:<34} {seconds:>7.2f} s")
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")
