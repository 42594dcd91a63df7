"""``python -m tools.bench deals``: the board of deals among 5,000 of them, beside a plain page.

A throw-away site as ``make run`` serves it, on SQLite, with deals of three forms at every stage,
between 30 universities and 200 firms, four in five looked after by one broker. Its boards are asked
for 10 times a second, and a plain page as often beside them; a question's time counts from when it
was due. Exit code 3 where the bar (p95 under 200 ms) does not hold.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from typing import Any, Final
from urllib.parse import urlencode

import click
from sqlalchemy.orm import Session

from tenon import schema
from tenon.accounts.models import User
from tenon.clock import utc_now
from tenon.db import Database
from tenon.deals.forms.schema import STAGES
from tests.factories.accounts import PASSWORD, grant_role, make_organisation, make_user
from tests.factories.deals import make_deal, make_terms
from tools.bench.asking import PLAIN
from tools.bench.load import Latency, Question, mixed_loop, one_client
from tools.bench.site import HOST, Site, throw_away

BARS_MISSED: Final = 3
BAR: Final = 200.0
BAR_DEALS: Final = 5_000
RATE: Final = 10.0
FORMS: Final = ("licence_exclusive", "licence_sole", "licence_nonexclusive")
WEIGHTS: Final = (8, 8, 10, 5, 3, 4, 3, 30, 15, 4, 4, 6)
"""How many of 100 deals stand at each of the stages, in their order."""

BOARDS: Final[Mapping[str, tuple[str, str]]] = {
    "board, broker": ("broker", "/deals/board"),
    "board, operator": ("operator", "/deals/board"),
    "one stage": ("broker", "/deals/board?stage=in_force&page=3"),
    "filtered": ("operator", "/deals/board?days=90&value=middle"),
    "forecast": ("operator", "/deals/board/forecast"),
}
_AGREED: Final = frozenset(STAGES[3:10])
_TOKEN: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')

Say = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """What was measured.

    Attributes:
        deals: on the site.
        alone: one client after another's answer, by page.
        mixed: RATE boards of all kinds a second, and as many plain pages beside.
        load: the machine's load average before and after.
        cores: that the processes may use.
    """

    deals: int
    alone: dict[str, Latency] = field(default_factory=dict)
    mixed: dict[str, Latency] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)
    cores: int = 0


@click.command("deals")
@click.option("--deals", default=BAR_DEALS, show_default=True, help="On the site.")
@click.option("--seconds", default=60.0, show_default=True, help="Length of the open loop.")
@click.option("--requests", default=40, show_default=True, help="Of one client, each page.")
@click.option("--seed", default=20261122, show_default=True, help="What all is drawn from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where the bar does not hold.")
def measure_deals(
    deals: int, seconds: float, requests: int, seed: int, *, as_json: bool, no_fail: bool
) -> None:
    """Make 5,000 deals and measure the board of those who look after them."""
    say: Say = (lambda _: None) if as_json else click.echo
    with throw_away() as site:
        say(f"making {deals:,} deals")
        emails = fill(site, deals, seed)
        with site.serving():
            figures = measure(site, deals, emails, seconds=seconds, requests=requests, say=say)
    found = verdicts(figures)
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"bars": found}, indent=1))
    else:
        report(figures, found, say)
    if not no_fail and not all(found.values()):
        raise SystemExit(BARS_MISSED)


def fill(site: Site, deals: int, seed: int) -> dict[str, str]:
    """Make the site's database with its deals; return role -> mail address."""
    chance = random.Random(seed)  # noqa: S311  # figures to be drawn again
    site.folder.mkdir(exist_ok=True)
    with Database(site.settings.database_url) as database:
        schema.upgrade(database)
        with database.writing() as session:
            people = {
                "broker": grant_role(session, make_user(session), "broker"),
                "operator": grant_role(session, make_user(session), "operator"),
                "other": grant_role(session, make_user(session), "broker"),
            }
            _deals(session, deals, people, chance)
            emails = {role: user.email for role, user in people.items()}
        with database.writing() as session:
            session.connection().exec_driver_sql("ANALYZE")
    return emails


