"""``python -m tools.bench digests``: write the daily digests of many people, beside two baselines.

Each database is a fresh one: SQLite in a folder of its own, PostgreSQL by the tests' server. The
first baseline inserts mails and outbox rows that were rendered before: what the database alone
takes. The second is the plain way, a person at a time with objects, over a sample. Exit code 3
where the bar (100,000 people in ten minutes) does not hold.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon import schema
from tenon.accounts.models import User
from tenon.app import load_tasks
from tenon.db import Database
from tenon.notices import bundling, delivery, digests
from tenon.notices.bundling import Reader, Waiting
from tenon.notices.composing import Letter
from tenon.notices.models import Mail, Notice, NoticeSchedule
from tenon.outbox import OutboxMessage, emit
from tenon.outbox.services import emit_many
from tests.postgres import find_server

NOW: Final = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai: everybody's hour, eight, has come."""

KINDS: Final = (
    "listing_publish",
    "match_declined",
    "listing_expires_soon",
    "match_interested_unnamed",
    "listing_publish",
)
BATCH: Final = 5_000
PLAIN: Final = 1_000
BARS_MISSED: Final = 3
BAR_SECONDS: Final = 600.0
BAR_PEOPLE: Final = 100_000

Say = Callable[[str], None]


class _Nowhere:
    """A mailer for what is never sent here."""

    def send(self, letter: Letter) -> None:
        """Refuse: the bench writes mails and sends none."""
        raise AssertionError(letter.message_id)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one database took; seconds, and people a second.

    Attributes:
        database: ``sqlite`` or ``postgresql``.
        people: with five notices each.
        seconds: from the first slice to the last, outbox rows included.
        processor_seconds: of this process (the database's own server is not in it).
        slices: transactions; ``longest`` is the longest one, which holds SQLite's write lock.
        inserting: the same rows inserted without any looking, sorting or rendering.
        plain: people a second by the plain way, over a sample.
        load: the machine's load average before and after.
    """

    database: str
    people: int
    seconds: float
    processor_seconds: float
    slices: int
    longest: float
    inserting: float
    plain: float
    load: tuple[float, float]

    @property
    def rate(self) -> float:
        """People a second."""
        return self.people / self.seconds


@click.command("digests")
@click.option("--people", default=BAR_PEOPLE, show_default=True, help="Each with five notices.")
@click.option(
    "--database",
    "kinds",
    multiple=True,
    type=click.Choice(["sqlite", "postgresql"]),
    default=("sqlite", "postgresql"),
    show_default=True,
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 even where the bar does not hold.")
def measure_digests(people: int, kinds: tuple[str, ...], *, as_json: bool, no_fail: bool) -> None:
    """Write the digests of many people, on SQLite and on PostgreSQL."""
    say: Say = (lambda _: None) if as_json else click.echo
    load_tasks()
    delivery.use(delivery.Delivery(_Nowhere(), "https://tenon.example", "k" * 40))
    found: list[Figures] = []
    bar = BAR_SECONDS * people / BAR_PEOPLE
    for kind in kinds:
        with _database(kind) as database:
            if database is None:
                say("no PostgreSQL on this machine: not measured")
                continue
            say(f"{kind}: {people:,} people")
            found.append(measure(database, kind, people))
        report(found[-1], bar, say)
    if as_json:
        click.echo(json.dumps([asdict(each) | {"rate": each.rate} for each in found], indent=1))
    if not no_fail and any(each.seconds >= bar for each in found):
        raise SystemExit(BARS_MISSED)


@contextmanager
def _database(kind: str) -> Iterator[Database | None]:
    if kind == "sqlite":
        with (
            tempfile.TemporaryDirectory(prefix="tenon-digests-") as folder,
            Database(f"sqlite:///{Path(folder) / 'tenon.db'}") as database,
        ):
            schema.upgrade(database)
            yield database
        return
    server = find_server()
    if server is None:
        yield None
        return
    try:
        with Database(server.address(server.make_empty())) as database:
            schema.upgrade(database)
            yield database
    finally:
        server.stop()


def measure(database: Database, kind: str, people: int) -> Figures:
    """Fill a database, write every digest, and then what it is compared with."""
    before = os.getloadavg()[0]
    for start in range(0, people, BATCH):
        with database.writing() as session:
            _fill(session, range(start, min(people, start + BATCH)))
    begun, used = time.perf_counter(), time.process_time()
    slices, longest, more = 0, 0.0, True
    while more:
        turn = time.perf_counter()
        with database.writing() as session:
            more = digests.write_slice(session, now=NOW)
        slices, longest = slices + 1, max(longest, time.perf_counter() - turn)
    seconds, used = time.perf_counter() - begun, time.process_time() - used
    with database.reading() as session:
        written = session.scalar(sa.select(sa.func.count()).select_from(Mail))
        queued = session.scalar(sa.select(sa.func.count()).select_from(OutboxMessage))
    if (written, queued) != (people, people):
        raise RuntimeError(f"{people} people, {written} mails, {queued} messages")
    inserting = _insert_alone(database)
    plain = _plainly(database, min(people, PLAIN))
    return Figures(
        kind, people, seconds, used, slices, longest, inserting, plain,
        (before, os.getloadavg()[0]),
    )  # fmt: skip


def _fill(session: Session, numbers: range) -> None:
    """Make people with five notices each that wait for their digest."""
    users = [
        {
            "email": f"p{number}@example.org",
            "name": f"P{number}",
            "language": "en" if number % 3 == 0 else "zh",
            "public_id": f"p{number:011d}",
            "fs_uniquifier": f"u{number}",
            "salt": "x",
        }
        for number in numbers
    ]
    ids = session.scalars(sa.insert(User).returning(User.id), users).all()
    due = NOW - timedelta(hours=1)
    session.execute(
        sa.insert(NoticeSchedule), [{"user_id": each, "digest_at": due} for each in ids]
    )
    session.execute(sa.insert(Notice), [row for each in ids for row in _notices(each)])


def _notices(user_id: int) -> Iterator[dict[str, Any]]:
    number = user_id % 997
    title = {"zh": f"第{number}项成果", "en": f"Result number {number}"}
    facts = {"title": title, "listing": title, "counterpart": title, "reason": title}
    for place, kind in enumerate(KINDS):
        yield {
            "user_id": user_id,
            "kind": kind,
            "facts": facts,
            "path": f"/listings/l{number + place % 2}",
            "created_at": NOW - timedelta(hours=place + 1),
            "mail": "waiting",
        }


def _insert_alone(database: Database) -> float:
    """Insert the mails that were written once more, in as large slices; return the seconds."""
    columns = [
        column for column in Mail.__table__.columns if column.name not in {"id", "digest_day"}
    ]
    spent, last = 0.0, 0
    while True:
        with database.reading() as session:
            some = sa.select(Mail.id, *columns).where(Mail.id > last, Mail.digest_day.is_not(None))
            found = session.execute(some.order_by(Mail.id).limit(digests.PEOPLE_A_SLICE)).mappings()
            copies = [dict(row) for row in found]
        if not copies:
            return spent
        last = copies[-1]["id"]
        for copy in copies:
            copy.pop("id")
            copy["message_id"] = bundling.message_id()
        begun = time.perf_counter()
        with database.writing() as session:
            ids = session.scalars(sa.insert(Mail).returning(Mail.id), copies).all()
            emit_many(session, "bench.nothing", [{"id": each} for each in ids], now=NOW)
        spent += time.perf_counter() - begun


def _plainly(database: Database, people: int) -> float:
    """Write digests one person at a time with objects and a commit each; people a second."""
    with database.reading() as session:
        ids = session.scalars(sa.select(User.id).order_by(User.id).limit(people)).all()
    begun = time.perf_counter()
    for user_id in ids:
        with database.writing() as session:
            user = session.get_one(User, user_id)
            own = session.scalars(sa.select(Notice).where(Notice.user_id == user_id)).all()
            reader = Reader(user.id, user.public_id, user.name, user.email, user.language)
            waiting = [Waiting(n.id, n.kind, n.facts, n.path, n.created_at) for n in own]
            mail = Mail(**bundling.mail_row(reader, waiting, now=NOW, digest=True))
            for notice in own:
                notice.mail, notice.mailed_at = "mailed", NOW
            session.add(mail)
            session.flush()
            emit(session, "bench.nothing", {"id": mail.id}, now=NOW)
    return people / (time.perf_counter() - begun)


def report(found: Figures, bar: float, say: Say) -> None:
    """Print what was measured on one database."""
    holds = "holds " if found.seconds < bar else "MISSED"
    say(
        f"{holds} {found.database}: {found.people:,} digests of five notices in "
        f"{found.seconds:.1f} s = {found.rate:,.0f} people/s (bar {bar:.0f} s); "
        f"{found.processor_seconds:.1f} s of this process's processor time, {found.slices} "
        f"slices, the longest {found.longest:.2f} s"
    )
    say(
        f"       inserting the same rows alone: {found.inserting:.1f} s, so the whole takes "
        f"{found.seconds / found.inserting:.1f} times as long; one person at a time: "
        f"{found.plain:,.0f} people/s, so slices are {found.rate / found.plain:.1f} times as fast"
    )
    say(f"       load average {found.load[0]:.1f} before, {found.load[1]:.1f} after")
