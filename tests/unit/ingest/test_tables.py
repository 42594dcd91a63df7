"""Files open by what they hold, and give rows with the lines on which they stand."""

from __future__ import annotations

import csv
import gzip
import io
import tracemalloc
from collections import deque
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.cells import write_csv
from ingest.errors import FileError
from ingest.limits import Limits
from ingest.tables import Row, open_table
from tests.unit.ingest.files import jsonl, written
from tests.unit.ingest.test_cells import NASTY


def rows_of(path: Path, limits: Limits | None = None) -> list[Row]:
    return list(open_table(path, limits).read())


def failure(path: Path, limits: Limits | None = None) -> FileError:
    with pytest.raises(FileError) as caught:
        rows_of(path, limits)
    return caught.value


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(rows=st.lists(st.tuples(NASTY, NASTY, NASTY), max_size=6))
def test_csv_round_trip_keeps_every_cell(tmp_path: Path, rows: list[tuple[str, ...]]) -> None:
    stream = io.StringIO(newline="")
    write_csv(stream, ["a", "b", "c"], rows)
    path = written(tmp_path / "t.csv", stream.getvalue())
    expected = [
        {name: cell for name, cell in zip("abc", row, strict=True) if cell}
        for row in rows
        if any(cell.strip() for cell in row) or any(c[:1] in set("\t\r\n") for c in row)
    ]
    assert [dict(row.cells) for row in rows_of(path)] == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_opens_whatever_its_delimiter_and_encoding(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    text = f"编号{delimiter}标题{delimiter}备注\n1{delimiter}光纤传感器研究与应用{delimiter}二\n"
    table = open_table(written(tmp_path / "t", text, encoding))
    assert (table.form, table.delimiter, table.encoding) == ("csv", delimiter, encoding)
    assert table.header == ("编号", "标题", "备注")
    assert list(table.read()) == [
        Row(2, {"编号": "1", "标题": "光纤传感器研究与应用", "备注": "二"})
    ]


def test_csv_lines_are_those_on_which_rows_begin(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", 'a,b\r\n1,"x\r\ny"\r\n\r\n , \r\n2,z\r\n')
    assert [(row.line, row.cells["b"]) for row in rows_of(path)] == [(2, "x\r\ny"), (6, "z")]


def test_csv_formula_stays_text(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a,b\n=1+1,@SUM(A1)\n-5,+x\n")
    assert [dict(row.cells) for row in rows_of(path)] == [
        {"a": "=1+1", "b": "@SUM(A1)"},
        {"a": "-5", "b": "+x"},
    ]


def test_csv_cells_without_a_column_are_an_error_of_their_row(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path / "t.csv", "a,,c\n1,2,3\n1,,3,4\n1,,3,\n1\n"))
    assert [[error.code for error in row.errors] for row in rows] == [
        ["too_many_cells"],
        ["too_many_cells"],
        [],
        [],
    ]
    assert rows[1].errors[0].facts == {"expected": 3, "found": 4}


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        ("", "empty_file", None),
        (" \n \n", "empty_file", None),
        ('a,b\n1,"open\n2,x\n', "bad_quoting", 2),
        ('a,b\n1,"x"y\n', "bad_quoting", 2),
        ('[{"a": 1}]', "json_array", 1),
        ("a" + "," * 300 + "\n", "too_many_columns", 1),
    ],
)
def test_broken_text_is_refused_with_its_line(
    tmp_path: Path, content: str, code: str, line: int | None
) -> None:
    error = failure(written(tmp_path / "t", content))
    assert (error.code, error.line) == (code, line)


def test_limits_of_size_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "a\n" + "x\n" * 20)
    assert failure(path, Limits(bytes=10)).code == "too_many_bytes"
    error = failure(path, Limits(rows=19))
    assert (error.code, error.line, error.facts) == ("too_many_rows", 21, {"limit": 19})
    assert len(rows_of(path, Limits(rows=20))) == 20


def test_gzip_is_read_by_content_and_bounded(tmp_path: Path) -> None:
    packed = written(tmp_path / "any.name", gzip.compress(b"a\n" + b"0\n" * 1000))
    assert len(rows_of(packed)) == 1000
    assert failure(packed, Limits(expanded=500)).code == "expands_too_much"
    cut = written(tmp_path / "cut.gz", packed.read_bytes()[:-9])
    assert failure(cut).code == "damaged_archive"


def test_old_excel_and_missing_files_are_named(tmp_path: Path) -> None:
    old = written(tmp_path / "t.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100)
    assert failure(old).code == "encrypted_or_old_excel"
    assert failure(tmp_path / "absent.csv").code == "unreadable"


def test_json_lines_give_values_and_name_bad_lines(tmp_path: Path) -> None:
    content = '{"a": [1, "x"]}\n\nnot json\n7\n{"a": null}\n' + "[" * 100_000 + "\n"
    rows = rows_of(written(tmp_path / "t.jsonl", content))
    assert [(row.line, row.cells, [error.code for error in row.errors]) for row in rows] == [
        (1, {"a": [1, "x"]}, []),
        (3, {}, ["not_json"]),
        (4, {}, ["not_an_object"]),
        (5, {"a": None}, []),
        (6, {}, ["not_json"]),
    ]
    assert open_table(jsonl(tmp_path / "u", [{"b": "中"}])).form == "jsonl"


def test_a_table_can_be_read_twice(tmp_path: Path) -> None:
    table = open_table(written(tmp_path / "t.csv", "a\n1\n2\n"))
    assert list(table.read()) == list(table.read())


def large_csv(path: Path, count: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["编号", "标题", "摘要"])
        writer.writerows([f"A{n}", f"第{n}号传感器", "耐高温，抗干扰" * 5] for n in range(count))
    return path


def test_two_hundred_thousand_rows_are_read_to_the_last(tmp_path: Path) -> None:
    rows = deque(open_table(large_csv(tmp_path / "large.csv", 200_000)).read(), maxlen=1)
    assert rows.pop() == Row(
        200_001,
        {"编号": "A199999", "标题": "第199999号传感器", "摘要": "耐高温，抗干扰" * 5},
    )


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    peaks = []
    for count in (5_000, 40_000):
        table = open_table(large_csv(tmp_path / "t.csv", count))
        tracemalloc.start()
        assert sum(1 for _ in table.read()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5, peaks
