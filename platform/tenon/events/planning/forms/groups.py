"""Groups and the square of who may meet whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, HiddenField

from tenon.events.models import Event
from tenon.events.planning.forms.reading import RoomForm, Row, stripped
from tenon.events.planning.services import GroupRow

BLANK_ROWS = 2
_PAIR = re.compile(r"may-([0-9]{1,4})-([0-9]{1,4})")


class GroupFields(Row):
    """One group; a row without names is none, and one that had them is taken away."""

    key = HiddenField()
    name_zh = stripped(_l("Group's name in Chinese"))
    name_en = stripped(_l("Group's name in English"))


class GroupsForm(RoomForm):
    """All groups; who may meet whom is ticked in a square beside them."""

    groups = FieldList(FormField(GroupFields), label=_l("Groups"))
    ticked: frozenset[tuple[int, int]] = frozenset()

    def fill(self, event: Event, pairs: Collection[tuple[int, int]]) -> None:
        """Show groups and pairs as they are, and blank rows."""
        keys = [group.id for group in event.groups]
        for group in event.groups:
            self.groups.append_entry(
                {"key": group.id, "name_zh": group.name_zh, "name_en": group.name_en}
            )
        self.ticked = frozenset(
            (first, second)
            for first, a in enumerate(keys)
            for second, b in enumerate(keys)
            if tuple(sorted((a, b))) in pairs
        )
        self.pad()

    def pad(self) -> None:
        """Add blank rows at the end."""
        for _place in range(BLANK_ROWS):
            self.groups.append_entry({})

    def rows(self) -> list[GroupRow]:
        """Return the groups that have a name."""
        return [
            GroupRow(read_key(row.key.data), row.name_zh.data or "", row.name_en.data or "")
            for _place, row in self.named()
        ]

    def may(self) -> set[tuple[int, int]]:
        """Return the ticked pairs, as places in ``rows``; keeps them to be shown again."""
        place_of = {typed: place for place, (typed, _row) in enumerate(self.named())}
        found = (_PAIR.fullmatch(name) for name in request.form)
        typed_pairs = {(int(match[1]), int(match[2])) for match in found if match}
        self.ticked = frozenset(typed_pairs | {(b, a) for a, b in typed_pairs})
        return {
            (place_of[first], place_of[second])
            for first, second in typed_pairs
            if first in place_of and second in place_of
        }

    def named(self) -> Iterator[tuple[int, GroupFields]]:
        """Yield the rows with a name, by their number in the form, which the ticks count by."""
        for row in self.groups:
            if row.name_zh.data or row.name_en.data:
                yield int(row.name.rpartition("-")[2]), row

    def typed_rows(self) -> list[Any]:
        """Return the rows in which something was typed, as ``rows`` counts them."""
        return [row for _place, row in self.named()]


def read_key(text: str | None) -> int | None:
    """Return a row's key as a hidden field carries it, or None."""
    typed = str(text or "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
