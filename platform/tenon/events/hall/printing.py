"""What is printed for the day: badges, table cards, personal agendas. Data for the documents only.

Knows no page; the documents' own words stand in their templates, in the language of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from babel import Locale
from babel.dates import format_date
from sqlalchemy.orm import Session

from tenon.documents import qr_path
from tenon.events.hall.agenda import Appointment, Item, appointments_of, programme_of
from tenon.events.hall.people import Person, attends_online, person, sources
from tenon.events.models import (
    Event,
    EventRoom,
    EventSlot,
    EventTable,
    Meeting,
)
from tenon.events.states import LIVE_MEETINGS
from tenon.messages import LOCALES

WHAT = ("badges", "table_cards", "agendas")
AT_ONCE = 1000
"""People of one file at most; of more, one asks for the next file."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to print for.

    Attributes:
        group: code of a group; None for all of them.
        part: public id of one person's part; None for many.
        absent: only those who have not arrived, for badges printed late.
        after: so many in the order of the files are left out, since another file has them.
    """

    group: str | None = None
    part: str | None = None
    absent: bool = False
    after: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One meeting on a table's card."""

    begins: str
    ends: str
    names: tuple[str, str]
    houses: tuple[str, str]
    online: tuple[bool, bool] = (False, False)


def people_of(session: Session, event: Event, choice: Choice) -> list[Person]:
    """Return those with a confirmed place who are chosen, by organisation and name.

    Who attends online is left out of what is printed for many: there is nobody to hand it to.
    """
    them = sources()
    query = them.join(sa.select(*them.columns()).select_from(them.registration)).where(
        them.registration.event_id == event.id, them.registration.state == "confirmed"
    )
    if choice.part is not None:
        query = query.where(them.registration.public_id == choice.part)
    else:
        query = query.where(~them.online)
    if choice.group is not None:
        query = query.where(them.group.code == choice.group)
    order = (them.house.name_zh, them.user.name, them.registration.id)
    query = query.order_by(*order).limit(AT_ONCE).offset(choice.after)
    found = [person(row) for row in session.execute(query)]
    # Filtered last: whoever arrives meanwhile must not move others from one file to another.
    return [each for each in found if not each.arrived] if choice.absent else found


def badges(session: Session, event: Event, choice: Choice, language: str) -> dict[str, Any]:
    """Return what badges show: name, organisation, group, the opaque code as a QR code."""
    return {
        **_head(event, language),
        "badges": [
            {
                "name": each.name,
                "house": each.house(language),
                "group": each.group(language),
                "code": each.code,
                "qr": qr_path(each.code),
            }
            for each in people_of(session, event, choice)
        ],
    }


def agendas(session: Session, event: Event, choice: Choice, language: str) -> dict[str, Any]:
    """Return everybody's agenda, one page each; three statements for any number of people."""
    them = people_of(session, event, choice)
    meetings = appointments_of(session, [each.key for each in them])
    return {
        **_head(event, language),
        "programme": [_item(event, each, language) for each in programme_of(session, event)],
        "agendas": [
            {
                "name": each.name,
                "house": each.house(language),
                "code": each.code,
                "qr": qr_path(each.code),
                "days": _days(event, meetings.get(each.key, []), language),
            }
            for each in them
        ],
    }


def table_cards(session: Session, event: Event, language: str) -> dict[str, Any]:
    """Return every table with who meets there when; two statements."""
    rows = session.execute(
        sa.select(EventTable.id, EventTable.name, EventRoom.name_zh, EventRoom.name_en)
        .join(EventRoom, EventRoom.id == EventTable.room_id)
        .where(EventTable.event_id == event.id)
        .order_by(EventRoom.position, EventTable.position)
    ).all()
    held = _at_tables(session, event, language)
    return {
        **_head(event, language),
        "tables": [
            {
                "name": name,
                "room": (room_en or room_zh) if language == "en" else room_zh,
                "days": held.get(key, []),
            }
            for key, name, room_zh, room_en in rows
        ],
    }


