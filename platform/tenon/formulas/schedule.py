"""From the money terms of a contract to dated obligations, and from old ones to new.

``plan`` turns terms and the dates of what has happened so far into obligations with keys that
stay the same as long as the thing they are about does. ``regenerate`` compares them with what
exists after an amendment and says what to change, so that nothing that was paid is ever lost:
an obligation with money on it is altered or closed at what was paid, never dropped.
Amounts are integer minor units. Knows nothing of deals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from tenon.formulas.periods import Period, Prorate, periods, share_of_year, year_of, year_span
from tenon.formulas.royalty import rounded_half_up

Kind = Literal[
    "upfront", "instalment", "milestone", "stage", "buyout", "trial",
    "minimum", "maintenance", "report", "royalty",
]  # fmt: skip
"""What is owed; a ``report`` is owed in words and figures, not in money."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """A sum that falls due once.

    Attributes:
        amount: minor units.
        title: what it is for, in the contract's own words.
        on: the day it falls due; or
        after: the event (``signed``, ``effective``, ``accepted`` ...) that it follows, by
        days: so many days.
        number: by which it is known, where that is not its place in the list.
    """

    amount: int
    title: str = ""
    on: date | None = None
    after: str | None = None
    days: int = 0
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Yearly:
    """A sum of every royalty year.

    Attributes:
        amounts: from the first year on; the last repeats.
        due_days: after the year's end, or after its beginning where paid in ``advance``.
        advance: paid at the beginning.
        prorate: how the first and last year are cut.
        starts: day from which it counts, where that is not the licence's first.
    """

    amounts: tuple[int, ...]
    due_days: int = 30
    advance: bool = False
    prorate: Prorate = "months"
    starts: date | None = None


@dataclass(frozen=True, slots=True)
class Reports:
    """How often use is reported: every 3, 6 or 12 months, so many days after the period."""

    months: int
    due_days: int = 30


@dataclass(frozen=True, slots=True)
class MoneyTerms:
    """All of a contract that makes somebody owe something.

    Attributes:
        currency: of every amount.
        starts, ends: first and last day of what is licensed; ``ends`` None where open.
        royalty_days: a running royalty is paid so many days after its report is due; None where
            there is none (a share of sales or of profit is a running royalty too).
        year_starts: month in which a royalty year begins.
    """

    currency: str
    starts: date | None = None
    ends: date | None = None
    upfront: Instalment | None = None
    instalments: tuple[Instalment, ...] = ()
    milestones: tuple[Instalment, ...] = ()
    stages: tuple[Instalment, ...] = ()
    buyout: Instalment | None = None
    trial_fee: Instalment | None = None
    minimum: Yearly | None = None
    maintenance: Yearly | None = None
    reports: Reports | None = None
    royalty_days: int | None = None
    year_starts: int = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """An obligation that the terms make.

    Attributes:
        key: stable: ``upfront``, ``milestone:2``, ``minimum:2027``, ``report:2027Q1`` ...
        amount: minor units; None where it will be known by a report.
        due_on: None while the event that it waits for has not happened.
        waits_for: that event.
        facts: what a page needs to name it: title, number, year, period.
        firm: False where the amount is the most that may come (a minimum in arrears shrinks by
            what was earned) or not known yet.
    """

    key: str
    kind: Kind
    currency: str
    amount: int | None
    due_on: date | None
    waits_for: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Existing:
    """An obligation as it stands.

    Attributes:
        amount: None where not known yet.
        paid: what has come in for it, in minor units.
        charged: made by an accepted statement: what it says is settled and stays as it is.
    """

    key: str
    kind: str
    currency: str
    amount: int | None
    due_on: date | None
    paid: int = 0
    charged: bool = False


Action = Literal["add", "keep", "alter", "drop", "close"]
"""``close``: no longer in the terms, but money came in for it: it is owed as far as it was paid."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with one obligation.

    Attributes:
        planned: None for ``drop`` and ``close``, and for what stays though no plan names it.
        existing: None for ``add``.
        surplus: paid beyond what is owed now: to be refunded or set off.
    """

    action: Action
    key: str
    planned: Planned | None
    existing: Existing | None
    surplus: int = 0


def plan(terms: MoneyTerms, events: Mapping[str, date], *, until: date) -> tuple[Planned, ...]:
    """Return every obligation of the terms, in the order in which they fall due.

    ``events`` are the dates of what has happened (``signed``, ``effective`` ...); ``until`` cuts
    what repeats where the contract has no end. What waits for an event comes last.
    """
    found = [*_once(terms, events), *_yearly(terms, until), *_reports(terms, until)]
    return tuple(sorted(found, key=lambda each: (each.due_on is None, each.due_on or date.max)))


def _once(terms: MoneyTerms, events: Mapping[str, date]) -> Iterator[Planned]:
    """Yield what falls due one single time."""
    single: tuple[tuple[Kind, Instalment | None], ...] = (
        ("upfront", terms.upfront),
        ("buyout", terms.buyout),
        ("trial", terms.trial_fee),
    )
    for kind, sum_ in single:
        if sum_ is not None:
            yield _planned(kind, kind, sum_, terms.currency, events)
    several: tuple[tuple[Kind, tuple[Instalment, ...]], ...] = (
        ("instalment", terms.instalments),
        ("milestone", terms.milestones),
        ("stage", terms.stages),
    )
    for kind, sums in several:
        for place, sum_ in enumerate(sums, start=1):
            number = sum_.number or place
            yield _planned(kind, f"{kind}:{number}", sum_, terms.currency, events, number=number)


def _planned(
    kind: Kind,
    key: str,
    sum_: Instalment,
    currency: str,
    events: Mapping[str, date],
    *,
    number: int | None = None,
) -> Planned:
    """Return a single sum with its day, where that is known."""
    happened = sum_.on if sum_.after is None else events.get(sum_.after)
    due = None if happened is None else happened + timedelta(days=sum_.days)
    facts: dict[str, Any] = {"title": sum_.title} if sum_.title else {}
    if number is not None:
        facts["number"] = number
    waits = sum_.after if due is None else None
    return Planned(key, kind, currency, sum_.amount, due, waits, facts)


def _yearly(terms: MoneyTerms, until: date) -> Iterator[Planned]:
    """Yield minimum and maintenance fee of each royalty year."""
    if terms.starts is None:
        return
    end = min(terms.ends or until, until)
    first = year_of(terms.starts, starts=terms.year_starts)
    kinds: tuple[tuple[Kind, Yearly | None], ...] = (
        ("minimum", terms.minimum),
        ("maintenance", terms.maintenance),
    )
    for kind, sums in kinds:
        if sums is None:
            continue
        for year in range(first, year_of(end, starts=terms.year_starts) + 1):
            planned = _year(terms, kind, sums, year, first)
            if planned is not None:
                yield planned


def _year(terms: MoneyTerms, kind: Kind, sums: Yearly, year: int, first: int) -> Planned | None:
    """Return one year's sum, None before it starts; the licence cuts it, not the plan's horizon."""
    begins, closes = year_span(year, starts=terms.year_starts)
    begins = max(begins, terms.starts or begins, sums.starts or begins)
    closes = min(closes, terms.ends or closes)
    share = share_of_year(year, begins, closes, by=sums.prorate, starts=terms.year_starts)
    if not share:
        return None
    whole = sums.amounts[min(year - first, len(sums.amounts) - 1)]
    due = (begins if sums.advance else closes) + timedelta(days=sums.due_days)
    facts = {"year": year, "share": str(share)} if share != 1 else {"year": year}
    firm = kind == "maintenance" or sums.advance
    amount = rounded_half_up(whole * share)
    return Planned(f"{kind}:{year}", kind, terms.currency, amount, due, None, facts, firm)


def _reports(terms: MoneyTerms, until: date) -> Iterator[Planned]:
    """Yield each period's report and, where a royalty runs, its payment."""
    for period in report_periods(terms, until=until):
        assert terms.reports is not None  # noqa: S101 - there are no periods without
        due = period.end + timedelta(days=terms.reports.due_days)
        facts = {
            "period": period.key,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
        }
        yield Planned(
            f"report:{period.key}", "report", terms.currency, None, due, None, facts, firm=False
        )
        if terms.royalty_days is not None:
            paid_by = due + timedelta(days=terms.royalty_days)
            yield Planned(
                f"royalty:{period.key}", "royalty", terms.currency, None, paid_by, None, facts,
                firm=False,
            )  # fmt: skip


