"""``python -m tools.bench events``: a thousand agendas in one minute, and the board of the hall.

A running event on a PostgreSQL of its own, served by gunicorn as in production. Everybody who takes
part opens their own agenda once within the minute, at moments drawn at random; a question's time
counts from when it was due. Beside that a plain page is asked for, five screens show the hall, and
the organiser marks meetings and lets people in. Exit code 3 where a bar does not hold
(``--no-fail`` prints only).
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

import click
import sqlalchemy as sa

from tenon import schema, settings
from tenon.accounts.models import User
from tenon.app import create_app
from tenon.clock import utc_now
from tenon.db import Database
from tests.factories.accounts import sign_in
from tests.postgres import start_in
from tools.bench.events.hall import Going, Organiser, Screen, Watched
from tools.bench.events.world import Full, Hall, make_hall
from tools.bench.introductions.asking import PLAIN
from tools.bench.introductions.counting import statements_of
from tools.bench.introductions.kept import SERVING
from tools.bench.introductions.serving import THREADS, WORKERS, Served, served
from tools.bench.load import Latency, Question, as_due, one_client
from tools.bench.site import HOST, Memory

BAR: Final = 300.0
BAR_BOARD: Final = 5_000.0
BARS_MISSED: Final = 3
PLAIN_RATE: Final = 5.0
AGENDA, PLAIN_NAME, BOARD = "agenda", "plain", "board"
_NAME: Final = "tenon_events"

Say = Callable[[str], None]


@dataclass(slots=True)
class Figures:
    """All that was measured; milliseconds and MB.

    Attributes:
        people: who open their agenda.
        meetings: live ones of the event.
        seconds: in which they do.
        cores: that the processes may use.
        alone: one client after another's answer, by page.
        processor: milliseconds of the workers' processor time of one such page; whatever else
            runs, that stays.
        together: all at once, by page: agendas and plain pages.
        watched: what the screens showed meanwhile.
        busy: cores that the workers took meanwhile, on the average.
        statements: that a page sends.
        in_database: milliseconds of a page that went to its statements.
        load: the machine's load average before and after.
        memory: of each worker in the end.
    """

    people: int
    meetings: int
    seconds: float
    cores: int
    watched: Watched
    busy: float
    alone: dict[str, Latency] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)
    together: dict[str, Latency] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    in_database: dict[str, float] = field(default_factory=dict)
    load: list[float] = field(default_factory=list)
    memory: list[Memory] = field(default_factory=list)


@click.command("events")
@click.option("--people", default=1_000, show_default=True, help="Who open their agenda.")
@click.option("--seconds", default=60.0, show_default=True, help="In which they do.")
@click.option("--screens", default=5, show_default=True, help="That show the hall.")
@click.option("--requests", default=40, show_default=True, help="Of one client, each page.")
@click.option("--seed", default=20261122, show_default=True, help="What all is drawn from.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where a bar does not hold.")
def measure_events(
    people: int,
    seconds: float,
    screens: int,
    requests: int,
    seed: int,
    *,
    as_json: bool,
    no_fail: bool,
) -> None:
    """Fill an event with 1,000 people and let all open their agenda within one minute."""
    say: Say = (lambda _: None) if as_json else click.echo
    full = Full().times(people / Full().people)
    with _database() as database:
        say(f"making an event with {full.people:,} people and {full.meetings:,} meetings")
        hall = make_hall(database, full, now=utc_now(), seed=seed)
        _settle(database)
        address = database.engine.url.render_as_string(hide_password=False)
        with served(address) as site:
            measuring = Measuring(site, database, hall, seed, say)
            figures = measuring.measure(seconds=seconds, screens=screens, requests=requests)
    found = verdicts(figures)
    if as_json:
        click.echo(json.dumps(asdict(figures) | {"bars": found}, indent=1))
    else:
        report(figures, found, say)
    if not no_fail and not all(found.values()):
        raise SystemExit(BARS_MISSED)


@contextmanager
def _database() -> Iterator[Database]:
    """Yield a migrated database on a server that goes away again."""
    server = start_in(Path(tempfile.mkdtemp(prefix="tenon-bench-pg-")), *SERVING)
    try:
        server.execute(f"CREATE DATABASE {_NAME} TEMPLATE template0 ENCODING 'UTF8'")
        with Database(server.address(_NAME)) as database:
            schema.upgrade(database)
            yield database
    finally:
        server.stop()


def _settle(database: Database) -> None:
    """Leave the tables as a site's have become after a while, with statistics."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