def _at_tables(
    session: Session, event: Event, language: str
) -> dict[int, list[tuple[str, list[Line]]]]:
    a, b = sources("a"), sources("b")
    query = (
        sa.select(
            Meeting.table_id,
            EventSlot.starts_at,
            EventSlot.ends_at,
            a.user.name,
            a.house.name_zh,
            a.house.name_en,
            b.user.name,
            b.house.name_zh,
            b.house.name_en,
            a.online,
            b.online,
        )
        .join(EventSlot, EventSlot.id == Meeting.slot_id)
        .join(a.registration, a.registration.id == Meeting.a_id)
        .join(b.registration, b.registration.id == Meeting.b_id)
        .where(
            Meeting.event_id == event.id,
            Meeting.table_id.is_not(None),
            Meeting.state.in_(LIVE_MEETINGS),
        )
        .order_by(EventSlot.starts_at)
    )
    found: dict[int, list[tuple[str, list[Line]]]] = {}
    for table, begins, ends, *names in session.execute(b.join(a.join(query))):
        one, one_zh, one_en, other, other_zh, other_en, *online = names
        line = Line(
            clock(event, begins),
            clock(event, ends),
            (one or "", other or ""),
            (_in(language, one_zh, one_en), _in(language, other_zh, other_en)),
            (bool(online[0]), bool(online[1])),
        )
        _under_day(found.setdefault(table, []), day(event, begins, language), line)
    return found


def _in(language: str, zh: str | None, en: str | None) -> str:
    return ((en or zh) if language == "en" else (zh or en)) or ""


def _under_day(days: list[tuple[str, list[Any]]], name: str, line: Any) -> None:
    if not days or days[-1][0] != name:
        days.append((name, []))
    days[-1][1].append(line)


def _days(
    event: Event, meetings: Sequence[Appointment], language: str
) -> list[tuple[str, list[dict[str, Any]]]]:
    days: list[tuple[str, list[dict[str, Any]]]] = []
    for each in meetings:
        if each.live:
            shown = {
                "begins": clock(event, each.starts_at),
                "ends": clock(event, each.ends_at),
                "table": each.place.table if each.at_table else "",
                "online": each.other.online,
                "link": each.link(event) or "",
                "room": each.place.room(language),
                "name": each.other.name,
                "house": each.other.house(language),
                "interpreter": each.interpreter,
            }
            _under_day(days, day(event, each.starts_at, language), shown)
    return days


def _item(event: Event, each: Item, language: str) -> dict[str, str]:
    return {
        "day": day(event, each.starts_at, language),
        "begins": clock(event, each.starts_at),
        "ends": clock(event, each.ends_at),
        "title": each.title(language),
        "room": each.room(language),
    }


def _head(event: Event, language: str) -> dict[str, Any]:
    return {
        "title": event.title(language),
        "venue": event.venue(language),
        "day": day(event, event.starts_at, language),
        "zone": event.zone,
        "house": event.organisation.name(language),
    }


def clock(event: Event, moment: datetime) -> str:
    """Return hours and minutes where the event is."""
    return f"{event.local(moment):%H:%M}"


def day(event: Event, moment: datetime, language: str) -> str:
    """Return the day of a moment where the event is, with its weekday."""
    form = "y年M月d日 EEE" if language == "zh" else "EEE d MMM y"
    return format_date(event.local(moment).date(), form, locale=Locale.parse(LOCALES[language]))


def groups_of(session: Session, event: Event) -> dict[str, int]:
    """Return a group's code -> how many of it have a confirmed place and are to come."""
    them = sources()
    rows = session.execute(
        sa.select(them.group.code, sa.func.count(them.registration.id))
        .join(them.registration, them.registration.group_id == them.group.id)
        .where(
            them.group.event_id == event.id,
            them.registration.state == "confirmed",
            ~attends_online(them.registration),
        )
        .group_by(them.group.code)
    )
    return {row[0]: row[1] for row in rows}
