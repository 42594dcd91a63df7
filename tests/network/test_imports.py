"""Files: a tree comes in whole and the same again; firms and days row by row; what is refused."""

from __future__ import annotations

import io
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.errors import Forbidden, Invalid
from tenon.network import files
from tenon.network.models import Station
from tenon.network.queries import days
from tenon.network.queries.portfolio import firms_of
from tenon.network.services import row_imports, tree_import
from tenon.network.services.tree_import import COLUMNS
from tests.factories.accounts import make_organisation
from tests.network.cast import Cast, firm
from tests.network.test_tree import closure, from_links

# A station stands before its node, and its node before the centre.
TREE = """编码,层级,上级编码,中文名称,地区,地址,答复工作日,依托单位
S-1,驿站,N-1,示例驿站,武汉市,示例路1号,3,示例大学技术转移中心
N-1,节点,C-1,示例节点,420000,,,
C-1,中心,,示例中心,湖北省,,10,
"""


def lines(text: str, columns: tuple[files.Column, ...] = COLUMNS) -> list[files.Line]:
    return files.read(io.BytesIO(text.encode("utf-8-sig")), columns)


def outcomes(found: list[files.Line]) -> list[str]:
    return [each.outcome for each in found]


@pytest.fixture
def host(session: Session) -> None:
    make_organisation(session, name_zh="示例大学技术转移中心")


@pytest.mark.usefixtures("host")
def test_a_tree_comes_in_and_the_same_file_again_changes_nothing(
    session: Session, cast: Cast, now: datetime
) -> None:
    by, found = cast.actor("operator"), lines(TREE)
    before = session.scalar(sa.select(sa.func.count()).select_from(Station))
    tree_import.preview(session, found, by=by)
    assert outcomes(found) == ["new"] * 3
    assert session.scalar(sa.select(sa.func.count()).select_from(Station)) == before
    carried = files.unpack(files.pack(found, COLUMNS), COLUMNS)
    assert tree_import.take_in(session, carried, by=by, now=now) == 3
    station = session.scalars(sa.select(Station).where(Station.code == "S-1")).one()
    assert (station.region, station.answer_days) == ("420100", 3)
    assert station.organisation is not None
    assert station.parent is not None
    assert station.parent.code == "N-1"
    assert closure(session) == from_links(session)
    again = lines(TREE)
    assert tree_import.take_in(session, again, by=by, now=now) == 0
    assert outcomes(again) == ["same"] * 3


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("form", files.FORMS)
def test_what_was_exported_comes_in_unchanged(
    session: Session, cast: Cast, now: datetime, form: str
) -> None:
    by = cast.actor("operator")
    tree_import.take_in(session, lines(TREE), by=by, now=now)
    content = files.write(form, COLUMNS, tree_import.rows(session, language="zh"), language="en")
    found = files.read(io.BytesIO(content), COLUMNS)
    assert len(found) == 9
    tree_import.preview(session, found, by=by)
    assert outcomes(found) == ["same"] * 9


def test_a_changed_row_moves_and_renames(session: Session, cast: Cast, now: datetime) -> None:
    place = cast.tree.station
    text = f"code,level,parent,name_zh\n{place.code},station,{cast.tree.other_node.code},改名驿站\n"
    tree_import.take_in(session, lines(text), by=cast.actor("operator"), now=now)
    assert (place.name_zh, place.parent_id) == ("改名驿站", cast.tree.other_node.id)
    assert closure(session) == from_links(session)


