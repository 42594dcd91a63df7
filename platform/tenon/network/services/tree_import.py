"""The tree from a file: "1+9+N", parents before or after what lies below them, matched by code.

Looked at first (nothing is written), then taken in as a whole or not at all. Taking in the same
file again changes nothing. Places that the file does not name stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts import credit_codes
from tenon.accounts.models import Organisation
from tenon.accounts.queries import namesakes
from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid
from tenon.network.files import Column, Line
from tenon.network.models import LEVELS, Station
from tenon.network.queries import tree as reading
from tenon.network.services import tree
from tenon.taxonomy import naming

COLUMNS = (
    Column("code", "编码", required=True, example="CBD-01"),
    Column("level", "层级", required=True, example="station"),
    Column("parent", "上级编码", example="NODE-01"),
    Column("name_zh", "中文名称"),
    Column("name_en", "英文名称"),
    Column("region", "地区"),
    Column("address", "地址"),
    Column("answer_days", "答复工作日"),
    Column("organisation", "依托单位"),
)
_LEVELS: Mapping[str, str] = {
    **{each: each for each in LEVELS},
    "中心": "centre",
    "center": "centre",
    "节点": "node",
    "驿站": "station",
    "工作站": "station",
}


@dataclass(slots=True)
class _Wanted:
    """A row that can be read."""

    line: Line
    level: str
    parent: str
    details: tree.Details


def preview(session: Session, lines: Sequence[Line], *, by: Actor) -> None:
    """Say of every line what would become of it; nothing is written. Raises Forbidden."""
    _plan(session, lines, by=by)


def take_in(session: Session, lines: Sequence[Line], *, by: Actor, now: datetime) -> int:
    """Write all lines; return how many places are new or changed.

    Raises Forbidden; Invalid at ``file`` (``wrong_rows``) where one cannot be written: none is.
    """
    wanted = _plan(session, lines, by=by)
    if any(each.outcome == "wrong" for each in lines):
        raise Invalid({"file": "wrong_rows"})
    known = _stations(session)
    for each in _top_down(wanted):
        if each.line.outcome == "same":
            continue
        parent = known.get(each.parent)
        station = known.get(each.details.code)
        if station is None:
            known[each.details.code] = tree.add_station(
                session, each.details, level=each.level, parent=parent, by=by, now=now
            )
            continue
        tree.describe(session, station, each.details, by=by, now=now)
        if parent is not None and station.parent_id != parent.id:
            tree.move_station(session, station, parent, by=by, now=now)
    return sum(each.outcome != "same" for each in lines)


def rows(session: Session, *, language: str) -> list[list[object]]:
    """Return the active tree as rows of the file, parents first."""
    codes = {each.id: each.code for each in _stations(session).values()}
    return [
        [
            each.code,
            each.level,
            codes.get(each.parent_id or 0, ""),
            each.name_zh,
            each.name_en,
            each.region,
            each.address,
            each.answer_days,
            None if each.organisation is None else each.organisation.name(language),
        ]
        for each in (branch.station for branch in reading.places(session))
    ]


def _plan(session: Session, lines: Sequence[Line], *, by: Actor) -> list[_Wanted]:
    if not by.operator:
        raise Forbidden(action="import_places")
    known, seen, wanted = _stations(session), set[str](), []
    houses = _Houses(session)
    for line in lines:
        each = _read(line, houses)
        if each.details.code in seen:
            line.refuse({"code": "twice_in_file"})
        seen.add(each.details.code)
        wanted.append(each)
    levels = {code: station.level for code, station in known.items()}
    levels |= {each.details.code: each.level for each in wanted}
    for each in wanted:
        _judge(session, each, known.get(each.details.code), levels, known)
    return wanted


def _read(line: Line, houses: _Houses) -> _Wanted:
    problems: dict[str, str] = {}
    level = _LEVELS.get(line.cell("level").casefold(), "")
    if not level:
        problems["level"] = "unknown_level" if line.cell("level") else "required"
    region = naming.resolve("region", line.cell("region")) if line.cell("region") else ""
    if region is None:
        problems["region"] = "unknown_code"
    days = line.cell("answer_days")
    if days and not days.isdecimal():
        problems["answer_days"] = "not_a_number"
    house = houses.find(line.cell("organisation"))
    if house is None and line.cell("organisation"):
        problems["organisation"] = "unknown_firm"
    if problems:
        line.refuse(problems)
    details = tree.Details(
        code=line.cell("code"),
        name_zh=line.cell("name_zh"),
        name_en=line.cell("name_en"),
        region=region or "",
        address=line.cell("address"),
        answer_days=int(days) if days.isdecimal() else None,
        organisation_id=house,
    )
    return _Wanted(line, level, line.cell("parent"), details)


def _judge(
    session: Session,
    each: _Wanted,
    station: Station | None,
    levels: Mapping[str, str],
    known: Mapping[str, Station],
) -> None:
    """Say what would become of a line, whose own cells were read already."""
    problems = tree.check(session, each.details, besides=station.id if station else None)
    if each.level:
        problems |= _place_problems(each, levels, known)
    if station is not None:
        if station.state == "closed":
            problems[""] = "place_closed"
        elif each.level and station.level != each.level:
            problems["level"] = "level_is_settled"
    if problems:
        each.line.refuse(problems)
    if each.line.outcome == "wrong":
        return
    if station is None:
        each.line.outcome = "new"
        return
    same = all(getattr(station, k) == v for k, v in each.details.columns().items())
    parent = known.get(each.parent)
    hangs = station.parent_id == (parent.id if parent else None)
    each.line.outcome = "same" if same and (hangs or station.level == LEVELS[0]) else "changed"


def _place_problems(
    each: _Wanted, levels: Mapping[str, str], known: Mapping[str, Station]
) -> dict[str, str]:
    if each.level == LEVELS[0]:
        return {"parent": "centre_is_top"} if each.parent else {}
    if not each.parent:
        return {"parent": "required"}
    level = levels.get(each.parent)
    if level is None:
        return {"parent": "unknown_place"}
    if not level:
        return {"parent": "parent_is_wrong"}
    above = known.get(each.parent)
    if above is not None and above.state == "closed":
        return {"parent": "closed"}
    if LEVELS.index(level) >= LEVELS.index(each.level):
        return {"parent": "level_not_above"}
    return {}


def _top_down(wanted: Sequence[_Wanted]) -> list[_Wanted]:
    return sorted(wanted, key=lambda each: LEVELS.index(each.level))


def _stations(session: Session) -> dict[str, Station]:
    return {each.code: each for each in session.scalars(sa.select(Station))}


class _Houses:
    """Organisations by credit code or name, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, int | None] = {}

    def find(self, text: str) -> int | None:
        """Return the key of the approved organisation that a text names, if exactly one."""
        if text not in self._known:
            found = find_organisation(self._session, text)
            self._known[text] = None if found is None else found.id
        return self._known[text]


def find_organisation(session: Session, text: str) -> Organisation | None:
    """Return the approved organisation of a credit code or a whole name, if there is one."""
    if not text:
        return None
    code = credit_codes.normal(text)
    if credit_codes.is_valid(code):
        found = session.scalars(
            sa.select(Organisation).where(
                Organisation.credit_code == code, Organisation.state == "approved"
            )
        ).all()
    else:
        found = [each for each in namesakes(session, text, text) if each.state == "approved"]
    return found[0] if len(found) == 1 else None
