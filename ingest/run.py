"""Run a file through a sink: in batches, with every error reported and nothing half-written.

Knows neither files nor databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from ingest.errors import FileError, Rejected, RowError
from ingest.records import Kind, Record, kind_of
from ingest.sink import Outcome, Sink

MOST_ERRORS = 10_000


@dataclass(slots=True)
class Counts:
    """How many rows of one kind were read, and what became of them."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did.

    Attributes:
        kind: what the file holds.
        written: whether anything was made lasting; False for a dry run and after any error that
            stopped the file, in which case the counts say what would have happened.
        counts: by kind; a file of listings may bring organisations along.
        errors: in the order of the file, at most as many as were asked for.
        errors_total: how many there were.
    """

    kind: Kind
    written: bool
    counts: dict[Kind, Counts]
    errors: list[RowError]
    errors_total: int

    @property
    def main(self) -> Counts:
        """Counts of the file's own kind."""
        return self.counts[self.kind]

    @property
    def read(self) -> int:
        """Rows of the file's own kind, refused ones included."""
        return self.main.read

    @property
    def created(self) -> int:
        """Records of the file's own kind that are new."""
        return self.main.created

    @property
    def updated(self) -> int:
        """Records of the file's own kind that were known and differ."""
        return self.main.updated

    @property
    def unchanged(self) -> int:
        """Records of the file's own kind that were known and say the same."""
        return self.main.unchanged


@dataclass(slots=True)
class _Tally:
    kind: Kind
    most_errors: int
    counts: dict[Kind, Counts]
    errors: list[RowError] = field(default_factory=list)
    total: int = 0

    def blame(self, errors: Iterable[RowError]) -> None:
        for error in errors:
            self.total += 1
            if len(self.errors) < self.most_errors:
                self.errors.append(error)

    def outcome(self, record: Record, outcome: Outcome) -> None:
        counts = self.counts.setdefault(kind_of(record), Counts())
        counts.read += 1
        setattr(counts, outcome.status, getattr(counts, outcome.status) + 1)
        self.blame(outcome.errors)


def run_import(
    rows: Iterable[Record | Rejected],
    sink: Sink,
    *,
    kind: Kind,
    source: str,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    batch_size: int = 500,
    most_errors: int = MOST_ERRORS,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Read all rows and hand the good ones to the sink.

    Either every row is written or, where any has an error, none is; with ``skip_bad_rows`` the bad
    ones are left out and the rest written. A file that cannot be read to its end is never written.

    Args:
        rows: from :func:`ingest.rows.read_records` or a connector.
        sink: takes them.
        kind: what the file holds.
        source: the file's source.
        dry_run: only check and count.
        skip_bad_rows: write the good rows of a file with bad ones.
        batch_size: records handed over at a time.
        most_errors: errors kept in the report; all are counted.
        progress: called with the number of rows done after each batch.

    Raises:
        Exception: whatever the sink raises; everything written is undone first.
    """
    tally = _Tally(kind, most_errors, {kind: Counts()})
    sink.begin(kind, source, write=not dry_run)
    doomed = False
    try:
        for batch, whole in _batches(rows, batch_size, tally):
            outcomes = sink.take(batch)
            for record, outcome in zip(batch, outcomes, strict=True):
                tally.outcome(record, outcome)
            stop = tally.total > 0 and not skip_bad_rows
            if (stop or not whole) and not doomed:
                doomed = True
                sink.abandon()
            if progress is not None:
                progress(sum(counts.read for counts in tally.counts.values()))
    except BaseException:
        if not doomed:
            sink.abandon()
        raise
    written = not dry_run and not doomed
    if not doomed:
        sink.finish()
    tally.errors.sort(key=lambda error: error.line)
    return Report(kind, written, tally.counts, tally.errors, tally.total)


def _batches(
    rows: Iterable[Record | Rejected], size: int, tally: _Tally
) -> Iterator[tuple[list[Record], bool]]:
    """Batches of records, each with whether the file could be read so far.

    Rejected rows are counted on the way. The last batch may be empty.
    """
    batch: list[Record] = []
    whole = True
    try:
        for row in rows:
            if isinstance(row, Rejected):
                tally.counts[tally.kind].read += 1
                tally.counts[tally.kind].refused += 1
                tally.blame(row.errors)
            else:
                batch.append(row)
            if len(batch) >= size:
                yield batch, True
                batch = []
    except FileError as error:
        whole = False
        tally.blame([RowError(error.line or 0, None, error.code, "", error.facts)])
    yield batch, whole
