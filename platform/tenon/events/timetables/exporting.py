"""A timetable as a workbook (XLSX): by time, and by person.

Knows the words of the page's language through what it is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from tenon.events.models import Event
from tenon.events.timetables.naming import Card
from tenon.events.timetables.picture import Picture, Placed
from tenon.figures.exporting import Cell, workbook


def timetable_workbook(
    event: Event,
    picture: Picture,
    placed: Sequence[Placed],
    cards: Mapping[int, Card],
    places: Mapping[int, tuple[str, str]],
    helpers: Mapping[int, str],
    *,
    language: str,
) -> bytes:
    """Return the workbook.

    Args:
        event: in whose zone times are.
        picture: of the event.
        placed: the meetings.
        cards: who they are.
        places: table's id -> (room's name, table's name).
        helpers: interpreter's id -> name.
        language: of the names.
    """
    rows = _Rows(event, picture, cards, places, language)
    by_time = [
        [*rows.when(one), *rows.who(one.a), *rows.who(one.b), helpers.get(one.interpreter or 0)]
        for one in placed
    ]
    agendas: dict[int, list[Placed]] = {}
    for one in placed:
        for key in one.pair:
            agendas.setdefault(key, []).append(one)
    by_person = [
        [*rows.who(key), *rows.when(one), *rows.who(one.b if one.a == key else one.a)]
        for key in sorted(agendas, key=lambda key: cards[key].name(language))
        for one in agendas[key]
    ]
    times = _times(event.zone)
    own = [str(_("Organisation")), str(_("Person")), str(_("Takes part as"))]
    other = [str(_("Meets organisation")), str(_("Meets person")), str(_("Who takes part as"))]
    return workbook(
        {
            str(_("By time")): ([*times, *own, *other, str(_("Interpreter at it"))], by_time),
            str(_("By person")): ([*own, *times, *other], by_person),
        }
    )


def _times(zone: str) -> list[str]:
    return [
        str(_("Date")),
        str(_("From (%(zone)s)", zone=zone)),
        str(_("To (%(zone)s)", zone=zone)),
        str(_("Room of the meeting")),
        str(_("Table of the meeting")),
    ]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the cells of a row are made from."""

    event: Event
    picture: Picture
    cards: Mapping[int, Card]
    places: Mapping[int, tuple[str, str]]
    language: str

    def when(self, one: Placed) -> list[Cell]:
        slot = self.picture.slots[one.slot]
        begin, end = self.event.local(slot.starts_at), self.event.local(slot.ends_at)
        room, table = self.places.get(one.table or 0, ("", ""))
        return [begin.date(), f"{begin:%H:%M}", f"{end:%H:%M}", room, table]

    def who(self, key: int) -> list[Cell]:
        card = self.cards[key]
        house = card.house.name(self.language) if card.house else ""
        return [house, card.person, card.group.name(self.language)]
