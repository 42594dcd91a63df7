"""Firms and special days from files: looked at line by line first, then what can be is taken in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tenon.accounts.models import Organisation, User
from tenon.actors import Actor
from tenon.errors import Forbidden
from tenon.network.files import Column, Line
from tenon.network.models import CalendarDay
from tenon.network.queries.portfolio import live_row
from tenon.network.services import calendar, portfolio
from tenon.network.services.portfolio import Given
from tenon.network.services.tree_import import find_organisation

FIRM_COLUMNS = (Column("firm", "企业名称"), Column("credit_code", "统一社会信用代码"))
DAY_COLUMNS = (
    Column("day", "日期", required=True),
    Column("kind", "类型", required=True),
    Column("name_zh", "中文名称"),
    Column("name_en", "英文名称"),
    Column("source", "依据"),
)
_KINDS: Mapping[str, str] = {
    "holiday": "holiday",
    "working": "working",
    "休": "holiday",
    "放假": "holiday",
    "班": "working",
    "上班": "working",
}


def preview_firms(session: Session, lines: Sequence[Line], broker: User) -> list[Organisation]:
    """Say of every line whether its firm can become the broker's; return those that may be.

    Whether somebody else's firm may be given away is asked when it is.
    """
    found: dict[int, Organisation] = {}
    for line in lines:
        firm = find_organisation(session, line.cell("credit_code") or line.cell("firm"))
        if firm is None:
            line.refuse({"firm": "unknown_firm"})
            continue
        kept = live_row(session, firm.id)
        if firm.id in found:
            line.refuse({"firm": "twice_in_file"})
        elif kept is not None and kept.broker_id == broker.id:
            line.outcome = "same"
        else:
            line.outcome = "new" if kept is None else "changed"
            found[firm.id] = firm
    return list(found.values())


def take_in_firms(
    session: Session,
    lines: Sequence[Line],
    broker: User,
    *,
    by: Actor,
    now: datetime,
    even_over_limit: bool = False,
) -> Given:
    """Give the firms of the lines to a broker; raises as ``portfolio.give``."""
    firms = preview_firms(session, lines, broker)
    return portfolio.give(session, firms, broker, by=by, now=now, even_over_limit=even_over_limit)


def preview_days(session: Session, lines: Sequence[Line], *, by: Actor) -> list[calendar.Special]:
    """Say of every line what it would change; return the days that can be written."""
    if not by.operator:
        raise Forbidden(action="keep_calendar")
    found: dict[date, calendar.Special] = {}
    for line in lines:
        special = _special(line)
        if special is None:
            continue
        problems = calendar.errors_of(special)
        if special.day in found:
            problems["day"] = "twice_in_file"
        if problems:
            line.refuse(problems)
            continue
        row = session.get(CalendarDay, special.day)
        line.outcome = "new" if row is None else "same" if _is(row, special) else "changed"
        found[special.day] = special
    return list(found.values())


def take_in_days(session: Session, lines: Sequence[Line], *, by: Actor) -> int:
    """Write the days of the lines that can be; return how many changed."""
    return calendar.set_days(session, preview_days(session, lines, by=by), by=by)


def _special(line: Line) -> calendar.Special | None:
    kind = _KINDS.get(line.cell("kind").casefold())
    try:
        day = date.fromisoformat(line.cell("day")[:10].replace("/", "-"))
    except ValueError:
        line.refuse({"day": "not_a_date"})
        return None
    if kind is None:
        line.refuse({"kind": "unknown_kind"})
        return None
    return calendar.Special(
        day=day,
        kind=kind,
        name_zh=line.cell("name_zh"),
        name_en=line.cell("name_en"),
        source=line.cell("source"),
    )


def _is(row: CalendarDay, special: calendar.Special) -> bool:
    zh = special.name_zh or special.name_en
    en = special.name_en or special.name_zh
    return (row.kind, row.name_zh, row.name_en, row.source) == (
        special.kind,
        zh,
        en,
        special.source,
    )
