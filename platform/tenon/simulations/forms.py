"""What people fill in beside the sliders: the name of a setting that they keep."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField

from tenon.web.forms import Form
from tenon.web.forms import message as common_message


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "too_fine": _("That is finer than can be entered here."),
        "too_many": _("That are more than fit here."),
    }
    return str(known.get(code) or common_message(code))


class KeepForm(Form):
    """A name for the setting, and whether the others of the deal may load it."""

    title = StringField(_l("Name of this setting"))
    shared = BooleanField(_l("Share it with all who read this deal"))
    query = HiddenField()

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)
