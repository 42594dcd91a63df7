"""Lines of a use report from a CSV file or a workbook: read, checked row by row, counted once.

Nothing is left out silently: a file with a wrong row is refused with every fault and its line.
Must not know the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ingest.errors import FileError
from ingest.limits import Limits
from ingest.tables import Row, open_table
from tenon.formulas import royalty
from tenon.payments.reports.agreed import Agreed
from tenon.payments.reports.figures import read_amount, read_units

MOST_LINES: Final = 5_000
MOST_BYTES: Final = 2 * 1024 * 1024
MOST_FAULTS: Final = 50
LOT_LIMIT: Final = 80
PRODUCT_LIMIT: Final = 200
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "lot": ("lot", "批号", "批次", "序列号"),
    "right": ("right", "patent", "专利号", "权利"),
    "product": ("product", "产品"),
    "units": ("units", "quantity", "数量"),
    "gross": ("gross", "gross sales", "销售额", "销售总额"),
    "returns": ("returns", "退货"),
    "discounts": ("discounts", "折扣", "折扣与折让"),
    "freight": ("freight", "运费"),
    "insurance": ("insurance", "保险费", "运输保险费"),
    "packaging": ("packaging", "包装费"),
    "taxes": ("taxes", "税费", "销售税费"),
}
"""Column -> the names under which it may stand in a file's first row."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; amounts in minor units."""

    lot: str
    right: str
    product: str
    units: int
    gross: int
    deductions: Mapping[str, int]

    @property
    def net(self) -> int:
        """Gross less deductions."""
        return self.gross - sum(self.deductions.values())


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line: where it stands, the column, an error code."""

    line: int
    column: str
    code: str


class WrongLines(ValueError):
    """A file that cannot be taken in, with every fault up to a number."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults[:MOST_FAULTS])


def heading(column: str, language: str) -> str:
    """Return the name of a column in ``zh`` or ``en``; one that is not known stays as written."""
    names = COLUMNS.get(column, (column,))
    if language != "zh":
        return names[0]
    return next((name for name in names if not name.isascii()), names[0])


def read_file(path: Path, agreed: Agreed) -> list[Line]:
    """Return the lines of a file; raises WrongLines with what is wrong and where."""
    try:
        table = open_table(path, Limits(bytes=MOST_BYTES, expanded=32 * MOST_BYTES))
        columns = _columns(table.header, agreed)
        rows = list(islice(table.read(), MOST_LINES + 1))
    except FileError as error:
        raise WrongLines([Fault(error.line or 0, "", error.code)]) from error
    if not rows:
        raise WrongLines([Fault(0, "", "empty_file")])
    if len(rows) > MOST_LINES:
        raise WrongLines([Fault(MOST_LINES + 1, "", "too_many_rows")])
    faults: list[Fault] = []
    found = [_line(row, columns, agreed, faults) for row in rows]
    _check_lots(found, rows, faults)
    if faults:
        raise WrongLines(sorted(faults, key=lambda fault: fault.line))
    return found


def _columns(header: Sequence[str], agreed: Agreed) -> dict[str, str]:
    """Return column -> name as written; raises WrongLines for what is missing or not allowed."""
    known = {name: column for column, names in COLUMNS.items() for name in names}
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for written in header:
        column = known.get(written.strip().lower())
        if column is None or column in found:
            faults.append(Fault(1, written, "unknown_column" if column is None else "twice"))
        elif column in _KINDS and column not in agreed.deductions:
            faults.append(Fault(1, written, "not_deductible"))
        else:
            found[column] = written
    faults += [
        Fault(1, column, "missing_column")
        for column in ("lot", "units", "gross")
        if column not in found
    ]
    if faults:
        raise WrongLines(faults)
    return found


_KINDS: Final = tuple(
    name for name in COLUMNS if name not in ("lot", "right", "product", "units", "gross")
)


def _line(row: Row, columns: Mapping[str, str], agreed: Agreed, faults: list[Fault]) -> Line:
    """Return one row's line; what is wrong with it joins the faults."""
    faults += [Fault(row.line, error.column or "", error.code) for error in row.errors]

    def text(column: str) -> str:
        value = row.cells.get(columns.get(column, ""))
        return "" if value is None else str(value).strip()

    def number(column: str, *, required: bool = False) -> int:
        written = text(column)
        if not written:
            if required:
                faults.append(Fault(row.line, column, "required"))
            return 0
        try:
            return (
                read_units(written) if column == "units" else read_amount(written, agreed.currency)
            )
        except ValueError as error:
            faults.append(Fault(row.line, column, str(error)))
            return 0

    for column, limit in (("lot", LOT_LIMIT), ("right", LOT_LIMIT), ("product", PRODUCT_LIMIT)):
        if len(text(column)) > limit:
            faults.append(Fault(row.line, column, "too_long"))
    if not text("lot"):
        faults.append(Fault(row.line, "lot", "required"))
    return Line(
        lot=text("lot"),
        right=text("right"),
        product=text("product"),
        units=number("units", required=True),
        gross=number("gross", required=True),
        deductions={kind: number(kind) for kind in agreed.deductions},
    )


def _check_lots(lines: Sequence[Line], rows: Sequence[Row], faults: list[Fault]) -> None:
    """A lot that comes twice must come with the same figures and under another right."""
    first: dict[str, Line] = {}
    seen: set[tuple[str, str]] = set()
    for line, row in zip(lines, rows, strict=True):
        before = first.setdefault(line.lot, line)
        if (line.lot, line.right) in seen:
            faults.append(Fault(row.line, "lot", "twice"))
        elif (before.units, before.gross, before.net) != (line.units, line.gross, line.net):
            faults.append(Fault(row.line, "lot", "other_figures"))
        seen.add((line.lot, line.right))


def counted(
    lines: Iterable[Line], *, before: Collection[str], once: bool
) -> list[tuple[Line, bool]]:
    """Return each line and whether it counts: a lot bears one royalty, where that is agreed."""
    kept = list(lines)
    if not once:
        return [(line, True) for line in kept]
    flags = royalty.once((line.lot for line in kept), before=before)
    return list(zip(kept, flags, strict=True))


def totals(marked: Sequence[tuple[Line, bool]]) -> dict[str, Any]:
    """Return the figures that lines come to; what does not count is in none but ``repeated``."""
    lines = [line for line, counts in marked if counts]
    left_out = [line for line, counts in marked if not counts]
    kinds = {kind for line in lines for kind in line.deductions}
    return {
        "units": sum(line.units for line in lines),
        "gross": sum(line.gross for line in lines),
        "deductions": {
            kind: sum(line.deductions[kind] for line in lines) for kind in sorted(kinds)
        },
        "already": 0,
        "lines": len(marked),
        "repeated": {"lines": len(left_out), "net": sum(line.net for line in left_out)},
        "lines_sha256": _hash([line for line, _ in marked]),
    }


def _hash(lines: Sequence[Line]) -> str:
    body = [
        [line.lot, line.right, line.product, line.units, line.gross, dict(line.deductions)]
        for line in lines
    ]
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
