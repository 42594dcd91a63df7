"""What brokers fill in: one step for many, a check of one, a proposal.

Lengths and what is required are the services' business; their errors come back to the fields.
"""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, TextAreaField

from tenon.introductions import board_labels, remarks
from tenon.introductions.forms import RoomForm, decline_reasons
from tenon.introductions.services.many import ManyStep
from tenon.web.fields import Ticks
from tenon.web.forms import options
from tenon.web.languages import language


class ManyForm(RoomForm):
    """What a step for many needs besides the choice; each step shows its own fields."""

    reason = RadioField(_l("Why it is not passed on"), validate_choice=False)
    remark = TextAreaField(_l("Remark for the interested side"))
    audience = RadioField(_l("Who reads it"), validate_choice=False, default="all")
    text = TextAreaField(_l("Your message"))
    broker = SelectField(_l("Colleague"), validate_choice=False)

    SHOWN = {  # noqa: RUF012  # never changed
        "take_over": (),
        "pass_on": (),
        "give_back": ("text",),
        "refuse": ("reason", "remark"),
        "message": ("audience", "text"),
        "assign": ("broker",),
    }

    def offer(self, colleagues: list[tuple[str, str]]) -> None:
        """Let reasons, readers and colleagues (public id, name) be chosen."""
        self.reason.choices = options(decline_reasons().items())
        self.audience.choices = options(board_labels.AUDIENCES.items())
        self.broker.choices = options([("", _("Please choose")), *colleagues])

    def as_step(self, name: str, broker_id: int | None) -> ManyStep:
        """Return the step that the fields describe."""
        return ManyStep(
            name=name,
            reason=self.reason.data or "",
            remark=self.remark.data or "",
            text=self.text.data or "",
            audience=self.audience.data or "all",
            broker_id=broker_id,
        )


class GiveBackForm(RoomForm):
    """Give a request back: ready remarks to put in, and the text itself."""

    version = HiddenField()
    canned = Ticks(_l("Ready remarks"), validate_choice=False)
    text = TextAreaField(_l("What should be written better"))

    def offer(self) -> None:
        """Let ready remarks be chosen, worded in the page's language."""
        self.canned.choices = options(
            [(each.code, each.text[language()]) for each in remarks.remarks()]
        )


class RefuseForm(RoomForm):
    """Do not pass a request on: why, and a remark."""

    version = HiddenField()
    reason = RadioField(_l("Why it is not passed on"), validate_choice=False)
    remark = TextAreaField(_l("Remark for the interested side"))

    def offer(self) -> None:
        """Let a reason be chosen."""
        self.reason.choices = options(decline_reasons().items())


class ProposeForm(RoomForm):
    """A proposal: who speaks first, and what that side is told."""

    first = RadioField(_l("Who speaks first"), validate_choice=False)
    note = TextAreaField(_l("Note to the side that speaks first"))

    def offer(self) -> None:
        """Let one side speak first."""
        self.first.choices = options(
            [
                ("need", _("The side with the need")),
                ("achievement", _("The side with the result")),
            ]
        )
