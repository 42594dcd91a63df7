"""A run writes all or nothing, and reports everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest.errors import FileError, Rejected, RowError
from ingest.records import KINDS, OrganisationRecord, PersonRecord, Record
from ingest.run import Counts, Report, run_import
from ingest.sink import Outcome
from tests.unit.ingest.files import MemorySink, parsed, written


def organisations(count: int, name: str = "n") -> list[Record | Rejected]:
    return [OrganisationRecord("s", f"O{n}", n + 2, "enterprise", name) for n in range(count)]


BAD = Rejected(99, (RowError(99, "kind", "required"), RowError(99, "name_zh", "too_long")))


def run(rows: list[Record | Rejected], sink: MemorySink, **options: bool | int) -> Report:
    return run_import(rows, sink, kind="organisations", source="s", **options)  # type: ignore[arg-type]  # options by name


def test_run_writes_in_batches_and_again_changes_nothing() -> None:
    sink = MemorySink()
    report = run(organisations(1200), sink)
    assert sink.batches == [500, 500, 200]
    assert (report.written, report.main) == (True, Counts(read=1200, created=1200))
    again = run(organisations(1200), sink)
    assert again.main == Counts(read=1200, unchanged=1200)
    changed = run([*organisations(2, "m"), *organisations(3)[2:]], sink)
    assert changed.main == Counts(read=3, updated=2, unchanged=1)


def test_bad_row_leaves_nothing_written_and_later_rows_checked() -> None:
    sink = MemorySink()
    lost = PersonRecord("s", "P1", 120, "x", organisation="nowhere")
    found = PersonRecord("s", "P2", 121, "x", organisation="O0")
    report = run([*organisations(3), BAD, lost, found], sink, batch_size=2)
    assert sink.kept == {}
    assert sink.calls == ["begin organisations s True", "abandon"]
    assert report.written is False
    assert [(e.line, e.code) for e in report.errors] == [
        (99, "required"),
        (99, "too_long"),
        (120, "unknown_reference"),
    ]
    assert report.counts["people"] == Counts(read=2, created=1, refused=1)


def test_skip_bad_rows_writes_the_good_ones() -> None:
    sink = MemorySink()
    report = run([*organisations(3), BAD], sink, skip_bad_rows=True)
    assert report.written is True
    assert len(sink.kept) == 3
    assert report.main == Counts(read=4, created=3, refused=1)
    assert report.errors_total == 2


def test_dry_run_counts_and_writes_nothing() -> None:
    sink = MemorySink()
    report = run(organisations(3), sink, dry_run=True)
    assert (report.written, report.created, sink.kept) == (False, 3, {})
    assert sink.calls == ["begin organisations s False", "finish"]


def test_file_that_breaks_off_is_never_written() -> None:
    def broken() -> Iterator[Record | Rejected]:
        yield from organisations(3)
        raise FileError("bad_quoting", line=5)

    sink = MemorySink()
    report = run_import(
        broken(), sink, kind="organisations", source="s", skip_bad_rows=True, batch_size=2
    )
    assert (report.written, sink.kept) == (False, {})
    assert [(e.line, e.column, e.code) for e in report.errors] == [(5, None, "bad_quoting")]


def test_failure_of_the_sink_undoes_everything() -> None:
    class Failing(MemorySink):
        def take(self, records: Sequence[Record]) -> Sequence[Outcome]:
            raise RuntimeError(f"disk full at {len(records)}")

    sink = Failing()
    with pytest.raises(RuntimeError, match="disk full"):
        run(organisations(1), sink)
    assert sink.calls[-1] == "abandon"


def test_errors_kept_are_bounded_and_all_counted() -> None:
    report = run([BAD] * 30, MemorySink(), most_errors=7)
    assert (len(report.errors), report.errors_total, report.main.refused) == (7, 60, 30)


def test_progress_tells_rows_done() -> None:
    done: list[int] = []
    run_import(
        [*organisations(5), BAD],
        MemorySink(),
        kind="organisations",
        source="s",
        batch_size=2,
        progress=done.append,
    )
    assert done == [2, 4, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_file_writes_nothing_and_is_no_error(kind: str) -> None:
    report = run_import([], MemorySink(), kind=kind, source="s")  # type: ignore[arg-type]  # one of KINDS
    assert (report.read, report.errors_total, report.written) == (0, 0, True)


def test_csv_to_sink_end_to_end(tmp_path: Path) -> None:
    sink = MemorySink()
    path = written(tmp_path / "t.csv", "编号,机构类型,名称\nO1,企业,甲\nO2,高校,乙\n")
    assert run(parsed(path), sink).created == 2
    assert sorted(key[2] for key in sink.kept) == ["O1", "O2"]
