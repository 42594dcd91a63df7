"""The forms of the hall."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from tenon.web.forms import Form, message


class SpontaneousForm(Form):
    """Who meets whom, by code or name."""

    first = StringField(
        _l("Code or name of the one"), validators=[DataRequired(_l("Whom?")), Length(max=100)]
    )
    second = StringField(
        _l("Code or name of the other"), validators=[DataRequired(_l("Whom?")), Length(max=100)]
    )

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in words."""
        known = {
            "nobody": _("Nobody with a confirmed place has this code or name."),
            "several": _("Several people fit. Write the whole name, or the code on the badge."),
            "same_person": _("That is one and the same person."),
        }
        return known.get(code) or message(code)
