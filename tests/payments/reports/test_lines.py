"""Files of lines: read whole or refused whole, every lot borne once."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.models import TermVersion
from tenon.payments.reports import queries, services
from tenon.payments.reports.agreed import Agreed, agreed_by
from tenon.payments.reports.lines import Line, WrongLines, counted, read_file, totals
from tests.payments.reports.scenes import NOW, TERMS, accept, make_scene

HEADER = "lot,right,product,units,gross,returns,freight\n"


def agreed_terms(**values: Any) -> Agreed:
    version = TermVersion(number=1, sha256="0" * 64, form="licence_exclusive",
                          values=TERMS | values)  # fmt: skip
    form = forms.get("licence_exclusive")
    return agreed_by(version, form, currency="CNY", starts=date(2025, 1, 1), ends=None)


def read(tmp_path: Path, content: str | bytes, **values: Any) -> list[Line]:
    path = tmp_path / "lines"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, agreed_terms(**values))


def faults(tmp_path: Path, content: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(WrongLines) as error:
        read(tmp_path, content)
    return [(fault.line, fault.column, fault.code) for fault in error.value.faults]


def test_a_csv_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + 'A1,ZL1,Pump,10,"1,000.50",20,0\nA2,,,5,700,,\n')
    assert found == [
        Line("A1", "ZL1", "Pump", 10, 100_050, {"returns": 2_000, "freight": 0}),
        Line("A2", "", "", 5, 70_000, {"returns": 0, "freight": 0}),
    ]
    assert found[0].net == 98_050


def test_a_workbook_with_chinese_headings_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["批号", "专利号", "数量", "销售额", "退货"])
    sheet.append(["A1", "ZL1", 10, 1000.5, 20])
    stream = io.BytesIO()
    book.save(stream)
    assert read(tmp_path, stream.getvalue()) == [
        Line("A1", "ZL1", "", 10, 100_050, {"returns": 2_000, "freight": 0})
    ]


def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    content = HEADER + "A1,ZL1,,ten,5,,\n,,,1,5.001,,\nA1,ZL1,,10,5,,\nA1,ZL2,,10,6,,\n"
    assert faults(tmp_path, content) == [
        (2, "units", "not_a_number"),
        (3, "lot", "required"),
        (3, "gross", "too_fine"),
        (4, "lot", "twice"),
        (5, "lot", "other_figures"),
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [(0, "", "empty_file")]),
        (HEADER, [(0, "", "empty_file")]),
        ("lot,units\nA,1\n", [(1, "gross", "missing_column")]),
        ("lot,units,gross,colour\nA,1,1,red\n", [(1, "colour", "unknown_column")]),
        ("lot,units,gross,taxes\nA,1,1,1\n", [(1, "taxes", "not_deductible")]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", [(0, "", "encrypted_or_old_excel")]),
        (HEADER + "A,,,1,1,,\n" * 5_001, [(5_001, "", "too_many_rows")]),
    ],
)
def test_a_file_that_cannot_be_taken_in(
    tmp_path: Path, content: str | bytes, expected: list[tuple[int, str, str]]
) -> None:
    assert faults(tmp_path, content) == expected


def test_a_lot_under_two_rights_counts_once_where_that_is_agreed() -> None:
    nothing = {"returns": 0, "freight": 0}
    lines = [
        Line("A1", "ZL1", "", 10, 1_000, nothing),
        Line("A1", "ZL2", "", 10, 1_000, nothing),
        Line("A0", "ZL1", "", 3, 90, nothing),
    ]
    once = totals(counted(lines, before={"A0"}, once=True))
    assert (once["units"], once["gross"], once["lines"]) == (10, 1_000, 3)
    assert once["repeated"] == {"lines": 2, "net": 1_090}
    each = totals(counted(lines, before={"A0"}, once=False))
    assert (each["units"], each["gross"], each["repeated"]["lines"]) == (23, 2_090, 0)


def test_lots_of_an_earlier_report_bear_no_royalty_again(session: Session) -> None:
    cast, reports = make_scene(session)
    by = cast.actor("buyer_editor")
    nothing = {"returns": 0, "freight": 0}
    first = [Line("A1", "ZL1", "", 10, 100_000_00, nothing)]
    services.take_lines(session, reports[0], first, by=by, now=NOW)
    services.submit(session, reports[0], by=by, now=NOW)
    services.accept(session, reports[0], by=cast.actor("seller_editor"), now=NOW)
    again = [*first, Line("A2", "ZL1", "", 1, 60_000_00, nothing)]
    found = services.take_lines(session, reports[1], again, by=by, now=NOW)
    assert (found["gross"], found["repeated"]["net"]) == (60_000_00, 100_000_00)
    services.write(session, reports[1], {"note": "见明细"}, by=by, now=NOW)
    assert reports[1].figures is not None
    assert (reports[1].figures["gross"], reports[1].figures["note"]) == (60_000_00, "见明细")
    assert [line.counts for line in queries.lines(session, reports[1])] == [False, True]


def test_a_report_corrected_later_counts_no_lot_of_the_next_one_again(session: Session) -> None:
    """The first quarter comes back with a question after the second was submitted."""
    cast, reports = make_scene(session)
    by = cast.actor("buyer_editor")
    nothing = {"returns": 0, "freight": 0}
    first = Line("A1", "ZL1", "", 10, 100_000_00, nothing)
    second = Line("A2", "ZL1", "", 1, 60_000_00, nothing)
    for report, line in zip(reports, (first, second), strict=False):
        services.take_lines(session, report, [line], by=by, now=NOW)
        services.submit(session, report, by=by, now=NOW)
    seller = cast.actor("seller_editor")
    services.query(session, reports[0], reason="缺批号 A2", by=seller, now=NOW)
    found = services.take_lines(session, reports[0], [first, second], by=by, now=NOW)
    assert (found["gross"], found["repeated"]) == (100_000_00, {"lines": 1, "net": 60_000_00})
    counting = [
        line.lot for each in reports[:2] for line in queries.lines(session, each) if line.counts
    ]
    assert sorted(counting) == ["A1", "A2"]
    again = services.take_lines(session, reports[0], [first], by=by, now=NOW)
    assert (again["gross"], again["repeated"]["lines"]) == (100_000_00, 0)


def test_removed_lines_leave_their_sums_to_be_changed(session: Session) -> None:
    cast, reports = make_scene(session)
    by = cast.actor("buyer_editor")
    lines = [Line("A1", "", "", 10, 100_000_00, {"returns": 0, "freight": 0})]
    services.take_lines(session, reports[0], lines, by=by, now=NOW)
    services.remove_lines(session, reports[0], by=by, now=NOW)
    assert reports[0].figures is not None
    assert (reports[0].figures["gross"], "lines" in reports[0].figures) == (100_000_00, False)
    made = accept(session, cast, reports[0], gross="90,000", now=datetime(2026, 1, 20, tzinfo=UTC))
    assert made.payable_minor == 4_500_00
