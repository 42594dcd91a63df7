"""Units issued for cash, technology and grants: at the founding and in a round.

Units are rounded down; the residue below one unit is stated on the line and stays in the company
as capital reserve, so that registered capital and reserve always take the whole payment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from tenon.formulas.equity.company import Company, Impossible, with_units
from tenon.formulas.equity.events import Cash, Conversion, Incorporation, Payment, Round, Technology
from tenon.formulas.equity.grants import Grant
from tenon.formulas.equity.pricing import BASES, TIMINGS, Converting, PoolTerms, Price, price_round
from tenon.money import split


@dataclass(frozen=True, slots=True)
class Line:
    """Units that one holder got.

    Attributes:
        what: ``cash``, ``technology``, ``team`` (the team's part of technology), ``conversion``,
            ``exercise`` or ``pool``.
        amount: what they were issued for, minor units; a technology's value is divided among
            institution and team as its units are.
        price: minor units a unit.
    """

    holder: str
    what: str
    amount: int
    units: int
    price: Fraction

    @property
    def residue(self) -> Fraction:
        """What is left of the amount below one unit, minor units; zero where paid in excess."""
        return max(Fraction(0), self.amount - self.units * self.price)


def issue(company: Company, holder: str, units: int, paid: int | Fraction) -> Company:
    """Return the company with units issued: par is registered capital, the rest reserve."""
    return replace(
        company,
        issued=with_units(company.issued, holder, units),
        reserve=company.reserve + paid - units * company.par,
    )


def incorporate(
    company: Company, event: Incorporation
) -> tuple[Company, Fraction, tuple[Line, ...]]:
    """Found the company; raises Impossible where it is founded already or pays below par."""
    if company.issued_units:
        raise Impossible("founded_already")
    price = company.par if event.price is None else event.price
    return _issued(company, event.payments, price)


def raise_round(company: Company, event: Round) -> tuple[Company, Fraction, tuple[Line, ...]]:
    """Issue a round's units: new money, then conversions, then pool, then strikes move.

    Raises Impossible: no valuation, an unknown base, a grant of which nobody chose whether the
    pre-money includes it, a price below par.
    """
    converting = _converting(company, event)
    price = _price(company, event, converting)
    after, _, lines = _issued(company, event.payments, price.price)
    grants = dict(company.grants)
    for key, at in price.conversions.items():
        grants[key] = replace(grants[key], price=at)
    for key in event.converting:
        line = conversion_line(grants.pop(key), after.issued_units)
        after = _take(after, [line])
        lines = (*lines, line)
    issued = after.issued_units - company.issued_units
    rights = {
        key: right.after_round(
            price=price.price, diluted_before=company.diluted_units, new_units=issued,
            par=company.par,
        )
        for key, right in company.rights.items()
    }  # fmt: skip
    after = replace(after, grants=grants, rights=rights, pool=price.pool)
    return after, price.price, lines


def convert(company: Company, event: Conversion) -> tuple[Company, Line]:
    """Issue a grant's units, at the price that a round gave it or that the event states.

    Raises Impossible where there is neither.
    """
    grant = company.grants.get(event.key)
    if grant is None:
        raise Impossible("no_such_grant", key=event.key)
    if event.price is not None:
        grant = replace(grant, price=event.price)
    if not grant.price or grant.price <= 0:
        raise Impossible("not_priced", key=event.key)
    line = conversion_line(grant, company.issued_units)
    left = {name: each for name, each in company.grants.items() if name != event.key}
    return _take(replace(company, grants=left), [line]), line


def conversion_line(grant: Grant, others: int) -> Line:
    """Return what a priced grant brings beside ``others`` units: whole ones, the residue stated.

    Beyond the holder's limit nothing is issued; the line's amount is then what the units cost,
    rounded up to the minor unit, and the rest of the grant is to be repaid.
    """
    at = grant.price or Fraction(0)
    units, amount = int(grant.amount / at), grant.amount
    most = units if grant.limit is None else int(grant.limit * others / (1 - grant.limit))
    if most < units:
        units, amount = most, ceil(most * at)
    return Line(grant.holder, "conversion", amount, units, at)


def _converting(company: Company, event: Round) -> list[Converting]:
    found: list[Converting] = []
    for key in dict.fromkeys((*event.converting, *event.pricing)):
        grant = company.grants.get(key)
        if grant is None:
            raise Impossible("no_such_grant", key=key)
        if grant.includes is None:
            raise Impossible("includes_not_chosen", key=key)
        found.append(Converting(key, grant.amount, grant.discount, grant.cap, grant.includes))
    return found


def _price(company: Company, event: Round, converting: list[Converting]) -> Price:
    if event.base not in BASES:
        raise Impossible("base_not_chosen")
    if event.pre_money <= 0:
        raise Impossible("no_valuation")
    whole = event.base == "fully_diluted"
    _check_pool(event.pool, whole=whole)
    base = company.diluted_units if whole else company.issued_units
    try:
        return price_round(
            pre_money=event.pre_money,
            new_money=sum(_worth(payment) for payment in event.payments),
            base_units=base,
            converting=converting,
            pool=event.pool,
            pool_before=company.pool,
            outside_units=company.diluted_units - base,
        )
    except ValueError as error:
        raise Impossible("pre_money_too_small") from error


def _check_pool(pool: PoolTerms | None, *, whole: bool) -> None:
    if pool is None:
        return
    if pool.timing not in TIMINGS:
        raise Impossible("pool_timing_not_chosen")
    if not 0 < pool.percent < 1:
        raise Impossible("percent_out_of_range", percent=pool.percent)
    if pool.timing == "pre_money" and not whole:
        raise Impossible("pool_needs_fully_diluted")


def _issued(
    company: Company, payments: Iterable[Payment], price: Fraction
) -> tuple[Company, Fraction, tuple[Line, ...]]:
    lines = [line for payment in payments for line in _lines(payment, price)]
    if not any(line.units for line in lines):
        raise Impossible("nothing_issued")
    return _take(company, lines), price, tuple(lines)


def _take(company: Company, lines: Iterable[Line]) -> Company:
    for line in lines:
        if line.price < company.par:
            raise Impossible("below_par", par=company.par)
        company = issue(company, line.holder, line.units, line.amount)
    return company


def _worth(payment: Payment) -> int:
    return payment.amount if isinstance(payment, Cash) else payment.value


def _lines(payment: Payment, price: Fraction) -> list[Line]:
    if _worth(payment) <= 0:
        raise Impossible("amount_not_positive")
    units = int(_worth(payment) / price)
    if isinstance(payment, Cash):
        return [Line(payment.holder, "cash", payment.amount, units, price)]
    return _technology_lines(payment, units, price)


def _technology_lines(technology: Technology, units: int, price: Fraction) -> list[Line]:
    """Split the technology's units: team and institution first, then the team's members."""
    if technology.appraised is not None and technology.value > technology.appraised:
        raise Impossible("above_appraisal", appraised=technology.appraised)
    share = technology.team_share
    weights = [weight for _, weight in technology.team]
    if not 0 <= share <= 1 or min(weights, default=1) < 0 or (share > 0 and not sum(weights)):
        raise Impossible("team_share")
    team_units, own_units = split(units, [share, 1 - share])
    # As the units are, so that nothing of the value is left with a team that got no whole unit.
    held = [team_units, own_units] if units else [0, 1]
    team_value, own_value = split(technology.value, held)
    lines = [Line(technology.institution, "technology", own_value, own_units, price)]
    if team_units:
        parts = zip(split(team_units, weights), split(team_value, weights), strict=True)
        lines += [
            Line(member, "team", value, part, price)
            for (member, _), (part, value) in zip(technology.team, parts, strict=True)
        ]
    return [line for line in lines if line.units or line.amount]