def _deals(
    session: Session, number: int, people: Mapping[str, User], chance: random.Random
) -> None:
    givers = [make_organisation(session, region="420100") for _ in range(30)]
    takers = [make_organisation(session, kind="enterprise") for _ in range(200)]
    now = utc_now()
    for count, stage in enumerate(chance.choices(STAGES, WEIGHTS, k=number)):
        columns: dict[str, Any] = {}
        if stage in _AGREED:
            columns["value_minor"] = chance.randrange(10**6, 10**9)
        deal = make_deal(
            session,
            form=chance.choice(FORMS),
            state=stage,
            seller=chance.choice(givers),
            buyer=chance.choice(takers),
            broker=people["broker" if chance.random() < 0.8 else "other"],
            title=f"示例交易 {count}",
            now=now - timedelta(days=chance.randrange(400)),
            **columns,
        )
        if stage == "terms":
            make_terms(session, deal, values={}, state="proposed", side="seller")


def measure(
    site: Site,
    deals: int,
    emails: Mapping[str, str],
    *,
    seconds: float,
    requests: int,
    say: Say,
) -> Figures:
    """Take every figure."""
    figures = Figures(deals, cores=len(os.sched_getaffinity(0)))
    figures.load.append(os.getloadavg()[0])
    cookies = {role: sign_in(site.port, emails[role]) for role in ("broker", "operator")}
    asked = {name: [Question(path, cookie=cookies[role])] for name, (role, path) in BOARDS.items()}
    plain = [Question(PLAIN.path, cookie=cookies["broker"])]
    say(f"one client, {requests} of each page")
    for name, questions in {**asked, "plain": plain}.items():
        one_client(site.port, questions, 4)
        figures.alone[name] = one_client(site.port, questions, requests)
    say(f"{RATE:.0f} boards a second and as many plain pages beside, for {seconds:.0f} s")
    figures.mixed = mixed_loop(site.port, asked, ("plain", plain), rate=RATE, seconds=seconds)
    figures.load.append(os.getloadavg()[0])
    return figures


def sign_in(port: int, email: str) -> str:
    """Sign in by the page that people use; return the cookie; raises RuntimeError where refused."""
    jar: SimpleCookie = SimpleCookie()
    connection = HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/account/sign-in")
    shown = connection.getresponse()
    token = _TOKEN.search(shown.read().decode())
    _keep(jar, shown.headers.get_all("Set-Cookie"))
    form = {"csrf_token": token[1] if token else "", "email": email, "password": PASSWORD}
    headers = {"Cookie": _written(jar), "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/account/sign-in", urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    _keep(jar, answer.headers.get_all("Set-Cookie"))
    connection.close()
    if answer.status not in (302, 303):
        raise RuntimeError(f"{email} cannot sign in: {answer.status}")
    return _written(jar)


def _keep(jar: SimpleCookie, headers: list[str] | None) -> None:
    for header in headers or ():
        jar.load(header)


def _written(jar: SimpleCookie) -> str:
    return "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds."""
    return {
        f"{name}: p95 under {BAR:.0f} ms at {RATE:.0f} requests a second": (
            latency.failed == 0 and latency.p95 < BAR
        )
        for name, latency in figures.mixed.items()
        if name != "plain"
    }


def report(figures: Figures, found: Mapping[str, bool], say: Say) -> None:
    """Print the figures and the bars."""
    loads = " to ".join(f"{load:.1f}" for load in figures.load)
    say(f"\n{figures.deals:,} deals, {figures.cores} cores, load average {loads}")
    say(
        f"{'':<18} {'p50':>7} {'p95':>7} alone | {'p50':>7} {'p95':>7} {'worst':>7} {'n':>5} failed"
    )
    for name, mixed in figures.mixed.items():
        alone = figures.alone[name]
        say(
            f"{name:<18} {alone.p50:>7.1f} {alone.p95:>7.1f}       | {mixed.p50:>7.1f} "
            f"{mixed.p95:>7.1f} {mixed.worst:>7.1f} {mixed.number:>5} {mixed.failed:>6}"
        )
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")
