"""Where records go: the protocol that a database offers and a run writes to.

Knows records and outcomes; knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ingest.errors import RowError
from ingest.records import Kind, Record

Status = Literal["created", "updated", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record; a refused one says why."""

    status: Status
    errors: tuple[RowError, ...] = ()


class Sink(Protocol):
    """Takes the records of one file, all of them or none.

    The order of calls is ``begin``, ``take`` any number of times, then ``finish`` or ``abandon``.
    After ``abandon`` further ``take`` calls may follow: they check and write nothing, so that one
    bad row does not hide the errors of the rows after it.
    """

    def begin(self, kind: Kind, source: str, *, write: bool) -> None:
        """Start a file.

        Args:
            kind: what most of its records are; organisations may come along with listings.
            source: the file's source; records are identified by it and their external id.
            write: False for a dry run, which must leave no trace and hold no lock.
        """
        ...

    def take(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Check the records and write them unless this is a dry run; one outcome each, in order.

        A record may refer to one that came earlier in the same file.
        """
        ...

    def finish(self) -> None:
        """Make everything taken since ``begin`` lasting."""
        ...

    def abandon(self) -> None:
        """Undo everything written since ``begin``; later ``take`` calls only check."""
        ...
