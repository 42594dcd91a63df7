"""Fields that forms of several rooms have: boxes to tick, days, whole numbers, in our own words.

Knows no room; what a room's forms say otherwise stays theirs.
"""

from __future__ import annotations

from wtforms import DateField, IntegerField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from tenon.web.forms import message


class Ticks(SelectMultipleField):  # type: ignore[misc]  # the base is untyped
    """Choose any of a few, by ticking."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Day(DateField):  # type: ignore[misc]  # the base is untyped
    """A date, refused in this site's words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(message("not_a_date")) from None


class Whole(IntegerField):  # type: ignore[misc]  # the base is untyped
    """A whole number, refused in this site's words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(message("not_a_number")) from None
