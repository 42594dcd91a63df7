"""Workbooks give the text a CSV would hold; formulas are read, never run."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import FileError
from ingest.limits import Limits
from ingest.tables import Row, open_table
from tests.unit.ingest.files import workbook, written


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Rewrite every part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, change(name, content))
    return path


def failure(path: Path, limits: Limits | None = None) -> FileError:
    with pytest.raises(FileError) as caught:
        list(open_table(path, limits).read())
    return caught.value


def test_cells_become_text_as_people_see_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx",
        [
            ["id", "n", "day", "yes", "long", "rate", "zeros"],
            [],
            [7, 1e6, dt.datetime(2027, 3, 31, tzinfo=None), True, 123456789012, 0.1, "007"],  # noqa: DTZ001 (a spreadsheet's days have no zone)
        ],
    )
    table = open_table(path)
    assert (table.form, table.encoding) == ("xlsx", None)
    assert list(table.read()) == [
        Row(
            3,
            {
                "id": "7",
                "n": "1000000",
                "day": "2027-03-31",
                "yes": "true",
                "long": "123456789012",
                "rate": "0.1",
                "zeros": "007",
            },
        )
    ]


def test_formula_without_a_value_is_an_error_of_its_cell(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["=1+1", "x"], ["y", "z"]])
    first, second = open_table(path).read()
    assert [(e.line, e.column, e.code, e.value) for e in first.errors] == [
        (2, "a", "formula_not_calculated", "=1+1")
    ]
    assert first.cells == {"b": "x"}
    assert second == Row(3, {"a": "y", "b": "z"})


def test_formula_with_a_value_gives_the_value(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["=1+1", "x"]])

    def calculated(_name: str, content: bytes) -> bytes:
        return re.sub(rb"<f>1\+1</f><v\s*/?>(</v>)?", b"<f>1+1</f><v>2</v>", content)

    assert list(open_table(rewritten(path, calculated)).read()) == [Row(2, {"a": "2", "b": "x"})]


def test_row_of_formulas_alone_is_not_lost(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a", "b"], ["=A1", None]])
    (row,) = open_table(path).read()
    assert [error.code for error in row.errors] == ["formula_not_calculated"]


def test_error_values_are_errors(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], ["#REF!"]])
    (row,) = open_table(path).read()
    assert [(e.column, e.code, e.value) for e in row.errors] == [("a", "formula_error", "#REF!")]


def test_cells_beyond_the_header_are_an_error(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], ["1", "2"]])
    (row,) = open_table(path).read()
    assert [error.code for error in row.errors] == ["too_many_cells"]


def test_empty_and_damaged_workbooks_are_named(tmp_path: Path) -> None:
    assert failure(workbook(tmp_path / "empty.xlsx", [])).code == "empty_file"
    good = workbook(tmp_path / "good.xlsx", [["a"], ["1"]])
    cut = written(tmp_path / "cut.xlsx", good.read_bytes()[:-200])
    assert failure(cut).code == "damaged_archive"
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert failure(tmp_path / "other.zip").code == "not_a_workbook"


def test_sheet_cut_short_is_damaged_not_shorter(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], *([n] for n in range(50))])

    def cut(name: str, content: bytes) -> bytes:
        return content[: len(content) // 2] if "sheet1" in name else content

    assert failure(rewritten(path, cut)).code == "damaged_archive"


def test_archive_bombs_and_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], ["x" * 30_000]])
    assert failure(path, Limits(expanded=20_000)).code == "expands_too_much"

    def declared(name: str, content: bytes) -> bytes:
        if name.startswith("xl/worksheets/"):
            return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
        return content

    assert failure(rewritten(path, declared)).code == "unsafe_xml"


def test_row_number_out_of_this_world_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], ["1"]])

    def renumbered(_name: str, content: bytes) -> bytes:
        return content.replace(b'r="2"', b'r="99999999"').replace(b'r="A2"', b'r="A99999999"')

    assert failure(rewritten(path, renumbered)).code == "damaged_archive"


def test_row_limit_counts_rows_not_lines(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["a"], [], ["1"], [], ["2"]])
    assert [row.line for row in open_table(path, Limits(rows=2)).read()] == [3, 5]
    error = failure(path, Limits(rows=1))
    assert (error.code, error.line) == ("too_many_rows", 5)
