"""From a form and the values of its terms to planned obligations. Reads nothing, writes nothing.

What a form obliges to stands in its data (``Form.obligations``); when each sum falls due is
arithmetic (``formulas.schedule``). Running royalties are no sums yet: reports charge them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from tenon.deals.forms.schema import Form
from tenon.deals.forms.schema import Obligation as Source
from tenon.formulas.schedule import Instalment, MoneyTerms, Planned, Yearly, plan
from tenon.payments.kinds import KINDS
from tenon.payments.vat import by_terms

DAYS = 30
"""Days to pay where the terms do not say."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A planned obligation, with VAT and who owes it.

    Attributes:
        key: stable within the deal: ``up_front``, ``instalment:2``, ``maintenance:2027``.
        net, vat: minor units.
        waits_for: the event that starts the clock, where it has not happened.
        firm: False for a yearly minimum, which a statement settles.
    """

    key: str
    kind: str
    debtor: str
    currency: str
    net: int
    vat: int
    vat_rate: Decimal
    due_on: date | None
    waits_for: str | None
    firm: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When things happened.

    Attributes:
        events: signed, effective, a step's name, ``milestone:2`` -> its day.
        starts, ends: first and last day of what is agreed; ``ends`` None where it is open.
        until: how far yearly sums are laid out where there is no end.
        milestones: the number of each milestone of the terms; their places where none are given.
    """

    events: Mapping[str, date]
    starts: date | None
    ends: date | None
    until: date
    milestones: tuple[int, ...] = ()


def obligations_of(
    form: Form, values: Mapping[str, Any], *, currency: str, occasion: Occasion
) -> list[Owed]:
    """Return what the terms oblige to pay, in the order of due days; each key once."""
    found: dict[str, Owed] = {}
    for source in form.obligations:
        if source.when is not None and not source.when.holds(values):
            continue
        for owed in _of_source(source, values, currency, occasion):
            key, number = owed.key, 2
            while key in found:
                key, number = f"{owed.key}#{number}", number + 1
            found[key] = replace(owed, key=key)
    return sorted(found.values(), key=lambda each: (each.due_on is None, each.due_on or date.max))


def _of_source(
    source: Source, values: Mapping[str, Any], currency: str, occasion: Occasion
) -> Iterator[Owed]:
    terms = _money_terms(source, values, currency, occasion)
    if terms is None:
        return
    kind = source.kind if source.kind in KINDS else "other"
    more = _facts(source, values, occasion)
    for each in plan(terms, occasion.events, until=occasion.until):
        if not each.amount or _over(source, each, occasion):
            continue
        if each.waits_for == source.kind:  # an option (to buy out) that nobody has taken
            continue
        _, _, number = each.key.partition(":")
        net, vat, rate = with_vat(each.amount, values)
        yield Owed(
            key=f"{source.kind}:{number}" if number else source.kind,
            kind=kind,
            debtor=source.debtor,
            currency=each.currency,
            net=net,
            vat=vat,
            vat_rate=rate,
            due_on=each.due_on,
            waits_for=each.waits_for,
            firm=each.firm,
            facts={**each.facts, **more.get(number, {})},
        )


def with_vat(amount: int, values: Mapping[str, Any]) -> tuple[int, int, Decimal]:
    """Return net, VAT and its rate, as the terms say that VAT comes on top, is within, or none."""
    rate = Decimal(str(values.get("vat_rate") or 0))
    return by_terms(amount, mode=str(values.get("vat_mode") or "added"), rate=rate)


def _facts(
    source: Source, values: Mapping[str, Any], occasion: Occasion
) -> Mapping[str, Mapping[str, Any]]:
    """Return a milestone's number -> its days to pay and when it was promised."""
    if source.source != "milestones":
        return {}
    listed = _value(source, values, "milestones") or []
    days = _days(source, values)
    return {
        str(number): {"days": days} | ({"promised": each["due"]} if each.get("due") else {})
        for number, each in _numbered(listed, occasion)
    }


