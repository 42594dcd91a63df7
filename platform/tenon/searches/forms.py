"""What people fill in to keep a search: its name, when to be told, for which firm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import Optional

from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message

RHYTHMS: Mapping[str, LazyString] = {
    "now": _l("At once"),
    "daily": _l("Once a day"),
    "weekly": _l("On Mondays"),
    "none": _l("Not at all, I look myself"),
}


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "nothing_asked": _("Choose a filter or write some words first."),
        "too_many_searches": _("You keep as many searches as can be kept. Delete one first."),
        "already_taken": _("You keep a search of this name already."),
    }
    return str(known.get(code) or common_message(code))


class SearchForm(Form):
    """A kept search; ``version`` is that of the row which is changed."""

    name = StringField(_l("Name"))
    rhythm = RadioField(
        _l("Tell me of what is new"),
        choices=options(RHYTHMS.items()),
        default="now",
        validate_choice=False,
    )
    organisation = SelectField(
        _l("For a firm in your portfolio"),
        choices=[],
        validate_choice=False,
        description=_l("You are told, and for which firm."),
    )
    version = IntegerField(validators=[Optional()])

    def offer_firms(self, firms: Iterable[tuple[str, str]]) -> bool:
        """Fill the list of firms; without any the field goes. Returns whether there are some."""
        found = list(firms)
        if not found:
            del self.organisation
            return False
        self.organisation.choices = options([("", _("For nobody in particular")), *found])
        return True

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)