def report_periods(terms: MoneyTerms, *, until: date) -> tuple[Period, ...]:
    """Return the periods that are to be reported, as far as they begin by ``until``."""
    if terms.reports is None or terms.starts is None:
        return ()
    end = terms.ends or year_span(until.year + 1, starts=terms.year_starts)[1]
    if end < terms.starts:
        return ()
    found = periods(terms.starts, end, months=terms.reports.months, starts=terms.year_starts)
    return tuple(period for period in found if period.start <= until)


def regenerate(old: Sequence[Existing], new: Sequence[Planned]) -> tuple[Change, ...]:
    """Say how what exists becomes what the terms now make, without losing what was paid.

    What a statement charged stays. A key that the terms no longer have is dropped where nothing
    was paid for it and else closed at what was paid. An obligation whose currency changed is
    another one: the old is dropped or closed, the new stands under ``KEY/CURRENCY`` where money
    of the old currency keeps the key. Raises ValueError where one key comes twice.
    """
    standing = _by_key(old)
    wanted = _by_key(new)
    changes = [_change(planned, standing) for planned in wanted.values()]
    named = {change.existing.key for change in changes if change.existing is not None}
    changes += [_leaving(each) for each in standing.values() if each.key not in named]
    return tuple(changes)


def _by_key(things: Sequence[Any]) -> dict[str, Any]:
    found = {thing.key: thing for thing in things}
    if len(found) != len(things):
        raise ValueError("one obligation comes twice")
    return found


