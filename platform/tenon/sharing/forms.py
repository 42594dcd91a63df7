"""What people fill in: what is covered, a cost, a contributor, an answer, an objection, a day."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DecimalField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)

from tenon.errors import Invalid
from tenon.money import Money
from tenon.sharing import labels
from tenon.sharing.services import Receipt
from tenon.sharing.services.drafting import LARGEST_COST
from tenon.web.fields import Day
from tenon.web.forms import Form, options
from tenon.web.forms import message as common_message


def message(code: str) -> str:
    """Return an error code of this room, or of all rooms, in words."""
    known = {
        "nothing_to_share": _("Nothing has been received up to this day that is not shared yet."),
        "above_income": _("The costs are as high as the income, so nothing is left to share."),
        "sum_not_100": _("The shares must sum to exactly 100 %."),
        "too_fine": _("Four digits after the point at the most."),
        "in_the_future": _("That day has not come yet."),
        "before_approval": _("That is before the approval."),
        "too_many": _("There are too many already."),
    }
    return str(known.get(code) or common_message(code))


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:  # noqa: ARG002  # the base's form
        """Return an error in this room's words."""
        return message(code)


class _Number(DecimalField):  # type: ignore[misc]  # the base is untyped
    """A number; anything else is refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(message("not_a_number")) from None
        if self.data is not None and not self.data.is_finite():
            raise ValueError(message("not_a_number"))


class CoverageForm(RoomForm):
    """Up to which day, and the contributors' part."""

    through_on = Day(_l("Income received up to and with"))
    percent = _Number(_l("Contributors' part of the net income, in %"), places=None)
    pilot = BooleanField(_l("We are a pilot unit for which a rule of its own holds"))
    note = TextAreaField(_l("Note"))
    version = HiddenField()


class CostForm(RoomForm):
    """A direct cost with its receipt."""

    kind = SelectField(_l("Kind of cost"), validate_choice=False)
    amount = StringField(_l("Amount"))
    note = StringField(_l("What for"))
    receipt = FileField(_l("Receipt (PDF or picture)"))

    def offer_kinds(self, kinds: tuple[str, ...]) -> None:
        """Let one of these kinds be chosen."""
        self.kind.choices = options((each, labels.COSTS[each]) for each in kinds)


class ContributorForm(RoomForm):
    """A member of the organisation, or a name."""

    person = SelectField(_l("Member of your organisation"), validate_choice=False)
    name = StringField(_l("or the name of somebody without an account"))

    def offer_people(self, choices: list[tuple[str, str]]) -> None:
        """Let one of these people be chosen (public id, name), or none."""
        self.person.choices = options([("", _("nobody of these")), *choices])


class DisputeForm(RoomForm):
    """Why a contributor disagrees."""

    words = TextAreaField(_l("What is wrong?"))


class ObjectionForm(RoomForm):
    """What a member of the institution has against it."""

    text = TextAreaField(_l("What do you object to, and why?"))


class AnswerForm(RoomForm):
    """The answer to an objection."""

    answer = TextAreaField(_l("Answer to the objection"))


class PaperForm(RoomForm):
    """The paper that a contributor without an account signed."""

    paper = FileField(_l("Signed paper (PDF or picture)"))


class PayForm(RoomForm):
    """The day on which it was paid."""

    paid_on = Day(_l("Paid out on"))


def minor_of(text: str, currency: str) -> int:
    """Return an amount as typed, in minor units; raises Invalid at ``amount``."""
    plain = text.replace(",", "").replace("，", "").replace(" ", "")
    if not plain:
        raise Invalid({"amount": "required"})
    try:
        amount = Decimal(plain)
        if not amount.is_finite():
            raise ValueError(plain)
        # Making 1e999999999 a whole number would take all memory.
        if not -LARGEST_COST <= amount <= LARGEST_COST:
            raise Invalid({"amount": "out_of_range"})
        return Money.of(amount, currency).minor
    except (InvalidOperation, ValueError):
        raise Invalid({"amount": "not_a_number"}) from None


def percent_of(text: str) -> Decimal | None:
    """Return a percentage as typed, or None where it is no number."""
    try:
        found = Decimal(text.strip().removesuffix("%").strip() or "0")
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def receipt_of(field: FileField, limit: int) -> Receipt:
    """Return what was uploaded; empty where nothing was."""
    sent = field.data
    if not sent:
        return Receipt(name="", content=b"")
    return Receipt(name=sent.filename or "", content=sent.read(limit + 1))
