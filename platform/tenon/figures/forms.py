"""What an institution fills in: what it spent on research."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from tenon.errors import Invalid
from tenon.money import Money
from tenon.web.forms import Form


class ExpenditureForm(Form):
    """Research expenditure of one year, in yuan."""

    year = StringField(_l("Year"), render_kw={"inputmode": "numeric"})
    amount = StringField(_l("Research expenditure (CNY)"), render_kw={"inputmode": "decimal"})

    def values(self) -> tuple[int, int]:
        """Return year and amount in fen; raises Invalid at the fields."""
        errors = {}
        year, typed = (self.year.data or "").strip(), (self.amount.data or "").replace(",", "")
        if not year.isdecimal():
            errors["year"] = "not_a_number" if year else "required"
        minor = 0
        try:
            minor = Money.of(Decimal(typed or "x"), "CNY").minor
        except (InvalidOperation, ValueError, OverflowError):
            errors["amount"] = "not_a_number" if typed else "required"
        if errors:
            raise Invalid(errors)
        return int(year[:5]), minor