def _change(planned: Planned, standing: Mapping[str, Existing]) -> Change:
    """Return what becomes of the obligation that a planned one is about."""
    key, existing = planned.key, standing.get(planned.key)
    other = f"{planned.key}/{planned.currency}"
    settled = existing is not None and (existing.charged or existing.currency == planned.currency)
    if not settled and (other in standing or (existing is not None and existing.paid)):
        key, existing = other, standing.get(other)
    if existing is None:
        return Change("add", key, planned, None)
    if existing.charged:
        return Change("keep", key, None, existing, _surplus(existing, existing.amount))
    same = (existing.kind, existing.currency, existing.amount, existing.due_on) == (
        planned.kind,
        planned.currency,
        planned.amount,
        planned.due_on,
    )
    surplus = _surplus(existing, planned.amount)
    return Change("keep" if same else "alter", key, planned, existing, surplus)


def _leaving(existing: Existing) -> Change:
    """Return what becomes of an obligation that the terms no longer have."""
    if existing.charged:
        return Change("keep", existing.key, None, existing, _surplus(existing, existing.amount))
    if not existing.paid:
        return Change("drop", existing.key, None, existing)
    action: Action = "keep" if existing.amount == existing.paid else "close"
    return Change(action, existing.key, None, existing)


def _surplus(existing: Existing, amount: int | None) -> int:
    return 0 if amount is None else max(0, existing.paid - amount)


def apply(changes: Sequence[Change]) -> tuple[Existing, ...]:
    """Return the obligations after the changes, each with what was paid for it."""
    found: list[Existing] = []
    for change in changes:
        paid = 0 if change.existing is None else change.existing.paid
        if change.action in ("add", "alter") and change.planned is not None:
            new = change.planned
            found.append(Existing(change.key, new.kind, new.currency, new.amount, new.due_on, paid))
        elif change.existing is not None and change.action != "drop":
            old = change.existing
            amount = paid if change.action == "close" else old.amount
            found.append(
                Existing(old.key, old.kind, old.currency, amount, old.due_on, paid, old.charged)
            )
    return tuple(found)
