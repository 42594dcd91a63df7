"""Targets from a file: every row is looked at and reported, good ones are set or changed.

A row names its target by measure, part, period and currency: one that stands is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.actors import Actor
from tenon.errors import Conflict, Invalid, NotFound
from tenon.insight import measures
from tenon.insight.models import Target
from tenon.insight.targets import setting
from tenon.insight.targets.reading import houses_of, parts_of
from tenon.insight.targets.saying import LONGEST, Said, said_by, span_of
from tenon.network.files import Column, Line
from tenon.network.models import Station
from tenon.network.services.tree_import import find_organisation

COLUMNS: Sequence[Column] = (
    Column("measure", "指标", required=True, example="events_held"),
    Column("value", "目标值", required=True, example="300"),
    Column("currency", "币种", example="CNY"),
    Column("period", "周期", required=True, example="year"),
    Column("year", "年度", example="2027"),
    Column("part", "季度或月份", example="1"),
    Column("first", "起始日", example="2027-01-01"),
    Column("last", "截止日", example="2027-12-31"),
    Column("scope", "范围", required=True, example="station"),
    Column("of", "范围对象", example="WUHAN-01"),
    Column("document", "文件名称"),
    Column("paragraph", "条款"),
    Column("sentence", "原文"),
    Column("lead", "牵头单位"),
    Column("responsible", "责任单位"),
    Column("public", "公开", example="yes"),
)
_YES = {"yes", "true", "1", "是", "公开"}
_SHOWN_AT = {
    "region": "of", "station": "of", "organisation": "of", "broker": "of", "field": "of",
    "source_document": "document", "source_paragraph": "paragraph", "source_sentence": "sentence",
}  # fmt: skip


def preview(session: Session, lines: Sequence[Line], *, by: Actor) -> None:
    """Say on each line what would become of it: ``new``, ``changed``, ``same`` or ``wrong``."""
    seen: set[str] = set()
    for line in lines:
        read = _checked(session, line, seen, by=by)
        if read is not None:
            said, target = read
            if target is None:
                line.outcome = "new"
            else:
                line.outcome = "same" if said_by(target) == said else "changed"


def take_in(session: Session, lines: Sequence[Line], *, by: Actor, now: datetime) -> int:
    """Set or change what the good lines say; wrong ones stay out. Return how many changed."""
    seen: set[str] = set()
    changes = 0
    for line in lines:
        read = _checked(session, line, seen, by=by)
        if read is None:
            continue
        said, target = read
        try:
            if target is None:
                setting.set_target(session, said, by=by, now=now)
            elif said_by(target) != said:
                setting.change_target(session, target, said, by=by, now=now)
            else:
                continue
        except Invalid as error:
            line.refuse(_placed(error.fields))
        except Conflict as error:
            line.refuse({"": error.code})
        else:
            changes += 1
    return changes


def _checked(
    session: Session, line: Line, seen: set[str], *, by: Actor
) -> tuple[Said, Target | None] | None:
    """Return what a line says and the target that it changes, if any; None where it is wrong."""
    try:
        said = _read(session, line)
        setting.check(session, said, by=by)
    except Invalid as error:
        line.refuse(_placed(error.fields))
        return None
    if said.live_key in seen:
        line.refuse({"": "twice_in_file"})
        return None
    seen.add(said.live_key)
    found = session.scalars(sa.select(Target).where(Target.live_key == said.live_key)).first()
    return said, found


def _placed(faults: Mapping[str, str]) -> dict[str, str]:
    return {_SHOWN_AT.get(name, name): code for name, code in faults.items()}


def _read(session: Session, line: Line) -> Said:
    code = line.cell("measure")
    try:
        unit = measures.get(code).unit
    except NotFound:
        raise Invalid({"measure": "unknown_code"}) from None
    currency = (line.cell("currency").upper() or "CNY") if unit == "money" else None
    days = span_of(
        line.cell("period"),
        year=_number(line, "year"),
        part=_number(line, "part"),
        first=_day(line, "first"),
        last=_day(line, "last"),
    )
    lead = find_organisation(session, line.cell("lead"))
    if lead is None and line.cell("lead"):
        raise Invalid({"lead": "not_one_house"})
    scope = line.cell("scope")
    words: dict[str, Any] = {name: line.cell(name.removeprefix("source_")) for name in LONGEST}
    return Said(
        measure=code,
        value=parts_of(line.cell("value"), unit, currency),
        currency=currency,
        period=line.cell("period"),
        first=days[0],
        last=days[1],
        scope=scope,
        lead_id=None if lead is None else lead.id,
        responsible_ids=houses_of(session, line.cell("responsible")),
        public=line.cell("public").casefold() in _YES,
        **_part(session, scope, line.cell("of")),
        **words,
    )


def _part(session: Session, scope: str, text: str) -> dict[str, Any]:
    """Return the columns of a scope: by a place's code, a house's name, a broker's address."""
    if scope == "region":
        return {"region": text or None}
    if scope == "field":
        scheme, _, code = text.partition(":")
        return {"field": (scheme, code) if code else None}
    if scope == "station":
        wanted = sa.select(Station.id).where(Station.code == text)
        return {"station_id": _known(session.scalar(wanted))}
    if scope == "broker":
        wanted = sa.select(User.id).where(sa.func.lower(User.email) == text.casefold())
        return {"broker_id": _known(session.scalar(wanted))}
    if scope == "institution":
        house = find_organisation(session, text)
        return {"organisation_id": _known(None if house is None else house.id)}
    return {}


def _known(key: int | None) -> int:
    if key is None:
        raise Invalid({"of": "unknown_code"})
    return key


def _number(line: Line, name: str) -> int | None:
    text = line.cell(name).removesuffix(".0")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 4:  # a year has four digits
        raise Invalid({name: "not_a_number"})
    return int(text)


def _day(line: Line, name: str) -> date | None:
    text = line.cell(name)[:10]
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid({name: "not_a_date"}) from None
