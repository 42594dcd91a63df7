"""A company's course: events applied one after the other, with the table before and after each.

Every event is checked against the state that it meets; what cannot be raises ``Impossible``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from tenon.formulas.equity import events as ev
from tenon.formulas.equity.company import Company, Impossible, with_units
from tenon.formulas.equity.issuing import Line, convert, incorporate, issue, raise_round


@dataclass(frozen=True, slots=True)
class Step:
    """One event with what it changed.

    Attributes:
        price: minor units a unit of an incorporation or round.
        lines: who got which units for what.
        moved: right's key -> (strike before, after), where the event moved it.
        beyond_reserve: what a repurchase cost beyond par and capital reserve, minor units.
    """

    event: ev.Event
    before: Company
    after: Company
    price: Fraction | None = None
    lines: tuple[Line, ...] = ()
    beyond_reserve: Fraction = Fraction(0)

    @property
    def moved(self) -> dict[str, tuple[Fraction, Fraction]]:
        """Strikes of rights that the event moved."""
        return {
            key: (right.strike, self.after.rights[key].strike)
            for key, right in self.before.rights.items()
            if key in self.after.rights and self.after.rights[key].strike != right.strike
        }


def course(company: Company, events: Iterable[ev.Event]) -> list[Step]:
    """Apply events in order and return their steps.

    Raises Impossible (``out_of_order`` where dates run backwards).
    """
    steps: list[Step] = []
    for event in events:
        if steps and event.on < steps[-1].event.on:
            raise Impossible("out_of_order", on=event.on)
        step = apply(company, event)
        steps.append(step)
        company = step.after
    return steps


def apply(company: Company, event: ev.Event) -> Step:
    """Apply one event; raises Impossible where it cannot be."""
    if isinstance(event, ev.Incorporation):
        after, price, lines = incorporate(company, event)
        return Step(event, company, after, price, lines)
    if not company.issued_units:
        raise Impossible("not_founded")
    if isinstance(event, ev.Round):
        after, price, lines = raise_round(company, event)
        return Step(event, company, after, price, lines)
    return _PLAIN[type(event)](company, event)


def _pool(company: Company, event: ev.Pool) -> Step:
    if not 0 < event.percent < 1:
        raise Impossible("percent_out_of_range", percent=event.percent)
    others = company.diluted_units - company.pool
    units = int(event.percent * others / (1 - event.percent))
    if units < company.pool:
        raise Impossible("pool_shrinks", units=company.pool)
    return Step(event, company, replace(company, pool=units))


def _pool_issued(company: Company, event: ev.PoolIssued) -> Step:
    if not 0 < event.units <= company.pool:
        raise Impossible("not_enough_in_pool", units=company.pool)
    if event.paid < event.units * company.par:
        raise Impossible("below_par", par=company.par)
    after = issue(replace(company, pool=company.pool - event.units), event.holder, event.units,
                  event.paid)  # fmt: skip
    price = Fraction(event.paid, event.units)
    line = Line(event.holder, "pool", event.paid, event.units, price)
    return Step(event, company, after, lines=(line,))


def _right_granted(company: Company, event: ev.RightGranted) -> Step:
    right = event.right
    if event.key in company.rights:
        raise Impossible("key_taken", key=event.key)
    if right.amount <= 0 or right.strike < company.par:
        raise Impossible("below_par", par=company.par)
    if right.vesting and sum(part for _, part in right.vesting) != 1:
        raise Impossible("vesting_sum")
    if right.expires_on < event.on or right.open_units < 1:
        raise Impossible("empty_right")
    return Step(event, company, replace(company, rights={**company.rights, event.key: right}))


def _right(company: Company, key: str) -> Any:
    if key not in company.rights:
        raise Impossible("no_such_right", key=key)
    return company.rights[key]


def _exercise(company: Company, event: ev.Exercise) -> Step:
    right = _right(company, event.key)
    most = right.exercisable_units(event.on)
    if not 0 < event.units <= most:
        raise Impossible("not_exercisable", units=most)
    used = right.used(event.units)
    rights = {**company.rights, event.key: used}
    if not used.open_units:
        del rights[event.key]
    paid = right.payment(event.units)
    after = issue(replace(company, rights=rights), right.holder, event.units, paid)
    line = Line(right.holder, "exercise", paid, event.units, right.strike)
    return Step(event, company, after, lines=(line,))


def _right_lapsed(company: Company, event: ev.RightLapsed) -> Step:
    _right(company, event.key)
    rights = {key: right for key, right in company.rights.items() if key != event.key}
    return Step(event, company, replace(company, rights=rights))


def _grant_made(company: Company, event: ev.GrantMade) -> Step:
    grant = event.grant
    if event.key in company.grants:
        raise Impossible("key_taken", key=event.key)
    if (
        grant.amount <= 0
        or not 0 <= grant.discount < 1
        or (grant.cap is not None and grant.cap < 1)
    ):
        raise Impossible("grant_terms")
    return Step(event, company, replace(company, grants={**company.grants, event.key: grant}))


def _conversion(company: Company, event: ev.Conversion) -> Step:
    after, line = convert(company, event)
    return Step(event, company, after, lines=(line,))


def _grant_closed(company: Company, event: ev.GrantClosed) -> Step:
    if event.key not in company.grants:
        raise Impossible("no_such_grant", key=event.key)
    if event.outcome not in ev.OUTCOMES:
        raise Impossible("unknown_outcome", outcome=event.outcome)
    grants = {key: grant for key, grant in company.grants.items() if key != event.key}
    return Step(event, company, replace(company, grants=grants))


def _transfer(company: Company, event: ev.Transfer) -> Step:
    if event.units < 1 or event.seller == event.buyer:
        raise Impossible("nothing_moves")
    left = with_units(company.issued, event.seller, -event.units)
    return Step(event, company, replace(company, issued=with_units(left, event.buyer, event.units)))


def _repurchase(company: Company, event: ev.Repurchase) -> Step:
    if event.units < 1 or event.paid < 0:
        raise Impossible("nothing_moves")
    issued = with_units(company.issued, event.holder, -event.units)
    if not issued:
        raise Impossible("nobody_left")
    left = company.reserve - (event.paid - event.units * company.par)
    after = replace(company, issued=issued, reserve=max(Fraction(0), left))
    return Step(event, company, after, beyond_reserve=max(Fraction(0), -left))


def _split(company: Company, event: ev.Split) -> Step:
    ratio = event.ratio
    if ratio <= 0 or ratio == 1:
        raise Impossible("nothing_moves")
    exact = {holder: units * ratio for holder, units in company.issued.items()}
    if any(units.denominator != 1 for units in exact.values()):
        raise Impossible("split_leaves_parts")
    issued = {holder: int(units) for holder, units in exact.items()}
    par, reserve = company.par / ratio, company.reserve
    if company.kind == "limited":
        par, reserve = company.par, reserve - (sum(issued.values()) - company.issued_units)
        if ratio < 1 or reserve < 0:
            raise Impossible("reserve_too_small", reserve=company.reserve)
    rights = {key: right.after_split(ratio) for key, right in company.rights.items()}
    if any(right.strike < par for right in rights.values()):
        raise Impossible("below_par", par=par)
    grants = {
        key: grant if grant.price is None else replace(grant, price=grant.price / ratio)
        for key, grant in company.grants.items()
    }
    pool = int(company.pool * ratio)
    after = replace(company, par=par, issued=issued, pool=pool, reserve=reserve)
    return Step(event, company, replace(after, rights=rights, grants=grants))


_PLAIN: dict[type, Callable[[Company, Any], Step]] = {
    ev.Pool: _pool,
    ev.PoolIssued: _pool_issued,
    ev.RightGranted: _right_granted,
    ev.Exercise: _exercise,
    ev.RightLapsed: _right_lapsed,
    ev.GrantMade: _grant_made,
    ev.Conversion: _conversion,
    ev.GrantClosed: _grant_closed,
    ev.Transfer: _transfer,
    ev.Repurchase: _repurchase,
    ev.Split: _split,
}
