"""Whom changes of the timetable concern, and what each is told: only what changed for them.

A release queues one message a person, in a few statements; the notices are written by the
outbox's handler. Organisations are named, not people: a notice outlives the wish to be forgotten.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tenon.events.models import Event, EventRoom, EventTable, Registration
from tenon.events.timetables.differing import Changes
from tenon.events.timetables.naming import Card, cards
from tenon.events.timetables.picture import Picture, Placed
from tenon.events.zones import zone_words
from tenon.messages import LOCALES
from tenon.messages import mark as N_  # noqa: N812  # the name that extraction knows
from tenon.notices import wording
from tenon.notices.rendering import fill
from tenon.notices.services import notify
from tenon.outbox import emit

TOLD = "event.timetable_told"
MOST_LINES = 6
LANGUAGES = ("zh", "en")

FIRST, CHANGED = "event_timetable_first", "event_timetable_changed"
wording.register(
    {
        FIRST: N_("Your timetable of “%(event)s” is there, with %(number)s meetings."),
        CHANGED: N_("Your timetable of “%(event)s” has changed. %(changes)s"),
    },
    group="events",
    samples={
        "event": {"zh": "光电子技术对接会", "en": "Photonics matchmaking"},
        "number": 6,
        "changes": {
            "zh": "改期：与示例大学的洽谈，从 09:00 1号桌改到 10:15 3号桌。"
            "时间为中国标准时间 (UTC+8)。",
            "en": "Moved: with Example University, from 09:00 at table 1 to 10:15 at table 3. "
            "Times are those of China Standard Time (UTC+8).",
        },
    },
)

_NEW = N_("New: with %(other)s, %(to)s.")
_MOVED = N_("Moved: with %(other)s, from %(from)s to %(to)s.")
_GONE = N_("Called off: with %(other)s, %(from)s.")
_ONLINE = N_("Joins online: %(other)s, %(to)s. The link is in your agenda.")
_ON_SITE = N_("Comes on site: %(other)s, %(to)s.")
_MORE = N_("And %(number)s more.")
_AT_TABLE = N_("%(when)s at table %(table)s")
_ZONE = N_("Times are those of %(zone)s.")


def tell_changes(
    session: Session,
    event: Event,
    picture: Picture,
    found: Changes,
    *,
    first: bool,
    now: datetime,
    without: Sequence[int] = (),
) -> None:
    """Queue what everybody is told whom a change concerns, but for some (by id).

    ``first``: it is the event's first timetable; then people are told how many meetings they have.
    """
    people = {key: own for key, own in found.people().items() if key not in without}
    if not people:
        return
    known = cards(session, event, {k for own in people.values() for k in _named(own)})
    tables = _table_names(session, event)
    for key, own in people.items():
        payload = {
            "registration": key,
            "kind": FIRST if first else CHANGED,
            "facts": _facts(event, picture, key, own, known, tables, first=first),
        }
        emit(session, TOLD, payload, now=now)


def tell_attending(
    session: Session,
    event: Event,
    picture: Picture,
    one: Placed,
    people: Collection[int],
    *,
    now: datetime,
) -> None:
    """Queue what those are told whom somebody of ``people`` meets: how they attend from now on."""
    known, tables = cards(session, event, one.pair), _table_names(session, event)
    for key, other in (one.pair, one.pair[::-1]):
        if other not in people or other not in picture.people:
            continue
        line = _ONLINE if picture.people[other].online else _ON_SITE
        told = {
            tongue: fill(
                line,
                {
                    "other": known[other].house_name(tongue),
                    "to": place_in_words(event, picture, one, tables, tongue),
                },
                tongue,
            )
            for tongue in LANGUAGES
        }
        payload = {"registration": key, "kind": CHANGED, "facts": {"changes": told}}
        emit(session, TOLD, payload, now=now)


def write_notice(session: Session, payload: Mapping[str, Any], now: datetime) -> None:
    """Write the notice that a message asks for, unless the person has left meanwhile."""
    registration = session.get(Registration, payload["registration"])
    if registration is None or registration.user is None or registration.live_key is None:
        return
    event = registration.event
    notify(
        session,
        user=registration.user,
        kind=payload["kind"],
        facts={"event": {"zh": event.title("zh"), "en": event.title("en")}, **payload["facts"]},
        path=f"/events/{event.public_id}/agenda",
        now=now,
    )


def _named(own: Changes) -> set[int]:
    ones = [*own.new, *own.gone, *(one for one, _ in own.moved)]
    return {key for one in ones for key in one.pair}


def _facts(
    event: Event,
    picture: Picture,
    key: int,
    own: Changes,
    known: Mapping[int, Card],
    tables: Mapping[int, str],
    *,
    first: bool,
) -> dict[str, Any]:
    if first:
        return {"number": len(own.new)}
    told = {tongue: _lines(event, picture, key, own, known, tables, tongue) for tongue in LANGUAGES}
    return {"changes": told}


def _lines(
    event: Event,
    picture: Picture,
    key: int,
    own: Changes,
    known: Mapping[int, Card],
    tables: Mapping[int, str],
    tongue: str,
) -> str:
    def other(one: Placed) -> str:
        card = known.get(one.a if one.b == key else one.b)
        return "" if card is None else card.house_name(tongue)

    def at(one: Placed) -> str:
        return place_in_words(event, picture, one, tables, tongue)

    lines = [
        *(
            fill(_MOVED, {"other": other(to), "from": at(was), "to": at(to)}, tongue)
            for was, to in own.moved
        ),
        *(fill(_NEW, {"other": other(one), "to": at(one)}, tongue) for one in own.new),
        *(fill(_GONE, {"other": other(one), "from": at(one)}, tongue) for one in own.gone),
    ]
    if len(lines) > MOST_LINES:
        left = len(lines) - MOST_LINES + 1
        lines = [*lines[: MOST_LINES - 1], fill(_MORE, {"number": left}, tongue)]
    lines.append(fill(_ZONE, {"zone": zone_words(event, LOCALES[tongue])}, tongue))
    return ("" if tongue == "zh" else " ").join(lines)


def place_in_words(
    event: Event, picture: Picture, one: Placed, tables: Mapping[int, str], tongue: str
) -> str:
    """Return when and where a meeting is; the day only where the event has several."""
    begin = event.local(picture.slots[one.slot].starts_at)
    when = f"{begin:%H:%M}"
    if picture.slots[0].day != picture.slots[-1].day:
        when = f"{begin:%m-%d} {when}"
    if one.table is None:
        return when
    return fill(_AT_TABLE, {"when": when, "table": tables.get(one.table, "")}, tongue)


def _table_names(session: Session, event: Event) -> Mapping[int, str]:
    rows = (
        session.query(EventTable.id, EventTable.name)
        .join(EventRoom, EventRoom.id == EventTable.room_id)
        .filter(EventTable.event_id == event.id)
    )
    return {row.id: row.name for row in rows}