def _over(source: Source, each: Planned, occasion: Occasion) -> bool:
    """Whether a buy-out has ended it: yearly sums that would begin after it."""
    bought = occasion.events.get("buy_out")
    year = each.facts.get("year")
    return (
        bought is not None
        and source.source == "yearly"
        and year is not None
        and (year > bought.year)
    )


def _money_terms(
    source: Source, values: Mapping[str, Any], currency: str, occasion: Occasion
) -> MoneyTerms | None:
    """Return the terms of one source, in the slot that lays it out as the source says."""
    base = MoneyTerms(currency=currency, starts=occasion.starts, ends=occasion.ends)
    if source.source == "single":
        money = _money(source, values)
        if money is None:
            return None
        return replace(base, currency=money["currency"], upfront=_once(source, values, money))
    if source.source == "yearly":
        return _yearly(source, values, base, occasion)
    listed = _value(source, values, source.source) or []
    if source.source == "instalments":
        return replace(base, instalments=tuple(_instalment(source, each) for each in listed))
    if source.source == "milestones":
        days = _days(source, values)
        made = [_milestone(number, each, days) for number, each in _numbered(listed, occasion)]
        return replace(base, milestones=tuple(made))
    return None  # reports: what they oblige to pay is charged by each statement


def _yearly(
    source: Source, values: Mapping[str, Any], base: MoneyTerms, occasion: Occasion
) -> MoneyTerms | None:
    money = _money(source, values)
    if money is None:
        return None
    in_arrears = source.kind == "minimum"
    sums = Yearly(
        (money["minor"],),
        due_days=_days(source, values),
        advance=not in_arrears,
        prorate=_value(source, values, "prorate") or "months",
    )
    starts = _value(source, values, "starts")
    begins = date.fromisoformat(starts) if starts else _begins(source, base, occasion)
    base = replace(base, currency=money["currency"], starts=begins)
    return replace(base, minimum=sums) if in_arrears else replace(base, maintenance=sums)


def _begins(source: Source, base: MoneyTerms, occasion: Occasion) -> date | None:
    """Return the day from which yearly sums run: of the step that begins them, if there is one."""
    if source.after in ("signed", "effective"):
        return base.starts
    return occasion.events.get(source.after)


def _once(source: Source, values: Mapping[str, Any], money: Mapping[str, Any]) -> Instalment:
    day = _value(source, values, "date")
    if day:
        return Instalment(money["minor"], on=date.fromisoformat(day))
    return Instalment(money["minor"], after=source.after, days=_days(source, values))


def _instalment(source: Source, each: Mapping[str, Any]) -> Instalment:
    title = str(each.get("title") or "")
    if each.get("on"):
        return Instalment(each["minor"], title, on=date.fromisoformat(each["on"]))
    after = each.get("after") or source.after
    return Instalment(each["minor"], title, after=after, days=int(each.get("days") or 0))


def _milestone(number: int, each: Mapping[str, Any], days: int) -> Instalment:
    """A milestone is paid once it is reached, however late; ``due`` is when it was promised."""
    title = str(each.get("title") or "")
    minor = each.get("minor") or 0
    return Instalment(minor, title, after=f"milestone:{number}", days=days, number=number)


def _numbered(
    listed: Sequence[Mapping[str, Any]], occasion: Occasion
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each milestone with the number that it keeps wherever it stands."""
    yield from zip(occasion.milestones or range(1, len(listed) + 1), listed, strict=True)


def _money(source: Source, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    money = _value(source, values, "amount")
    return money if isinstance(money, Mapping) and money.get("minor") else None


def _days(source: Source, values: Mapping[str, Any]) -> int:
    given = _value(source, values, "days")
    return DAYS if given is None else int(given)


def _value(source: Source, values: Mapping[str, Any], role: str) -> Any:
    """Return the value of the term that plays a role."""
    code = source.terms.get(role)
    return None if code is None else values.get(code)
