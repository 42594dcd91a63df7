"""What people fill in: a policy, a reading, a lesson, a delivery and its answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, RadioField, StringField, TextAreaField

from tenon.db import new_public_id
from tenon.errors import Invalid
from tenon.money import Money
from tenon.trials.services import Policy
from tenon.web.forms import Form, options


def read_number(text: str | None) -> Decimal | None:
    """Return what somebody typed as a number, None where nothing; raises ValueError."""
    typed = (text or "").strip().replace(",", "").replace("，", "")
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation as error:
        raise ValueError(typed) from error
    if not number.is_finite():
        raise ValueError(typed)
    return number


def read_minor(text: str | None, currency: str) -> int | None:
    """Return an amount typed in whole units as minor units; raises ValueError."""
    number = read_number(text)
    return None if number is None else Money.of(number, currency).minor


class RoomForm(Form):
    """Base of the room's forms."""

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        if code == "out_of_range" and name == "on":
            return str(_("Please enter a day between the start of the trial and today."))
        return super().words_for(name, code)


class PolicyForm(RoomForm):
    """The insurance of a trial."""

    insurer = StringField(_l("Insurer"))
    number = StringField(_l("Policy number"))
    sum = StringField(_l("Insured sum"), render_kw={"inputmode": "decimal"})
    begins_on = DateField(_l("Cover begins on"))
    ends_on = DateField(_l("Cover ends on"))

    def policy(self, currency: str) -> Policy:
        """Return what was typed; raises Invalid at the fields."""
        errors = {}
        begins: date | None = self.begins_on.data
        ends: date | None = self.ends_on.data
        for name, day in (("begins_on", begins), ("ends_on", ends)):
            if day is None:
                errors[name] = "not_a_date" if self[name].raw_data else "required"
        minor = None
        try:
            minor = read_minor(self.sum.data, currency)
        except ValueError:
            errors["sum"] = "not_a_number"
        if minor is None:
            errors.setdefault("sum", "required")
        if errors or begins is None or ends is None or minor is None:
            raise Invalid(errors)
        return Policy(
            insurer=self.insurer.data or "",
            number=self.number.data or "",
            sum_minor=minor,
            currency=currency,
            begins_on=begins,
            ends_on=ends,
        )


class ReadingForm(RoomForm):
    """What was measured or sold on a day; ``key`` makes a retried request note it once."""

    shown_at = {"sold": "amount", "value": "amount"}  # noqa: RUF012  # the base says ClassVar

    kind = RadioField(_l("What is it?"))
    on = DateField(_l("Day"))
    amount = StringField(_l("Value or sum"), render_kw={"inputmode": "decimal"})
    note = StringField(_l("Remark"))
    key = HiddenField(default=new_public_id)

    def offer(self, kinds: list[str]) -> None:
        """Offer the kinds that the actor may report."""
        words = {"metric": _l("A measured value"), "sales": _l("Sales of that day or period")}
        self.kind.choices = options((kind, words[kind]) for kind in kinds)
        if not self.kind.data:
            self.kind.data = kinds[0]

    def amounts(self, currency: str) -> tuple[Decimal | None, int | None]:
        """Return (value, sold in minor units), one of them; raises Invalid."""
        try:
            if self.kind.data == "sales":
                return None, read_minor(self.amount.data, currency)
            return read_number(self.amount.data), None
        except ValueError as error:
            raise Invalid({"amount": "not_a_number"}) from error

    def day(self) -> date:
        """Return the day; raises Invalid."""
        found: date | None = self.on.data
        if found is None:
            raise Invalid({"on": "not_a_date" if any(self.on.raw_data or []) else "required"})
        return found


class LessonForm(RoomForm):
    """What the firm learned."""

    text = TextAreaField(_l("What did the trial teach?"), render_kw={"rows": 6})


class DeliveryForm(RoomForm):
    """What is delivered for a milestone."""

    note = TextAreaField(_l("What is delivered, and where it can be seen"), render_kw={"rows": 4})


class AnswerForm(RoomForm):
    """Whether a delivery is accepted."""

    verdict = RadioField(_l("Your decision"))
    note = TextAreaField(
        _l("Findings; where you return it, what is missing"), render_kw={"rows": 4}
    )

    def offer(self) -> None:
        """Offer both decisions."""
        self.verdict.choices = options([("accepted", _l("Accept")), ("returned", _l("Return it"))])
