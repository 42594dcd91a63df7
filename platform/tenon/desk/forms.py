"""What is filled in at the desk: notes and tasks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField

from tenon.desk import labels
from tenon.desk.models import LONGEST_DETAIL, LONGEST_NOTE, LONGEST_TITLE
from tenon.web.forms import Form, message, options


class _DeskForm(Form):
    """Base of the desk's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in the desk's words."""
        if code == "no_place":
            return str(_("You work at no place of the network: only you can read this note."))
        return message(code)


class NoteForm(_DeskForm):
    """A note: what, and for whom."""

    version = HiddenField()
    text = TextAreaField(_l("Note"), render_kw={"rows": 3, "maxlength": LONGEST_NOTE})
    audience = RadioField(_l("Who reads this note"), validate_choice=False, default="place")

    def offer(self, *, placed: bool) -> None:
        """Let the audience be chosen; without a place there is but one."""
        known = labels.AUDIENCES if placed else {"me": labels.AUDIENCES["me"]}
        self.audience.choices = options(known.items())
        if not placed and self.audience.data not in known:
            self.audience.data = "me"


class TaskForm(_DeskForm):
    """A task: what, until when, for whom, how often."""

    version = HiddenField()
    title = StringField(_l("What is to be done"), render_kw={"maxlength": LONGEST_TITLE})
    due_on = StringField(_l("To be done by"), render_kw={"type": "date"})
    detail = TextAreaField(_l("More about it"), render_kw={"rows": 3, "maxlength": LONGEST_DETAIL})
    repeats = SelectField(_l("Repeats"), validate_choice=False, default="")
    owner = SelectField(_l("For whom"), validate_choice=False, default="")

    shown_at = {"owner_id": "owner"}  # noqa: RUF012  # never changed

    def offer(self, people: Iterable[tuple[str, str]]) -> None:
        """Let the rhythm and, for heads, the person (public id, name) be chosen."""
        self.repeats.choices = options(labels.REPEATS.items())
        self.owner.choices = options([("", _("Myself")), *people])

    @property
    def day(self) -> date | None:
        """The day typed; None for nothing or what is no day."""
        try:
            return date.fromisoformat(self.due_on.data or "")
        except ValueError:
            return None

    @property
    def expected_version(self) -> int | None:
        """The version that the page showed."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() else None

    def bad_day(self) -> bool:
        """Whether something was typed that is no day; says so at the field."""
        if self.due_on.data and self.day is None:
            self.due_on.errors = [message("not_a_date")]
            return True
        return False
