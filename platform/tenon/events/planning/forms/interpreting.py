"""Interpreters: several rows, each a name, languages, and slots without them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FieldList, FormField, HiddenField

from tenon.events.labels import LANGUAGES
from tenon.events.models import EventInterpreter
from tenon.events.planning.forms.groups import read_key
from tenon.events.planning.forms.reading import RoomForm, Row, stripped
from tenon.events.planning.naming import write_names
from tenon.events.planning.services import InterpreterRow
from tenon.web.fields import Ticks
from tenon.web.forms import options

BLANK_ROWS = 2


class InterpreterFields(Row):
    """One interpreter; a new row without anything typed is none."""

    key = HiddenField()
    name = stripped(_l("Interpreter's name"))
    languages = Ticks(
        _l("Interprets between"), choices=options(LANGUAGES.items()), validate_choice=False
    )
    closed = stripped(_l("Not there in slots, such as 1-4, 9"))
    gone = BooleanField(_l("Take this interpreter out"))

    @property
    def known(self) -> bool:
        """Whether this is one there is."""
        return read_key(self.key.data) is not None

    @property
    def typed(self) -> bool:
        """Whether anything was typed."""
        return bool(self.name.data or self.languages.data or self.closed.data)


class InterpretersForm(RoomForm):
    """All interpreters; two blank rows are there to be filled in."""

    interpreters = FieldList(FormField(InterpreterFields), label=_l("Interpreters"))

    def fill(self, people: Sequence[EventInterpreter]) -> None:
        """Show them as they are, and blank rows."""
        for each in people:
            self.interpreters.append_entry(
                {
                    "key": each.id,
                    "name": each.name,
                    "languages": each.languages,
                    "closed": write_names(str(number + 1) for number in each.closed),
                }
            )
        self.pad()

    def pad(self) -> None:
        """Add blank rows at the end."""
        for _place in range(BLANK_ROWS):
            self.interpreters.append_entry({})

    def rows(self) -> list[InterpreterRow]:
        """Return the rows there are and those in which something was typed."""
        return [
            InterpreterRow(
                read_key(row.form.key.data),
                row.form.name.data or "",
                tuple(row.form.languages.data or ()),
                row.form.closed.data or "",
                gone=row.form.known and bool(row.form.gone.data or not row.form.typed),
            )
            for row in self.typed_rows()
        ]

    def typed_rows(self) -> list[Any]:
        """Return the rows that count, as ``rows`` counts them."""
        return [row for row in self.interpreters if row.form.known or row.form.typed]
