"""A person's statement of a year: what was paid out to them, by currency, exact to the fen.

Information, no tax advice: a tax-free amount is named only where a row of the rule table names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from tenon.accounts.models import User
from tenon.documents import render_pdf
from tenon.money import Money
from tenon.rules.queries import Rule, find_rule
from tenon.sharing import queries
from tenon.sharing.models import IncomeShare
from tenon.sharing.services.proposing import plain

EXEMPT = "contributor_income_exempt"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person was paid in a year.

    Attributes:
        shares: each payment, oldest first.
        totals: currency -> minor units.
        exempt: the rule that names a tax-free amount, if there is one.
    """

    year: int
    shares: Sequence[IncomeShare]
    totals: Mapping[str, int]
    exempt: Rule | None


def statement_of(session: Session, user_id: int, year: int) -> Statement:
    """Return a person's statement of a year."""
    shares = queries.paid_in(session, user_id, year)
    totals: dict[str, int] = {}
    for share in shares:
        currency = share.distribution.currency
        totals[currency] = totals.get(currency, 0) + (share.minor or 0)
    exempt = find_rule(session, EXEMPT, jurisdiction=None, on=date(year, 12, 31))
    return Statement(year, shares, totals, exempt)


def print_statement(
    statement: Statement, user: User, *, issuer: str, made_on: date, language: str
) -> bytes:
    """Return the statement as a PDF; raises Unavailable where this machine cannot make one."""
    context = {
        "statement": statement,
        "rows": [
            {
                "day": share.distribution.paid_on,
                "title": share.distribution.deal.title,
                "house": share.distribution.deal.seller_organisation.name(language),
                "percent": plain(share.percent),
                "amount": written(share.minor or 0, share.distribution.currency),
            }
            for share in statement.shares
        ],
        "totals": [written(minor, currency) for currency, minor in statement.totals.items()],
        "exempt": None if statement.exempt is None else _exempt(statement.exempt, language),
        "name": user.name or user.email,
        "issuer": issuer,
        "made_on": made_on,
        "language": language,
    }
    return render_pdf("income.html", context, language)


def written(minor: int, currency: str) -> str:
    """Return an amount to the last minor unit, as a paper has it."""
    return f"{Money(minor, currency).amount:,} {currency}"


def _exempt(rule: Rule, language: str) -> tuple[str, str]:
    money = rule.money
    return written(money.minor, money.currency), rule.source(language)
