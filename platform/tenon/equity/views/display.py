"""Tables of holdings as pages show them: before beside after, with bars and percentages.

Percentages are rounded to three digits by largest remainder, so that what is shown adds up to 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from tenon.deals import permissions as deals
from tenon.equity import queries, terms, words
from tenon.equity.models import EquityAgreement, EquityCompany
from tenon.formulas import equity as eq
from tenon.money import exponent
from tenon.web.languages import language, write_money
from tenon.web.page_words import add_page_words
from tenon.web.requests import current_actor, current_session

PLACES = 3
PRICE_PLACES = 6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        name: who or what.
        before, after: units, 0 where there are none; ``percent_*`` the same as percentages.
        issued_percent: of the issued units alone, after.
        aside: whether these units exist only fully diluted (pool, rights).
    """

    name: str
    before: int
    after: int
    percent_before: Fraction
    percent_after: Fraction
    issued_percent: Fraction = Fraction(0)
    aside: bool = False

    @property
    def changed(self) -> bool:
        """Whether its units changed."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Picture:
    """A table before and after, with its sums."""

    rows: tuple[Row, ...]
    before: eq.Company
    after: eq.Company
    compared: bool


Key = tuple[str, str]


def picture(
    company: EquityCompany,
    before: eq.Company,
    after: eq.Company,
    *,
    names: Mapping[str, str] | None = None,
) -> Picture:
    """Return two states of a company beside each other, fully diluted.

    ``names`` are of holders that are not in the table yet.
    """
    first, second = before.diluted(), after.diluted()
    shares = eq.shown_percentages(_flat(first), PLACES), eq.shown_percentages(_flat(second), PLACES)
    issued = eq.shown_percentages(after.issued, PLACES)
    keys = list(dict.fromkeys((*first, *second)))
    called = holder_names(company) | agreement_names(company) | dict(names or {})
    rows = [
        Row(
            name=_name(key, called),
            before=first.get(key, 0),
            after=second.get(key, 0),
            percent_before=shares[0].get(_text(key), Fraction(0)),
            percent_after=shares[1].get(_text(key), Fraction(0)),
            issued_percent=issued.get(key[1], Fraction(0)),
            aside=key[0] != "holder",
        )
        for key in sorted(keys, key=lambda key: (key[0] != "holder", -second.get(key, 0)))
    ]
    return Picture(tuple(rows), before, after, compared=before is not after)


def percent(value: Fraction) -> str:
    """Write a percentage with three digits, or fewer where they are noughts."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal(1).scaleb(-PLACES), ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".") + " %"


def share(text: str) -> str:
    """Write an exact share such as ``3/40`` as a percentage."""
    return percent(Fraction(text) * 100)


def units(count: int, company: eq.Company) -> str:
    """Write units: shares, or an amount of registered capital."""
    if company.kind == "limited":
        return write_money(count, company.currency)
    return f"{count:,}"


def price(value: Fraction | str, company: eq.Company) -> str:
    """Write a price a share, or a yuan of registered capital, exactly where six digits can."""
    shown = terms.shown_price(Fraction(value), company) / 10 ** exponent(company.currency)
    exact = Decimal(shown.numerator) / Decimal(shown.denominator)
    rounded = exact.quantize(Decimal(1).scaleb(-PRICE_PLACES), ROUND_HALF_UP)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    sign = "" if Fraction(rounded) == shown else "≈ "
    return f"{sign}{text} {company.currency}"


def residue(value: Fraction | str, company: eq.Company) -> str:
    """Write what is left below a unit; empty for nothing."""
    exact = Fraction(value)
    if not exact:
        return ""
    whole = Decimal(exact.numerator) / Decimal(exact.denominator)
    amount = whole.scaleb(-exponent(company.currency)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    text = f"{amount:f}"
    return f"{text.removesuffix('00')} {company.currency}"


def unit_words(company: EquityCompany) -> Mapping[str, str]:
    """Return what a unit is called in this company: its column, its price."""
    if company.kind == "limited":
        return {
            "column": str(_("Registered capital")),
            "price": str(_("Price of one yuan of registered capital")),
        }
    return {"column": str(_("Shares")), "price": str(_("Price of a share"))}


def holder_names(company: EquityCompany) -> dict[str, str]:
    """Return key -> name of a company's holders, organisations by their name in this language."""
    return {
        holder.key: holder.name
        if holder.organisation is None
        else (holder.organisation.name(language()) or holder.name)
        for holder in company.holders
    }


def install(app: Any) -> None:
    """Let templates write units, prices and shares."""
    add_page_words(
        app,
        equity_units=units,
        equity_price=price,
        equity_percent=percent,
        equity_share=share,
        equity_residue=residue,
        equity_words=words,
    )


def agreement_names(company: EquityCompany) -> dict[str, str]:
    """Return key -> name of what a company's agreements bring, as far as the reader may know.

    Whose right it is stands there only for who may read its deal.
    """
    found: Sequence[EquityAgreement] = queries.agreements_of(current_session(), company)
    names = holder_names(company)
    actor = current_actor()
    own = company.organisation_id is not None and actor.at_least("editor", company.organisation_id)
    return {
        each.key: str(_("Right of %(holder)s", holder=names[each.holder.key]))
        if own or deals.may_read(actor, each.deal)
        else str(_("A subscription right"))
        for each in found
    }


def _name(key: Key, called: Mapping[str, str]) -> str:
    kind, name = key
    if kind == "pool":
        return str(_("Option pool"))
    return called.get(name) or str(_("A subscription right") if kind == "right" else name)


def _text(key: Key) -> str:
    return f"{key[0]}:{key[1]}"


def _flat(diluted: Mapping[Key, int]) -> dict[str, int]:
    return {_text(key): count for key, count in diluted.items()}
