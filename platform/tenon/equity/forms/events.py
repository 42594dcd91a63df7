"""An event as it is typed: one form a kind.

Amounts are typed in whole units of the company's currency. Holders are typed by name: one that is
new is entered, and an organisation of the site is recognised by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField

from tenon.equity.forms.reading import RoomForm, read_number
from tenon.errors import Invalid
from tenon.formulas import equity as eq
from tenon.money import exponent
from tenon.web.forms import options

ROWS = 5

Named = Callable[[str, str], str]
"""(name, kind of holder) -> its key in the table."""


class EventForm(RoomForm):
    """Base of events: the day, and where it is written."""

    day = DateField(_l("Day"))
    source = StringField(_l("Where is it written?"))
    version = HiddenField()
    to_deal = BooleanField(_l("It belongs to this deal"))

    def when(self, faults: dict[str, str]) -> date:
        """Return the day, noting where there is none."""
        day: date | None = self.day.data
        if day is None:
            faults["day"] = "not_a_date" if any(self.day.raw_data or []) else "required"
        return day or date.min

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:
        """Return the event's facts; raises Invalid at the fields."""
        raise NotImplementedError


def _cash_fields(form: type[EventForm]) -> type[EventForm]:
    """Give a form rows of who pays how much."""
    for number in range(1, ROWS + 1):
        setattr(form, f"payer{number}", StringField(_l("Holder")))
        amount = StringField(_l("Amount"), render_kw={"inputmode": "decimal"})
        setattr(form, f"paid{number}", amount)
    return form


class _Payments(EventForm):
    """Contributions in cash and of technology."""

    institution = StringField(_l("Who contributes the technology"))
    value = StringField(_l("Value of the technology"), render_kw={"inputmode": "decimal"})
    team_share = StringField(_l("Team's part, per cent"), render_kw={"inputmode": "decimal"})
    team = TextAreaField(_l("Who holds the team's part"))

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """The fields of who pays how much, row by row."""
        return [(self[f"payer{n}"], self[f"paid{n}"]) for n in range(1, ROWS + 1)]

    def payments(self, company: eq.Company, named: Named, faults: dict[str, str]) -> list[Any]:
        """Return the contributions as JSON, noting what is wrong."""
        found: list[Any] = []
        for payer, paid in self.rows:
            if not payer.data and not paid.data:
                continue
            amount = self.minor(paid.short_name, company.currency, faults)
            if not payer.data:
                faults[payer.short_name] = "required"
            else:
                found.append({"holder": named(payer.data, "other"), "amount": amount})
        if self.institution.data or self.value.data:
            found.append(self._technology(company, named, faults))
        if not found:
            faults.setdefault("payer1", "required")
        return found

    def _technology(
        self, company: eq.Company, named: Named, faults: dict[str, str]
    ) -> dict[str, Any]:
        value = self.minor("value", company.currency, faults)
        part = self.part("team_share", faults)
        team: list[list[str]] = []
        for line in (self.team.data or "").splitlines():
            name, _sep, weight = line.replace("，", ",").replace("：", ",").partition(",")
            try:
                number = read_number(weight) if weight.strip() else Fraction(1)
            except ValueError:
                faults["team"] = "not_a_number"
                continue
            if name.strip():
                team.append([named(name.strip(), "team"), str(number)])
        if part and not team:
            faults["team"] = "required"
        if not self.institution.data:
            faults["institution"] = "required"
            return {}
        return {
            "institution": named(self.institution.data, "organisation"),
            "value": value,
            "team_share": str(part),
            "team": team,
            "appraised": None,
        }


@_cash_fields
class IncorporationForm(_Payments):
    """The founding: everybody at the same price, par where none is stated."""

    price = StringField(_l("Price of a unit, where above par"))

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:
        """Return the founding's facts."""
        faults: dict[str, str] = {}
        payments = self.payments(company, named, faults)
        price: Fraction | None = None
        try:
            price = read_number(self.price.data)
        except ValueError:
            faults["price"] = "not_a_number"
        if faults:
            raise Invalid(faults)
        scale = 10 ** exponent(company.currency) if company.kind == "joint_stock" else 1
        return {"payments": payments, "price": None if price is None else str(price * scale)}


