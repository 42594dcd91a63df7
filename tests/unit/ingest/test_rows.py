"""Rows become records, or every error that is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import FileError, Rejected
from ingest.format import FORMATS
from ingest.records import (
    AchievementRecord,
    Code,
    IpRecord,
    NeedRecord,
    OrganisationRecord,
    PersonRecord,
    RequirementText,
)
from ingest.rows import RowParser, read_records
from ingest.tables import Row, open_table
from ingest.vocabulary import CodeShapes
from tests.unit.ingest.files import errors_of, jsonl, parsed, workbook, written

BASE: dict[str, Any] = {"external_id": "A1", "language": "zh", "title": "标题", "summary": "摘要"}


class Labels:
    """Knows two labels beside the codes."""

    def resolve(self, scheme: str, text: str) -> str | None:
        labels = {("hitech", "电子信息"): "1", ("gbt4754", "农业"): "01"}
        return labels.get((scheme, text)) or CodeShapes().resolve(scheme, text)


def achievement(**cells: object) -> AchievementRecord | Rejected:
    record = RowParser("achievements", "s", Labels()).parse(Row(1, BASE | cells))
    assert isinstance(record, (AchievementRecord, Rejected))
    return record


def faults(**cells: object) -> list[tuple[str | None, str]]:
    record = achievement(**cells)
    assert isinstance(record, Rejected)
    return [(error.column, error.code) for error in record.errors]


def test_chinese_csv_gives_typed_records(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv",
        "编号*,语言*,标题*,摘要*,成熟度,技术领域,行业,合作方式,报价方式,最低价格,最高价格,"
        "地区,完成人,知识产权\n"
        "A1,中文,传感器,耐高温,TRL 6,hitech:1；ipc:g02,39,转让、独占许可,价格区间,30万,"
        '"500,000",420100,'
        "P1;P2,ZL1|发明|已授权|2020-03-01|2022-06-10|江城大学;|商业秘密\n",
        "gb18030",
    )
    assert parsed(path) == [
        AchievementRecord(
            source="test",
            external_id="A1",
            line=2,
            language="zh",
            title="传感器",
            summary="耐高温",
            readiness=6,
            fields=(Code("hitech", "1"), Code("ipc", "G02")),
            industries=("39",),
            deal_forms=("assignment", "licence_exclusive"),
            price_kind="range",
            price_min=30_000_000,
            price_max=50_000_000,
            currency="CNY",
            region="420100",
            contributors=("P1", "P2"),
            ip=(
                IpRecord(
                    "ZL1", "invention", "granted", date(2020, 3, 1), date(2022, 6, 10), "江城大学"
                ),
                IpRecord("", "trade_secret", "none"),
            ),
        )
    ]


def test_json_lines_give_the_same_record_as_a_workbook(tmp_path: Path) -> None:
    lines = jsonl(
        tmp_path / "t.jsonl",
        [
            {
                "external_id": "N1", "language": "en", "title": "Pump", "background": "Leaks.",
                "requirements": ["flow ≥ 5 L/min", "?quiet"], "deadline": "2027-01-31",
                "budget_max": 1000, "currency": "USD", "readiness_sought": 5, "anonymous": True,
                "deal_forms": ["service"], "fields": ["hitech:8"], "industries": ["01"],
            }
        ],
    )  # fmt: skip
    book = workbook(
        tmp_path / "t.xlsx",
        [
            ["external_id", "language", "title", "background", "requirements", "deadline",
             "budget_max", "currency", "readiness_sought", "anonymous", "deal_forms", "fields",
             "industries"],
            ["N1", "English", "Pump", "Leaks.", "flow ≥ 5 L/min;？quiet", date(2027, 1, 31), 1000,
             "usd", 5, True, "技术服务", "8", 1],
        ],
    )  # fmt: skip
    (from_lines,) = parsed(lines)
    (from_book,) = parsed(book)
    assert isinstance(from_lines, NeedRecord)
    assert isinstance(from_book, NeedRecord)
    assert from_lines.requirements == (
        RequirementText("flow ≥ 5 L/min", True),
        RequirementText("quiet", False),
    )
    assert (from_lines.budget_max, from_lines.deadline) == (100_000, date(2027, 1, 31))
    for name in (f.name for f in FORMATS["needs"]):
        assert getattr(from_lines, name) == getattr(from_book, name), name


def test_organisations_and_people(tmp_path: Path) -> None:
    organisations = written(
        tmp_path / "o.csv", "id,kind,name,website\nO1,高校,Example U,https://example.com\n"
    )
    assert parsed(organisations) == [
        OrganisationRecord(
            "test", "O1", 2, "university", name_en="Example U", website="https://example.com"
        )
    ]
    people = written(
        tmp_path / "p.csv", "编号,姓名,机构编号,工作语言,合作意愿\nP1,示例,O1,中文;en;DE,可合作\n"
    )
    assert parsed(people) == [
        PersonRecord(
            "test", "P1", 2, "示例", organisation="O1", languages=("zh", "en", "de"),
            availability="open",
        )
    ]  # fmt: skip


def test_every_error_of_every_row_is_reported(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv",
        "external_id,language,title,background,deadline,budget_min,budget_max,anonymous,region\n"
        "N1,fr,,x,31/03/2027,ten,5,perhaps,Atlantis\n"
        "N2,zh,t,b,,9,5,,\n"
        "N1,zh,t,b,,,,,\n"
        "N3,en,t,b,,1,2,,\n",
    )
    assert errors_of(path) == [
        (2, "language", "unknown_code"),
        (2, "title", "required"),
        (2, "deadline", "not_a_date"),
        (2, "budget_min", "not_a_number"),
        (2, "region", "unknown_code"),
        (2, "anonymous", "not_a_boolean"),
        (3, "budget_max", "range_reversed"),
        (4, "external_id", "duplicate_in_file"),
        (5, "currency", "currency_missing"),
    ]


def test_error_carries_value_and_facts(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", f"id,kind,name\nO1,{'x' * 99},a\n\nO1,企业,a\n")
    first, second = parsed(path)
    assert isinstance(first, Rejected)
    assert isinstance(second, Rejected)
    assert first.errors[0].value == "x" * 59 + "…"
    assert first.errors[0].facts == {"scheme": "organisation_kind"}
    assert second.errors[0].facts == {"first_line": 2}


def test_prices_and_their_kind_hold_together() -> None:
    def price(**cells: object) -> tuple[object, ...]:
        record = achievement(**cells)
        assert isinstance(record, AchievementRecord), record
        return record.price_kind, record.price_min, record.price_max, record.currency

    assert price() == ("negotiable", None, None, None)
    assert price(price_min="5") == ("fixed", 500, 500, "CNY")
    assert price(price_min="5", price_max="9") == ("range", 500, 900, "CNY")
    assert price(price_kind="range", price_max="9") == ("range", None, 900, "CNY")
    assert price(price_kind="fixed", price_max="9", currency="USD") == ("fixed", 900, 900, "USD")
    assert faults(price_kind="fixed") == [("price_min", "required")]
    assert faults(price_kind="range") == [("price_min", "required")]
    assert faults(price_kind="fixed", price_min=1, price_max=2) == [
        ("price_kind", "range_reversed")
    ]


def test_codes_are_resolved_by_label_and_named_scheme() -> None:
    record = achievement(fields="电子信息;ipc：A01;1", industries=["农业", "2", "A"])
    assert isinstance(record, AchievementRecord)
    assert record.fields == (Code("hitech", "1"), Code("ipc", "A01"))
    assert record.industries == ("01", "02", "A")
    assert faults(fields="hitech:9") == [("fields", "unknown_code")]
    assert faults(deal_forms="转让;赠送") == [("deal_forms", "unknown_code")]


@pytest.mark.parametrize(
    ("ip", "code"),
    [
        ("ZL1|发明|已授权|2022-01-01|2020-01-01", "range_reversed"),
        ("|发明", "not_an_ip_right"),
        ("a|b|c|d|e|f|g", "not_an_ip_right"),
        ("ZL1|plough", "unknown_code"),
        ("ZL1|发明|已授权|soon", "not_a_date"),
        ([7], "not_an_ip_right"),
        (7, "not_a_list"),
    ],
)
def test_rights_that_cannot_be_are_refused(ip: object, code: str) -> None:
    assert faults(ip=ip) == [("ip", code)]


def test_rights_as_objects_and_their_unstated_status() -> None:
    record = achievement(
        ip=[{"number": "CN1", "kind": "invention", "filed": "2024-01-02"}, {"number": "S1"}]
    )
    assert isinstance(record, AchievementRecord)
    assert record.ip == (
        IpRecord("CN1", "invention", "pending", date(2024, 1, 2)),
        IpRecord("S1", "other", "none"),
    )


def test_one_of_two_names_is_needed(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "external_id,kind,name_zh\nO1,企业,\n")
    assert errors_of(path) == [(2, "name_zh", "one_of_required")]


def test_bad_characters_and_types_are_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.jsonl",
        b'{"external_id":"A1","language":"zh","title":"a\\u0000b","summary":"s"}\n'
        b'{"external_id":"A2","language":"zh","title":"t","summary":"\\ud800"}\n'
        b'{"external_id":"A3","language":"zh","title":"t","summary":{"zh":"x"}}\n'
        b'{"external_id":true,"language":"zh","title":"t","summary":"s"}\n'
        b'{"external_id":"A5","language":"zh","title":"t","Title":"u","summary":"s"}\n',
    )
    assert errors_of(path, "achievements") == [
        (1, "title", "bad_character"),
        (2, "summary", "bad_character"),
        (3, "summary", "not_text"),
        (4, "external_id", "not_text"),
        (5, "title", "duplicate_header"),
    ]


def test_error_of_a_cell_is_not_also_called_missing(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "t.xlsx", [["编号", "语言", "标题", "摘要"], ["A1", "zh", "=B1", "s"]]
    )
    assert errors_of(path) == [(2, "title", "formula_not_calculated")]


def test_unreadable_line_is_one_error(tmp_path: Path) -> None:
    content = '{"external_id":"A1","language":"zh","title":"t","summary":"s"}\nnonsense\n'
    assert errors_of(written(tmp_path / "t.jsonl", content)) == [(2, None, "not_json")]


def test_unknown_columns_are_remembered(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "t.jsonl", [BASE | {"colour": "red"}, BASE | {"external_id": "2"}])
    parser, rows = read_records(open_table(path), None, "s", CodeShapes())
    assert [type(row) for row in rows] == [AchievementRecord, AchievementRecord]
    assert parser.unknown_columns == {"colour"}


def test_kind_that_cannot_be_told_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        read_records(open_table(written(tmp_path / "t", "x,y\n1,2\n")), None, "s", CodeShapes())
    assert caught.value.code == "unknown_kind"
