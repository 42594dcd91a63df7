"""Any chart's table as CSV or as a sheet of a workbook: exact values, no words for numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tenon.figures.exporting import Cell, amount, workbook
from tenon.insight.charts import Chart, Series

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_HALF = Decimal("0.01")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def sheet(chart: Chart) -> tuple[list[str], list[list[Cell]]]:
    """Return (headers, rows) of a chart's table; money in whole units, shares in percent."""
    headers = [chart.by, *(each.name for each in chart.series)]
    rows: list[list[Cell]] = [
        [label, *(_cell(each, place) for each in chart.series)]
        for place, label in enumerate(chart.labels)
    ]
    return headers, rows


def _cell(series: Series, place: int) -> Cell:
    note = series.notes[place] if place < len(series.notes) else None
    if note is not None:
        return note
    value = series.values[place]
    if value is not None and series.unit.startswith("money:"):
        return amount(int(value), series.unit.partition(":")[2])
    return value.quantize(_HALF) if isinstance(value, Decimal) else value


def book(charts: Iterable[Chart]) -> bytes:
    """Return a workbook with a sheet for each chart, named after it."""
    sheets: dict[str, tuple[Sequence[str], Iterable[Sequence[Cell]]]] = {}
    for chart in charts:
        sheets[sheet_name(chart.title, sheets)] = sheet(chart)
    return workbook(sheets)


def sheet_name(wanted: str, taken: Mapping[str, object]) -> str:
    """Return a name that a sheet may have: 31 characters, none of []:*?/\\, told apart."""
    plain = "".join(" " if char in "[]:*?/\\" else char for char in wanted).strip()[:31] or "-"
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain[:27]} {number}"
    return name


def comma_separated(chart: Chart) -> bytes:
    """Return a chart's table as CSV in UTF-8 with a mark that spreadsheets know."""
    headers, rows = sheet(chart)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([_harmless(each) for each in headers])
    writer.writerows([_harmless(each) for each in row] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _harmless(value: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
