"""What the room's forms share: how amounts and parts are typed, and words for what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from flask_babel import gettext as _

from tenon.equity.forms.refusals import impossible
from tenon.equity.models import EquityCompany
from tenon.errors import Invalid
from tenon.money import Money
from tenon.web.forms import Form

_GAPS = str.maketrans("", "", ",， \u00a0")


def read_number(text: str | None) -> Fraction | None:
    """Return a number as typed, None where nothing is; raises ValueError."""
    typed = (text or "").translate(_GAPS)
    if not typed:
        return None
    try:
        number = Decimal(typed)
    except InvalidOperation as error:
        raise ValueError(typed) from error
    if not number.is_finite() or abs(number) > Decimal(10) ** 15:
        raise ValueError(typed)
    return Fraction(number)


def read_minor(text: str | None, currency: str) -> int | None:
    """Return an amount typed in whole units as minor units; raises ValueError."""
    number = read_number(text)
    if number is None:
        return None
    return Money.of(Decimal(number.numerator) / Decimal(number.denominator), currency).minor


def ticks(codes: Mapping[str, str]) -> list[tuple[str, object]]:
    """Return codes with their words as choices."""
    return [(code, _(said)) for code, said in codes.items()]


class RoomForm(Form):
    """Base of the room's forms: words for what the arithmetic and the law refuse."""

    def words_for(self, name: str, code: str) -> str:
        """Return an error in this room's words."""
        return impossible(code) or super().words_for(name, code)

    def minor(
        self, name: str, currency: str, faults: dict[str, str], *, needed: bool = True
    ) -> int:
        """Return a field's amount in minor units, noting what is wrong with it."""
        try:
            found = read_minor(self[name].data, currency)
        except ValueError:
            faults[name] = "not_a_number"
            return 0
        if found is None and needed:
            faults[name] = "required"
        return found or 0

    def part(self, name: str, faults: dict[str, str]) -> Fraction:
        """Return a field's percentage as a part of 1, noting what is wrong with it."""
        try:
            found = read_number(self[name].data)
        except ValueError:
            faults[name] = "not_a_number"
            return Fraction(0)
        if found is not None and not 0 <= found <= 100:
            faults[name] = "out_of_range"
        return (found or Fraction(0)) / 100


def read_units(form: RoomForm, name: str, company: EquityCompany) -> int:
    """Return units as typed: shares, or an amount of registered capital; raises Invalid."""
    try:
        if company.kind == "limited":
            return read_minor(form[name].data, company.currency) or 0
        return int((form[name].data or "").replace(",", "").replace("，", ""))
    except ValueError as error:
        raise Invalid({name: "not_a_number"}) from error
