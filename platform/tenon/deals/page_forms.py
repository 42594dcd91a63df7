"""What people fill in besides terms: how a deal begins, reasons, signatures, messages, files.

Terms are data and stand in views/term_inputs.py. Lengths and what is required are the services'
business; their errors come back to the fields.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from tenon.deals import labels
from tenon.web.fields import Ticks
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message


def message(field: str, code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    if code == "required" and field == "reason":
        return str(_("Please choose a reason."))
    if code == "required" and field == "no_need_reason":
        return str(_("Please say why no need stands behind this deal."))
    if code == "required" and field == "form":
        return str(_("Please choose a form."))
    if code == "required" and field == "file":
        return str(_("Please choose a file."))
    known = {
        "unknown_term": _("This form has no such term."),
        "not_a_text": _("Please enter a text."),
        "not_a_list": _("Please enter a list."),
        "too_many": _("There are too many of these."),
        "not_rising": _("Each row must lie above the one before; tiers begin at nought."),
        "not_a_whole": _("The parts must add up to 100 %."),
        "day_or_event": _("Each row needs either a day or an event, not both."),
        "mixed_currencies": _("Sums that are added up must be in one currency."),
        "above_other": _("This must not be above the term that belongs to it."),
        "before_other": _("This must not lie before the day that belongs to it."),
        "does_not_add_up": _("The parts do not add up to the whole."),
        "does_not_fit": _("This does not go with what is chosen above it."),
        "same_house": _("Both sides would be the same organisation."),
        "in_the_future": _("That day has not come yet."),
        "not_the_contract": _("Please choose the signed contract of this deal."),
        "other_road": _("This form is concluded in another way; begin a new deal for it."),
    }
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    version = HiddenField()

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        return message(name, code)


class BeginForm(RoomForm):
    """How a deal begins: its form, its name, with whom."""

    form = RadioField(_l("Form of the deal"), validate_choice=False)
    title = StringField(_l("Name of the deal"))
    language = RadioField(
        _l("Language of the papers"),
        choices=options([("zh", _l("Chinese")), ("en", _l("English"))]),
        default="zh",
        validate_choice=False,
    )
    no_need_reason = StringField(_l("Why does no need stand behind it?"))
    introduction = HiddenField()
    listing = HiddenField()
    organisation = HiddenField()
    request_key = HiddenField()

    shown_at = {"seller": "organisation", "buyer": "organisation"}  # noqa: RUF012  # never changed


class ChangeForm(RoomForm):
    """Another form for a deal that is negotiated."""

    form = RadioField(_l("Form of the deal"), validate_choice=False)


class EditForm(RoomForm):
    """What a deal is called and what it rests on."""

    title = StringField(_l("Name of the deal"))
    listings = Ticks(_l("Results and needs that it rests on"), validate_choice=False)
    rights = Ticks(_l("Patents and other rights that it disposes of"), validate_choice=False)


class AnswerForm(RoomForm):
    """A word to the other side with an answer to its terms."""

    note = TextAreaField(_l("A word to the other side"))


class StepForm(RoomForm):
    """A step that wants a reason."""

    reason = RadioField(_l("What is the reason?"), validate_choice=False)
    remark = TextAreaField(_l("Remark"))

    def offer(self) -> None:
        """Let a reason be chosen."""
        self.reason.choices = options(labels.END_REASONS.items())


class SignForm(RoomForm):
    """Confirm that a signer has signed the accepted terms."""

    signer = HiddenField()
    signatory = StringField(_l("Name and office of who signed"))
    signed_on = StringField(_l("Signed on"))
    chosen = SelectField(_l("The signed paper"), validate_choice=False)
    file = FileField(_l("Or upload the signed paper"))
    confirmed = BooleanField(_l("The paper says what the accepted version says."))

    def offer(self, papers: list[tuple[str, str]]) -> None:
        """Let one of the signed papers that are here be chosen (public id, name)."""
        self.chosen.choices = options([("", _("None of those here")), *papers])


class MessageForm(RoomForm):
    """A message to all who read the deal."""

    text = TextAreaField(_l("Your message"))


class FileForm(RoomForm):
    """A file of the deal."""

    kind = SelectField(_l("What it is"), validate_choice=False, default="other")
    file = FileField(_l("File"))
    private = BooleanField(_l("Only for our own side"))

    def offer(self) -> None:
        """Let its kind be chosen."""
        self.kind.choices = options(labels.FILE_KINDS.items())


class PeopleForm(RoomForm):
    """Who is in charge on one's own side, and which broker looks after the deal."""

    person = SelectField(_l("Person in charge on our side"), validate_choice=False)
    broker = SelectField(_l("Technology broker"), validate_choice=False)
