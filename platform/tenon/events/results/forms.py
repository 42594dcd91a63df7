"""What people fill in: an outcome in three taps; a mail to many, and whom it goes to."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from tenon.events.labels import REGISTRATION_STATES
from tenon.events.results import labels
from tenon.events.results.queries.recipients import Choice
from tenon.events.results.services.mailing import Words
from tenon.events.results.services.recording import Said
from tenon.web.fields import Ticks
from tenon.web.forms import Form, message, options


class OutcomeForm(Form):
    """What came of one meeting; ``client_key`` and ``at`` are a device's that had no network."""

    outcome = RadioField(
        _l("What came of it?"), choices=options(labels.OUTCOMES.items()), validate_choice=False
    )
    rating = RadioField(
        _l("How was the meeting?"),
        choices=options((str(stars), words) for stars, words in labels.STARS.items()),
        validate_choice=False,
    )
    remark = TextAreaField(_l("Remark for yourself and the organiser"))
    client_key = HiddenField()
    at = HiddenField()

    def said(self) -> Said:
        """Return what was said; what is no number or no moment is as if it were not there."""
        stars = self.rating.data or ""
        return Said(
            outcome=self.outcome.data or "",
            rating=int(stars) if stars.isascii() and stars.isdigit() else None,
            remark=self.remark.data or "",
            client_key=self.client_key.data or None,
            at=_moment(self.at.data or ""),
        )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


class MailingForm(Form):
    """Whom a mailing goes to, and what it says in either language or both."""

    states = Ticks(_l("State of registration"), choices=options(REGISTRATION_STATES.items()))
    groups = Ticks(_l("Groups of the event"), choices=[])
    checked_in = SelectField(_l("Has checked in"), choices=[], validate_choice=False)
    meetings = SelectField(_l("Has meetings"), choices=[], validate_choice=False)
    overdue = BooleanField(_l("Only who has an overdue outcome"))
    subject_zh = StringField(_l("Subject of the mail in Chinese"))
    text_zh = TextAreaField(_l("Mail in Chinese"))
    subject_en = StringField(_l("Subject of the mail in English"))
    text_en = TextAreaField(_l("Mail in English"))
    request_key = HiddenField()
    shown = HiddenField()

    def offer(self, groups: list[tuple[str, str]]) -> None:
        """Offer the event's groups, and yes, no or both for the rest."""
        self.groups.choices = options(groups)
        either = [("", _l("Yes or no")), ("yes", _l("Yes")), ("no", _l("No"))]
        self.checked_in.choices = self.meetings.choices = options(either)

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error; an empty choice of recipients is nobody."""
        if code == "nobody":
            return str(_("This choice is nobody. Tick at least one state and one group."))
        return message(code)

    def choice(self) -> Choice:
        """Return by what recipients are chosen."""
        return Choice(
            states=tuple(self.states.data or ()),
            groups=tuple(self.groups.data or ()),
            checked_in=self.checked_in.data or "",
            meetings=self.meetings.data or "",
            overdue=bool(self.overdue.data),
        )

    def words(self) -> Words:
        """Return what is said, its lines ending alike whatever browser sent them."""
        said = {
            name: (self[name].data or "").replace("\r\n", "\n")
            for name in ("subject_zh", "subject_en", "text_zh", "text_en")
        }
        return Words(**said)
