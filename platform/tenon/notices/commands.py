"""Commands about mail: ``tenon mail bounces`` reads the reports of mail that came back."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from tenon import settings
from tenon.clock import utc_now
from tenon.db import Database
from tenon.notices import delivery, intake
from tenon.notices.intake import Taken, Unreadable

TRY_AGAIN = 75  # sysexits' EX_TEMPFAIL: a mail server keeps the report and calls again later


@click.group()
def mail() -> None:
    """Look after mail that went out."""


@mail.command("bounces")
@click.argument("place", type=click.Path(exists=True, path_type=Path, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def read_bounces(place: Path, *, as_json: bool) -> None:
    """Record the reports in PLACE: a folder, a Maildir, an mbox, a file, or - for standard input.

    Reading the same twice changes nothing. Exit code 3 where a file could not be read, 75 where
    the database is away (a mail server then keeps the report).
    """
    config = settings.load()
    delivery.configure(config)
    taken = Taken()
    try:
        with Database(config.database_url) as database:
            _take_all(database, place, taken)
    except OperationalError as error:
        click.echo(f"tenon: the database is away: {type(error.orig).__name__}", err=True)
        raise SystemExit(TRY_AGAIN) from None
    if as_json:
        click.echo(json.dumps({**taken.counts, "unreadable": dict(taken.unreadable)}))
    else:
        _print(taken)
    if taken.unreadable:
        raise SystemExit(3)


def _take_all(database: Database, place: Path, taken: Taken) -> None:
    """Take each message in a transaction of its own, so that what was read stays read."""
    if str(place) == "-":
        try:
            found = iter([intake.parse(sys.stdin.buffer.read(intake.LARGEST))])
        except Unreadable as error:
            taken.unreadable.append(("-", str(error)))
            return
    else:
        found = iter(intake.messages(place, taken))
    for message in found:
        with database.writing() as session:
            taken.counts[intake.take(session, message, now=utc_now())] += 1


def _print(taken: Taken) -> None:
    words = {
        intake.RECORDED: "bounces recorded",
        intake.KNOWN: "known already",
        intake.DELAYED: "only delayed",
        intake.OTHER: "no reports",
        intake.UNKNOWN: "reports of mails that are not here",
    }
    for name, text in words.items():
        if taken.counts[name]:
            click.echo(f"{taken.counts[name]:>6} {text}")
    for file, why in taken.unreadable:
        click.echo(f"cannot read {file}: {why}", err=True)
