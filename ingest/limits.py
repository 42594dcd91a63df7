"""How much of a file is read before it is refused. Knows no file form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one file; the defaults suit an upload by a page.

    Attributes:
        bytes: size of the file as it lies.
        expanded: size after unpacking, which stops archives made to fill a disk.
        rows: rows, the header not counted.
        columns: columns of a table.
        entries: files inside a workbook.
    """

    bytes: int = 200 * 1024 * 1024
    expanded: int = 1024 * 1024 * 1024
    rows: int = 500_000
    columns: int = 200
    entries: int = 1_000
