"""The days that are not what their weekday says: entered by operators, one by one or from a file.

A published calendar may lie beside this module (``calendars/YEAR.toml``); nothing of it counts
until an operator takes it over.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tenon.actors import Actor
from tenon.errors import Forbidden, Invalid, NotFound
from tenon.network.models import DAY_KINDS, CalendarDay

FOLDER = Path(__file__).resolve().parents[1] / "calendars"
NAME_LIMIT, SOURCE_LIMIT = 60, 200
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """A day that is not what its weekday says.

    Attributes:
        day: which.
        kind: ``holiday`` or ``working``.
        name_zh, name_en: what for.
        source: where that was decided.
    """

    day: date
    kind: str
    name_zh: str
    name_en: str
    source: str = ""


def errors_of(special: Special) -> dict[str, str]:
    """Return field -> what is wrong; a weekend that is none of both needs no row."""
    errors: dict[str, str] = {}
    if special.kind not in DAY_KINDS:
        errors["kind"] = "unknown_code"
    elif special.kind == "working" and special.day.weekday() < _SATURDAY:
        errors["day"] = "is_worked_anyway"
    if not special.name_zh.strip() and not special.name_en.strip():
        errors["name_zh"] = "required"
    for name, text, most in (
        ("name_zh", special.name_zh, NAME_LIMIT),
        ("name_en", special.name_en, NAME_LIMIT),
        ("source", special.source, SOURCE_LIMIT),
    ):
        if len(text.strip()) > most:
            errors[name] = "too_long"
    return errors


def set_days(session: Session, days: Iterable[Special], *, by: Actor) -> int:
    """Write days, each over what is there; return how many are new or other than before.

    Raises Forbidden, Invalid of the first that is wrong: nothing is written then.
    """
    _require(by)
    wanted = list(days)
    for each in wanted:
        errors = errors_of(each)
        if errors:
            raise Invalid(errors, day=each.day.isoformat())
    changed = 0
    for each in wanted:
        zh, en = each.name_zh.strip(), each.name_en.strip()
        columns = {
            "kind": each.kind,
            "name_zh": zh or en,
            "name_en": en or zh,
            "source": each.source.strip(),
        }
        row = session.get(CalendarDay, each.day)
        if row is None:
            session.add(CalendarDay(day=each.day, **columns))
            changed += 1
        elif any(getattr(row, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(row, name, value)
            changed += 1
    session.flush()
    return changed


def clear_day(session: Session, day: date, *, by: Actor) -> None:
    """Let a day be what its weekday says again; raises Forbidden, NotFound."""
    _require(by)
    result = session.execute(sa.delete(CalendarDay).where(CalendarDay.day == day))
    if not result.rowcount:  # type: ignore[attr-defined]  # a DML result has it
        raise NotFound(kind="day")


def published_years() -> list[int]:
    """Return the years whose published calendar lies here."""
    return sorted(int(path.stem) for path in FOLDER.glob("*.toml"))


def published(year: int) -> list[Special]:
    """Return the special days of a year as they were published; raises NotFound."""
    path = FOLDER / f"{year}.toml"
    if not path.is_file():
        raise NotFound(kind="calendar")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    found = []
    for each in content["holidays"]:
        common = {
            "name_zh": each["zh"],
            "name_en": each["en"],
            "source": content["source"],
        }
        first, last = each["first"], each["last"]
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            found.append(Special(day=day, kind="holiday", **common))
        found += [Special(day=day, kind="working", **common) for day in each.get("worked", [])]
    return sorted(found, key=lambda each: each.day)


def _require(by: Actor) -> None:
    if not by.operator:
        raise Forbidden(action="keep_calendar")