class Measuring:
    """Everybody signed in, and every figure taken."""

    def __init__(self, site: Served, database: Database, hall: Hall, seed: int, say: Say) -> None:
        self._site, self._database, self._hall, self._say = site, database, hall, say
        self._chance = random.Random(seed)  # noqa: S311  # figures to be drawn again
        self._path = f"/events/{hall.event}/agenda"

    def measure(self, *, seconds: float, screens: int, requests: int) -> Figures:
        """Take every figure, in an order in which none disturbs another."""
        before = os.getloadavg()[0]
        *cookies, organiser = signed_in(
            self._site.environment, self._database, [*self._hall.people, self._hall.organiser]
        )
        self._check(cookies)
        asked = {
            AGENDA: [Question(self._path, cookie=each) for each in cookies],
            PLAIN_NAME: [Question(PLAIN, cookie=each) for each in cookies],
            BOARD: [Question(f"/events/{self._hall.event}/hall/part?screen=1", cookie=organiser)],
        }
        sent = statements_of(self._site.environment, asked)
        alone, processor = self._alone(asked, requests)
        spent, start = self._site.processor_seconds(), time.perf_counter()
        together, watched = self._together(asked, seconds, screens)
        spent = self._site.processor_seconds() - spent
        return Figures(
            people=len(cookies),
            meetings=self._hall.meetings,
            seconds=seconds,
            cores=len(os.sched_getaffinity(0)),
            watched=watched,
            busy=spent / (time.perf_counter() - start),
            alone=alone,
            processor=processor,
            together=together,
            statements={name: len(each.statements) for name, each in sent.items()},
            in_database={name: 1_000 * sum(each.seconds) for name, each in sent.items()},
            load=[before, os.getloadavg()[0]],
            memory=self._memory(),
        )

    def _alone(
        self, asked: Mapping[str, Sequence[Question]], requests: int
    ) -> tuple[dict[str, Latency], dict[str, float]]:
        alone, processor = {}, {}
        for name, questions in asked.items():
            self._say(f"one client: {name}")
            one_client(self._site.port, questions[-4:], 8)
            before = self._site.processor_seconds()
            alone[name] = one_client(self._site.port, questions, requests)
            processor[name] = 1_000 * (self._site.processor_seconds() - before) / requests
        return alone, processor

    def _check(self, cookies: Sequence[str]) -> None:
        """Raise RuntimeError unless some people's agendas are their own."""
        step = max(1, len(cookies) // 10)
        own = zip(cookies[::step], self._hall.codes[::step], strict=True)
        for cookie, code in own:
            connection = HTTPConnection(HOST, self._site.port, timeout=30)
            connection.request("GET", self._path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            page = answer.read().decode()
            connection.close()
            if answer.status != 200 or code not in page:
                raise RuntimeError(f"not the agenda of {code}: {answer.status}")

    def _together(
        self, asked: Mapping[str, Sequence[Question]], seconds: float, screens: int
    ) -> tuple[dict[str, Latency], Watched]:
        self._say(
            f"{len(asked[AGENDA]):,} agendas in {seconds:.0f} s, {PLAIN_RATE:.0f} plain pages a "
            f"second, {screens} screens"
        )
        board = asked[BOARD][0]
        shown = [Screen(self._site.port, board.path, board.cookie) for _ in range(screens)]
        going = Going(shown, Organiser(self._database, self._hall), seconds)
        try:
            plan = plan_of(asked[AGENDA], asked[PLAIN_NAME], seconds, self._chance)
            together = as_due(self._site.port, plan)
        finally:
            watched = going.end()
        return together, watched

    def _memory(self) -> list[Memory]:
        try:
            return self._site.memory()
        except OSError:
            self._say("no /proc here: memory is not measured")
            return []


def signed_in(
    environment: Mapping[str, str], database: Database, people: Sequence[int]
) -> list[str]:
    """Return a cookie of each person, as the site's own session writes it.

    Not by the page for signing in: a thousand passwords would be hashed first.
    """
    app = create_app(settings.load(dict(environment)), database)
    with database.reading() as session:
        found = {user.id: user for user in session.scalars(sa.select(User))}
    cookies = []
    for key in people:
        client = app.test_client()
        sign_in(client, found[key])
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        if cookie is None:
            raise RuntimeError("the site's session is not where its cookie should be")
        cookies.append(f"{cookie.key}={cookie.value}")
    return cookies


def plan_of(
    agendas: Sequence[Question], plain: Sequence[Question], seconds: float, chance: random.Random
) -> list[tuple[float, str, Question]]:
    """Return what is asked when: each agenda once at a random moment, plain pages at their rate."""
    opened = [(chance.uniform(0, seconds), AGENDA, each) for each in agendas]
    beside = [
        (turn / PLAIN_RATE, PLAIN_NAME, plain[turn % len(plain)])
        for turn in range(round(PLAIN_RATE * seconds))
    ]
    return sorted([*opened, *beside], key=lambda each: each[0])


def verdicts(figures: Figures) -> dict[str, bool]:
    """Return bar -> whether it holds."""
    agenda, watched = figures.together[AGENDA], figures.watched
    failed = sum(each.failed for each in figures.together.values()) + watched.answers.failed
    return {
        f"agenda: p95 under {BAR:.0f} ms, {figures.people:,} in {figures.seconds:.0f} s": (
            agenda.number > 0 and agenda.p95 < BAR
        ),
        "no request failed": failed == 0,
        f"every screen shows every mark within {BAR_BOARD / 1000:.0f} s": (
            watched.delay.number > 0
            and watched.delay.failed == 0
            and watched.delay.worst < BAR_BOARD
        ),
    }


def report(figures: Figures, found: Mapping[str, bool], say: Say) -> None:
    """Print the figures and the bars."""
    say(
        f"\n{figures.people:,} people, {figures.meetings:,} meetings, {figures.cores} cores, "
        f"{WORKERS} workers of {THREADS} threads; load average of the machine "
        + " to ".join(f"{load:.1f}" for load in figures.load)
    )
    say(
        f"{'':<10} {'SQL':>4} {'in it':>7} {'CPU':>6} | {'p50':>7} {'p95':>7} alone | "
        f"{'p50':>7} {'p95':>7} {'worst':>7} {'n':>5} failed, together"
    )
    watched = figures.watched
    for name, latency in {**figures.together, BOARD: watched.answers}.items():
        alone = figures.alone[name]
        say(
            f"{name:<10} {figures.statements[name]:>4} {figures.in_database[name]:>7.1f} "
            f"{figures.processor[name]:>6.1f} | {alone.p50:>7.1f} {alone.p95:>7.1f}       | "
            f"{latency.p50:>7.1f} {latency.p95:>7.1f} {latency.worst:>7.1f} {latency.number:>5} "
            f"{latency.failed:>6}"
        )
    plain = figures.together[PLAIN_NAME].p95
    times = figures.together[AGENDA].p95 / plain if plain else 0
    say(f"an agenda takes {times:.1f} times a plain page (p95)")
    say(
        f"{watched.marks} marks, {watched.arrivals} arrivals; a mark is on a screen after "
        f"p50 {watched.delay.p50 / 1000:.1f} s, p95 {watched.delay.p95 / 1000:.1f} s, at worst "
        f"{watched.delay.worst / 1000:.1f} s ({watched.delay.number} times, "
        f"{watched.delay.failed} never); {watched.unchanged} answers of {watched.answers.number} "
        "said that nothing has changed"
    )
    say(f"the workers took {figures.busy:.2f} cores meanwhile")
    for memory in figures.memory:
        say(f"worker: {memory.rss:.0f} MB resident, {memory.pss:.0f} MB as its share")
    for name, holds in found.items():
        say(f"{'holds ' if holds else 'MISSED'} {name}")
