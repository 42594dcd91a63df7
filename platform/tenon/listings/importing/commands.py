"""``tenon import``: a file into the database from the command line, by the operator at the machine.

Checked first without a lock, then written in one transaction. Exit codes: 0 imported (or checked
without errors), 1 the file cannot be read, 3 rows have errors and nothing was written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import click
import sqlalchemy as sa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import IntegrityError, OperationalError

from ingest.connectors import CONNECTORS, by_name
from ingest.errors import FileError
from ingest.limits import Limits
from ingest.records import KINDS, Kind
from ingest.run import Report
from tenon import settings
from tenon.accounts.models import Organisation
from tenon.actors import SYSTEM
from tenon.clock import utc_now
from tenon.db import Database
from tenon.listings.importing import wording
from tenon.listings.importing.files import Reading, open_file, take_file
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.jobs import DEFAULT_SOURCE, SOURCE_NAME, report_of
from tenon.settings import Settings

SHOWN = 50
FOUND_ERRORS = 3
LARGEST = Limits(bytes=4 * 1024**3, expanded=16 * 1024**3, rows=5_000_000)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--kind", type=click.Choice(KINDS), help="What the files hold; told by the columns.")
@click.option(
    "--connector",
    type=click.Choice([each.name for each in CONNECTORS]),
    help="Read them as files of this public source; told by the columns.",
)
@click.option("--source", help="Where the records come from: with their number it identifies them.")
@click.option("--organisation", help="Public id: whose listings are that name no organisation.")
@click.option("--draft", is_flag=True, help="Let listings enter as drafts, not as published.")
@click.option("--dry-run", is_flag=True, help="Only check, and say what would happen.")
@click.option("--skip-bad-rows", is_flag=True, help="Leave out rows with errors; import the rest.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a file.")
def import_file(
    files: tuple[str, ...],
    *,
    kind: str | None,
    connector: str | None,
    source: str | None,
    organisation: str | None,
    draft: bool,
    dry_run: bool,
    skip_bad_rows: bool,
    as_json: bool,
) -> None:
    """Import FILES: CSV, Excel or JSON Lines of achievements, needs, organisations or people.

    A file is imported whole or, where a row has an error, not at all. Importing a file again
    changes only what differs.
    """
    if source is not None and not SOURCE_NAME.fullmatch(source):
        raise click.BadParameter("small letters, digits, - _ and . only", param_hint="--source")
    config = settings.load()
    database = Database(config.database_url)
    wanted = by_name(connector).kind if connector else cast("Kind | None", kind)
    bad = False
    try:
        intake = _intake(database, config, organisation, publish=not draft)
        for file in files:
            path = Path(file)
            with _worded(path):
                reading = _open(path, wanted, source, must_be=connector)
                report = _run(
                    database, path, reading, intake, dry_run, skip_bad_rows, quiet=as_json
                )
            _print(path, reading, report, as_json=as_json)
            bad = bad or (report.errors_total > 0 and not report.written)
    finally:
        database.dispose()
    if bad:
        raise SystemExit(FOUND_ERRORS)


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    """Turn what keeps a whole file from being read or written into one line."""
    try:
        yield
    except FileError as error:
        found = {"code": error.code, "facts": error.facts}
        place = f", line {error.line}" if error.line else ""
        words = wording.error_words(found, "", "en")
        raise click.ClickException(f"{path.name}{place}: {words}") from None
    except (IntegrityError, OperationalError) as error:
        raise click.ClickException(
            f"{path.name}: nothing was written, since the database was busy or another import "
            f"of the same records ran at the same time. Start again. ({error.orig})"
        ) from None


def _open(path: Path, kind: Kind | None, source: str | None, *, must_be: str | None) -> Reading:
    """Open a file; one in the import format counts as of the default source where none is given."""
    reading = open_file(path, kind=kind, source=source, limits=LARGEST)
    if must_be is not None and (reading.connector is None or reading.connector.name != must_be):
        raise click.ClickException(f"{path.name} is not a file of {must_be}")
    if reading.connector is None and source is None:
        reading.source = DEFAULT_SOURCE
    return reading


def _intake(
    database: Database, config: Settings, organisation: str | None, *, publish: bool
) -> Intake:
    owner = None
    if organisation is not None:
        with database.reading() as session:
            owner = session.scalar(
                sa.select(Organisation.id).where(Organisation.public_id == organisation)
            )
        if owner is None:
            raise click.BadParameter("no organisation has this id", param_hint="--organisation")
    return Intake(
        by=SYSTEM,
        now=utc_now(),
        publish=publish,
        organisation_id=owner,
        listing_days=config.listing_days,
    )


def _run(
    database: Database,
    path: Path,
    reading: Reading,
    intake: Intake,
    dry_run: bool,  # noqa: FBT001  # a private step of the command
    skip_bad_rows: bool,  # noqa: FBT001  # the same
    *,
    quiet: bool,
) -> Report:
    """Check a file without a lock, then write it where nothing is in the way."""
    with (
        _progress(f"{path.name}: checking", None, quiet=quiet) as advance,
        database.reading() as session,
    ):
        checked = take_file(session, reading, intake=intake, dry_run=True, progress=advance)
    if dry_run or (checked.errors_total and not skip_bad_rows):
        return checked
    total = sum(counts.read for counts in checked.counts.values())
    with (
        _progress(f"{path.name}: importing", total, quiet=quiet) as advance,
        database.writing() as session,
    ):
        return take_file(
            session,
            reading,
            intake=intake,
            dry_run=False,
            skip_bad_rows=skip_bad_rows,
            progress=advance,
        )


@contextmanager
def _progress(label: str, total: int | None, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal's error stream; yields what to call with the rows done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = console.is_terminal and not quiet
    with Progress(*columns, TimeElapsedColumn(), console=console, disable=not shown) as bar:
        task = bar.add_task(label, total=total)
        yield lambda rows: bar.update(task, completed=rows)


def _print(path: Path, reading: Reading, report: Report, *, as_json: bool) -> None:
    found = report_of(report, reading)
    if as_json:
        about = {"file": path.name, "kind": reading.kind, "source": reading.source}
        click.echo(json.dumps(about | found, ensure_ascii=False))
        return
    verb = "imported" if report.written else "checked, nothing written"
    encoding = f", {reading.encoding}" if reading.encoding else ""
    click.echo(f"{path.name}: {verb} ({reading.kind} from {reading.source}{encoding})")
    for kind, counts in report.counts.items():
        click.echo(
            f"  {kind:<14} {counts.read} read, {counts.created} new, {counts.updated} changed, "
            f"{counts.unchanged} as before, {counts.refused} refused"
        )
    if reading.unknown_columns:
        click.echo(f"  columns passed over: {', '.join(reading.unknown_columns)}")
    for error in found["errors"][:SHOWN]:
        column = f", {error['column']}" if error["column"] else ""
        value = f" [{error['value']}]" if error["value"] else ""
        words = wording.error_words(error, reading.kind, "en")
        click.echo(f"  line {error['line']}{column}{value}: {words}")
    if report.errors_total > SHOWN:
        click.echo(f"  … {report.errors_total - SHOWN} errors more; --json prints them all")
