"""Poster and programme say what they must, in both languages."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pypdf
import pytest
from sqlalchemy.orm import Session

from tenon.events.planning import printing, services
from tenon.events.planning.services import SessionRow, Speaker
from tenon.events.queries import slots_of
from tests.events.planning.scenes import DAY, Cast, begun, broker

ADDRESS = "http://site.example/events/abc"


def _pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("光电子供需对接会", "Photonics", "一对一洽谈会", "中国标准时间", "主办单位")),
        ("en", ("Photonics matchmaking day", "Mon 1 Mar 2027", "free of charge", "Host")),
    ],
)
def test_the_poster_is_one_page_with_everything(
    session: Session, cast: Cast, now: datetime, language: str, said: tuple[str, ...]
) -> None:
    event = begun(session, cast, now)
    event.text_zh = event.text_en = "\n".join(["一行说明 one line"] * 30)
    content = printing.poster(
        event, language=language, address=ADDRESS, kind="一对一洽谈会", closes="2 Feb"
    )
    pages = _pages(content)
    assert len(pages) == 1
    for words in (*said, ADDRESS, "示例会展中心", "09:00–17:00"):
        assert words in pages[0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_longest_words_still_make_one_page(
    session: Session, cast: Cast, now: datetime, language: str
) -> None:
    event = begun(session, cast, now, title_zh="长" * 200, title_en="Long word " * 20)
    event.text_zh = event.text_en = "\n".join(["字" * 2000] * 10)
    event.address_zh = "路" * 300
    content = printing.poster(event, language=language, address=ADDRESS, kind="x", closes="")
    assert len(_pages(content)) == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("2027年3月1日", "2027年3月2日", "主旨报告", "示例讲者 – 示例大学", "个时段")),
        ("en", ("Mon 1 Mar 2027", "Tue 2 Mar 2027", "Keynote", "Meetings: 7 slots")),
    ],
)
def test_the_programme_has_sessions_and_meetings_in_order(
    session: Session, cast: Cast, now: datetime, language: str, said: tuple[str, ...]
) -> None:
    event = begun(session, cast, now, last_day=DAY + timedelta(days=1))
    row = SessionRow(
        kind="talk",
        title_zh="主旨报告",
        title_en="Keynote",
        text_zh="",
        text_en="",
        starts_at=event.starts_at + timedelta(minutes=60),
        ends_at=event.starts_at + timedelta(minutes=120),
        room_id=event.rooms[0].id,
        for_all=True,
        speakers=(Speaker("示例讲者", "示例大学"),),
    )
    services.add_session(session, event, row, version=event.version, by=broker(cast), now=now)
    content = printing.programme(
        event, slots_of(session, event), language=language, address=ADDRESS
    )
    text = "\n".join(_pages(content))
    for words in (*said, "10:00–11:00", "09:00–09:45", "11:05–"):
        assert words in text
    assert text.index("09:00–09:45") < text.index("10:00–11:00") < text.index("11:05–")


def test_stretches_of_slots_end_where_a_break_begins(
    session: Session, cast: Cast, now: datetime
) -> None:
    event = begun(session, cast, now)
    ((_day, rows),) = printing.days_of(event, slots_of(session, event), "en")
    assert [row["time"] for row in rows] == ["09:00–11:50", "13:30–16:45"]
    assert sum(row["slots"] for row in rows) == len(slots_of(session, event))
