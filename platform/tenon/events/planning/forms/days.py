"""Days with their hours and breaks, and how long a slot and the way to the next one last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, RadioField

from tenon.errors import Invalid
from tenon.events.models import Event
from tenon.events.models.event import SLOT_MINUTES
from tenon.events.planning.forms.reading import (
    Clock,
    Day,
    Number,
    RoomForm,
    Row,
    clock,
    minutes,
    stripped,
)
from tenon.events.planning.slots import DAY, Hours
from tenon.web.forms import options

BLANK_ROWS = 2
LENGTHS = [(str(each), _l("%(number)s minutes", number=each)) for each in SLOT_MINUTES]
_BREAK = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至]\s*(\d{1,2})[:：](\d{2})")


class DayRow(Row):
    """One day; a row without a day is none."""

    day = Day(_l("Day of the event"))
    opens = Clock(_l("From (time)"))
    closes = Clock(_l("Until (time)"))
    breaks = stripped(
        _l("Breaks of the day"), render_kw={"placeholder": "12:00-13:30, 15:00-15:15"}
    )


class DaysForm(RoomForm):
    """All days; two blank rows are there to be filled in."""

    slot_minutes = RadioField(
        _l("A meeting lasts"),
        choices=options(
            (str(each), _l("%(number)s minutes", number=each)) for each in SLOT_MINUTES
        ),
        validate_choice=False,
    )
    walk_minutes = Number(_l("Minutes between two meetings, to walk"))
    days = FieldList(FormField(DayRow), label=_l("Days of the event"))

    def fill(self, event: Event) -> None:
        """Show the days as they are, and blank rows."""
        self.slot_minutes.data = str(event.slot_minutes)
        self.walk_minutes.data = event.walk_minutes
        for each in event.days:
            self.days.append_entry(
                {
                    "day": each.day,
                    "opens": clock(each.opens),
                    "closes": clock(each.closes),
                    "breaks": write_breaks(each.breaks),
                }
            )
        self.pad()

    def pad(self) -> None:
        """Add blank rows at the end."""
        for _place in range(BLANK_ROWS):
            self.days.append_entry({})

    def read(self) -> tuple[list[Hours], int, int]:
        """Return days, minutes of a slot and of the way; raises Invalid at what cannot be read."""
        faults = self.faults()
        found = []
        for row in self.typed_rows():
            hours = _read(row, faults)
            if hours is not None:
                found.append(hours)
        if self.walk_minutes.data is None:
            faults.setdefault("walk_minutes", "required")
        if faults:
            raise Invalid(faults)
        chosen = str(self.slot_minutes.data or "")
        length = int(chosen) if chosen.isascii() and chosen.isdigit() else 0
        return found, length, self.walk_minutes.data

    def typed_rows(self) -> list[Any]:
        """Return the rows in which a day was typed, as ``read`` counts them."""
        return [row for row in self.days if row.day.raw_data and row.day.raw_data[0].strip()]


def _read(row: DayRow, faults: dict[str, str]) -> Hours | None:
    for field in (row.opens, row.closes):
        if field.data is None:
            faults.setdefault(field.name, "required")
    try:
        breaks = read_breaks(row.breaks.data or "")
    except ValueError:
        faults[row.breaks.name] = "not_breaks"
        return None
    if row.day.data is None:
        return None
    return Hours(row.day.data, minutes(row.opens.data), minutes(row.closes.data, end=True), breaks)


def read_breaks(text: str) -> list[tuple[int, int]]:
    """Return breaks such as ``12:00-13:30, 15:00-15:15`` in minutes; raises ValueError."""
    found = []
    for part in re.split(r"[,，;；、\n]+", text):
        if not part.strip():
            continue
        match = _BREAK.fullmatch(part.strip())
        if match is None:
            raise ValueError(part)
        first, last = (
            int(hour) * 60 + int(minute)
            for hour, minute in ((match[1], match[2]), (match[3], match[4]))
        )
        if int(match[2]) > 59 or int(match[4]) > 59 or last > DAY:  # a clock's
            raise ValueError(part)
        found.append((first, last))
    return found


def write_breaks(breaks: Iterable[Sequence[int]]) -> str:
    """Return breaks as people type them."""
    return ", ".join(f"{_shown(first)}-{_shown(last)}" for first, last in breaks)


def _shown(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
