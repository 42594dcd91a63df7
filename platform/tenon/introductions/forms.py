"""What people fill in: three answers, a message, a reason, a consent, a signature.

Lengths and what is required are the services' business; their errors come back to the fields.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField

from matching.text import detect_language
from tenon.errors import Invalid
from tenon.introductions import labels, reasons
from tenon.introductions.models import DECLINE_REASONS
from tenon.introductions.services import Answers
from tenon.introductions.services.wording import QUESTIONS
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message
from tenon.web.languages import language

_NOTED = Markup('{}<span class="choice__note">{}</span>')


def message(field: str, code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "names_you": _(
            "This names you or your organisation; it is read before you consent to be known. "
            "Please write it without names and addresses."
        ),
    }
    if code == "required" and field in ("consent", "confirmed"):
        return str(_("Please tick this; nothing opens without it."))
    if code == "required" and field == "reason":
        return str(_("Please choose a reason; the other side learns from it."))
    if code == "required" and field == "remark":
        return str(_("Please say in a sentence what the reason is."))
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        return message(name, code)

    @property
    def step(self) -> str:
        """The step whose form this is, by the prefix of its names; empty for a page of its own."""
        return str(self._prefix).removesuffix("-")

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was written, with the label of each field; to be kept where it cannot be sent."""
        return [
            (str(field.label.text), field.data)
            for field in self
            if isinstance(field, TextAreaField | StringField)
            and not isinstance(field, HiddenField)
            and field.data
        ]


class AnswersForm(RoomForm):
    """The three questions, and whether the name is kept back."""

    interest = TextAreaField(labels.QUESTIONS["interest"])
    offer = TextAreaField(labels.QUESTIONS["offer"])
    proposal = TextAreaField(labels.QUESTIONS["proposal"])
    unnamed = BooleanField(_l("Keep our name back until they accept"))
    consent = BooleanField(_l("We agree that this opens to the other side once they accept."))

    def answers(self) -> Answers:
        """Return what was answered; the language is the one that most of it is in."""
        said = {name: self[name].data or "" for name in QUESTIONS}
        return Answers(**said, language=detect_language(" ".join(said.values())))

    def consent_faults(self) -> dict[str, str]:
        """Return the fault where the interested side does not agree that its name opens."""
        return {} if self.consent.data else {"consent": "required"}

    def require_consent(self) -> None:
        """Raise Invalid where the interested side does not agree that its name opens."""
        if self.consent_faults():
            raise Invalid(self.consent_faults())


class AskForm(AnswersForm):
    """Ask for an introduction: which listing it is about, which own one it is for, the answers."""

    listing = HiddenField()
    origin = HiddenField()
    own = SelectField(_l("Which of your own listings is it for?"), validate_choice=False)

    def offer_own(self, choices: list[tuple[str, str]]) -> None:
        """Let the organisation choose one of its own listings (public id, title), or none."""
        self.own.choices = options([("", _("None of our listings")), *choices])


class TextForm(RoomForm):
    """A question asked back, or the answer to it."""

    text = TextAreaField(_l("Your message"))


class MessageForm(TextForm):
    """A message in the thread; brokers choose who reads it."""

    audience = SelectField(
        _l("Who reads it"),
        choices=options(labels.AUDIENCES.items()),
        validate_choice=False,
        default="all",
    )


class ReasonForm(RoomForm):
    """Why not: one of the reasons, each with a sentence, and a remark."""

    reason = RadioField(_l("What is the reason?"), validate_choice=False)
    remark = TextAreaField(_l("Remark for the other side"))

    def offer_reasons(self, known: Mapping[str, object]) -> None:
        """Let one of these reasons be chosen (code -> words)."""
        self.reason.choices = options(known.items())


class AcceptForm(RoomForm):
    """Consent that names, contacts and the introduction tier open."""

    consent = BooleanField(_l("We agree that this opens, to both sides and at once."))


class SignForm(RoomForm):
    """Confirm the agreement for one's side."""

    signatory = StringField(_l("Name and office of who confirms it"))
    sha256 = HiddenField()
    confirmed = BooleanField(
        _l("I may bind my organisation, have read the text above, and confirm it.")
    )


def decline_reasons(*, advising: bool = False) -> Mapping[str, str]:
    """Return the reasons for declining, in the page's language.

    ``advising`` adds to each the advice that the other side will read with it.
    """
    tongue = language()
    words = {code: reasons.in_words(code)[tongue] for code in DECLINE_REASONS}
    written = {code: said[:1].upper() + said[1:] for code, said in words.items()}
    if not advising:
        return written
    return {
        code: _NOTED.format(said, reasons.advice(code)[tongue]) for code, said in written.items()
    }