def test_one_wrong_row_keeps_all_out_and_each_says_why(
    session: Session, cast: Cast, now: datetime
) -> None:
    text = (
        "code,level,parent,name_zh,region,answer_days,organisation\n"
        "C-9,centre,,好,,,\n"
        "C-9,centre,,重复,,,\n"
        "N-9,node,NOWHERE,节点,,,\n"
        "S-9,station,S-8,驿站,不存在的地方,many,没有这家\n"
        "S-8,hamlet,C-9,驿站,,,\n"
        f"{cast.tree.node.code},station,{cast.tree.centre.code},变级,,,\n"
    )
    found = lines(text)
    with pytest.raises(Invalid) as refused:
        tree_import.take_in(session, found, by=cast.actor("operator"), now=now)
    assert refused.value.fields == {"file": "wrong_rows"}
    assert [each.problems for each in found] == [
        {},
        {"code": "twice_in_file"},
        {"parent": "unknown_place"},
        {
            "region": "unknown_code",
            "answer_days": "not_a_number",
            "organisation": "unknown_firm",
            "parent": "parent_is_wrong",
        },
        {"level": "unknown_level"},
        {"level": "level_is_settled"},
    ]
    assert session.scalar(sa.select(Station.id).where(Station.code == "C-9")) is None


@pytest.mark.parametrize("role", ["top", "head", "broker", "reader"])
def test_operators_alone_take_a_tree_in(session: Session, cast: Cast, role: str) -> None:
    with pytest.raises(Forbidden):
        tree_import.preview(session, lines(TREE), by=cast.actor(role))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"code,level\n", "empty_file"),
        (b"name_zh\nx\n", "missing_columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "unreadable_file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        files.read(io.BytesIO(content), COLUMNS)
    assert refused.value.fields == {"file": code}


def test_what_a_page_carries_is_checked_again() -> None:
    for text in ("", "1,2,3", "x" + "," * len(COLUMNS)):
        with pytest.raises(Invalid):
            files.unpack(text, COLUMNS)


def test_text_in_a_file_is_never_a_formula(session: Session, cast: Cast) -> None:
    cast.tree.station.name_en = "=1+1"
    session.flush()
    rows = tree_import.rows(session, language="en")
    text = files.write("csv", COLUMNS, rows, language="en").decode("utf-8-sig")
    assert ",=1+1" not in text
    read_back = files.read(io.BytesIO(text.encode()), COLUMNS)
    assert "=1+1" in [each.cell("name_en") for each in read_back]


def test_firms_come_by_name_or_code_and_the_rest_is_left_out(
    session: Session, cast: Cast, now: datetime
) -> None:
    free, kept = firm(session, "自由示例公司"), firm(session, "他人示例公司")
    coded = firm(session, "代码示例公司", credit_code="91420100MA4KLB7H3X")
    row_imports.take_in_firms(
        session,
        lines("企业名称\n他人示例公司\n", row_imports.FIRM_COLUMNS),
        cast.far,
        by=cast.actor("far"),
        now=now,
    )
    text = (
        "firm,credit_code\n自由示例公司,\n自由示例公司,\n他人示例公司,\n没有这家公司,\n"
        f",{coded.credit_code}\n"
    )
    found = lines(text, row_imports.FIRM_COLUMNS)
    given = row_imports.take_in_firms(session, found, cast.broker, by=cast.actor("broker"), now=now)
    assert outcomes(found)[:4] == ["new", "wrong", "changed", "wrong"]
    assert [code for _, code in given.refused] == ["kept"]
    assert free.id in firms_of(session, cast.broker.id)
    assert kept.id in firms_of(session, cast.far.id)


def test_days_come_row_by_row(session: Session, cast: Cast) -> None:
    text = (
        "日期,类型,中文名称,依据\n2027-01-01,放假,元旦,示例通知\n2027-01-04,上班,调休,\n"
        "2027-13-01,放假,错,\n2027/01/03,上班,调休,\n2027-01-02,也许,假,\n"
    )
    found = lines(text, row_imports.DAY_COLUMNS)
    assert row_imports.take_in_days(session, found, by=cast.actor("operator")) == 2
    assert [each.problems for each in found] == [
        {},
        {"day": "is_worked_anyway"},
        {"day": "not_a_date"},
        {},
        {"kind": "unknown_kind"},
    ]
    assert days.is_working_day(session, date(2027, 1, 3))
    again = lines(text, row_imports.DAY_COLUMNS)
    assert row_imports.take_in_days(session, again, by=cast.actor("operator")) == 0
    with pytest.raises(Forbidden):
        row_imports.preview_days(session, again, by=cast.actor("top"))
