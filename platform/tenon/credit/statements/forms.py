"""Forms of statements: what to issue, a code to check, a file to compare."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, InputRequired

from tenon.credit.statements.content import MOST_ENTRIES
from tenon.credit.statements.models import PURPOSES, REVOCATIONS
from tenon.web.fields import Day
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message

_NAMES = {
    "reward": _l("Application for a reward"),
    "certificate": _l("Certificate of work done"),
    "fee": _l("Settlement of a broker's fee"),
    "other": _l("Other use"),
}
_REASONS = {
    "replaced": _l("A newer statement took its place."),
    "wrong": _l("It said something that does not hold."),
    "lost": _l("It fell into the wrong hands."),
}


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "period_out_of_order": _("The last day must not be before the first."),
        "in_the_future": _("A statement can only speak of days that have come."),
        "no_name": _("A statement needs a name: write yours in your account first."),
        "no_entries": _("The ledger credits nothing in this period. Choose another one."),
        "too_many_entries": _(
            "That is more than %(most)s entries. Choose a shorter period.", most=MOST_ENTRIES
        ),
        "not_a_code": _("Please enter the code: twelve letters and digits."),
    }
    return str(known.get(code) or common_message(code))


class _RoomForm(Form):
    """Base of the room's forms: shows a domain error in the room's words."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)


class StatementForm(_RoomForm):
    """The period, what the statement is for, and its language."""

    since = Day(_l("First day"), [InputRequired(_l("Please fill this in."))])
    until = Day(_l("Last day"), [InputRequired(_l("Please fill this in."))])
    purpose = SelectField(
        _l("What it is for"), choices=options((code, _NAMES[code]) for code in PURPOSES)
    )
    language = SelectField(_l("Its language"), choices=options([("zh", "中文"), ("en", "English")]))


class RevokeForm(_RoomForm):
    """Why a statement counts no longer."""

    reason = SelectField(
        _l("Reason"),
        choices=options((code, _REASONS[code]) for code in REVOCATIONS),
        validate_choice=False,
    )


class CodeForm(_RoomForm):
    """A code, typed by anybody; asked by GET, so that its page has an address."""

    class Meta(_RoomForm.Meta):
        """Changes nothing, so it needs no token."""

        csrf = False

    code = StringField(_l("Verification code"), [DataRequired(_l("Please fill this in."))])


class FileForm(_RoomForm):
    """A file to compare with the one that was issued."""

    file = FileField(_l("PDF file"))
