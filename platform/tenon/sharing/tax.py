"""Tax on income from technology transfer, as information: never advice, never a booking.

The relief is counted over all technology income of a taxpayer in a year, which one deal does not
know; so the figure answers for the case that this deal's income were the year's only one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from tenon.deals import forms
from tenon.deals.models import Deal
from tenon.formulas.sharing import TransferTax, transfer_tax
from tenon.payments.queries import received_income
from tenon.rules.queries import Rule, find_rule

_RELIEVED = ("transfer", "licence")


@dataclass(frozen=True, slots=True)
class TaxInformation:
    """What the relief would make of a deal's income of a year, alone.

    Attributes:
        year: the calendar year up to the day asked about.
        income: received in it, in minor units.
        tax: exempt part, part at the reduced rate, and what would be due.
        rate, factor: in percent, as the rule table has them.
        rules: the rows that were used, for their sources.
    """

    year: int
    income: int
    currency: str
    tax: TransferTax
    rate: Decimal
    factor: Decimal
    rules: tuple[Rule, ...]


def tax_information(session: Session, deal: Deal, *, on: date) -> TaxInformation | None:
    """Return the information for the year up to a day.

    None where the form is no transfer or licence, nothing was received in the year, or the rule
    table names no exempt amount in the deal's currency.
    """
    if forms.get(deal.form).contract not in _RELIEVED:
        return None
    codes = ("technology_income_exempt", "technology_income_rate_factor", "corporate_tax_rate")
    found = [find_rule(session, code, jurisdiction=deal.jurisdiction, on=on) for code in codes]
    rules = tuple(each for each in found if each is not None)
    if len(rules) < len(codes):
        return None
    exempt, factor, rate = rules[0].money, *(Decimal(str(each.value)) for each in rules[1:])
    before = received_income(session, deal, on=date(on.year, 1, 1) - timedelta(days=1))
    until = received_income(session, deal, on=on)
    income = until.get(exempt.currency, 0) - before.get(exempt.currency, 0)
    if income <= 0:
        return None
    tax = transfer_tax(
        income,
        exempt=exempt.minor,
        rate=Fraction(rate) / 100,
        reduction=Fraction(factor) / 100,
    )
    return TaxInformation(on.year, income, exempt.currency, tax, rate, factor, rules)