class _Increase(_Payments):
    """An increase at a valuation."""

    pre_money = StringField(_l("Pre-money valuation"), render_kw={"inputmode": "decimal"})
    base = RadioField(_l("What the valuation is spread on"), validate_choice=False)
    pool = StringField(_l("Option pool after the round, per cent"))
    timing = RadioField(_l("Whom the pool dilutes"), validate_choice=False)

    def offer(self) -> None:
        """Offer what must be chosen; nothing is chosen beforehand."""
        self.base.choices = options(
            [
                ("issued", _("The issued units")),
                ("fully_diluted", _("All units fully diluted: with pool and subscription rights")),
            ]
        )
        self.timing.choices = options(
            [
                ("pre_money", _("Those before the round: the pool is part of the pre-money")),
                ("post_money", _("Everybody: it is made after the round")),
            ]
        )

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:
        """Return the round's facts."""
        faults: dict[str, str] = {}
        payments = self.payments(company, named, faults)
        pre_money = self.minor("pre_money", company.currency, faults)
        if self.base.data not in eq.BASES:
            faults["base"] = "base_not_chosen"
        part = self.part("pool", faults)
        if part and self.timing.data not in eq.TIMINGS:
            faults["timing"] = "pool_timing_not_chosen"
        if faults:
            raise Invalid(faults)
        pool = {"percent": str(part), "timing": self.timing.data} if part else None
        return {
            "payments": payments,
            "pre_money": pre_money,
            "base": self.base.data,
            "pool": pool,
        }


@_cash_fields
class RoundForm(_Increase):
    """A market round."""


@_cash_fields
class ContributionForm(_Increase):
    """Technology contributed to a company that exists."""


class PoolForm(EventForm):
    """A pool for options."""

    percent = StringField(_l("Part of all units fully diluted, per cent"))

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:  # noqa: ARG002
        """Return the pool's facts."""
        faults: dict[str, str] = {}
        part = self.part("percent", faults)
        if not part:
            faults.setdefault("percent", "required")
        if faults:
            raise Invalid(faults)
        return {"percent": str(part)}


class _UnitsForm(EventForm):
    """Events that move a number of units."""

    units = StringField(_l("How many units"), render_kw={"inputmode": "decimal"})

    def count(self, company: eq.Company, faults: dict[str, str]) -> int:
        """Return units: shares as typed, registered capital in minor units."""
        if company.kind == "limited":
            return self.minor("units", company.currency, faults)
        try:
            number = read_number(self.units.data)
        except ValueError:
            number = Fraction(1, 2)
        if number is None:
            faults["units"] = "required"
        elif number.denominator != 1 or number < 1:
            faults["units"] = "not_a_number"
        else:
            return int(number)
        return 0

    def who(self, name: str, named: Named, faults: dict[str, str]) -> str:
        """Return a holder's key, noting where none is named."""
        if not self[name].data:
            faults[name] = "required"
            return ""
        return named(self[name].data, "other")


class PoolIssuedForm(_UnitsForm):
    """Units issued out of the pool."""

    holder = StringField(_l("Who gets them"))
    paid = StringField(_l("Paid for them"), render_kw={"inputmode": "decimal"})

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:
        """Return the facts."""
        faults: dict[str, str] = {}
        found = {
            "holder": self.who("holder", named, faults),
            "units": self.count(company, faults),
            "paid": self.minor("paid", company.currency, faults),
        }
        if faults:
            raise Invalid(faults)
        return found


class TransferForm(_UnitsForm):
    """Units pass from one holder to another."""

    seller = StringField(_l("From"))
    buyer = StringField(_l("To"))

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:
        """Return the facts."""
        faults: dict[str, str] = {}
        found = {
            "seller": self.who("seller", named, faults),
            "buyer": self.who("buyer", named, faults),
            "units": self.count(company, faults),
        }
        if faults:
            raise Invalid(faults)
        return found


class RepurchaseForm(_UnitsForm):
    """The company buys units back and cancels them."""

    holder = StringField(_l("From whom"))
    paid = StringField(_l("Paid by the company"), render_kw={"inputmode": "decimal"})

    facts = PoolIssuedForm.facts


class SplitForm(EventForm):
    """Every unit becomes several."""

    ratio = StringField(_l("One unit becomes"), render_kw={"inputmode": "decimal"})

    def facts(self, company: eq.Company, named: Named) -> dict[str, Any]:  # noqa: ARG002
        """Return the facts."""
        try:
            ratio = read_number(self.ratio.data)
        except ValueError as error:
            raise Invalid({"ratio": "not_a_number"}) from error
        if not ratio or ratio < 0:
            raise Invalid({"ratio": "required"})
        return {"ratio": str(ratio)}


FORMS: Mapping[str, type[EventForm]] = {
    "incorporation": IncorporationForm,
    "contribution": ContributionForm,
    "round": RoundForm,
    "pool": PoolForm,
    "pool_issued": PoolIssuedForm,
    "transfer": TransferForm,
    "repurchase": RepurchaseForm,
    "split": SplitForm,
}
