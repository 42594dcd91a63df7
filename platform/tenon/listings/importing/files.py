"""From a path to a report: which reader, which source, and one run through the database.

The one place where the library's readers meet the site's terms and sink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy.orm import Session

from ingest.connectors import Connector, Sniffed, sniff
from ingest.errors import FileError, Rejected
from ingest.limits import Limits
from ingest.records import Kind, Record
from ingest.rows import RowParser, read_records
from ingest.run import Report, run_import
from tenon.listings.importing.intake import Intake
from tenon.listings.importing.sink import DatabaseSink
from tenon.listings.importing.terms import SiteTerms

Progress = Callable[[int], None]


@dataclass(slots=True)
class Reading:
    """A file that is known to be readable.

    Attributes:
        kind: what it holds.
        source: recorded in every record.
        connector: of a public source; None for the import format.
        encoding: of its text; None for a workbook.
    """

    kind: Kind
    source: str
    connector: Connector | None
    encoding: str | None
    _found: Sniffed
    _parser: RowParser | None = field(default=None)

    @property
    def unknown_columns(self) -> list[str]:
        """Columns that were passed over; complete once all rows were read."""
        return sorted(self._parser.unknown_columns) if self._parser else []

    def rows(self) -> Iterator[Record | Rejected]:
        """Read from the first row, every time it is called."""
        if self.connector is not None:
            return (_of_source(row, self.source) for row in self.connector.read(self._found.table))
        self._parser, rows = read_records(self._found.table, self.kind, self.source, SiteTerms())
        return rows


def open_file(
    path: Path,
    *,
    kind: Kind | None = None,
    source: str | None = None,
    public_sources: bool = True,
    limits: Limits | None = None,
) -> Reading:
    """Find out what a file is.

    Args:
        path: the file.
        kind: what it holds; None asks the file.
        source: overrides the connector's own; needed for files in the import format.
        public_sources: whether a public source's file is read as such.
        limits: bounds on its size.

    Raises:
        FileError: it cannot be read, or nothing tells what it holds.
    """
    found = sniff(path, limits)
    connector = found.connector if public_sources and kind in {None, found.kind} else None
    settled = kind or (found.kind if connector or not found.connector else None)
    if settled is None:
        raise FileError("unknown_kind", line=1)
    name = source or (connector.source if connector else "file")
    reading = Reading(settled, name, connector, found.encoding, found)
    reading.rows()  # a header that lacks a column shows now, not when the rows are read
    return reading


def take_file(
    session: Session,
    reading: Reading,
    *,
    intake: Intake,
    dry_run: bool,
    skip_bad_rows: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Run the whole file through the database; the caller commits."""
    if reading.connector is not None:
        intake = replace(intake, past_deadlines=True)
    return run_import(
        reading.rows(),
        DatabaseSink(session, intake),
        kind=reading.kind,
        source=reading.source,
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        progress=progress,
    )


def _of_source(row: Record | Rejected, source: str) -> Record | Rejected:
    """Give a connector's record the source that was asked for."""
    if isinstance(row, Rejected) or row.source == source:
        return row
    return replace(row, source=source)
