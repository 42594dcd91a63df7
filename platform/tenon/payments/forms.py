"""What people fill in: a payment, a refund, a reason, a credit, interest, an invoice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.money import Money
from tenon.web.forms import Form, options

CURRENCIES = ("CNY", "USD", "EUR", "JPY", "GBP", "HKD")


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        known = {
            "in_the_future": _("That day is still to come."),
            "recorded_already": _(
                "A payment with this reference is recorded already: confirm it, or check the "
                "reference."
            ),
            "more_than_left": _("That is more than is left over of this payment."),
        }
        if code == "out_of_range" and name == "amount":
            return str(_("Please enter an amount above zero, and no more than there is."))
        return str(known[code]) if code in known else super().words_for(name, code)


def read_amount(field: StringField, currency: str) -> int:
    """Return an amount typed in whole units as minor units; raises Invalid at ``amount``."""
    typed = (field.data or "").replace(",", "").replace("，", "").replace(" ", "")
    if not typed:
        raise Invalid({"amount": "required"})
    try:
        number = Decimal(typed)
        if not number.is_finite():
            raise Invalid({"amount": "not_a_number"})
        return Money.of(number, currency).minor
    except (InvalidOperation, ValueError) as error:
        raise Invalid({"amount": "not_a_number"}) from error


def read_day(field: DateField) -> date:
    """Return a day; raises Invalid at the field."""
    day: date | None = field.data
    if day is None:
        raise Invalid({field.short_name: "not_a_date" if any(field.raw_data or []) else "required"})
    return day


class PaymentForm(RoomForm):
    """A payment that was received, or sent."""

    shown_at = {"key": ""}  # noqa: RUF012  # the base says ClassVar

    key = HiddenField()
    amount = StringField(
        _l("Amount"),
        [InputRequired()],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    currency = SelectField(_l("Currency"))
    paid_on = DateField(_l("Date"), [InputRequired()])
    reference = StringField(
        _l("Bank reference"),
        description=_l("The number of the transfer, so that it is recorded once."),
        render_kw={"maxlength": 100, "autocomplete": "off"},
    )
    wishes = SelectMultipleField(
        _l("What it pays"),
        description=_l(
            "Nothing ticked: what has been due longest is paid first. What is left over pays the "
            "rest, then what falls due next."
        ),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        validate_choice=False,
    )
    note = TextAreaField(_l("Note"), render_kw={"maxlength": 500})

    def offer(
        self, *, currencies: Iterable[str], owed: Iterable[tuple[str, str]], today: date
    ) -> None:
        """Give the choices, and a key to a form that is shown for the first time."""
        known = list(dict.fromkeys([*currencies, *CURRENCIES]))
        self.currency.choices = options((code, code) for code in known)
        self.wishes.choices = options(owed)
        if not self.key.data:
            self.key.data = new_public_id()
        if not self.paid_on.raw_data:
            self.paid_on.data = today


class RefundForm(RoomForm):
    """Money that goes back."""

    key = HiddenField()
    amount = StringField(_l("Amount"), [InputRequired()], render_kw={"inputmode": "decimal"})
    paid_on = DateField(_l("Date"), [InputRequired()])
    reference = StringField(_l("Bank reference"), render_kw={"maxlength": 100})
    note = TextAreaField(_l("Note"), render_kw={"maxlength": 500})

    def offer(self, *, today: date) -> None:
        """Give a key and a day to a form that is shown for the first time."""
        if not self.key.data:
            self.key.data = new_public_id()
        if not self.paid_on.raw_data:
            self.paid_on.data = today


class ReasonForm(RoomForm):
    """A step that wants a reason."""

    version = HiddenField()
    reason = TextAreaField(_l("Reason"), [InputRequired()], render_kw={"maxlength": 1000})


class CreditForm(RoomForm):
    """Owe less."""

    version = HiddenField()
    amount = StringField(
        _l("Amount, VAT included"), [InputRequired()], render_kw={"inputmode": "decimal"}
    )
    reason = TextAreaField(_l("Reason"), [InputRequired()], render_kw={"maxlength": 1000})


class InterestForm(RoomForm):
    """Interest up to a day."""

    version = HiddenField()
    until = DateField(_l("Up to and with"), [InputRequired()])


class InvoiceForm(RoomForm):
    """An invoice."""

    version = HiddenField()
    remark = TextAreaField(
        _l("Account to pay to, and anything else"), render_kw={"maxlength": 1000, "rows": 4}
    )


def version_of(form: ReasonForm | CreditForm | InterestForm | InvoiceForm) -> int | None:
    """Return the version that the page showed, as the form carries it."""
    typed = form.version.data or ""
    return int(typed) if typed.isdigit() else None
