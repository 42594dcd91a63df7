"""Rooms with their tables, tables closed for some slots, the map of the venue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import FieldList, FormField, HiddenField, RadioField, SelectField, StringField

from tenon.events.models import Event
from tenon.events.planning.forms.groups import read_key
from tenon.events.planning.forms.reading import RoomForm, Row, stripped
from tenon.events.planning.naming import write_names
from tenon.events.planning.services import RoomRow
from tenon.web.forms import options

BLANK_ROWS = 2


class RoomFields(Row):
    """One room; a row without anything typed is none."""

    key = HiddenField()
    name_zh = stripped(_l("Room's name in Chinese"))
    name_en = stripped(_l("Room's name in English"))
    tables = stripped(_l("Tables, such as A1-A20, B1"))
    online_url = stripped(_l("Address, if it is an online room"))

    @property
    def typed(self) -> bool:
        """Whether anything was typed."""
        return any(each.data for each in (self.name_zh, self.name_en, self.tables, self.online_url))


class RoomsForm(RoomForm):
    """All rooms; two blank rows are there to be filled in."""

    rooms = FieldList(FormField(RoomFields), label=_l("Rooms"))

    def fill(self, event: Event) -> None:
        """Show rooms and tables as they are, and blank rows."""
        for room in event.rooms:
            self.rooms.append_entry(
                {
                    "key": room.id,
                    "name_zh": room.name_zh,
                    "name_en": room.name_en,
                    "online_url": room.online_url or "",
                    "tables": write_names(table.name for table in room.tables),
                }
            )
        self.pad()

    def pad(self) -> None:
        """Add blank rows at the end."""
        for _place in range(BLANK_ROWS):
            self.rooms.append_entry({})

    def rows(self) -> list[RoomRow]:
        """Return the rooms in which something was typed."""
        return [
            RoomRow(
                read_key(row.key.data),
                row.name_zh.data or "",
                row.name_en.data or "",
                row.online_url.data or "",
                row.tables.data or "",
            )
            for _place, row in self._typed()
        ]

    def typed_rows(self) -> list[Any]:
        """Return the rows in which something was typed, as ``rows`` counts them."""
        return [row for _place, row in self._typed()]

    def _typed(self) -> Iterator[tuple[int, RoomFields]]:
        for place, row in enumerate(self.rooms):
            if row.form.typed:
                yield place, row


class ClosuresForm(RoomForm):
    """Tables that are away from one slot to another."""

    tables = StringField(_l("Which tables, such as A1-A5"))
    first = SelectField(_l("From slot"), validate_choice=False)
    last = SelectField(_l("To slot"), validate_choice=False)
    what = RadioField(
        _l("What happens to them"),
        choices=options([("close", _l("Closed then")), ("open", _l("Open again"))]),
        validate_choice=False,
    )

    def offer(self, slots: list[tuple[str, str]]) -> None:
        """Set the slots to choose from."""
        self.first.choices = self.last.choices = options(slots)
        if self.what.data not in ("close", "open"):
            self.what.data = "close"

    def span(self) -> tuple[int, int]:
        """Return the slots' numbers; -1 for what is none."""
        first, last = (read_key(each.data) for each in (self.first, self.last))
        return (-1 if first is None else first, -1 if last is None else last)


class MapForm(RoomForm):
    """A picture of the venue."""

    file = FileField(_l("Picture (PNG, JPEG or WebP, up to 5 MB)"))
